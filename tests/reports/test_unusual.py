"""The alerts of a report: those since it was sent the last time, that are still open."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent.errors import Refused
from agent.records.findings import Finding, Handling
from agent.records.runs import Ticket
from agent.services import Services
from reports.compose import compose, period_scope
from reports.unusual import MOST, unusual
from tests.clock import FrozenClock
from tests.reports import shop

REPORT = "weekly-executive"


def finding(day: str, metric: str = "net_sales", **more: Any) -> Finding:
    told = {"actual": 60.0, "expected": 100.0, "low": 80.0, "high": 120.0, **more}
    return Finding(shop.TEA.shop_id, metric, "day", "drop", "warning", day, day, **told)


def keep(services: Services, *found: Finding) -> None:
    services.records.findings.keep(
        [replace(one, finding_id=f"f{place}{one.first}") for place, one in enumerate(found)]
    )


def listed(services: Services, period: str = "last_28_days") -> Any:
    return unusual(services, period_scope(services, shop.TEA, period), REPORT).view


def sent(services: Services, clock: FrozenClock) -> None:
    runs = services.records.runs
    row = f"{REPORT}:{shop.TEA.shop_id}"
    run = runs.claim(row, clock.now().isoformat(), Ticket("report", shop.TEA.shop_id))
    assert run is not None
    runs.finish(run.run_id, "ok")


def test_open_ones_of_the_period_with_their_size(services: Services) -> None:
    keep(
        services,
        finding("2026-11-11"),
        finding("2026-09-01"),
        finding("2026-11-10", "conversion_rate", actual=0.02, expected=0.025, low=0.02, high=0.03),
    )
    table = listed(services)
    rows = {row.name: [cell.text for cell in row.cells] for row in table.rows}
    assert rows["Net sales fell 40% below expected"] == ["Wed 11 Nov", "$60", "$100", "−$40"]
    assert rows["Conversion rate fell 0.50 pp below expected"][-1] == "−0.50 pp"
    assert len(rows) == 2
    assert table.footer == "1 older one is open too."


def test_what_somebody_has_dealt_with_is_none(services: Services) -> None:
    keep(services, finding("2026-11-11"))
    (one,) = services.records.findings.all(shop.TEA.shop_id)
    services.records.findings.handle(one.finding_id, Handling("acknowledged", "Mara"))
    with pytest.raises(Refused, match="Nothing out of the ordinary is open"):
        listed(services)
    scope = period_scope(services, shop.TEA, "last_28_days")
    notes = dict(compose(services, REPORT, scope).notes)
    assert notes["Not shown: Alerts"].startswith("Nothing out of the ordinary is open")


def test_what_the_last_report_had_is_not_told_again(services: Services, clock: FrozenClock) -> None:
    keep(services, finding("2026-11-03"))
    clock.advance(days=1)
    sent(services, clock)
    clock.advance(days=2)
    keep(services, finding("2026-11-12"))
    table = listed(services)
    assert [row.cells[0].text for row in table.rows] == ["Thu 12 Nov"]
    assert table.footer == "1 older one is open too."
    assert table.measure == "Open ones, since 18 Nov"


def test_the_worst_are_named_and_the_others_counted(services: Services) -> None:
    days = (datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=n) for n in range(MOST + 2))
    keep(services, *(finding(f"{day:%Y-%m-%d}") for day in days))
    table = listed(services)
    assert len(table.rows) == MOST
    assert table.footer == "2 other alerts are open."
