"""Many series side by side, the one form that every member, detector and back-test reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Step(StrEnum):
    """What lies between two values of a series."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    NUMBER = "number"  # counted, of no known calendar


_UNITS: Mapping[Step, str] = {Step.MONTH: "M", Step.HOUR: "h"}


@dataclass(frozen=True)
class Panel:
    """Series that end together.

    ids     n names, unique
    values  (n, t): the last column is each series' last known step; NaN before a series begins and
            where nothing is known; a zero is a fact
    ends    (n,) datetime64[D] ([h] by the hour): the date of the last column, of each series
    step    what lies between two columns
    season  steps in the main season: 7 by day, 52 by week, 12 by month, 24 by the hour; 1 for none
    known   name -> (n, t + h): what is known ahead of each series, beside its values and h steps on
    groups  n names of what a series belongs to (a type of goods), for pooling; empty for none
    """

    ids: tuple[str, ...]
    values: Floats
    ends: NDArray[np.datetime64]
    step: Step
    season: int
    known: Mapping[str, Floats] = field(default_factory=dict)
    groups: tuple[str, ...] = ()

    def until(self, back: int) -> Panel:
        """The same series as they were `back` steps ago; what was known ahead stays known."""
        if not back:
            return self
        ahead = {name: table[:, : table.shape[1] - back] for name, table in self.known.items()}
        return Panel(
            self.ids,
            self.values[:, :-back],
            moved(self.ends, self.step, -back),
            self.step,
            self.season,
            ahead,
            self.groups,
        )

    def of(self, rows: NDArray[np.intp]) -> Panel:
        """The series in these rows."""
        return Panel(
            tuple(self.ids[row] for row in rows),
            self.values[rows],
            self.ends[rows],
            self.step,
            self.season,
            {name: table[rows] for name, table in self.known.items()},
            tuple(self.groups[row] for row in rows) if self.groups else (),
        )


def moved(
    dates: NDArray[np.datetime64], step: Step, steps: int | NDArray[np.int64]
) -> NDArray[np.datetime64]:
    """Dates so many steps on. Months stay at their first day; a number is a day."""
    unit = _UNITS.get(step, "D")
    span = (np.asarray(steps) * (7 if step is Step.WEEK else 1)).astype(f"timedelta64[{unit}]")
    on: NDArray[np.datetime64] = dates.astype(f"datetime64[{unit}]") + span
    return on if step is Step.HOUR else on.astype("datetime64[D]")
