"""What the calendar remembers: where last year's same days strayed, this year's may stray too."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agent.forecasting.series import Floats, Step

YEAR = {
    Step.DAY: ((361, 368), (726, 733)),
    Step.WEEK: ((51, 53), (103, 106)),
    Step.MONTH: ((12, 12), (24, 24)),
    Step.HOUR: (),
    Step.NUMBER: (),
}
"""Steps back, from and to: a year and the days about it, by date and by weekday."""
PEAKS, DIPS = (1.5, 2.5), (3.0, 4.0)
"""Usual errors at which last year's stray begins to be remembered, and is wholly. Noise has its own
dips every other week: only what was rare is a dip of the calendar."""
MORE = 1.35
"""A peak may be so many times as high as last year's."""
BESIDE = 1.0
"""Usual errors of it that are pardoned anyhow, as on any day."""


class Memory:
    """Past strays of every series, bent, beside what was usual then."""

    def __init__(self, n: int, steps: int, step: Step) -> None:
        self._spans = YEAR[step]
        self._strays = np.zeros((steps, n))
        self._n = n

    def pardon(self, column: int, usual: Floats) -> tuple[Floats, Floats]:
        """(n,) each: how far below and above the expected a value may lie because it did in former
        years. Zero where former years were quiet."""
        low, high = np.zeros(self._n), np.zeros(self._n)
        if not self._spans or column < self._spans[0][0]:
            return low, high
        for nearest, farthest in self._spans:
            first, last = max(column - farthest, 0), column - nearest + 1
            if last <= first:
                continue
            then = self._strays[first:last]
            high = np.maximum(high, then.max(axis=0))
            low = np.minimum(low, then.min(axis=0))
        below = np.minimum(MORE * low + BESIDE * usual, 0.0) * _part(-low / usual, DIPS)
        above = np.maximum(MORE * high - BESIDE * usual, 0.0) * _part(high / usual, PEAKS)
        return below, above

    def keep(self, column: int, strays: Floats) -> None:
        """Zero where nothing was known."""
        self._strays[column] = strays

    def add(self, column: int, strays: Floats, rows: NDArray[np.bool_]) -> None:
        """The same of some rows, NaN where nothing was known."""
        self._strays[column] = np.where(rows, np.nan_to_num(strays), self._strays[column])


def _part(units: Floats, between: tuple[float, float]) -> Floats:
    """0 up to the first bound, 1 from the second one on."""
    first, last = between
    return np.clip((units - first) / (last - first), 0.0, 1.0)
