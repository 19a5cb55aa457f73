"""A Reading: which measures, by what, within what. The compiler's input, free of SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from agent.metrics.dimensions import DIMENSIONS, GRAINS
from agent.metrics.questions import Filter

Key = tuple[str | None, ...]


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
class Reading:
    """Measures to read, by which dimensions, within what: what the compiler understands."""

    shops: tuple[str, ...]
    window: Window
    filters: tuple[Filter, ...]
    by: tuple[str, ...]
    measures: tuple[str, ...]
    cut: Cut | None = None

    @property
    def grain(self) -> str:
        return next((name for name in self.by if name in GRAINS), "")

    @property
    def attributes(self) -> tuple[str, ...]:
        return tuple(name for name in self.by if name not in GRAINS)

    def touches(self, level: str) -> bool:
        """Whether any dimension it breaks down or filters by is known at that level."""
        names = [*self.by, *(f.dimension for f in self.filters), *(self.cut.by if self.cut else ())]
        return any(DIMENSIONS[name].level == level for name in names)
