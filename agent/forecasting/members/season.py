"""The season of each series by the classical decomposition, and whether it has one."""

from __future__ import annotations

import numpy as np

from agent.forecasting.scaling import mean_of
from agent.forecasting.series import Floats

CRITICAL = 1.645
POOLED = 8
"""So many series together tell of a season of the panel."""
SURE = 4
"""Fewer values beyond the first of each phase tell nothing of chance: there a test says whether
there is a season at all."""


def seasonal_index(values: Floats, season: int, shared: bool = True) -> tuple[Floats, np.ndarray]:
    """(n, season) and (n,): the season, and whether it is multiplied (else added).

    What chance may have made of it is taken off, as James and Stein do: it is drawn towards none,
    or, where it is shared, towards the season of the whole panel if that is the nearer one.
    """
    times = np.where(np.isfinite(values), values, np.inf).min(axis=1, initial=np.inf) > 0
    neutral = np.where(times, 1.0, 0.0)[:, None]
    if season < 2 or values.shape[1] < 2 * season + 1:
        return np.repeat(neutral, max(season, 1), axis=1), times
    centre = centred(values, season)
    ratio = np.where(
        times[:, None], values / np.where(centre == 0, np.nan, centre), values - centre
    )
    folded = _folded(ratio, season)
    index = _middle(folded).reshape(-1, season)
    known = np.isfinite(index)
    index = np.where(known, index, neutral)
    mean = index.mean(axis=1, keepdims=True)
    index = np.where(times[:, None], index / np.maximum(mean, 1e-9), index - mean)
    size = np.where(times, 1.0, np.nan_to_num(mean_of(np.abs(values))))[:, None]
    size = np.where(size > 0, size, 1.0)
    noise, freedom = _noise(folded / np.repeat(size, season, axis=0), season)
    told = (freedom >= SURE) | _is_seasonal(values, season)
    found = np.where(known, (index - neutral) / size, np.nan)
    goal = _whole(found) if shared and len(found) >= POOLED else np.zeros_like(found)
    return neutral + _shrunk(found, np.where(told, noise, np.inf), goal) * size, times


def _folded(values: Floats, season: int) -> Floats:
    """(n * season, years): the values of each series and phase in a row of their own."""
    n, length = values.shape
    whole = np.full((n, -(-length // season) * season), np.nan)
    whole[:, :length] = values
    return whole.reshape(n, -1, season).transpose(0, 2, 1).reshape(n * season, -1)


def _noise(folded: Floats, season: int) -> tuple[Floats, np.ndarray]:
    """(n,) each: the variance of a phase's mean, and how many values more than one for each phase
    tell it."""
    count = np.isfinite(folded).sum(axis=1)
    off = np.nan_to_num((folded - mean_of(folded)[:, None]) ** 2).sum(axis=1)
    more = np.maximum(count - 1, 0).reshape(-1, season).sum(axis=1)
    often = np.maximum(count, 1).reshape(-1, season).mean(axis=1)
    return off.reshape(-1, season).sum(axis=1) / np.maximum(more, 1) / often, more


def _whole(found: Floats) -> Floats:
    """(n, season): the middle of the panel's where a series' own is nearer to it than to none."""
    panel = np.nanmedian(np.where(np.isfinite(found).any(axis=0), found, 0.0), axis=0)
    nearer = np.nansum((found - panel) ** 2, axis=1) < np.nansum(found**2, axis=1)
    return np.where(nearer[:, None], panel, 0.0)


def _shrunk(found: Floats, noise: Floats, goal: Floats) -> Floats:
    """(n, season): how far each phase is from none (NaN where not known), drawn towards the goal
    by the share of their distance that the noise (n,), infinite for all of it, explains."""
    season = found.shape[1]
    apart = np.where(np.isfinite(found), found, goal) - goal
    signal = np.maximum((apart**2).sum(axis=1) / (season - 1) - noise, 0.0)
    some = np.isfinite(noise)
    share = np.where(some, noise, 0.0) / np.maximum(np.where(some, noise + signal, 1.0), 1e-12)
    share = np.where(some, share * max(season - 3, 0) / (season - 1), 1.0)
    drawn: Floats = goal + (1 - share[:, None]) * apart
    return drawn


def _middle(values: Floats) -> Floats:
    """(n,): the mean without the extremes; NaN where nothing is known."""
    known = np.isfinite(values).sum(axis=1)
    ordered = np.sort(np.where(np.isfinite(values), values, np.inf), axis=1)
    cut = known // 5
    place = np.arange(values.shape[1])[None, :]
    inside = (place >= cut[:, None]) & (place < (known - cut)[:, None])
    return mean_of(np.where(inside, ordered, np.nan))


def centred(values: Floats, season: int) -> Floats:
    """(n, t): the mean of a whole season around each column; NaN where half of it is unknown."""
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    weights = np.ones(season + 1 - season % 2)
    if season % 2 == 0:
        weights[[0, -1]] = 0.5
    total = np.zeros_like(values)
    count = np.zeros_like(values)
    half = len(weights) // 2
    for shift, weight in zip(range(-half, half + 1), weights, strict=True):
        into, out = _overlap(values.shape[1], shift)
        total[:, into] += weight * filled[:, out]
        count[:, into] += weight * known[:, out]
    total[:, :half] = np.nan
    total[:, values.shape[1] - half :] = np.nan
    return np.where(count >= season / 2, total / np.maximum(count, 1e-9), np.nan)


def _overlap(size: int, shift: int) -> tuple[slice, slice]:
    if shift >= 0:
        return slice(0, size - shift), slice(shift, size)
    return slice(-shift, size), slice(0, size + shift)


def _is_seasonal(values: Floats, season: int) -> np.ndarray:
    """(n,): M4's test of the autocorrelation at one season, at 90 %."""
    flat = values - mean_of(values)[:, None]
    flat = np.where(np.isfinite(flat), flat, 0.0)
    power = np.maximum((flat**2).sum(axis=1), 1e-300)
    lags = [(flat[:, lag:] * flat[:, :-lag]).sum(axis=1) / power for lag in range(1, season + 1)]
    count = np.maximum(np.isfinite(values).sum(axis=1), 1)
    spread = np.sqrt((1 + 2 * np.sum(np.square(lags[:-1]), axis=0)) / count)
    found: np.ndarray = (np.abs(lags[-1]) > CRITICAL * spread) & (count >= 2 * season)
    return found
