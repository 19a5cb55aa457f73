"""How far the sum of a forecast's first steps may be off: sums of bands are no band of the sum."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from agent.forecasting import conformal
from agent.forecasting.forecaster import Forecasts
from agent.forecasting.series import Floats

QUANTILES = (0.025, 0.05, 0.1, 0.2, 0.25, 0.35, 0.5, 0.65, 0.75, 0.8, 0.9, 0.95, 0.975)
TO_SPREAD = 1.2816
"""Half a band of 80 % in standard deviations."""
BELL = np.array([NormalDist().inv_cdf(level) for level in QUANTILES])
TINY = 1e-300
AT_80 = tuple(QUANTILES.index(level) for level in (0.1, 0.9))


def grid(horizon: int) -> NDArray[np.int64]:
    """Steps at which the spread of sums is told: all near ones, then each seventh, and the last."""
    near = np.arange(1, min(horizon, 14) + 1)
    return np.unique(np.concatenate([near, np.arange(21, horizon, 7), [horizon]]))


def spread(found: Forecasts, steps: NDArray[np.int64]) -> Floats:
    """(n, q, k): quantiles of the sum about its middle, never sinking from one to the next. They
    come from whole paths of residuals; where there are none, from the bands. They are never nearer
    than if each step were off by itself, and never further than if all were off together."""
    # Series that were foretold together share their paths, and these quantiles.
    units: dict[int, Floats] = {}
    alone, together = _of_bands(found, steps)
    out = np.zeros((len(found.ids), len(QUANTILES), steps.size))
    for row, sums in enumerate(found.sums):
        if found.refusals[row]:
            continue
        if not len(sums):
            out[row] = BELL[:, None] * np.sqrt(alone[row] * together[row])
            continue
        if id(sums.paths) not in units:
            units[id(sums.paths)] = _edges(sums.paths[:, steps - 1], sums.count)
        told = units[id(sums.paths)] * sums.size
        half = np.maximum((told[AT_80[1]] - told[AT_80[0]]) / 2, TINY) / TO_SPREAD
        out[row] = told * np.clip(half, alone[row], together[row]) / half
    return out


def _of_bands(found: Forecasts, steps: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """(n, k) standard deviations of the sum by the bands of 80 %: were the steps off each by
    itself, and were all off together."""
    low, high = found.bounds[0.8]
    each = np.nan_to_num((high - low) / 2 / TO_SPREAD)
    alone = np.sqrt(np.cumsum(each**2, axis=1))[:, steps - 1]
    together = np.cumsum(each, axis=1)[:, steps - 1]
    return alone, together


def _edges(paths: Floats, count: float | None) -> Floats:
    """(q, k) from paths (p, k), of which `count` are independent."""
    rows = [[conformal.quantile(column, level, count) for column in paths.T] for level in QUANTILES]
    return np.maximum.accumulate(np.array(rows), axis=0)
