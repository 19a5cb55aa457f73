"""Members on the season-free series: optimised Theta, smoothing with a damped trend, and nothing
but the last value."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from agent.forecasting.members.season import seasonal_index
from agent.forecasting.members.smoothing import Ask, smoothed
from agent.forecasting.scaling import begins, mean_of
from agent.forecasting.series import Floats

Line = Callable[[Floats, int], Floats]

ALPHAS = np.array([0.05, 0.12, 0.25, 0.4, 0.6, 0.85])
SHARES = np.array([0.0, 0.25, 0.5, 0.75])  # 1 - 1/theta; a half is the classic method
ALPHA, SHARE = (grid.ravel() for grid in np.meshgrid(ALPHAS, SHARES))


def theta(
    values: Floats, season: int, backs: Sequence[int], horizon: int, shared: bool = True
) -> Floats:
    """(origins, n, horizon): the mean of what the values and, above zero, their logarithms say.
    shared: whether the series are a panel, which has a season."""
    plain = _each(values, season, backs, horizon, shared)
    above = np.where(np.isfinite(values), values, np.inf).min(axis=1, initial=np.inf) > 1e-6
    if above.any():
        logged = _each(np.log(values[above]), season, backs, horizon, shared)
        plain[:, above] = (plain[:, above] + np.exp(np.clip(logged, -20, 20))) / 2
    return plain


def _each(values: Floats, season: int, backs: Sequence[int], horizon: int, shared: bool) -> Floats:
    return np.stack(
        [
            _one(values[:, : values.shape[1] - back], season, horizon, _smooth, shared)
            for back in backs
        ]
    )


def damped(
    values: Floats, season: int, backs: Sequence[int], horizon: int, shared: bool = True
) -> Floats:
    """(origins, n, horizon): damped trend on the season-free series."""
    ask = Ask((0,), horizon, 0)
    return np.stack(
        [
            _one(
                values[:, : values.shape[1] - back],
                season,
                horizon,
                lambda bare, _: smoothed(bare, 1, ask)[0],
                shared,
            )
            for back in backs
        ]
    )


def level(values: Floats, season: int, backs: Sequence[int], horizon: int) -> Floats:
    """(origins, n, horizon): the last value, free of season, in the season again."""
    return np.stack(
        [_one(values[:, : values.shape[1] - back], season, horizon, _last) for back in backs]
    )


def _last(bare: Floats, horizon: int) -> Floats:
    """(n, 1): the last known value; 0 where there is none."""
    place = np.argmax(np.isfinite(bare[:, ::-1]), axis=1)
    found: Floats = np.nan_to_num(bare[np.arange(len(bare)), bare.shape[1] - 1 - place])[:, None]
    return found


def _one(values: Floats, season: int, horizon: int, line_of: Line, shared: bool = True) -> Floats:
    index, times = seasonal_index(values, season, shared)
    phases = np.arange(values.shape[1] + horizon) % max(season, 1)
    inside, ahead = phases[: values.shape[1]], phases[values.shape[1] :]
    bare = np.where(
        times[:, None], values / np.maximum(index[:, inside], 1e-3), values - index[:, inside]
    )
    line = line_of(bare, horizon)
    return np.where(times[:, None], line * index[:, ahead], line + index[:, ahead])


def _slope(values: Floats) -> Floats:
    """(n,): the straight line's change a step."""
    time = np.arange(values.shape[1], dtype=float)[None, :]
    known = np.isfinite(values)
    time = time - mean_of(np.where(known, time, np.nan))[:, None]
    flat = np.where(known, values - mean_of(values)[:, None], 0.0)
    power = np.where(known, time**2, 0.0).sum(axis=1)
    found: Floats = np.nan_to_num((time * flat).sum(axis=1) / np.maximum(power, 1e-9))
    return found


def _smooth(values: Floats, horizon: int) -> Floats:
    """(n, horizon): simple smoothing with drift; parameters weighed by their errors."""
    last = values.shape[1]
    first = np.minimum(begins(values), last - 1)
    start = np.minimum(first[:, None] + np.arange(4), last - 1)
    level = np.nan_to_num(mean_of(np.take_along_axis(values, start, axis=1)))
    level = np.repeat(level[:, None], len(ALPHA), axis=1)
    drift = _slope(values)[:, None] * SHARE
    usual = np.nan_to_num(mean_of(np.abs(np.diff(values, axis=1))))[:, None]
    bound = 4 * np.maximum(usual, 1e-12)
    loss = np.zeros_like(level)
    for column in range(int(first.min(initial=last)), last):
        value = values[:, column : column + 1]
        live = np.isfinite(value)
        error = np.clip(np.where(live, value - level - drift, 0.0), -bound, bound)
        loss *= 0.998
        loss += error**2
        level += np.where(column >= first[:, None], drift, 0.0) + ALPHA * error
    count = np.isfinite(values).sum(axis=1, keepdims=True)
    best = loss.min(axis=1, keepdims=True)
    power = np.clip(count / 8, 1.0, 40.0)
    weight = (np.maximum(best, 1e-300) / np.maximum(loss, 1e-300)) ** power
    weight /= weight.sum(axis=1, keepdims=True)
    steps = np.arange(1, horizon + 1)
    found: Floats = (weight * level).sum(axis=1)[:, None] + (weight * drift).sum(axis=1)[
        :, None
    ] * steps
    return found
