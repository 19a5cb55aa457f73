"""An explanation: why a figure changed, with the names that a person reads and what it is made
from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from agent.metrics.frames import Stale
from agent.metrics.metric import Metric
from agent.why.changes import Why

Names = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Explanation:
    """`names` are what a person reads for the values of the segments, by dimension; `tables` the
    versions of what it was made from. `stale` says that it is the last good one."""

    why: Why
    currency: str
    names: Names
    tables: Mapping[str, int]
    made_at: datetime
    stale: Stale | None = None

    @property
    def metric(self) -> Metric:
        return self.why.metric

    @property
    def moved(self) -> Decimal:
        """The change of the key figure itself."""
        if self.why.before is None or self.why.after is None:
            return self.why.change
        return Decimal(str(self.why.after)) - Decimal(str(self.why.before))

    @property
    def others(self) -> Decimal:
        """What the segments leave of it."""
        return self.moved - sum((one.part.change for one in self.why.segments), Decimal(0))
