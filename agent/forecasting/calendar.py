"""What is known ahead of every day: the columns that forecasts and expected ranges look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from agent.forecasting import feasts
from agent.forecasting.series import Floats, Step, moved
from agent.records.events import Event

Days = NDArray[np.datetime64]
RUN_UP = 28
"""Days over which shops feel that Christmas comes."""
EVENTS: Mapping[str, str] = {
    "promotion": "discount",
    "campaign": "spend",
    "price": "price",
    "stock": "share",
    "closure": "share",
    "shipping": "share",
}
"""Kind of event that can be known ahead -> the effect that says how strong it is."""
UNPLANNED = ("outage", "expected")
"""Kinds that say nothing of what comes: their days are left out of training."""
STRONGEST = 10.0
"""Times the usual that a day's spend counts at most."""
Part = Mapping[str, tuple[str, ...]]
"""What of a shop a series is of: dimension -> its values there; empty for all of it."""


def days_of(ends: np.datetime64, step: Step, back: int, ahead: int) -> Days:
    """The first day of `back` steps up to the one at `ends`, and of `ahead` more."""
    return moved(np.asarray([ends]), step, np.arange(1 - back, ahead + 1))


def known(
    dates: Days, step: Step, countries: Mapping[str, float], events: Iterable[Event] = ()
) -> dict[str, Floats]:
    """Column name -> (t,), for every step that begins at `dates`.

    `countries` maps a country to its share of the orders: a holiday of half the customers counts
    half. A week or a month has the mean over its days, so all columns lie between -1 and 1 by and
    large.
    """
    if step is Step.NUMBER or not dates.size:
        return {}
    days = dates.astype("datetime64[D]")
    every, place = _every_day(days, step)
    columns = {
        **_holidays(every, countries),
        **_seasons(every, countries),
        **_planned(every, events),
    }
    return {name: _folded(column, place, days.size) for name, column in columns.items()}


def touching(events: Iterable[Event], part: Part) -> tuple[Event, ...]:
    """The events that speak of this part of a shop. What is planned for Germany moves the whole and
    whatever lies across it, but not France; what was odd about Germany is odd of it alone."""
    return tuple(event for event in events if _touches(event, part))


def _touches(event: Event, part: Part) -> bool:
    if event.kind in UNPLANNED:
        return all(part.get(name) == (value,) for name, value in event.part.items())
    return all(value in part.get(name, (value,)) for name, value in event.part.items())


def left_out(dates: Days, step: Step, events: Iterable[Event]) -> NDArray[np.bool_]:
    """Which steps hold days that say nothing of what comes: outages, what people marked."""
    days = dates.astype("datetime64[D]")
    every, place = _every_day(days, step)
    out = np.zeros(every.size)
    for event in events:
        if event.kind in UNPLANNED:
            out[_during(every, event.first, event.last)] = 1.0
    return _folded(out, place, days.size) > 0


def _every_day(days: Days, step: Step) -> tuple[Days, NDArray[np.intp]]:
    """All days of all steps, and the place of the step that each belongs to."""
    if step in (Step.DAY, Step.HOUR):
        return days, np.arange(days.size)
    ends = (
        (days.astype("datetime64[M]") + 1).astype("datetime64[D]")
        if step is Step.MONTH
        else days + 7
    )
    lengths = (ends - days).astype(np.int64)
    place = np.repeat(np.arange(days.size), lengths)
    within = np.arange(place.size) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return days[place] + within, place


def _folded(column: Floats, place: NDArray[np.intp], steps: int) -> Floats:
    counts = np.bincount(place, minlength=steps)
    return np.asarray(np.bincount(place, weights=column, minlength=steps) / counts)


def _during(every: Days, first: date, last: date) -> NDArray[np.bool_]:
    return (every >= np.datetime64(first)) & (every <= np.datetime64(last))


def _holidays(every: Days, countries: Mapping[str, float]) -> dict[str, Floats]:
    """Public holidays with the days before and after them, by the share of who has them."""
    columns = {name: np.zeros(every.size) for name in ("holiday", "holiday_eve", "holiday_after")}
    for country, share in countries.items():
        found = [f.day for y in _years(every) for f in feasts.public_holidays(country, y)]
        off = np.array(sorted(found), dtype="datetime64[D]")
        columns["holiday"] += share * np.isin(every, off)
        columns["holiday_eve"] += share * np.isin(every, off - 1)
        columns["holiday_after"] += share * np.isin(every, off + 1)
    return columns


def _seasons(every: Days, countries: Mapping[str, float]) -> dict[str, Floats]:
    """Feasts that move or grow towards their day: within -1 and 1, zero far from them."""
    friday = _distance(every, feasts.black_friday)
    christmas = _distance(every, lambda year: date(year, 12, 24))
    sunday = _distance(every, feasts.easter)
    columns = {
        "black_friday": (friday == 0) * 1.0,
        "cyber_weekend": ((friday > 0) & (friday < 3)) * 1.0,
        "cyber_monday": (friday == 3) * 1.0,
        "cyber_week": ((friday >= -4) & (friday < 0) | (friday > 3) & (friday < 7)) * 1.0,
        "to_christmas": _rising(christmas, RUN_UP),
        "christmas": ((christmas >= 0) & (christmas <= 2)) * 1.0,
        "between_years": ((christmas > 2) & (christmas <= 8)) * 1.0,
        "to_easter": _rising(sunday, 14),
        "easter": ((sunday >= -2) & (sunday <= 1)) * 1.0,
        "to_valentine": _rising(_distance(every, lambda year: date(year, 2, 14)), 10),
        "to_mothers_day": np.zeros(every.size),
    }
    for country, share in countries.items():
        away = _distance(every, lambda year, place=country: feasts.mothers_day(year, place))  # type: ignore[misc]
        columns["to_mothers_day"] += share * _rising(away, 10)
    return columns


def _planned(every: Days, events: Iterable[Event]) -> dict[str, Floats]:
    """What the shop's own calendar says: how strong. Where it does not say, as strong as the others
    of its kind, or 1."""
    columns: dict[str, Floats] = {}
    planned = [one for one in events if one.kind in EVENTS]
    for kind in dict.fromkeys(one.kind for one in planned):
        same = [one for one in planned if one.kind == kind]
        column = columns[kind] = np.zeros(every.size)
        for event, strength in zip(same, _strengths(same), strict=True):
            column[_during(every, event.first, event.last)] += strength
    return columns


def _strengths(same: Sequence[Event]) -> Floats:
    """How strong each of one kind is: money by the day, in shares of what the usual one costs."""
    effect = EVENTS[same[0].kind]
    stated = np.array([_by_day(one, effect) for one in same])
    known = stated[np.isfinite(stated)]
    usual = float(np.median(known)) if known.size else 1.0
    if effect == "spend":
        stated = np.minimum(stated / usual, STRONGEST) if usual > 0 else stated * np.nan
        usual = 1.0
    return np.where(np.isfinite(stated), stated, usual)


def _by_day(event: Event, effect: str) -> float:
    value = event.effect.get(effect, float("nan"))
    return value / ((event.last - event.first).days + 1) if effect == "spend" else value


def _rising(distance: NDArray[np.int64], days: int) -> Floats:
    """From 0 so many days before to 1 on the day, 0 after it."""
    near = (distance <= 0) & (distance > -days)
    return np.asarray(np.where(near, 1.0 + distance / days, 0.0))


def _distance(every: Days, rule: Callable[[int], date]) -> NDArray[np.int64]:
    """Days since the nearest such day; negative before it."""
    wanted = np.array([rule(year) for year in _years(every)], dtype="datetime64[D]")
    away = (every[:, None] - wanted[None, :]).astype(np.int64)
    nearest = np.abs(away).argmin(axis=1)
    return np.asarray(away[np.arange(every.size), nearest])


def _years(every: Days) -> range:
    first, last = (int(str(day)[:4]) for day in (every.min(), every.max()))
    return range(first - 1, last + 2)
