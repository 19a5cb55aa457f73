"""How unusual is unusual enough: so many incidents a series-month are tolerated, over all series
together, and what a panel has shown so far says which score keeps to that."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agent.forecasting.series import Floats, Step

MONTH = {Step.HOUR: 730.0, Step.DAY: 30.4, Step.WEEK: 4.35, Step.MONTH: 1.0, Step.NUMBER: 400.0}
"""Steps of a month; of a series without calendar, so many steps count as one."""
GRID = np.round(np.geomspace(0.6, 60.0, 140), 4)
USUAL_AT, USUAL_RATE, USUAL_POWER = 1.0, 1.6, 3.2
"""Incidents a series-month of at least a score: RATE at AT, falling by this power of the score."""
TRUST = 24.0
"""What is usual everywhere counts as much as so many series-months of the panel's own."""


def usual_rate(scores: Floats) -> Floats:
    """Incidents a series-month of at least these scores, as business series have them."""
    return np.asarray(USUAL_RATE * (np.maximum(scores, 1e-9) / USUAL_AT) ** -USUAL_POWER)


def as_rare(chances: Floats, step: Step) -> Floats:
    """The score that business series reach as often as what has this chance at each step."""
    often = np.maximum(chances, 1e-30) * MONTH[step]
    return np.asarray(USUAL_AT * (USUAL_RATE / often) ** (1 / USUAL_POWER))


def often(scores: Floats, needed: float, budget: float) -> Floats:
    """How often a month a series reaches these scores by itself, where it reaches `needed` as often
    as the budget allows."""
    far = np.maximum(np.asarray(scores), 1e-9) / max(needed, 1e-9)
    return np.asarray(budget * far**-USUAL_POWER)


class Budget:
    """The score that an incident needs, renewed at every step from the steps before it."""

    def __init__(self, budget: float, step: Step) -> None:
        self._budget = budget
        self._month = MONTH[step]
        self._months = 0.0
        self._above = np.zeros(len(GRID))
        self.needed = self._found()

    def learn(self, peaks: Floats, live: int) -> None:
        """`peaks`: the scores of stretches that have just ended; `live`: series seen this step."""
        if len(peaks):
            self._above += (peaks[:, None] >= GRID[None, :]).sum(axis=0)
        self._months += live / self._month
        self.needed = self._found()

    def _found(self) -> float:
        rate = (TRUST * usual_rate(GRID) + self._above) / (TRUST + self._months)
        enough = np.flatnonzero(rate <= self._budget)
        return float(GRID[enough[0]] if len(enough) else GRID[-1])


def kept(chances: Floats, share: float) -> NDArray[np.bool_]:
    """Which of many chances of a false alarm to keep so that of those kept no more than this share
    is false (Benjamini and Hochberg)."""
    count = len(chances)
    order = np.argsort(chances, kind="stable")
    fine = np.flatnonzero(chances[order] <= share * np.arange(1, count + 1) / max(count, 1))
    found = np.zeros(count, bool)
    if len(fine):
        found[order[: fine[-1] + 1]] = True
    return found
