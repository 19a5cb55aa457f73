"""Days on which shops are shut in most countries that keep Sundays and Easter: a day without sales
there is no broken feed, whatever the series has shown before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agent.forecasting.feasts import easter
from agent.forecasting.series import Panel, Step, moved

FIXED = ("01-01", "01-06", "05-01", "11-01", "12-25", "12-26")
AFTER_EASTER = (-2, 0, 1, 39, 50, 60)
"""Good Friday, Easter, its Monday, Ascension, Whit Monday, Corpus Christi."""


def closings(panel: Panel) -> NDArray[np.bool_]:
    """(n, t): the columns of such days; nothing but days has them."""
    n, steps = panel.values.shape
    found = np.zeros((n, steps), bool)
    if panel.step is not Step.DAY or not steps:
        return found
    ends = panel.ends.astype("datetime64[D]")
    for end in np.unique(ends):
        dates = moved(np.full(steps, end), Step.DAY, np.arange(1 - steps, 1))
        found[ends == end] = np.isin(dates, _of_years(dates))
    return found


def _of_years(dates: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    first, last = (int(str(day)[:4]) for day in (dates[0], dates[-1]))
    days = [np.datetime64(f"{year}-{day}") for year in range(first, last + 1) for day in FIXED]
    for year in range(first, last + 1):
        days += [np.datetime64(easter(year)) + away for away in AFTER_EASTER]
    return np.array(days, dtype="datetime64[D]")
