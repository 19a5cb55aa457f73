"""Exponential smoothing with damped trend and season, for all series and many parameters at once.

One pass over time serves every origin: what is known at an origin is the state as it was then, and
its parameters are chosen by the errors made until then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from agent.forecasting.members.season import centred
from agent.forecasting.scaling import begins, mean_of
from agent.forecasting.series import Floats

ALPHAS = (0.02, 0.05, 0.1, 0.2, 0.35, 0.6)
TRENDS = ((0.0, 1.0), (0.02, 0.98), (0.06, 0.95))
GAMMAS = (0.0, 0.05, 0.15, 0.3)
CLIP = 3.5
"""An error beyond so many of its usual sizes moves the state no further: outliers are softened, and
a new level is still learnt, step by step."""
CHUNK = 128
SPANS = 3
SHARPNESS = 0.25
FAR = 13


@dataclass(frozen=True)
class Grid:
    """Parameters side by side, each (g,): of level, trend, damping, season, whether seasonal."""

    alpha: Floats
    beta: Floats
    phi: Floats
    gamma: Floats
    seasonal: Floats


def grid_of(season: int) -> Grid:
    """The combinations that are tried."""
    made = [(a, b * a, p, 0.0, 0.0) for a, (b, p) in product(ALPHAS, TRENDS)]
    if season > 1:
        gammas = GAMMAS if season <= 24 else GAMMAS[::2]
        made += [
            (a, b * a, p, g * (1 - a), 1.0) for a, (b, p), g in product(ALPHAS, TRENDS, gammas)
        ]
    return Grid(*(np.array(column) for column in zip(*made, strict=True)))


@dataclass(frozen=True)
class Ask:
    """From how many steps back, how far, and the first `honest` steps back that must not have shown
    anything later to the first states."""

    backs: Sequence[int]
    horizon: int
    honest: int


def smoothed(values: Floats, season: int, ask: Ask) -> Floats:
    """(origins, n, horizon): forecasts from `ask.backs` steps before the last column."""
    grid = grid_of(season)
    out = np.empty((len(ask.backs), len(values), ask.horizon))
    for first in range(0, len(values), CHUNK):
        rows = slice(first, first + CHUNK)
        out[:, rows] = _pass(values[rows], season, ask, grid)
    return out


@dataclass
class _State:
    level: Floats  # (n, g)
    trend: Floats
    season: Floats  # (m, n, g)
    usual: Floats  # the usual size of an error
    loss: Floats
    seen: Floats


def _start(values: Floats, season: int, grid: Grid, until: int) -> _State:
    """First states, from each series' first seasons, and two at least of what is before `until`."""
    n, size = len(values), len(grid.alpha)
    spans = max(season, 4) * (SPANS if season <= 24 else 2)
    spans = min(spans, values.shape[1])
    first = np.minimum(begins(values), values.shape[1] - 1)
    columns = np.minimum(first[:, None] + np.arange(spans), values.shape[1] - 1)
    head = np.take_along_axis(values, columns, axis=1)
    late = (columns >= until) & (np.arange(spans) >= 2 * max(season, 4))
    head = np.where(late, np.nan, head)
    seasons = _first_season(head, columns, season)
    bare = head - np.take_along_axis(seasons, columns % season, axis=1)
    near = max(season, 4)
    level = np.nan_to_num(mean_of(bare[:, :near]))
    slope = np.zeros(n)
    if spans >= 2 * near:
        later = mean_of(bare[:, near : 2 * near])
        slope = 0.5 * np.nan_to_num(later - level) / near
    level -= slope * (min(near, spans) - 1) / 2
    usual = np.nan_to_num(
        mean_of(np.abs(bare - level[:, None] - slope[:, None] * np.arange(spans)))
    )
    usual = np.maximum(usual, 1e-9 + 0.01 * np.abs(level))
    wide = np.ones((1, size))
    return _State(
        level[:, None] * wide,
        slope[:, None] * (grid.beta > 0)[None, :],
        seasons.T[:, :, None] * grid.seasonal,
        usual[:, None] * wide,
        np.zeros((n, size)),
        np.zeros((n, 1)),
    )


def _first_season(head: Floats, columns: np.ndarray, season: int) -> Floats:
    """(n, season): each phase's mean distance from the line through the first seasons."""
    n, spans = head.shape
    seasons = np.zeros((n, season))
    if season < 2 or spans < season:
        return seasons
    flat = head - mean_of(head)[:, None]
    if spans >= 2 * season:
        flat = head - centred(head, season)
        if spans < 3 * season:
            near = mean_of(head[:, :season]), mean_of(head[:, season : 2 * season])
            rise = np.nan_to_num(near[1] - near[0]) / season
            flat = head - np.nan_to_num(near[0])[:, None]
            flat -= rise[:, None] * (np.arange(spans) - (season - 1) / 2)
    for phase in range(season):
        here = (columns % season) == phase
        seasons[:, phase] = np.nan_to_num(mean_of(np.where(here, flat, np.nan)))
    found: Floats = seasons - seasons.mean(axis=1, keepdims=True)
    return found


def _pass(values: Floats, season: int, ask: Ask, grid: Grid) -> Floats:
    """Filter the series once, and foretell from every origin on the way."""
    backs, horizon = ask.backs, ask.horizon
    last = values.shape[1]
    out = np.zeros((len(backs), len(values), horizon))
    first = begins(values)
    state = _start(values, season, grid, last - ask.honest)
    reach = max(min(season if season > 1 else 4, horizon, FAR), 1)
    ring = np.full((reach, *state.level.shape), np.nan)
    damped = _damped(grid.phi, reach)[-1]
    stops = {last - back: place for place, back in enumerate(backs)}
    for column in range(int(np.min(first, initial=last)), last + 1):
        if column in stops:
            out[stops[column]] = _ahead(state, grid, column, horizon)
        if column < last:
            _learn(state, grid, (values[:, column], first <= column, column), (ring, damped))
    return out


def _learn(
    state: _State,
    grid: Grid,
    now: tuple[Floats, np.ndarray, int],
    far: tuple[Floats, Floats],
) -> None:
    """Take one column in."""
    (value, begun, column), (ring, damped) = now, far
    live = np.isfinite(value)
    phase = state.season[column % len(state.season)]
    drift = grid.phi * state.trend
    error = np.where(live[:, None], value[:, None] - state.level - drift - phase, 0.0)
    place = column % len(ring)
    distant = np.where(live[:, None], value[:, None] - ring[place] - phase, 0.0)
    known = np.isfinite(distant)
    bound = CLIP * state.usual
    np.clip(error, -bound, bound, out=error)
    distant = np.clip(np.where(known, distant, 0.0), -2 * bound, 2 * bound)
    state.loss *= 0.995
    state.loss += np.abs(error) + np.abs(distant)
    state.seen = state.seen * 0.995 + live[:, None]
    state.usual += np.where(live[:, None], 0.05 * (np.abs(error) * 1.25 - state.usual), 0.0)
    state.level += np.where(begun[:, None], drift, 0.0) + grid.alpha * error
    state.trend = np.where(begun[:, None], drift, state.trend) + grid.beta * error
    phase += grid.gamma * error
    ring[place] = np.where(begun[:, None], state.level + damped * state.trend, np.nan)


def _damped(phi: Floats, horizon: int) -> Floats:
    """(horizon, g): how many steps of today's trend are walked until each step ahead."""
    return np.cumsum(phi[None, :] ** np.arange(1, horizon + 1)[:, None], axis=0)


def _ahead(state: _State, grid: Grid, column: int, horizon: int) -> Floats:
    """(n, horizon): each parameter's forecast, weighed by how well it did."""
    best = state.loss.min(axis=1, keepdims=True)
    power = np.clip(SHARPNESS * state.seen, 1.0, 40.0)
    weight = (np.maximum(best, 1e-300) / np.maximum(state.loss, 1e-300)) ** power
    weight /= weight.sum(axis=1, keepdims=True)
    walked = _damped(grid.phi, horizon)
    level = (weight * state.level).sum(axis=1)
    trend = (weight * state.trend) @ walked.T
    phases = (column + np.arange(horizon)) % len(state.season)
    season = np.einsum("mng,ng->nm", state.season, weight)
    found: Floats = level[:, None] + trend + season[:, phases]
    return found
