"""What a series is expected to be, one step ahead, learnt step by step: a level by several speeds,
a profile by weekday (or hour), what the known columns do to it, and how far it usually strays.

All series go side by side; nothing here has seen a later step than the one it speaks of.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.forecasting.series import Floats

Flags = NDArray[np.bool_]
SPEEDS = np.array([0.02, 0.12, 0.35])
"""How much of an error each level takes over; the series' own errors choose between them."""
SHARP = 6.0
SOFT = 2.5
"""An error beyond so many usual ones moves nothing further."""
PROFILE, KNOWN = 0.13, 2.0
PAIR = 0.15
SCALE = 0.03
LEAST = 0.02
"""Nothing is expected more exactly than to 2 %."""
ROOT = 0.1
REBASE = 28
"""After so many steps the unit that values are bent by is taken anew."""


@dataclass
class Bent:
    """Values on a scale where a doubling is everywhere about as far: asinh(y / unit), which is a
    logarithm above the unit and straight below it, and knows negative values."""

    unit: Floats  # (n,) NaN until a value was seen
    usual: Floats  # (n,) the usual size of a value

    @classmethod
    def of(cls, n: int) -> Bent:
        return cls(np.full(n, np.nan), np.zeros(n))

    def seen(self, values: Floats, count: Floats) -> None:
        """Learn the size of values."""
        size = np.abs(values)
        fine = np.isfinite(size) & (size > 0)
        part = np.where(fine, np.maximum(1.0 / (count + 1.0), 0.02), 0.0)
        self.usual += part * (np.where(fine, size, 0.0) - self.usual)

    def rebased(self) -> Floats:
        """Fit the unit to the size of late; (n,): by how much levels move for it."""
        wanted = ROOT * self.usual
        off = ~(np.abs(np.log(np.where(wanted > 0, wanted, np.nan) / self.unit)) < 0.7)
        off &= wanted > 0
        moved = np.where(off & np.isfinite(self.unit), self.unit / np.where(off, wanted, 1.0), 1.0)
        self.unit = np.where(off, wanted, self.unit)
        return np.asarray(moved)

    def bent(self, values: Floats) -> Floats:
        unit = np.where(np.isfinite(self.unit), self.unit, 1.0)
        return np.asarray(np.arcsinh(values / unit))

    def straight(self, bent: Floats) -> Floats:
        unit = np.where(np.isfinite(self.unit), self.unit, 1.0)
        return np.asarray(np.sinh(np.clip(bent, -600.0, 600.0)) * unit)


class Usual:
    """The state after some steps."""

    def __init__(self, n: int, seasons: tuple[int, ...], known: int) -> None:
        self.bent = Bent.of(n)
        self.level = np.zeros((n, len(SPEEDS)))
        self.loss = np.ones((n, len(SPEEDS)))
        self.profiles = [np.zeros((season, n)) for season in seasons]
        self.turns = [np.zeros((season, n)) for season in seasons]
        self.pair = np.zeros((2 * seasons[0] if seasons else 1, n))
        self.pair_turns = np.zeros(self.pair.shape)
        self.pair_both, self.pair_own = np.zeros(n), np.zeros(n)
        self.effect = np.zeros((n, known))
        self.weight = np.zeros((n, known))
        self.shared = np.zeros(known)
        self.shared_weight = np.zeros(known)
        self.scale = np.full(n, 0.3)
        self.by_phase = np.full((seasons[0] if seasons else 1, n), 0.3)
        self.count = np.zeros(n)

    def expected(self, column: int, known: Floats) -> Floats:
        """(n,): what the step of this column is expected to be, bent; `known` is (n, k)."""
        found = self._middle() + self._profile(column)
        if known.shape[1]:
            found = found + (known * (self.effect + self.shared)).sum(axis=1)
        return np.asarray(found)

    def slowly(self, column: int, known: Floats) -> Floats:
        """(n,): the same from the slowest level."""
        found = self.level[:, 0] + self._profile(column)
        if known.shape[1]:
            found = found + (known * (self.effect + self.shared)).sum(axis=1)
        return np.asarray(found)

    def _middle(self) -> Floats:
        weight = (self.loss / self.loss.min(axis=1, keepdims=True)) ** -SHARP
        return np.asarray((weight * self.level).sum(axis=1) / weight.sum(axis=1))

    def _profile(self, column: int) -> Floats:
        total = self._paired(column)
        for profile in self.profiles:
            total = total + profile[column % len(profile)]
        return total

    def _paired(self, column: int) -> Floats:
        """What every other week adds, as far as it has told anything before."""
        share = np.clip(self.pair_both / (self.pair_own + 0.3 * self.scale**2), 0.0, 1.0)
        return np.asarray(share * self.pair[column % len(self.pair)])

    def strays(self, column: int) -> Floats:
        """(n,): the usual size of an error at this column."""
        mine = self.by_phase[column % len(self.by_phase)]
        return np.asarray(np.sqrt(0.6 * self.scale**2 + 0.4 * mine**2).clip(LEAST))

    def learn(self, column: int, values: Floats, error: Floats, known: Floats) -> None:
        """Take over an error (n,), NaN where nothing is learnt; values are bent."""
        fine = np.isfinite(error) & np.isfinite(values)
        first = fine & (self.count == 0)
        if first.any():
            self.level[first] = values[first, None]
            error = np.where(first, 0.0, error)
        error = np.where(fine, error, 0.0)
        usual = self.strays(column)
        soft = np.clip(error, -SOFT * usual, SOFT * usual)
        self._learn_level(column, values, soft, fine)
        self._learn_profiles(column, soft, fine)
        if known.shape[1]:
            self._learn_known(known, np.where(fine, soft, 0.0), fine)
        self.count += fine

    def strayed(self, column: int, stray: Floats) -> None:
        """Take over how far a step lay from the expected (n,), NaN where nothing is known: also
        what the calendar pardons, or series that jump each day would seem never to stray."""
        fine = np.isfinite(stray) & (self.count > 1)
        self._learn_scale(column, np.where(fine, stray, 0.0), fine)

    def _learn_level(self, column: int, values: Floats, soft: Floats, fine: Flags) -> None:
        middle = self._middle()
        # Each level has its own error; what moves it is no larger than what moves the middle.
        own = soft[:, None] + (middle[:, None] - self.level)
        speed = np.maximum(SPEEDS[None, :], 1.0 / (self.count[:, None] + 1.0))
        self.level += np.where(fine[:, None], speed * own, 0.0)
        part = np.where(fine, 0.03, 0.0)[:, None]
        self.loss += part * (np.abs(own) + 1e-6 - self.loss)

    def _learn_profiles(self, column: int, soft: Floats, fine: Flags) -> None:
        for profile, turns in zip(self.profiles, self.turns, strict=True):
            phase = column % len(profile)
            ready = fine & (self.count >= 2)
            speed = np.maximum(PROFILE, 0.7 / (turns[phase] + 1.0))
            profile[phase] += np.where(ready, speed * soft, 0.0)
            turns[phase] += ready
        phase = column % len(self.pair)
        ready = fine & (self.count >= 28)
        mine = self.pair[phase].copy()
        bare = soft + self._paired(column)
        part = np.where(ready, 0.02, 0.0)
        self.pair_both += part * (bare * mine - self.pair_both)
        self.pair_own += part * (mine**2 - self.pair_own)
        speed = np.maximum(PAIR, 0.7 / (self.pair_turns[phase] + 1.0))
        self.pair[phase] += np.where(ready, speed * (bare - mine), 0.0)
        self.pair_turns[phase] += ready

    def _learn_known(self, known: Floats, soft: Floats, fine: Flags) -> None:
        """What a column does, of all series and of each beyond it."""
        known = np.where(fine[:, None], known, 0.0)
        square = (known**2).sum(axis=0)
        self.shared_weight += square
        both = (known * soft[:, None]).sum(axis=0)
        self.shared += both / (self.shared_weight + KNOWN * 5.0)
        left = soft - (known * (both / (self.shared_weight + KNOWN * 5.0))[None, :]).sum(axis=1)
        self.weight += known**2
        self.effect += known * left[:, None] / (self.weight + KNOWN)

    def _learn_scale(self, column: int, stray: Floats, fine: Flags) -> None:
        size = np.minimum(np.abs(stray), 4.0 * self.strays(column)) * 1.3
        part = np.where(fine, np.maximum(SCALE, 1.0 / (self.count + 2.0)), 0.0)
        self.scale += part * (size - self.scale)
        phase = column % len(self.by_phase)
        mine = self.by_phase[phase]
        turns = (self.count - 1.0) / max(len(self.by_phase), 1)
        early = np.maximum(0.1, 1.0 / (turns + 3.0))
        self.by_phase[phase] = mine + np.where(fine, early * (size - mine), 0.0)

    def moved(self, rows: Flags, by: Floats) -> None:
        """Take a new level over at once, in these rows."""
        self.level[rows] = (self._middle() + by)[rows, None]

    def caught_up(self, rows: Flags) -> None:
        """Bring the slow levels to where the middle is, in these rows."""
        self.level[rows, 0] = self._middle()[rows]

    def rebase(self) -> None:
        """Fit the unit anew; levels follow."""
        by = self.bent.rebased()
        if (by != 1.0).any():
            self.level = np.arcsinh(np.sinh(np.clip(self.level, -600, 600)) * by[:, None])
