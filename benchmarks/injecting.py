"""Incidents put into real series, and what a detector's rows make of them.

Everything is drawn by seed. Incidents lie in the last `window` steps, far enough from one another
that each can be told from the next; peaks return every year at about the same date, and the one in
the window is only labelled: it must not be flagged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SPIKE, DROP, DROPS, SHIFT, TREND, MISSING, PEAK = (
    "spike",
    "one-day drop",
    "two-day drop",
    "shift",
    "trend",
    "missing",
    "peak",
)
KINDS = (SPIKE, DROP, DROPS, SHIFT, TREND, MISSING)
REACH = {SPIKE: 1, DROP: 1, DROPS: 2, SHIFT: 10, TREND: 21, MISSING: 1}
"""Steps after its start (missing and drops: its end) within which naming an incident counts."""
MONTH = 30.4


@dataclass(frozen=True)
class Label:
    """An incident put into a series: its columns, first and last."""

    row: int
    kind: str
    first: int
    last: int

    @property
    def until(self) -> int:
        """The last column at which naming it counts."""
        within = self.last if self.kind in (DROPS, MISSING, PEAK) else self.first
        return within + REACH.get(self.kind, 1)


@dataclass(frozen=True)
class Placed:
    """Series with incidents in them: (n, t), NaN where nothing is known."""

    values: Floats
    labels: tuple[Label, ...]
    peaks: tuple[Label, ...]
    window: int


@dataclass(frozen=True)
class Told:
    """How well alarms fit the labels, at one rate."""

    rate: float  # incidents told per series-month
    precision: float
    recall: float
    f1: float
    peaks: float  # share of peaks flagged
    by_kind: dict[str, float]  # recall
    delays: dict[str, float]  # the median, in steps after the start


def inject(values: Floats, window: int, seed: int, gap: int = 34, yearly: bool = True) -> Placed:
    """Put about one incident every `gap` steps into the last `window` of each series."""
    rng = np.random.default_rng(seed)
    out = values.copy()
    labels: list[Label] = []
    peaks: list[Label] = []
    for row in range(len(out)):
        taken = np.zeros(out.shape[1], bool)
        if yearly and np.isfinite(out[row, -window - 380 : -window]).sum() > 300:
            peaks.append(_peak(out[row], row, window, rng))
            taken[peaks[-1].first - 12 : peaks[-1].last + 12] = True
        place = out.shape[1] - window + int(rng.integers(4, gap))
        while place < out.shape[1] - 22:
            if taken[place : place + 22].any() or not _alive(out[row], place):
                place += 1
                continue
            kind = KINDS[int(rng.integers(len(KINDS)))]
            labels.append(_put(out[row], row, kind, place, rng))
            place += int(rng.integers(gap // 2, gap + gap // 2))
    return Placed(out, tuple(labels), tuple(peaks), window)


def _alive(series: Floats, place: int) -> bool:
    """Something is sold on the day itself, and on most days around it."""
    near = series[place - 14 : place + 3]
    return bool(series[place] > 0 and series[place + 1] > 0 and (near > 0).mean() > 0.6)


def _peak(series: Floats, row: int, window: int, rng: np.random.Generator) -> Label:
    """A peak of some days at the same time of each year, as high but for a fifth."""
    length, height = int(rng.integers(2, 6)), rng.uniform(0.8, 2.0)
    first = len(series) - int(rng.integers(length + 20, window - 10))
    place = first
    while place > 4:
        at = place + int(rng.integers(-2, 3)) if place != first else place
        shape = 1 + height * rng.uniform(0.8, 1.2) * np.hanning(length + 2)[1:-1].clip(0.4)
        series[at : at + length] *= shape
        place -= 365
    return Label(row, PEAK, first, first + length - 1)


def _put(series: Floats, row: int, kind: str, at: int, rng: np.random.Generator) -> Label:
    size = rng.uniform
    if kind == SPIKE:
        series[at] *= 1 + size(0.6, 2.0)
        return Label(row, kind, at, at)
    if kind in (DROP, DROPS):
        days = 1 if kind == DROP else 2
        series[at : at + days] *= 1 - size(0.4, 0.9)
        return Label(row, kind, at, at + days - 1)
    if kind == SHIFT:
        series[at:] *= 1 + (size(0.3, 0.7) if rng.random() < 0.5 else -size(0.25, 0.5))
        return Label(row, kind, at, len(series) - 1)
    if kind == TREND:
        daily = size(0.01, 0.03) * (1 if rng.random() < 0.5 else -1)
        steps = np.minimum(np.arange(len(series) - at), 40)
        series[at:] *= np.exp(daily * steps)
        return Label(row, kind, at, len(series) - 1)
    days = int(rng.integers(2, 5))
    series[at : at + days] = np.nan if rng.random() < 0.5 else 0.0
    return Label(row, kind, at, at + days - 1)


def runs(flags: NDArray[np.bool_], apart: int = 2) -> list[tuple[int, int]]:
    """First and last column of each incident: flags fewer than `apart` steps apart are one."""
    found: list[tuple[int, int]] = []
    for at in np.flatnonzero(flags):
        if found and at - found[-1][1] <= apart:
            found[-1] = (found[-1][0], int(at))
        else:
            found.append((int(at), int(at)))
    return found


def told(placed: Placed, flags: NDArray[np.bool_]) -> Told:
    """Each incident of the flags that meets a label is right, once a label; the others are wrong.

    What overlaps a labelled peak is wrong and counted apart; one more alarm for a label that was
    found already is neither.
    """
    start = placed.values.shape[1] - placed.window
    flags = flags.copy()
    flags[:, :start] = False
    found: dict[Label, int] = {}
    alarms = wrong = 0
    hit_peaks: set[Label] = set()
    by_row = _by_row(placed.labels, len(flags))
    peak_row = _by_row(placed.peaks, len(flags))
    for row in range(len(flags)):
        for first, last in runs(flags[row]):
            alarms += 1
            met = [one for one in by_row[row] if first <= one.until and last >= one.first]
            hit_peaks.update(p for p in peak_row[row] if first <= p.last and last >= p.first)
            for one in met:
                found.setdefault(one, max(first, one.first) - one.first)
            wrong += not met
    return _summed(placed, found, (alarms, wrong), len(hit_peaks))


def _by_row(labels: Sequence[Label], rows: int) -> list[list[Label]]:
    found: list[list[Label]] = [[] for _ in range(rows)]
    for one in labels:
        found[one.row].append(one)
    return found


def _summed(placed: Placed, found: dict[Label, int], counts: tuple[int, int], peaks: int) -> Told:
    months = len(placed.values) * placed.window / MONTH
    alarms, wrong = counts
    precision = len(found) / max(len(found) + wrong, 1)
    recall = len(found) / max(len(placed.labels), 1)
    both = precision + recall
    of = {kind: [one for one in placed.labels if one.kind == kind] for kind in KINDS}
    return Told(
        alarms / months,
        precision,
        recall,
        2 * precision * recall / both if both else 0.0,
        peaks / max(len(placed.peaks), 1),
        {k: sum(one in found for one in some) / max(len(some), 1) for k, some in of.items()},
        {
            k: float(np.median([found[o] for o in some if o in found] or [np.nan]))
            for k, some in of.items()
        },
    )


def at_rate(placed: Placed, scores: Floats, rate: float) -> Told:
    """The threshold of the scores at which so many incidents a series-month are told."""
    start = placed.values.shape[1] - placed.window
    scores = np.nan_to_num(scores, nan=0.0)
    low, high = 0.0, float(scores[:, start:].max()) + 1.0
    months = len(scores) * placed.window / MONTH
    for _ in range(22):
        middle = (low + high) / 2
        count = sum(len(runs(row[start:] > middle)) for row in scores)
        low, high = (middle, high) if count / months > rate else (low, middle)
    return told(placed, scores > high)
