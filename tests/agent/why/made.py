"""An explanation made by hand: Germany's lighting up, a sideboard gone, and noise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from agent.metrics.catalogue import METRICS
from agent.metrics.questions import Scope
from agent.why.bridges import Bridge, Step
from agent.why.changes import Segment, Why
from agent.why.explanation import Explanation
from agent.why.matching import Match
from agent.why.parts import NOISE, SIGNAL, UNCLEAR, Part

SCOPE = Scope(("hearth",), date(2026, 10, 20), date(2026, 11, 16))
MADE = datetime(2026, 11, 17, 7, 41, tzinfo=UTC)
FEATURE = Match(
    *("campaign", "Magazine feature", date(2026, 11, 5), date(2026, 11, 7), True),
    {"country": "DE"},
    1,
)
GONE = Match(
    *("stock", "Walnut sideboard", date(2026, 11, 9), date(2026, 11, 16), True),
    {"product": "p1"},
    1,
)
FEAST = Match("holiday", "All Saints", date(2026, 11, 1), date(2026, 11, 1), True)


def part(expected: str, actual: str, verdict: str = SIGNAL, **where: str | None) -> Part:
    change = Decimal(actual) - Decimal(expected)
    return Part(where, Decimal(actual), Decimal(expected), change, 0.0, 0.1, 0.9, 9.0, verdict, 3)


def segment(one: Part, *matches: Match) -> Segment:
    return Segment(one, matches)


LIGHTING = segment(part("54240.40", "71880.90", country="DE", product_type="Lighting"), FEATURE)
SIDEBOARD = segment(part("9060.10", "4260.20", product="p1"), GONE)
NOISY = segment(part("90000.00", "96180.30", NOISE, country="US"), FEATURE)
FUNNEL = Bridge(
    "funnel",
    Decimal("381700.00"),
    Decimal("412640.25"),
    (
        Step("sessions", Decimal("20000.10"), 191_000, 201_000),
        Step("conversion", Decimal("-1000.05"), 0.0233, 0.0226),
        Step("order_value", Decimal("11940.20"), 84.86, 85.75),
        Step("sales_reversals", Decimal("0.00"), Decimal(0), Decimal(0)),
    ),
)


def explanation(*segments: Segment, metric: str = "net_sales", **more: Any) -> Explanation:
    """The whole rose from 381,700.00 to 412,640.25; what the segments leave are 24 others."""
    found = {"before": Decimal("381700.00"), "after": Decimal("412640.25"), **more}
    moved = Decimal(str(found["after"])) - Decimal(str(found["before"]))
    rest = moved - sum((one.part.change for one in segments), Decimal(0))
    others = replace(part("0", "0", UNCLEAR), change=rest, count=24)
    total = replace(part(str(found["before"]), str(found["after"])), change=moved)
    why = Why(
        METRICS[metric],
        SCOPE,
        found["before"],
        found["after"],
        (FUNNEL,) if metric == "net_sales" else (),
        segments,
        others,
        total,
        (FEAST, *(match for one in segments for match in one.matches)),
    )
    names = {"product": {"p1": "Walnut sideboard"}}
    return Explanation(why, "USD", names, {"sales": 3}, MADE)
