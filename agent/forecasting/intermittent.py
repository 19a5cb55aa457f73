"""Series that are often zero: a small number between nothing and a sale is neither."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agent.forecasting.scaling import mean_of
from agent.forecasting.series import Floats

LATE = 13
"""So many seasons tell whether a series is often zero, and how large a sale is."""
OFTEN = 0.1
PART = 0.3
"""Below this share of the usual sale zero is nearer to what comes, in both error measures."""


def settled(paths: Floats, values: Floats, season: int, backs: Sequence[int]) -> Floats:
    """Forecasts (origins, n, horizon) with what is nearer to nothing than to a sale put to zero.

    values  (n, t) without closed days; only those before each origin are looked at
    """
    out = paths.copy()
    for place, back in enumerate(backs):
        last = values.shape[1] - back
        late = values[:, max(last - LATE * max(season, 4), 0) : last]
        zeros = np.nan_to_num(mean_of(np.where(np.isfinite(late), late == 0, np.nan)))
        sale = _middle(np.where(late > 0, late, np.nan))
        often = (zeros >= OFTEN) & ~(late < 0).any(axis=1)
        small = often[:, None] & (paths[place] < PART * sale[:, None])
        out[place] = np.where(small, 0.0, out[place])
    return out


def _middle(values: Floats) -> Floats:
    """(n,): the median of what is known; 0 where nothing is."""
    known = np.isfinite(values).sum(axis=1)
    ordered = np.sort(np.where(np.isfinite(values), values, np.inf), axis=1)
    place = np.maximum(known - 1, 0) // 2
    found = ordered[np.arange(len(values)), place] if values.shape[1] else np.zeros(len(values))
    return np.where(known > 0, found, 0.0)
