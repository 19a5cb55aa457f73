"""All detectors over all series of a part, step by step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.anomalies import judged
from agent.anomalies.closings import closings
from agent.anomalies.common import Common
from agent.anomalies.detectors.gaps import Gaps
from agent.anomalies.detectors.points import Points
from agent.anomalies.detectors.ranges import Ranges
from agent.anomalies.detectors.shifts import QUICK, SLOW, Sums
from agent.anomalies.detectors.spread import Spread
from agent.anomalies.discovery import as_rare
from agent.anomalies.expecting import REBASE, Usual
from agent.anomalies.memory import Memory
from agent.forecasting.series import Floats, Panel, Step

Flags = NDArray[np.bool_]
GAP, QUICKLY, SLOWLY, SPREAD, RANGE = 1.5, 1.0, 0.9, 0.6, 0.2
"""What each detector's figure counts beside that of single values."""
NEED = 14
LONG = 5
"""A sum that has run for more steps tells of a trend, not of a shift."""
UPWARDS = 0.7
"""Sales jump up for many reasons, and fall for few: a spike has to be higher."""
BY_CHANCE, BROKEN = 0.01, 0.002
"""Nothing at all is no news where it is likelier by chance than the first, a drop where it is
likelier than the second, else a feed that broke."""
KNOWN_SHUT = ("holiday", "closure")


@dataclass(frozen=True)
class Seen:
    """What one step showed, all (n,)."""

    score: Floats
    kind: NDArray[np.int8]
    sign: Floats
    since: NDArray[np.int64]
    live: Flags
    excess: Floats  # bent
    units: Floats


def _groups(panel: Panel) -> NDArray[np.int64]:
    """(n,): a number for what belongs together: series of one group, on the same days."""
    _, days = np.unique(panel.ends.astype(np.int64), return_inverse=True)
    if not panel.groups:
        return np.asarray(days)
    names, codes = np.unique(panel.groups, return_inverse=True)
    return np.asarray(days * len(names) + codes)


class Looking:
    """The detectors' common state."""

    def __init__(self, panel: Panel, known: Floats, together: bool) -> None:
        n, steps = panel.values.shape
        season = max(panel.season, 1)
        seasons = (24, 168) if panel.step is Step.HOUR else ((season,) if season > 1 else ())
        self._step = panel.step
        self.usual = Usual(n, seasons, known.shape[2])
        self._known = known
        self._shut = [k for k, name in enumerate(panel.known) if name in KNOWN_SHUT]
        self.gaps = Gaps(n, season)
        self._points, self._spread = Points(n), Spread(n)
        self.quick, self.slow = Sums(n, QUICK), Sums(n, SLOW)
        self._ranges = Ranges(n) if panel.step is Step.NUMBER else None
        self._memory = Memory(n, steps, panel.step)
        self._drifts = Memory(n, steps, panel.step)
        self._empty = Memory(n, steps, panel.step)
        groups = _groups(panel)
        alike = together and panel.step is not Step.NUMBER
        self._common = Common(groups if alike else np.arange(n))
        self._begun = np.zeros(n, bool)
        self._closings = closings(panel)
        self.need = max(NEED, 2 * season if season <= 31 else NEED)
        self.told = np.full(n, np.nan)  # expected, bent, with what all share
        self._together = np.zeros(n)
        self._range = (np.zeros(n),) * 4  # below and above: pardoned, and the most that is usual
        self.lasting = np.zeros(n)  # how unusual errors of one sign, added up, are by now

    def look(
        self, column: int, values: Floats, given: Floats, skip: Flags, foreseen: Flags
    ) -> Seen:
        """Judge one step from what was known before it, then learn from it.

        values (n,), NaN where unknown; given (n,) expected values from elsewhere, NaN for none;
        skip (n,) what is neither judged nor learnt, foreseen (n,) what of it is remembered
        """
        known = self._known[:, column]
        # Of what has no calendar a zero is a value like others.
        empty = ~np.isfinite(values) | ((values == 0) & (self._ranges is None))
        self._begun |= np.isfinite(values)
        closed, dense = self.gaps.closed(column), self.gaps.dense()
        gap = self._gap(column, empty, known, closed, skip)
        fine = np.isfinite(values) & ~(empty & dense) & ~closed & ~skip
        if column % REBASE == REBASE // 2:
            self.usual.rebase()
        bent = self._bent(np.where(fine, values, np.nan))
        expected = self.usual.expected(column, known)
        expected = np.where(np.isfinite(given), self.usual.bent.bent(given), expected)
        stray = np.where(fine & (self.usual.count > 0), bent - expected, np.nan)
        size = self.usual.strays(column)
        shared = self._common.explained(stray, size)
        self.told, self._together = expected + shared, shared
        live = fine & (self.usual.count >= self.need)
        seen = self._judged(column, stray - shared, bent, live)
        broken = (self._chance() < BROKEN) | ~np.isfinite(values)
        seen = self._with_gap(seen, gap, np.where(broken, judged.MISSING, judged.DROP))
        if self._ranges is not None:
            seen = self._with_range(seen, self._ranges.look(values, fine))
        learnt = np.where(fine & (self.usual.count == 0), 0.0, seen.excess)
        learnt = np.where(fine & ~live & (self.usual.count > 0), stray - shared, learnt)
        self.usual.learn(column, bent - shared, np.where(fine, learnt, np.nan), known)
        self.usual.strayed(column, stray - shared)
        self._remember(column, values, skip & foreseen & (self.usual.count >= self.need))
        news = empty & self._begun & ~closed & ~(skip & ~foreseen)
        self._empty.keep(column, np.where(news, 1.0, 0.0))
        return seen

    def _remember(self, column: int, values: Floats, rows: Flags) -> None:
        """What people said was to be expected is neither judged nor learnt from, but next year it
        is no news; an outage would be."""
        self._memory.add(column, self.usual.bent.bent(values) - self.told, rows)

    def _bent(self, values: Floats) -> Floats:
        scale = self.usual.bent
        first = np.isfinite(values) & ~np.isfinite(scale.unit)
        scale.seen(values, self.usual.count)
        if first.any():
            scale.rebased()
        return scale.bent(values)

    def _gap(self, column: int, empty: Flags, known: Floats, closed: Flags, skip: Flags) -> Floats:
        found = self.gaps.look(column, empty, self._begun & ~skip, self.usual.strays(column))
        chance = self._chance()
        rare = np.where(chance < BY_CHANCE, as_rare(chance, self._step), 0.0)
        found = np.minimum(GAP * found, rare)
        off = self._common.all_empty(empty, self._begun & ~closed, self.usual.bent.usual)
        before = self._empty.pardon(column, np.full(len(empty), 0.1))[1] > 0
        shut = known[:, self._shut].max(axis=1, initial=0.0) >= 0.3
        return np.where(off | before | shut | self._closings[:, column], 0.0, found)

    def _chance(self) -> Floats:
        """(n,): how likely nothing at all is by itself. Of hours nobody waits for a second one."""
        chance = self.gaps.chance
        return np.zeros(len(chance)) if self._step is Step.HOUR else chance

    def _judged(self, column: int, stray: Floats, bent: Floats, live: Flags) -> Seen:
        size = self.usual.strays(column)
        low, high = self._memory.pardon(column, size)
        down, up = self._points.reach()
        self._range = (low, high, down * size, up * size)
        excess = stray - np.clip(np.nan_to_num(stray), low, high)
        units = np.where(live, excess / size, 0.0)
        drift = bent - self._together - self.usual.slowly(column, self._known[:, column])
        down, up = self._drifts.pardon(column, size)
        far = drift - np.clip(np.nan_to_num(drift), down, up)
        self._memory.keep(column, np.where(live, stray, 0.0))
        self._drifts.keep(column, np.where(live, drift, 0.0))
        point = self._points.look(units, live)
        point = np.where(units > 0, UPWARDS * point, point)
        quick = QUICKLY * self.quick.look(column, units, live)
        self.lasting = quick
        slow = SLOWLY * self.slow.look(column, np.where(live, far / size, 0.0), live)
        spread = SPREAD * self._spread.look(units, live)
        return self._named(column, (point, quick, slow, spread), units, (excess, live))

    def _named(
        self,
        column: int,
        figures: tuple[Floats, Floats, Floats, Floats],
        units: Floats,
        rest: tuple[Floats, Flags],
    ) -> Seen:
        """The loudest detector names the kind."""
        excess, live = rest
        which = np.argmax(figures, axis=0)
        rows = np.arange(len(units))
        by_point = np.where(units >= 0, judged.SPIKE, judged.DROP)
        since_quick, since_slow = self.quick.since(), self.slow.since()
        lasting = np.where(column - since_quick > LONG, judged.TREND, judged.SHIFT)
        drifting = np.where(column - since_slow > LONG, judged.TREND, judged.SHIFT)
        variance = np.full(len(units), judged.VARIANCE)
        kinds = np.stack([by_point, lasting, drifting, variance]).astype(np.int8)
        signs = np.stack([np.sign(units), self.quick.sign(), self.slow.sign(), 0 * units])
        now = np.full(len(units), column)
        since = np.stack([now, since_quick, since_slow, now])
        return Seen(
            np.asarray(figures)[which, rows],
            kinds[which, rows],
            signs[which, rows],
            since[which, rows],
            live,
            excess,
            units,
        )

    def _with_gap(self, seen: Seen, gap: Floats, kinds: NDArray[np.int8]) -> Seen:
        """A day without sales where few are usual is a drop; else nothing arrives."""
        missing = gap > 0
        return Seen(
            np.where(missing, gap, seen.score),
            np.where(missing, kinds, seen.kind).astype(np.int8),
            np.where(missing, -1.0, seen.sign),
            np.where(missing, self.gaps.begun, seen.since),
            seen.live | missing,
            seen.excess,
            seen.units,
        )

    def _with_range(self, seen: Seen, figures: Floats) -> Seen:
        return Seen(
            np.where(seen.kind == judged.MISSING, seen.score, RANGE * figures),
            seen.kind,
            seen.sign,
            seen.since,
            seen.live,
            seen.excess,
            seen.units,
        )

    def band(self, needed: float) -> tuple[Floats, Floats, Floats]:
        """(n,) each: the expected value, and the range that is no news, of the step looked at
        last."""
        low, high, down, up = self._range
        straight = self.usual.bent.straight
        return (
            straight(self.told),
            straight(self.told + low - needed * down),
            straight(self.told + high + needed * up),
        )
