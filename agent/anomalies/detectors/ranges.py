"""Series without a calendar: values, changes, means and restlessness far from all seen so far."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agent.forecasting.series import Floats

Flags = NDArray[np.bool_]
MEMORY = 6400.0
NEED = 100
CHANGES, MEANS, RESTLESS = 0.8, 1.7, 1.0
"""What a deviation of each counts beside one of a single value."""
SHORT, SHORTER = 1 / 30, 1 / 18
LEAST = 1e-3


class _Seen:
    """Mean and standard deviation of all that was seen, the old slowly forgotten."""

    def __init__(self, n: int) -> None:
        self.mean, self._square = np.zeros(n), np.zeros(n)

    def look(self, figures: Floats, count: Floats, live: Flags) -> Floats:
        deviation = np.sqrt(self._square)
        away = np.where(live, figures - self.mean, 0.0)
        least = LEAST * np.abs(self.mean) + 1e-12
        found = np.where(count >= NEED, np.abs(away) / np.maximum(deviation, least), 0.0)
        part = np.where(live, 1.0 / np.minimum(count + 1.0, MEMORY), 0.0)
        self.mean += part * away
        self._square = (1.0 - part) * (self._square + part * away**2)
        return found


class Ranges:
    def __init__(self, n: int) -> None:
        self._value, self._change = _Seen(n), _Seen(n)
        self._means, self._restless = _Seen(n), _Seen(n)
        self._before = np.full(n, np.nan)
        self._mean, self._near, self._square = np.zeros(n), np.zeros(n), np.zeros(n)
        self._count = np.zeros(n)

    def look(self, values: Floats, live: Flags) -> Floats:
        """(n,): standard deviations, the most of value, change, mean and restlessness."""
        fine = np.isfinite(values)
        change = values - self._before
        both = fine & np.isfinite(change)
        restless = self._recent(values, fine)
        count = self._count
        found = (
            self._value.look(values, count, fine),
            CHANGES * self._change.look(change, count, both),
            MEANS * self._means.look(self._mean, count, fine),
            RESTLESS * self._restless.look(restless, count, fine & (count >= 5)),
        )
        self._before = np.where(fine, values, self._before)
        self._count = count + fine
        return np.where(live, np.max(found, axis=0), 0.0)

    def _recent(self, values: Floats, fine: Flags) -> Floats:
        """Bring the running means up to date; (n,): the logarithm of the deviation of late."""
        first = fine & (self._count == 0)
        self._mean = np.where(first, values, self._mean)
        self._near = np.where(first, values, self._near)
        away = np.where(fine, values - self._near, 0.0)
        self._mean += np.where(fine, SHORT * (values - self._mean), 0.0)
        self._near += SHORTER * away
        part = np.where(fine, SHORTER, 0.0)
        self._square = (1.0 - part) * (self._square + part * away**2)
        floor = LEAST * np.abs(self._value.mean) + 1e-12
        return np.asarray(np.log(np.sqrt(self._square) + floor))
