"""What the shop's own plans brought, taken out before models look, and put back on days to come.

Most members of a forecast look at no calendar: a sale of last year is an outlier to them, and the
one ahead is nothing. How a series moved with each kind of event is learnt as scenarios learn it:
logarithms against weekday, feasts and the events, all without their slow movement. What is not
clear is believed less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from agent.forecasting.calendar import EVENTS
from agent.forecasting.forecaster import Forecasts
from agent.forecasting.scaling import rolling_mean
from agent.forecasting.series import Floats, Panel, Step, moved

SLOW = 57
"""Days over which a level moves slowly; what is quicker is compared."""
LAG = 7
LEAST_DAYS = 60
SEEN = 4
"""Days of events from which they tell anything."""
ABOVE_ZERO = 0.8
"""Share of the days that must have had anything at all."""
CLEAR = 1.5
"""Standard errors from zero below which nothing is believed."""
MOST = 1.5
"""The logarithm of what a plan may multiply a day by."""


def taken_out(panel: Panel) -> tuple[Panel, Floats]:
    """The panel as it would have been without its planned events, and (n, t + h) by what the values
    are to be multiplied to have them again: 1 everywhere by other steps than days. What was taken
    out is no column any more."""
    n, length = panel.values.shape
    ahead = max((table.shape[1] for table in panel.known.values()), default=length)
    lift = np.ones((n, ahead))
    kinds = [kind for kind in EVENTS if kind in panel.known]
    if panel.step is not Step.DAY or not kinds:
        return panel, lift
    known = {name: np.array(table) for name, table in panel.known.items()}
    for row in range(n):
        own = {name: table[row] for name, table in panel.known.items()}
        for kind, slope in _learnt(panel.values[row], own, panel.ends[row]).items():
            # Nobody knows what a stronger one than ever would bring.
            column = np.minimum(own[kind], own[kind][:length].max())
            lift[row] *= np.exp(np.clip(slope * column, -MOST, MOST))
            known[kind][row] = 0.0
    values = panel.values / lift[:, :length]
    left = {name: table for name, table in known.items() if name not in kinds or table.any()}
    return replace(panel, values=values, known=left), lift


def put_back(found: Forecasts, lift: Floats) -> Forecasts:
    """With what the shop has planned for the days to come: `lift` (n, h or more) is theirs."""
    ahead = lift[:, : found.point.shape[1]]
    if (ahead == 1).all():
        return found
    bounds = {level: (low * ahead, high * ahead) for level, (low, high) in found.bounds.items()}
    return replace(found, point=found.point * ahead, bounds=bounds)


def _learnt(values: Floats, known: Mapping[str, Floats], end: np.datetime64) -> dict[str, float]:
    """Kind of event -> how much the logarithm rises with it, where that is clear."""
    length = values.size
    there = np.isfinite(values) & (values > 0)
    if there.sum() < max(LEAST_DAYS, ABOVE_ZERO * np.isfinite(values).sum()):
        return {}
    columns = {name: table[:length] for name, table in known.items()}
    seen = [kind for kind in EVENTS if (columns.get(kind, values * 0)[there] != 0).sum() >= SEEN]
    if not seen:
        return {}
    others = [table for name, table in columns.items() if name not in EVENTS and np.ptp(table) > 0]
    dates = moved(np.asarray([end]), Step.DAY, np.arange(1 - length, 1))
    beside = [*weekdays(dates), *others]
    rows = [quick(np.where(there, table, np.nan))[there] for table in
            (*(columns[kind] for kind in seen), *beside)]  # fmt: skip
    target = quick(np.where(there, np.log(np.where(there, values, 1.0)), np.nan))[there]
    slopes, errors = fitted(np.column_stack(rows), target, len(seen))
    found = {}
    for kind, slope, error in zip(seen, slopes.tolist(), errors.tolist(), strict=True):
        clear = abs(slope) / error if error > 0 else 0.0
        if clear > CLEAR:
            found[kind] = slope * (1 - 1 / clear**2)
    return found


def weekdays(dates: NDArray[np.datetime64]) -> list[Floats]:
    """A column (t,) for each day of the week but the last."""
    weekday = (dates.astype("datetime64[D]").astype(np.int64) + 3) % 7
    return [(weekday == one) * 1.0 for one in range(6)]


def quick(values: Floats) -> Floats:
    """Without the slow movement: a day against those around it."""
    half = SLOW // 2
    padded = np.concatenate([values, np.full(half, np.nan)])[None]
    found: Floats = values - rolling_mean(padded, SLOW)[0, half:]
    return found


def fitted(rows: Floats, target: Floats, first: int) -> tuple[Floats, Floats]:
    """The slopes of the first columns (t, c) and their standard errors, days hanging together over
    a week (Newey and West)."""
    pinned = np.linalg.pinv(rows.T @ rows)
    slopes = pinned @ rows.T @ target
    scores = rows * (target - rows @ slopes)[:, None]
    middle = scores.T @ scores
    for lag in range(1, LAG + 1):
        cross = scores[lag:].T @ scores[:-lag]
        middle += (1 - lag / (LAG + 1)) * (cross + cross.T)
    spread = pinned @ middle @ pinned * len(rows) / max(len(rows) - rows.shape[1], 1)
    errors = np.sqrt(np.maximum(np.diag(spread), 0.0))
    return slopes[:first], errors[:first]
