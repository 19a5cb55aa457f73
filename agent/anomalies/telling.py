"""From scores to incidents: one is told once, goes on while its series stays unusual, and ends when
it is back to usual."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from agent.anomalies import judged
from agent.anomalies.discovery import Budget
from agent.forecasting.series import Floats, Step

Flags = NDArray[np.bool_]
QUIET: Mapping[Step, int] = {
    Step.HOUR: 3,
    Step.DAY: 2,
    Step.WEEK: 2,
    Step.MONTH: 2,
    Step.NUMBER: 100,
}
"""Quiet steps after which an incident is over."""
RECENT: Mapping[Step, int] = {
    Step.HOUR: 6,
    Step.DAY: 3,
    Step.WEEK: 3,
    Step.MONTH: 3,
    Step.NUMBER: 450,
}
"""Within so many steps, what is no higher says again what was told."""
SLOTS = 3
CALM = 0.6
"""A score below so much of what is needed is quiet."""
REPEAT = 0.3
"""What is left of a score that says again what was told."""
SETTLED = 2


class Telling:
    """Which series are within an incident; stretches of high scores, told or not, are counted for
    the budget once each."""

    def __init__(self, n: int, step: Step, budget: Budget) -> None:
        self.budget = budget
        self._quiet_after = QUIET[step]
        self._span = RECENT[step] // SLOTS
        self._recent = np.zeros((SLOTS, n))
        self.open = np.zeros(n, bool)
        self.kind = np.zeros(n, np.int8)
        self.sign = np.zeros(n)
        self.first = np.zeros(n, int)
        self.named = np.zeros(n, int)
        self.last = np.zeros(n, int)
        self._calm = np.zeros(n, int)
        self._stretch = np.zeros(n)
        self._still = np.zeros(n, int)
        self.ended: list[tuple[int, ...]] = []

    def tell(self, column: int, score: Floats, live: Flags, absent: Flags) -> tuple[Floats, Flags]:
        """Scores with repeats taken back, and which series are told of now. What was missing goes
        on only while nothing is there."""
        needed = self.budget.needed
        self._count_stretches(score, live)
        slot = column // self._span % SLOTS
        if column % self._span == 0:
            self._recent[slot] = 0.0
        peak = self._recent.max(axis=0)
        self._recent[slot] = np.maximum(self._recent[slot], np.where(live, score, 0.0))
        told = live & (score >= needed) & (peak < needed)
        self.close(told)
        self.first[told] = self.named[told] = column
        self.open |= told
        high = self.open & live & (score >= CALM * needed)
        high &= absent | (self.kind != judged.MISSING)
        self.last[high] = column
        self._calm = np.where(high, 0, self._calm + (self.open & live))
        return np.where(score <= peak, REPEAT * score, score), told

    def _count_stretches(self, score: Floats, live: Flags) -> None:
        """What has been quiet for two steps has ended, and its highest score counts."""
        loud = live & (score >= CALM)
        self._still = np.where(loud, 0, self._still + live)
        over = (self._still >= SETTLED) & (self._stretch > 0)
        self.budget.learn(self._stretch[over], int(live.sum()))
        self._stretch = np.where(over, 0.0, self._stretch)
        self._stretch = np.where(loud, np.maximum(self._stretch, score), self._stretch)

    def close(self, rows: Flags, over: bool = True) -> None:
        """End incidents; `over` is False for those that go on at the last column."""
        for row in np.flatnonzero(rows & self.open):
            facts = (self.kind, self.first, self.last, self.named, self.sign)
            self.ended.append((int(row), *(int(one[row]) for one in facts), int(over)))
        self.open &= ~rows
        self.kind[rows] = judged.NONE
        self._calm[rows] = 0

    def settle(self) -> None:
        """End what has been quiet for long enough."""
        self.close(self.open & (self._calm >= self._quiet_after))
