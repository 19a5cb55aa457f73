"""Regression on a series' own last values: what repeats in a rhythm that is no season.

One equation for the panel, and each series' own drawn towards it: every window of values is put in
units of its mean, so that series of all sizes teach one another. By month and week only: there it
adds to smoothing, and by day the trees know it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from agent.forecasting.scaling import begins, rolling_mean, seasonal_change
from agent.forecasting.series import Floats, Step

LAGS: Mapping[Step, tuple[int, ...]] = MappingProxyType(
    {
        Step.WEEK: (1, 2, 3, 4, 5, 6, 8, 13, 26, 51, 52, 53),
        Step.MONTH: (1, 2, 3, 4, 5, 6, 9, 11, 12, 13, 24),
    }
)
WINDOW: Mapping[Step, int] = MappingProxyType({Step.WEEK: 13, Step.MONTH: 12})
PART = 3
"""No lag is longer than this part of the history."""
ENOUGH = 12
"""So many values for each lag, at least."""
OWN = 50.0
"""A series' own equation counts as much as the panel's after so many values."""
PASSES = 3
LEAST = 0.3
"""Errors below this share of the usual one count as if they were as large."""


@dataclass(frozen=True)
class _Lesson:
    """rows (n, t, lags + 1) of windows that end at each of `columns`, target and weight (n, t):
    the value that follows, all in units of `unit` (n, columns of the panel)."""

    lags: np.ndarray
    columns: np.ndarray
    rows: Floats
    target: Floats
    weight: Floats
    unit: Floats
    filled: Floats


def lagged(
    values: Floats, season: int, step: Step, ask: tuple[Sequence[int], int]
) -> Floats | None:
    """(origins, n, horizon), or None where there is too little to learn from.

    ask     the origins, in steps back, and how far ahead
    """
    backs, horizon = ask
    lesson = _lesson(values, season, step, max(backs))
    if lesson is None:
        return None
    paths = []
    for back in backs:
        last = values.shape[1] - back
        shares = _learnt(lesson, lesson.columns + 1 < last)
        paths.append(_ahead(lesson, shares, last, horizon))
    return np.stack(paths)


def _lesson(values: Floats, season: int, step: Step, back: int) -> _Lesson | None:
    """What there is to learn; None where the earliest origin has too little."""
    length = values.shape[1]
    if step not in LAGS or length < ENOUGH:
        return None
    history = float(np.median(length - begins(values)))
    lags = np.array([lag for lag in LAGS[step] if lag <= history / PART])
    if not len(lags):
        return None
    near = rolling_mean(values, max(4 * season, 8))
    filled = np.where(np.isfinite(values), values, near)
    window = WINDOW[step]
    size = rolling_mean(np.abs(filled), window, min(window, 4))
    unit = np.maximum(size, 0.1 * rolling_mean(np.abs(filled), length))
    unit = np.where(unit > 1e-9, unit, np.nan)
    columns = np.arange(lags.max() - 1, length - 1)
    rows = np.stack([filled[:, columns + 1 - lag] for lag in lags], axis=2)
    rows = rows / unit[:, columns, None] - 1
    rows = np.concatenate([rows, np.ones((*rows.shape[:2], 1))], axis=2)
    target = values[:, columns + 1] / unit[:, columns] - 1
    fine = np.isfinite(target) & np.isfinite(rows).all(axis=2)
    if fine[:, columns + 1 < length - back].sum() < ENOUGH * rows.shape[2]:
        return None
    scale = seasonal_change(values[:, : length - back], season)[:, None]
    weight = np.clip(unit[:, columns] / scale, 0.2, 20)
    return _Lesson(
        lags,
        columns,
        np.where(fine[:, :, None], rows, 0.0),
        np.where(fine, target, 0.0),
        np.where(fine, weight, 0.0),
        unit,
        filled,
    )


def _learnt(lesson: _Lesson, seen: np.ndarray) -> Floats:
    """(n, lags + 1): each series' shares of its last values, by absolute errors: squares would
    follow the outliers. Each pass counts what the one before missed by less."""
    rows, target, weight = lesson.rows[:, seen], lesson.target[:, seen], lesson.weight[:, seen]
    size = rows.shape[2]
    counted = weight
    shares = np.zeros((len(rows), size))
    for _ in range(PASSES):
        weighed = rows * counted[:, :, None]
        power = np.einsum("ntp,ntq->npq", weighed, rows, optimize=True)
        right = np.einsum("ntp,nt->np", weighed, target, optimize=True)
        whole = power.sum(axis=0)
        ridge = 1e-3 * np.diag(whole).copy() + 1e-9
        ridge[-1] = 1e-6
        pooled = np.linalg.solve(whole + np.diag(ridge), right.sum(axis=0))
        prior = OWN * whole / max(int((weight > 0).sum()), 1)
        own = power + prior + 1e-6 * np.eye(size)
        shares = np.linalg.solve(own, (right + prior @ pooled)[..., None])[..., 0]
        miss = np.abs(target - np.einsum("ntp,np->nt", rows, shares))
        total = np.maximum(weight.sum(axis=1), 1e-9)
        usual = np.maximum((weight * miss).sum(axis=1) / total, 1e-9)[:, None]
        counted = weight / np.maximum(miss / usual, LEAST)
    return shares


def _ahead(lesson: _Lesson, shares: Floats, last: int, horizon: int) -> Floats:
    """(n, horizon): step by step, each from those before it."""
    known = lesson.filled[:, :last]
    path = np.concatenate([known, np.zeros((len(known), horizon))], axis=1)
    unit = lesson.unit[:, last - 1]
    for column in range(last, last + horizon):
        row = path[:, column - lesson.lags] / unit[:, None] - 1
        path[:, column] = unit * (1 + (row * shares[:, :-1]).sum(axis=1) + shares[:, -1])
    found: Floats = path[:, last:]
    return found
