"""Errors that have become much larger or much smaller than they were."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agent.anomalies.tails import Tail
from agent.forecasting.series import Floats


class Spread:
    def __init__(self, n: int) -> None:
        self._now = np.ones(n)
        self._long = np.ones(n)
        self._tail = Tail(n, 1.6, 1.3)

    def look(self, units: Floats, live: NDArray[np.bool_]) -> Floats:
        """(n,): errors of late beside those of long, in units of the usual most."""
        size = np.minimum(np.abs(np.where(live, units, 0.0)), 4.0)
        self._now += np.where(live, 0.12 * (size - self._now), 0.0)
        self._long += np.where(live, 0.01 * (size - self._long), 0.0)
        ratio = self._now / np.maximum(self._long, 0.2)
        found = self._tail.of(ratio)
        self._tail.learn(np.minimum(ratio, 4.0), live)
        return np.where(live, found, 0.0)
