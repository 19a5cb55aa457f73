"""The table of facts, all that ever leaves the house: our labels, figures, and parts of the shop.

There is no field for text: a label is a metric's, a figure is formatted here, a name is that of a
part of the shop by one of the dimensions that no customer is found in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from babel import Locale

from agent.metrics import formats
from agent.metrics.catalogue import METRICS
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.frames import Number
from agent.metrics.metric import Metric
from agent.records.events import KINDS
from agent.words import locale, t

Against = Literal["before", "expected"]
Direction = Literal["up", "down", "same"]
DIMENSIONS_TOLD = (
    *("country", "channel", "campaign", "customer_kind", "weekday"),
    *("product", "product_type", "variant", "vendor", "abc"),
)
"""No region or city: few customers may live there. Nothing that is worked out by customer."""
OURS = ("customer_kind", "weekday")
"""Dimensions whose values we named ourselves."""
MOST_ROWS = 12
LONGEST_NAME = 80
_PERSONAL = re.compile(r"@|(?:\d[\s()/.+-]*){7}")
"""What a mail address or a telephone number has; some shops write them into a variant."""


@dataclass(frozen=True)
class Part:
    """A part of the shop; `name` is what a person reads for it. Raises ValueError for what may hold
    a customer: use `part_of`."""

    dimension: str
    name: str

    def __post_init__(self) -> None:
        if not _may_go(self.dimension, self.name):
            raise ValueError(f"no name of the dimension {self.dimension} that may leave the house")

    @property
    def ours(self) -> bool:
        """Whether the name is one of our own words, and not somebody's text."""
        if self.dimension == "country":
            return self.name in _countries(locale())
        values = DIMENSIONS[self.dimension].values
        own = {t(label) for label in values.values()} | {
            formats.value_label(self.dimension, value) for value in values
        }
        return self.dimension in OURS and self.name in own


@dataclass(frozen=True)
class Fact:
    """A metric of the whole, or of one part of it, and what it is compared with."""

    metric: Metric
    now: Number
    before: Number = None
    part: Part | None = None

    @property
    def moved(self) -> Decimal | None:
        if self.now is None or self.before is None:
            return None
        return Decimal(str(self.now)) - Decimal(str(self.before))

    @property
    def direction(self) -> Direction:
        moved = self.moved
        return "same" if not moved else "up" if moved > 0 else "down"

    @property
    def ours(self) -> bool:
        """Whether the metric's label is ours: people name their own KPIs as they like."""
        shipped = METRICS.get(self.metric.name)
        return shipped is not None and shipped.label == self.metric.label


@dataclass(frozen=True)
class Match:
    """An event that lies in the same days: its kind and days, never what somebody called it."""

    kind: str
    first: date
    last: date

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no kind of event: {self.kind}")


@dataclass(frozen=True)
class Facts:
    """At most MOST_ROWS rows, the most important first, of the days from `start` to `end`."""

    rows: tuple[Fact, ...]
    start: date
    end: date
    currency: str = "USD"
    against: Against = "before"
    matches: tuple[Match, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < len(self.rows) <= MOST_ROWS or len(self.matches) > MOST_ROWS:
            raise ValueError(f"facts have 1 to {MOST_ROWS} rows")

    @property
    def period(self) -> str:
        return formats.date_range(self.start, self.end)

    def to_json(self) -> str:
        """As the model is told, in the language spoken; the same facts are the same text."""
        told = {
            "period": self.period,
            "compared with": {
                "before": t("the period before"),
                "expected": t("what was expected"),
            }[self.against],
            "facts": [_row(row, self.currency) for row in self.rows],
            "matches, not causes": [
                {"kind": t(KINDS[one.kind]), "days": formats.date_range(one.first, one.last)}
                for one in self.matches
            ],
        }
        return json.dumps(told, ensure_ascii=False)


def part_of(dimension: str, name: str) -> Part | None:
    """None for a name that may hold a customer, or is too long: the fact is then left out."""
    return Part(dimension, name) if _may_go(dimension, name) else None


def _may_go(dimension: str, name: str) -> bool:
    known = dimension in DIMENSIONS_TOLD and 0 < len(name.strip()) <= LONGEST_NAME
    return known and not _PERSONAL.search(name)


@lru_cache(maxsize=8)
def _countries(spoken: str) -> frozenset[str]:
    territories: Mapping[str, str] = Locale.parse(spoken).territories
    return frozenset(name for code, name in territories.items() if len(code) == 2)


def _row(row: Fact, currency: str) -> dict[str, Any]:
    unit = row.metric.unit
    change = formats.change(row.now, row.before, unit, row.metric.good_up)
    told = {
        ("metric" if row.ours else "name of the metric"): t(row.metric.label),
        "now": formats.number(row.now, unit, currency),
        "before": formats.number(row.before, unit, currency),
        "difference": difference(row, currency),
        "change": change.text.lstrip("+−"),
        "direction": row.direction,
    }
    if row.part is not None:
        told["of"] = t(DIMENSIONS[row.part.dimension].label)
        told["name"] = row.part.name
    return {key: value for key, value in told.items() if value != formats.UNKNOWN}


def difference(row: Fact, currency: str) -> str:
    """How far it moved, without its sign; of a rate the change says it already."""
    if row.moved is None or row.metric.unit == "percent":
        return formats.UNKNOWN
    return formats.number(abs(row.moved), row.metric.unit, currency)
