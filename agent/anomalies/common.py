"""What all series of a panel did on the same day: a promotion or a holiday of the whole shop is not
news of each of its parts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agent.forecasting.series import Floats

Flags = NDArray[np.bool_]
LEAST = 6
"""Fewer series have no middle worth the name."""
FAR = 2.0
SPEED = 0.02


class Common:
    """Learns how much of the middle stray of its group each series shares."""

    def __init__(self, groups: NDArray[np.int64]) -> None:
        n = len(groups)
        self._groups = [
            np.flatnonzero(groups == one)
            for one in np.unique(groups)
            if (groups == one).sum() >= LEAST
        ]
        self._both = np.zeros(n)
        self._own = np.full(n, 0.0)

    def explained(self, strays: Floats, usual: Floats) -> Floats:
        """(n,): the part of each stray that the others share, learnt until yesterday and applied to
        what they did today. Beyond what the middle itself ever did, nothing is explained: a shop
        that breaks as a whole is news."""
        found = np.zeros(len(strays))
        for rows in self._groups:
            found[rows] = self._of_group(rows, strays[rows], usual[rows])
        return found

    def _of_group(self, rows: NDArray[np.intp], strays: Floats, usual: Floats) -> Floats:
        live = np.isfinite(strays)
        if live.sum() < LEAST:
            return np.zeros(len(rows))
        size = float(np.median(usual[live]))
        middle = float(np.median(strays[live] / usual[live])) * size
        own = self._own[rows]
        share = np.clip(self._both[rows] / (own + 0.3 * size**2), 0.0, 1.5)
        most = FAR * np.sqrt(own)
        told = np.where(live, share * np.clip(middle, -most, most), 0.0)
        capped = float(np.clip(middle, -4 * size, 4 * size))
        mine = np.clip(np.where(live, strays, 0.0), -4 * usual, 4 * usual)
        part = np.where(live, SPEED, 0.0)
        self._both[rows] += part * (mine * capped - self._both[rows])
        self._own[rows] += part * (capped**2 - own)
        return told

    def all_empty(self, empty: Flags, live: Flags, sizes: Floats) -> Flags:
        """(n,): series that are empty because most of their group are: the largest of them speaks
        for all."""
        found = np.zeros(len(empty), bool)
        for rows in self._groups:
            count = int(live[rows].sum())
            gone = rows[empty[rows] & live[rows]]
            if count >= LEAST and 2 * len(gone) >= count:
                found[gone] = True
                found[gone[np.argmax(sizes[gone])]] = False
        return found
