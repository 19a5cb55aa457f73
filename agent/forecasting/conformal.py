"""How far forecasts were off at the origins of the past, as bands and as paths of sums.

Residuals are of forecasts that did not know the outcome. Each is put in units of its series' usual
error, reckoned without its own origin, and of the usual growth with the steps ahead; then the
panel's residuals tell the quantiles, by thirds of the horizon.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma, pi, sqrt
from statistics import NormalDist

import numpy as np

from agent.forecasting.series import Floats, Step
from agent.forecasting.summing import sums

LEVELS = (0.5, 0.8, 0.95)
EDGES = tuple(sorted({side for level in LEVELS for side in (0.5 - level / 2, 0.5 + level / 2)}))
OWN = 15.0
"""A series' own error counts as much as the panel's after so many independent residuals."""
AGED = 0.85
"""What an origin counts against the one after it in a series' usual error."""
ROOTS = (0.0, 0.25, 0.5)
DOUBT = 3.0
"""A root must be better by so much likelihood, over the number of independent paths."""
PRIOR = 40.0
"""The bell curve counts as much as the residuals seen once there are so many of them."""
TAILS = 3.0
"""Degrees of freedom of that curve: errors have heavier tails than the normal one."""
FREE = 3.0
"""A path of residuals is worth so many: by thirds of the horizon it changes its mind."""
LOW, HIGH = 0.2, 5.0
"""Levels beyond these, in units of the mean of all history, count as these."""
SURE, MOST = 10.0, 0.7
"""So many independent paths outweigh that; errors do not grow faster than by this power."""
THIRD = 20.0
"""A third of the horizon stands for itself once it has so many independent paths."""


@dataclass(frozen=True)
class Habit:
    """What errors do where the past tells little. rise: they grow by this power of the step ahead;
    swell: and by this power of the forecast's level, in units of the mean of all history."""

    rise: float = 0.15
    swell: float = 0.0


DAILY = Habit()
WEEKLY = Habit(0.5)
MONTHLY = Habit(0.5, 0.6)
"""Months go back far enough for a series to have grown, and its errors with it."""


def habit_of(step: Step) -> Habit:
    """What suits series of this step."""
    return {Step.MONTH: MONTHLY, Step.WEEK: WEEKLY}.get(step, DAILY)


@dataclass(frozen=True)
class Errors:
    """What the past tells: size (n,) usual error of each series one step ahead; root: how errors
    grow with the forecast's size within its path, swell: and with its level; edges: (quantiles,
    horizon) in units of the usual error; sums: (paths, horizon) running sums of residual paths in
    the same units; count: how many of them are independent."""

    size: Floats
    root: float
    swell: float
    edges: Floats
    sums: Floats
    count: float


def errors_of(forecast: Floats, truth: Floats, scale: Floats, habit: Habit = DAILY) -> Errors:
    """Learn from forecasts (origins, n, horizon) of the past and what came; scale (n,)."""
    off = (truth - forecast) / swollen(forecast, habit.swell)[:, :, None]
    alone = independent(off / scale[None, :, None])
    root = _root(forecast, off, scale, alone)
    grown = off / relative(forecast, root)
    growth = _growth(grown / scale[None, :, None], alone, habit.rise)
    even = grown / growth
    size = _sizes(even, scale, np.ones(len(off), bool))
    units = np.full_like(even, np.nan)
    for origin in range(len(off)):
        others = np.arange(len(off)) != origin
        held = _sizes(even, scale, others) if others.any() else size
        units[origin] = even[origin] / held[:, None]
    count = independent(units)
    edges = _edges(units, count) * growth
    return Errors(size, root, habit.swell, edges, sums(units * growth, growth, count), count)


def swollen(forecast: Floats, swell: float) -> Floats:
    """(..., n): the level of forecasts (..., n, horizon) to a power."""
    found: Floats = np.clip(np.abs(forecast).mean(axis=-1), LOW, HIGH) ** swell
    return found


def relative(forecast: Floats, root: float) -> Floats:
    """The size of each step's forecast against its path's mean, to a power."""
    level = np.abs(forecast).mean(axis=-1, keepdims=True)
    share = np.abs(forecast) / np.where(level > 0, level, 1.0)
    found: Floats = np.maximum(share, 0.05) ** root
    return found


def bands(errors: Errors, forecast: Floats) -> dict[float, tuple[Floats, Floats]]:
    """level -> lower and upper bound, each (n, horizon)."""
    size = errors.size * swollen(forecast, errors.swell)
    unit = size[:, None] * relative(forecast, errors.root)
    out = {}
    for level in LEVELS:
        low = errors.edges[EDGES.index(0.5 - level / 2)]
        high = errors.edges[EDGES.index(0.5 + level / 2)]
        out[level] = (forecast + np.minimum(low, 0) * unit, forecast + np.maximum(high, 0) * unit)
    return out


def inside(bounds: tuple[Floats, Floats], truth: Floats) -> Floats:
    """(n,): the share of known values within the bounds; NaN where none is known."""
    known = np.isfinite(truth)
    hit = known & (truth >= bounds[0] - 1e-9) & (truth <= bounds[1] + 1e-9)
    count = known.sum(axis=(0, 2))
    return np.where(count > 0, hit.sum(axis=(0, 2)) / np.maximum(count, 1), np.nan)


def quantile(sample: Floats, level: float, count: float | None = None) -> float:
    """A quantile of residuals: the further out the fewer they are, and with a bell curve's beside
    it. `count` is how many are independent, all of them without it."""
    known = sample[np.isfinite(sample)]
    if not len(known):
        return NormalDist(0, 1.5).inv_cdf(level)
    count = min(count or len(known), len(known))
    free = min(FREE * count, len(known))
    reach = np.clip(0.5 + (level - 0.5) * (free + 1) / free, 0.0, 1.0)
    found = float(np.quantile(known, reach))
    # The bell's spread from absolute errors: one bad window must not widen all.
    usual = float(np.mean(np.abs(known))) * (1 + 1 / count)
    bell = usual * _bell(level)
    return (count * found + PRIOR * bell) / (count + PRIOR)


def _bell(level: float) -> float:
    """The quantile of Student's curve whose mean absolute value is one."""
    z = NormalDist().inv_cdf(level)
    edge = z + (z**3 + z) / (4 * TAILS) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * TAILS**2)
    mean = 2 * sqrt(TAILS / pi) * exp(lgamma((TAILS + 1) / 2) - lgamma(TAILS / 2)) / (TAILS - 1)
    return edge / mean


def independent(units: Floats) -> float:
    """How many paths (origins, n, horizon) are independent. Series that miss together (a promotion
    for all, a feast) are hardly more than one: by the share of their errors that is common."""
    known = np.isfinite(units)
    count = known.sum(axis=2)
    mean = np.where(known, units, 0.0).sum(axis=2) / np.maximum(count, 1)
    series = (count > 0).sum(axis=1)
    mean, series, seen = mean[series > 0], series[series > 0], count[series > 0] > 0
    if not len(series):
        return 1.0
    power = float((mean[seen] ** 2).mean())
    if series.max() < 2 or power <= 0:
        return float(series.sum())
    together = np.where(seen, mean, 0.0).sum(axis=1) / series
    weight = series / series.sum()
    chance = float((weight / series).sum())
    common = (float((weight * together**2).sum()) / power - chance) / max(1 - chance, 1e-9)
    common = min(max(common, 0.0), 1.0)
    return max(float((series / (1 + (series - 1) * common)).sum()), 1.0)


def _root(forecast: Floats, off: Floats, scale: Floats, alone: float) -> float:
    """The power of the forecast's size that errors go with: of Laplace's likelihood the best."""
    best, chosen = np.inf, 0.0
    for root in ROOTS:
        grown = relative(forecast, root)
        part = np.abs(off) / grown / scale[None, :, None]
        known = np.isfinite(part)
        if not known.any():
            return 0.0
        count = known.sum(axis=(0, 2))
        mean = np.where(known, part, 0).sum(axis=(0, 2)) / np.maximum(count, 1) + 1e-9
        loss = np.where(known, np.log(mean)[None, :, None] + np.log(grown), 0).sum() / known.sum()
        loss += DOUBT * root / alone
        if loss < best - 1e-9:
            best, chosen = loss, root
    return chosen


def _growth(units: Floats, alone: float, rise: float) -> Floats:
    """(horizon,): the usual error by the step ahead, one at the first: a power of the step, from
    what is known, else `rise`. Steps that no origin reached follow it too."""
    steps = np.arange(1.0, units.shape[2] + 1)
    size = np.abs(units)
    known = np.isfinite(size)
    count = known.sum(axis=(0, 1))
    if not count.any():
        return np.asarray(steps**rise)
    size = np.minimum(size, np.quantile(size[known], 0.99))
    mean = np.where(known, size, 0.0).sum(axis=(0, 1)) / np.maximum(count, 1)
    seen = mean > 0
    if seen.sum() < 2:
        return np.asarray(steps**rise)
    weight = count[seen] / count.max() * alone
    x, y = np.log(steps[seen]), np.log(mean[seen])
    x, flat = x - (weight * x).sum() / weight.sum(), y - (weight * y).sum() / weight.sum()
    prior = SURE * float(((x - x.mean()) ** 2).sum())
    power = (float((weight * x * flat).sum()) + prior * rise) / (
        float((weight * x**2).sum()) + prior
    )
    return np.asarray(steps ** min(max(power, 0.0), MOST))


def _sizes(off: Floats, scale: Floats, origins: np.ndarray) -> Floats:
    """(n,): each series' usual error over these origins, shrunk towards the panel's share of the
    scale."""
    part = np.abs(off[origins]) / scale[None, :, None]
    known = np.isfinite(part)
    age = (AGED ** np.flatnonzero(origins))[:, None, None]
    count = known.sum(axis=(0, 2))
    weight = np.where(count > 0, (known * age).sum(axis=(0, 2)), 1.0)
    mean = np.where(known, part * age, 0.0).sum(axis=(0, 2)) / weight
    seen = count > 0
    if not seen.any():
        return scale
    middle = max(float(np.median(mean[seen])), 1e-6)
    worth = _effective(count, off.shape[2])
    share = worth / (worth + OWN)
    log = share * np.log(np.maximum(mean, 0.05 * middle)) + (1 - share) * np.log(middle)
    found: Floats = np.exp(log) * scale
    return found


def _effective(count: np.ndarray, horizon: int) -> np.ndarray:
    """Residuals of one path hang together: a third of them count."""
    return count / max(min(3.0, horizon), 1.0)


def _edges(units: Floats, count: float) -> Floats:
    """(quantiles, horizon): by thirds of the horizon, shrunk towards the whole of it, and between
    their middles on a line."""
    horizon = units.shape[2]
    blocks = np.array_split(np.arange(horizon), min(3, horizon))
    middles = [float(block.mean()) for block in blocks]
    paths = max(np.isfinite(units).any(axis=2).sum(), 1)
    rows = []
    for edge in EDGES:
        whole = quantile(units, edge, count)
        found = []
        for block in blocks:
            part = units[:, :, block]
            have = np.isfinite(part).any(axis=2).sum() / paths * count
            own = quantile(part, edge, max(have, 1.0)) if have > 0 else whole
            found.append((have * own + THIRD * whole) / (have + THIRD))
        rows.append(np.interp(np.arange(horizon), middles, found))
    return np.stack(rows)
