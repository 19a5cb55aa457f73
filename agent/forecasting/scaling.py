"""Running means that skip what is missing, and the size by which series become comparable."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agent.forecasting.series import Floats

FLOOR = 0.1
"""A scale is at least this share of the mean size of values: a quiet stretch is no certainty."""


def rolling_mean(values: Floats, window: int, least: int = 1) -> Floats:
    """(n, t): the mean of the last `window` values known at each column, itself included; NaN where
    fewer than `least` are known."""
    known = np.isfinite(values)
    total = np.cumsum(np.where(known, values, 0.0), axis=1)
    count = np.cumsum(known, axis=1)
    total[:, window:] -= total[:, :-window].copy()
    count[:, window:] -= count[:, :-window].copy()
    return np.where(count >= least, total / np.maximum(count, 1), np.nan)


def phase_mean(values: Floats, season: int, count: int) -> Floats:
    """(n, t): the mean of each column's value and those 1 .. count-1 seasons before."""
    total = np.zeros_like(values)
    seen = np.zeros(values.shape, dtype=np.int64)
    for back in range(count):
        shift = back * season
        if shift >= values.shape[1]:
            break
        part = values[:, : values.shape[1] - shift]
        known = np.isfinite(part)
        total[:, shift:] += np.where(known, part, 0.0)
        seen[:, shift:] += known
    return np.where(seen > 0, total / np.maximum(seen, 1), np.nan)


def seasonal_change(values: Floats, season: int) -> Floats:
    """(n,): the mean absolute change from one season to the next, floored; of a constant series 1.

    This is the scale of MASE, by which errors of different series are put together.
    """
    lag = season if values.shape[1] > season else 1
    change = np.abs(values[:, lag:] - values[:, :-lag])
    size = mean_of(np.abs(values))
    found = mean_of(change)
    floored = np.fmax(found, 0.01 * FLOOR * size)
    return np.where(np.isfinite(floored) & (floored > 0), floored, np.where(size > 0, size, 1.0))


def mean_of(values: Floats) -> Floats:
    """(n,): the mean of what is known in each row; NaN where nothing is."""
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis=1)
    count = known.sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def begins(values: Floats) -> NDArray[np.intp]:
    """(n,): the column of the first known value; the number of columns where there is none."""
    known = np.isfinite(values)
    found: NDArray[np.intp] = np.where(known.any(axis=1), known.argmax(axis=1), values.shape[1])
    return found
