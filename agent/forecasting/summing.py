"""How far sums over a horizon were off: whole paths of residuals, run up. Bands are never added."""

from __future__ import annotations

import numpy as np

from agent.forecasting.series import Floats

PATHS = 500
FURTHER = 1.0, 0.5, 1.5
"""The power of the steps by which sums of errors grow, where the past tells none, and its bounds:
a half where errors are independent, one where they are all the same, more where they grow too."""
STAND_IN, ENOUGH = (-2.13, -0.89, -0.38, 0.38, 0.89, 2.13), 20
"""Paths, in usual errors, that stand beside the residuals where fewer than so many are independent:
Student's curve of three degrees of freedom at 5, 20, 35 % and so on."""
TOGETHER = 0.5
"""How much of the steps' errors is left in their sum: they are partly the same, partly chance."""


def sums(units: Floats, growth: Floats, count: float) -> Floats:
    """(paths, horizon): running sums; beyond what is known of a path they grow as sums do.

    units   (origins, n, horizon): residuals in units of each series' usual error
    growth  (horizon,): that error by the step ahead
    count   how many paths are independent; beside few stand some as errors usually are
    """
    paths = units.reshape(-1, units.shape[2])
    paths = paths[np.isfinite(paths[:, 0])]
    if len(paths) > PATHS:
        paths = paths[np.linspace(0, len(paths) - 1, PATHS).astype(int)]
    usual = TOGETHER * np.array(STAND_IN)[:, None] * np.cumsum(growth)[None, :]
    if not len(paths):
        return usual
    reached = units.shape[2] - np.argmax(np.isfinite(paths[:, ::-1]), axis=1)
    total: Floats = np.cumsum(np.nan_to_num(paths), axis=1)
    steps = np.arange(1, units.shape[2] + 1)
    beyond = np.maximum(steps[None, :] / reached[:, None], 1.0)
    total = total * beyond ** _further(total, reached)
    if count >= ENOUGH:
        return total
    # Few tell how far sums are off, and not yet to which side.
    both = np.concatenate([total, -total])
    return np.concatenate([both, usual]) if len(total) < ENOUGH else both


def _further(total: Floats, reached: np.ndarray) -> float:
    """The power of the steps by which running sums (paths, horizon) grow, from what is known."""
    usual, least, most = FURTHER
    steps = np.arange(1, total.shape[1] + 1)
    known = steps[None, :] <= reached[:, None]
    count = known.sum(axis=0)
    size = np.where(known, np.abs(total), 0.0).sum(axis=0) / np.maximum(count, 1)
    seen = (count > 0) & (size > 0)
    if seen.sum() < 3:
        return usual
    slope = np.polyfit(np.log(steps[seen]), np.log(size[seen]), 1, w=np.sqrt(count[seen]))[0]
    return float(min(max(slope, least), most))
