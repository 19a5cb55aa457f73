"""The same days a year ago at today's level, half of it what smoothing says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from agent.forecasting.scaling import rolling_mean
from agent.forecasting.series import Floats, Step

YEAR: Mapping[Step, int] = MappingProxyType({Step.DAY: 364, Step.WEEK: 52})
"""Whole weeks: the same weekday. By month the season itself is the year."""
LEVEL: Mapping[Step, int] = MappingProxyType({Step.DAY: 28, Step.WEEK: 8})
MORE = 60
"""Columns beyond a year from which there is something to compare."""
MOST = 10.0


def last_year(values: Floats, step: Step, backs: Sequence[int], smooth: Floats) -> Floats | None:
    """(origins, n, horizon), or None where no year has been seen; `smooth`, of the same shape, is
    the other half, and the whole where a series has no value then.
    """
    year = YEAR.get(step, 0)
    if not year or values.shape[1] < year + MORE:
        return None
    window = LEVEL[step]
    level = rolling_mean(values, window, window // 2)
    steps = np.arange(smooth.shape[2])
    out = smooth.copy()
    for place, back in enumerate(backs):
        then = values.shape[1] - back - year
        if then < 1:
            continue
        now, was = level[:, then + year - 1], level[:, then - 1]
        above = (now > 0) & (was > 0)
        ratio = np.where(above, now / np.where(above, was, 1.0), np.nan)
        # Beyond a year ahead the same days of last year are not over yet.
        reach = steps[steps < year]
        again = values[:, then + reach] * np.minimum(ratio, MOST)[:, None]
        half = out[place][:, reach]
        out[place][:, reach] = np.where(np.isfinite(again), (again + half) / 2, half)
    return out
