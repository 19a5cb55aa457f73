"""Parts that add up to their whole: minimum trace with diagonal weights.

Each series was foretold by itself, so parts rarely add up. Of all changes that make them add up,
this one is the smallest when a change is weighed by how uncertain its series is (Wickramasuriya,
Athanasopoulos and Hyndman 2019, with a diagonal matrix). A series with a variance of zero is held:
the whole is, so that it is one and the same figure with and without its parts.
"""

from __future__ import annotations

import numpy as np

from agent.forecasting.series import Floats

NARROWEST, WIDEST = 0.7, 1.3


def reconciled(base: Floats, sums: Floats, variance: Floats) -> Floats:
    """The nearest forecasts (n, h) to `base` (n, h) for which `sums @ forecasts` is zero.

    sums (c, n) holds one row a rule: 1 for the whole, -1 for each of its parts. variance (n, h) is
    not negative. A rule all of whose series are held stays as it is.
    """
    weighed = variance.T[:, :, None] * sums.T[None]  # (h, n, c)
    gap = (sums @ base).T[:, :, None]
    inner = sums[None] @ weighed
    # A rule that nothing can be moved for has no inverse.
    loose = np.einsum("hcc->hc", inner) <= 0
    inner[loose[:, :, None] & np.eye(len(sums), dtype=bool)[None]] = 1.0
    moved = weighed @ np.linalg.solve(inner, gap)
    found: Floats = base - moved[:, :, 0].T
    return found


def parts_to_whole(whole: Floats, parts: Floats, spread: Floats) -> Floats:
    """Parts (m, h) that add up to the whole (h,), which stays; spread (m, h) their usual error.

    Where no part was negative, none becomes so: what is cut off, the others give up by their size.
    """
    rule = np.concatenate([[1.0], -np.ones(len(parts))])[None]
    size = np.maximum(spread, 1e-9 * (1 + np.abs(parts)))
    variance = np.vstack([np.zeros_like(whole), size**2])
    moved = reconciled(np.vstack([whole, parts]), rule, variance)[1:]
    plain = (parts >= 0).all(axis=0) & (whole >= 0)
    positive = np.maximum(moved, 0.0)
    total = positive.sum(axis=0)
    scaled = positive * (whole / np.where(total > 0, total, 1.0))
    return np.where(plain & (total > 0), scaled, moved)


def narrowed(whole: Floats, spread: Floats) -> Floats:
    """(m, h): by how much each part's band changes. It loses of its own error, and takes over of
    the whole's (h,) and the other parts'."""
    variance = np.maximum(spread, 1e-12) ** 2
    every = variance.sum(axis=0)
    share = variance / every
    own = (1 - share) ** 2 * variance + share**2 * (whole**2 + every - variance)
    found: Floats = np.clip(np.sqrt(own / variance), NARROWEST, WIDEST)
    return found
