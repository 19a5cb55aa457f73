"""How far something usually goes: a running high quantile of each series' own figures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agent.forecasting.series import Floats

SHARE = 0.985
STEP = 0.12
OWN = 0.8
"""How far a series' own tail counts beside what is usual everywhere."""


class Tail:
    """The value below which SHARE of a series' figures stay, learnt one by one."""

    def __init__(self, n: int, start: float, least: float) -> None:
        self.at = np.full(n, start)
        self._start, self._least = start, least

    def learn(self, figures: Floats, fine: NDArray[np.bool_]) -> None:
        over = figures > self.at
        step = STEP * self._start
        by = np.where(over, step * SHARE, -step * (1 - SHARE))
        self.at = np.clip(self.at + np.where(fine, by, 0.0), self._least, 6 * self._start)

    def of(self, figures: Floats) -> Floats:
        """Figures in units of what is usual at most."""
        return np.asarray(figures / (self.at**OWN * self._start ** (1.0 - OWN)))
