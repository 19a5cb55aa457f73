"""Members beside the smoothing: the trees do not see them, and each is the better one somewhere."""

from __future__ import annotations

import numpy as np

from agent.forecasting.history import History, unseasoned
from agent.forecasting.members.lagged import lagged
from agent.forecasting.members.last_year import last_year
from agent.forecasting.members.theta import level
from agent.forecasting.series import Floats, Step


def besides(history: History, backs: tuple[int, ...], smooth: Floats) -> dict[str, Floats]:
    """Name -> (origins, n, horizon); `smooth`, of that shape, stands in where one has no answer."""
    values, season = history.open, max(history.panel.season, 1)
    step, horizon = history.panel.step, smooth.shape[2]
    found: dict[str, Floats | None] = {"year": last_year(values, step, backs, smooth)}
    if step in (Step.MONTH, Step.WEEK):
        blind = unseasoned(history, backs)[:, None, None]
        found["level"] = np.where(blind, np.nan, level(values, season, backs, horizon))
        found["lagged"] = lagged(values, season, step, (backs, horizon))
    return {
        name: np.where(np.isfinite(paths), paths, smooth)
        for name, paths in found.items()
        if paths is not None
    }
