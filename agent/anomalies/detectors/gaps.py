"""Days without data, or of nothing but zeros, where there always was something."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agent.forecasting.series import Floats

Flags = NDArray[np.bool_]
SPEED = 0.02
CLOSED = 0.75
DENSE = 0.3
SETTLED = 4
"""Turns after which it is known whether a weekday is closed."""
UNSEEN = 3.0
"""What was never seen in n steps is no more than 3 / n likely, nineteen times in twenty."""


class Gaps:
    """How often each phase of each series is empty, and how gaps go on."""

    def __init__(self, n: int, phases: int) -> None:
        self._empty = np.zeros((max(phases, 1), n))
        self._turns = np.zeros((max(phases, 1), n))
        self._begins = np.full(n, 0.02)
        self._lasts = np.full(n, 0.3)
        self.run = np.zeros(n, int)
        self.count = np.zeros(n)
        self._gaps, self._steps = np.zeros(n), np.zeros(n)  # that have begun, of so many steps
        self.begun = np.zeros(n, int)  # the column of a gap's first step
        self.chance = np.ones(n)  # of what is absent now, where it is a chance of small numbers

    def closed(self, column: int) -> Flags:
        """(n,): whether nothing is expected in this phase of the week."""
        phase = column % len(self._empty)
        return np.asarray((self._empty[phase] > CLOSED) & (self._turns[phase] >= 3))

    def dense(self) -> Flags:
        """(n,): whether a zero would be a gap, not a quiet day."""
        shut = (self._empty > CLOSED) & (self._turns >= 3)
        most = np.where(shut, 0.0, self._empty).sum(axis=0) / np.maximum((~shut).sum(axis=0), 1)
        return np.asarray(most < DENSE)

    def look(self, column: int, absent: Flags, live: Flags, strays: Floats) -> Floats:
        """(n,): surprise of what is absent, -log10 of its chance; learns from it afterwards.
        `strays`: the usual size of an error, as a share."""
        phase = column % len(self._empty)
        closed = self.closed(column)
        dense = self.dense()
        missing = absent & live & ~closed
        starts = np.maximum(self._begins, self._empty[phase])
        surprise = -np.log10(starts.clip(1e-4)) - self.run * np.log10(self._lasts.clip(0.02))
        self.chance = self._chance(strays) ** (self.run + 1)
        self.begun = np.where(missing & (self.run == 0), column, self.begun)
        found = np.where(missing & dense & (self.count >= 14), surprise, 0.0)
        self._learn(phase, absent, live, closed)
        return found

    def _chance(self, strays: Floats) -> Floats:
        """(n,): how likely a step without any is by itself. Counts of 1 / strays² a step stray so
        far, and are zero that often (Poisson); but no oftener than the past leaves open."""
        counted, steps = np.exp(-1.0 / strays**2), self._steps + UNSEEN
        return np.clip(counted, self._gaps / steps, (self._gaps + UNSEEN) / steps)

    def _learn(self, phase: int, absent: Flags, live: Flags, closed: Flags) -> None:
        part = np.where(live, np.maximum(SPEED * 3, 1.0 / (self._turns[phase] + 1.5)), 0.0)
        self._empty[phase] += part * (absent - self._empty[phase])
        self._turns[phase] += live
        open_ = live & ~closed
        began = open_ & (self.run == 0)
        counted = began & (self._turns[phase] >= SETTLED)
        self._gaps += counted & absent
        self._steps += counted
        self._begins += np.where(began, SPEED * (absent - self._begins), 0.0)
        lasted = open_ & (self.run > 0)
        self._lasts += np.where(lasted, 0.05 * (absent - self._lasts), 0.0)
        self.run = np.where(open_, np.where(absent, self.run + 1, 0), self.run)
        self.count += live
