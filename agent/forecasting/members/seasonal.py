"""The plain members: the last season again, and the usual season of late."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agent.forecasting.scaling import phase_mean
from agent.forecasting.series import Floats


def repeated(values: Floats, season: int, backs: Sequence[int], horizon: int) -> Floats:
    """(origins, n, horizon): the last known value of the same phase."""
    return _tiled(_filled(values, season), season, backs, horizon)


def usual(values: Floats, season: int, count: int, ask: tuple[Sequence[int], int]) -> Floats:
    """(origins, n, horizon): the mean of the last `count` values of the same phase."""
    return _tiled(_filled(phase_mean(values, season, count), season), season, *ask)


def _filled(values: Floats, season: int) -> Floats:
    """Every column, or the last known one of the same phase, or the last known one at all."""
    out = values.copy()
    for column in range(season, out.shape[1]):
        gap = ~np.isfinite(out[:, column])
        out[gap, column] = out[gap, column - season]
    for column in range(1, out.shape[1]):
        gap = ~np.isfinite(out[:, column])
        out[gap, column] = out[gap, column - 1]
    return np.nan_to_num(out)


def _tiled(values: Floats, season: int, backs: Sequence[int], horizon: int) -> Floats:
    out = np.empty((len(backs), len(values), horizon))
    steps = np.arange(horizon)
    for place, back in enumerate(backs):
        last = values.shape[1] - back
        span = min(season, last)
        columns = last - span + steps % span
        out[place] = values[:, columns]
    return out
