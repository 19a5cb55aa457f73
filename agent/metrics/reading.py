"""A Reading: which measures, by what, within what; and a Fact: who can read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from agent.metrics.dimensions import DIMENSIONS, GRAINS
from agent.metrics.metric import Measure
from agent.metrics.questions import Filter, Refunds

Key = tuple[str | None, ...]
Keep = Callable[[sa.CTE], sa.FromClause | None]


@dataclass(frozen=True)
class Window:
    """First and last local day; `until` cuts the last day at a wall-clock moment."""

    start: date
    end: date
    until: datetime | None = None

    @property
    def stop(self) -> datetime:
        return self.until or datetime.combine(self.end, time()) + timedelta(days=1)


@dataclass(frozen=True)
class Cut:
    """Only the groups with these keys, or (not `inside`) all the others."""

    by: tuple[str, ...]
    keys: tuple[Key, ...]
    inside: bool = True


@dataclass(frozen=True)
class Exchange:
    """Rates that turn shops' money into `currency`: they say how many of each currency `quoted` one
    `base` buys, for all of them from the day `first` to the day `last`."""

    currency: str
    base: str
    quoted: tuple[str, ...]
    first: date
    last: date


@dataclass(frozen=True)
class Terms:
    """On what terms money is counted: the day a refund stands on, the currency it is converted to
    (empty: the shop's own) and how (None: it is the shops' own), and from what lifetime net sales
    on, in shop money, a customer is of which value.
    """

    refunds: Refunds = "processing_day"
    currency: str = ""
    tiers: tuple[float, float, float] = (1000, 500, 100)
    exchange: Exchange | None = None


@dataclass(frozen=True)
class Reading:
    """Measures to read, by which dimensions, within what: what the compiler understands.

    `other` is a window right before, read in the same go: its rows are marked EARLIER.

    `around` are the days that a page speaks of, where these are known.
    `keep` gives a table for rows that do not depend on all of it, so that other readings need them
    too, or None where they are too many; it is None where none are kept.
    """

    shops: tuple[str, ...]
    window: Window
    filters: tuple[Filter, ...]
    by: tuple[str, ...]
    measures: tuple[str, ...]
    cut: Cut | None = None
    terms: Terms = Terms()
    other: Window | None = None
    around: Window | None = field(default=None, compare=False)
    keep: Keep | None = field(default=None, compare=False, repr=False)

    @property
    def first(self) -> date:
        """The first day of all its windows."""
        return (self.other or self.window).start

    @property
    def grain(self) -> str:
        return next((name for name in self.by if name in GRAINS), "")

    @property
    def attributes(self) -> tuple[str, ...]:
        return tuple(name for name in self.by if name not in GRAINS)

    def touches(self, *levels: str) -> bool:
        """Whether any dimension it breaks down or filters by is known at one of these levels."""
        return any(DIMENSIONS[name].level in levels for name in self.dimensions)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Every dimension that it breaks down or filters by, once."""
        filtered = (f.dimension for f in self.filters)
        return tuple(dict.fromkeys((*self.by, *filtered, *(self.cut.by if self.cut else ()))))


@dataclass(frozen=True)
class Fact:
    """One way of reading measures. `noun` is what a sentence calls them ("Sessions"), with its
    verb; `dimensions` are those it knows.

    `read` gives statements whose columns are dimensions, measures and `is_total`: 1 on the row that
    stands for everything. What `by_end` reads depends on where a window ends.
    """

    name: str
    noun: str
    dimensions: frozenset[str]
    read: Callable[[Reading, list[Measure]], Sequence[sa.Select[Any]]]
    by_end: bool = False
