"""A level that moved: errors of one sign add up, over days or over weeks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.anomalies.tails import Tail
from agent.forecasting.series import Floats

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Gait:
    """How a sum of errors runs: what each may add, what is forgiven a step, the usual most."""

    cap: float
    slack: float
    start: float


QUICK = Gait(4.0, 0.9, 4.0)
SLOW = Gait(2.0, 0.4, 5.5)


class Sums:
    """Sums of errors upwards and downwards, with the step that each began at."""

    def __init__(self, n: int, gait: Gait) -> None:
        self._gait = gait
        self.up, self.down = np.zeros(n), np.zeros(n)
        self.since_up, self.since_down = np.zeros(n, int), np.zeros(n, int)
        self._tail = Tail(n, gait.start, 0.6 * gait.start)

    def look(self, column: int, units: Floats, live: Flags) -> Floats:
        """(n,): the larger sum in units of its usual most."""
        gait = self._gait
        capped = np.where(live, np.clip(units, -gait.cap, gait.cap), 0.0)
        slack = np.where(live, gait.slack, 0.0)
        self.since_up[self.up == 0] = column
        self.since_down[self.down == 0] = column
        self.up = np.maximum(self.up + capped - slack, 0.0)
        self.down = np.maximum(self.down - capped - slack, 0.0)
        most = np.maximum(self.up, self.down)
        found = self._tail.of(most)
        self._tail.learn(np.minimum(most, 4 * gait.start), live)
        # One step alone is a spike or a drop.
        return np.where(live & (self.since() < column), found, 0.0)

    def since(self) -> NDArray[np.int64]:
        return np.where(self.up >= self.down, self.since_up, self.since_down)

    def sign(self) -> Floats:
        return np.where(self.up >= self.down, 1.0, -1.0)

    def forget(self, rows: Flags) -> None:
        self.up[rows] = 0.0
        self.down[rows] = 0.0
