"""Weekdays (or hours) on which a shop is closed: facts of the calendar, not of demand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agent.forecasting.scaling import phase_mean, rolling_mean
from agent.forecasting.series import Floats, Panel, Step

Flags = NDArray[np.bool_]
MANY, MOST = 10, 0.6
SEEN = 10
"""So many of the same weekday are looked back upon; a new rhythm is learnt within two of three."""
SHARE = 0.9
CLOSED = 0.6
"""No more of the phases than this can be closed: a night has fourteen hours at most."""
ALIVE = 0.5
"""Where the other days too are mostly empty the series is intermittent, and no day is closed."""


def closed_days(panel: Panel) -> tuple[Flags, Flags]:
    """(n, t): whether each column is a closed day by what was known before it and is empty itself;
    (n, t + 1, season): seen from before each column, whether a phase of the calendar is closed.
    """
    n, last = panel.values.shape
    season = panel.season
    if panel.step not in (Step.DAY, Step.HOUR) or season < 2 or last < 4 * season:
        return np.zeros((n, last), bool), np.zeros((n, last + 1, max(season, 1)), bool)
    values = panel.values
    begun = np.cumsum(np.isfinite(values), axis=1) > 0
    empty = np.where(begun, (values == 0) | ~np.isfinite(values), np.nan)
    share = phase_mean(empty, season, SEEN)
    all_empty = rolling_mean(empty, SEEN * season)
    enough = np.cumsum(begun, axis=1) >= 4 * season
    # Empty phases themselves must not make the rest look dead.
    dead = np.nan_to_num(all_empty, nan=1.0)
    by_phase = np.zeros((n, last + 1, season), bool)
    for phase in range(season):
        latest = np.arange(last) - (np.arange(last) - phase) % season
        seen = np.where(latest >= 0, share[:, np.maximum(latest, 0)], np.nan)
        by_phase[:, 1:, phase] = (seen >= SHARE) & enough
    others = _others(dead, by_phase[:, 1:], season)
    most = by_phase[:, 1:].sum(axis=2) <= CLOSED * season
    by_phase[:, 1:] &= (most & (others < ALIVE))[:, :, None]
    before = by_phase[:, np.arange(last), np.arange(last) % season]
    return before & (empty == 1), by_phase


def _others(dead: Floats, by_phase: Flags, season: int) -> Floats:
    """The share of empty days among the phases that are not closed."""
    count = by_phase.sum(axis=2)
    found: Floats = (dead * season - count) / np.maximum(season - count, 1)
    return found


def stood_still(panel: Panel, by_phase: Flags) -> Flags:
    """(n, t): empty days on which most of the panel was empty though open by its calendar: a
    holiday or a dead feed, which tells nothing of demand.

    Only of many series, and only where no column known ahead could explain the day.
    """
    values = panel.values
    none = np.zeros(values.shape, bool)
    if panel.step is not Step.DAY or len(values) < MANY or panel.known:
        return none
    last = values.shape[1]
    shut = by_phase[:, np.arange(last), np.arange(last) % by_phase.shape[2]]
    busy = np.nan_to_num(rolling_mean(np.where(shut, np.nan, values == 0), 8 * panel.season)) < 0.2
    asked = np.isfinite(values) & ~shut & busy
    empty = asked & (values == 0)
    count = asked.sum(axis=0)
    still = (count >= MANY) & (empty.sum(axis=0) >= MOST * np.maximum(count, 1))
    found: Flags = (values == 0) & still[None, :] & ~shut
    return found
