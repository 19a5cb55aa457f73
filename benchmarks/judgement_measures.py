"""The measures by which competitions judge forecasts, from their published definitions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SURE = 1.645


def naive2(values: Floats, season: int, horizon: int) -> Floats:
    """(n, horizon): M4's Naive 2: the last value, free of season where a test at 90 % finds one."""
    return np.stack([_naive2(row[np.isfinite(row)], season, horizon) for row in values])


def _naive2(row: Floats, season: int, horizon: int) -> Floats:
    index = _index(row, season) if _seasonal(row, season) else np.ones(max(season, 1))
    count, last = len(row), index[(len(row) - 1) % len(index)]
    level = row[-1] / last if last > 1e-9 else row[-1]
    found: Floats = level * index[(count + np.arange(horizon)) % len(index)]
    return found


def _seasonal(row: Floats, season: int) -> bool:
    if season < 2 or len(row) < 3 * season:
        return False
    flat = row - row.mean()
    power = float((flat**2).sum()) or 1.0
    found = [float((flat[lag:] * flat[:-lag]).sum()) / power for lag in range(1, season + 1)]
    limit = SURE * np.sqrt((1 + 2 * np.sum(np.square(found[:-1]))) / len(row))
    return bool(abs(found[-1]) > limit)


def _index(row: Floats, season: int) -> Floats:
    weights = np.ones(season + 1 - season % 2)
    if season % 2 == 0:
        weights[[0, -1]] = 0.5
    centre = np.convolve(row, weights / weights.sum(), "valid")
    half = len(weights) // 2
    ratio = np.full(len(row), np.nan)
    ratio[half : len(row) - half] = row[half : len(row) - half] / np.where(centre, centre, np.nan)
    index = np.ones(season)
    for phase in range(season):
        part = ratio[phase::season]
        if np.isfinite(part).any():
            index[phase] = np.nanmean(part)
    found: Floats = index / max(index.mean(), 1e-9)
    return found


def scale(values: Floats, season: int) -> Floats:
    """(n,): the mean absolute change over a season, NaN where there is none."""
    found = np.nanmean(np.abs(values[:, season:] - values[:, :-season]), axis=1)
    return np.where(found > 0, found, np.nan)


def smape(forecast: Floats, truth: Floats) -> float:
    """In percent; two zeros agree."""
    size = np.abs(forecast) + np.abs(truth)
    off = np.where(size > 0, 200 * np.abs(forecast - truth) / np.where(size > 0, size, 1), 0.0)
    return float(np.nanmean(np.where(np.isfinite(truth), off, np.nan)))


def mase(forecast: Floats, truth: Floats, scales: Floats) -> float:
    return float(np.nanmean(np.nanmean(np.abs(forecast - truth), axis=1) / scales))


def owa(forecast: Floats, truth: Floats, plain: Floats, scales: Floats) -> float:
    """The overall weighted average of M4 against `plain`, which is Naive 2."""
    one = smape(forecast, truth) / smape(plain, truth)
    return (one + mase(forecast, truth, scales) / mase(plain, truth, scales)) / 2


def msis(
    bounds: tuple[Floats, Floats], truth: Floats, scales: Floats, level: float = 0.95
) -> float:
    """The mean scaled interval score: width, and 2 / (1 - level) of what lies outside."""
    low, high = bounds
    cost = 2 / (1 - level)
    score = high - low + cost * (np.maximum(low - truth, 0) + np.maximum(truth - high, 0))
    return float(np.nanmean(np.nanmean(score, axis=1) / scales))


def covered(bounds: tuple[Floats, Floats], truth: Floats) -> float:
    """The share of known values inside."""
    known = np.isfinite(truth)
    low, high = bounds
    return float(((truth >= low - 1e-9) & (truth <= high + 1e-9))[known].mean())
