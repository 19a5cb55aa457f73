"""A single value far outside of what is expected, beside how far the series' own values go."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agent.anomalies.tails import Tail
from agent.forecasting.series import Floats

USUAL, LEAST = 2.8, 2.0
"""Usual errors that are the most at first, and at least."""


class Points:
    def __init__(self, n: int) -> None:
        self._up = Tail(n, USUAL, LEAST)
        self._down = Tail(n, USUAL, LEAST)

    def look(self, units: Floats, live: NDArray[np.bool_]) -> Floats:
        """(n,): figures of the errors in their usual size; learns from them afterwards."""
        up, down = np.maximum(units, 0.0), np.maximum(-units, 0.0)
        found = np.where(units > 0, self._up.of(up), self._down.of(down))
        self._up.learn(np.minimum(up, 12.0), live)
        self._down.learn(np.minimum(down, 12.0), live)
        return np.where(live, found, 0.0)

    def reach(self) -> tuple[Floats, Floats]:
        """(n,) each: how many usual errors below and above are the most that is usual."""
        return self._down.at, self._up.at
