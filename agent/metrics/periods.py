"""Periods: their names, their comparison, and the buckets a grain cuts them into."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from agent.errors import Refused
from agent.words import mark, t

Span = tuple[date, date]
DAY = timedelta(days=1)
DEFAULT = "last_28_days"
ASKED = (mark("{start} to {end} until {time}"), mark("{start} to {end}"))
"""A period as answers keep it, in English; `words.retold` says it."""


@dataclass(frozen=True)
class Preset:
    label: str
    span: Callable[[date], Span]


def _last(days: int) -> Callable[[date], Span]:
    return lambda today: (today - timedelta(days=days), today - DAY)


def _month_start(day: date, back: int = 0) -> date:
    months = day.year * 12 + day.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)


def _quarter_start(day: date, back: int = 0) -> date:
    return _month_start(day, (day.month - 1) % 3 + 3 * back)


def _week_start(day: date) -> date:
    return day - timedelta(days=day.weekday())


PRESETS: Mapping[str, Preset] = {
    "today": Preset("Today", lambda t: (t, t)),
    "yesterday": Preset("Yesterday", lambda t: (t - DAY, t - DAY)),
    "last_7_days": Preset("Last 7 days", _last(7)),
    "last_28_days": Preset("Last 28 days", _last(28)),
    "last_90_days": Preset("Last 90 days", _last(90)),
    "last_365_days": Preset("Last 365 days", _last(365)),
    "this_week": Preset("This week so far", lambda t: (_week_start(t), t)),
    "last_week": Preset("Last week", lambda t: (_week_start(t) - 7 * DAY, _week_start(t) - DAY)),
    "this_month": Preset("This month so far", lambda t: (_month_start(t), t)),
    "last_month": Preset("Last month", lambda t: (_month_start(t, 1), _month_start(t) - DAY)),
    "this_quarter": Preset("This quarter so far", lambda t: (_quarter_start(t), t)),
    "last_quarter": Preset(
        "Last quarter", lambda t: (_quarter_start(t, 1), _quarter_start(t) - DAY)
    ),
    "this_year": Preset("This year so far", lambda t: (date(t.year, 1, 1), t)),
    "last_year": Preset("Last year", lambda t: (date(t.year - 1, 1, 1), date(t.year - 1, 12, 31))),
}


def parse(given: Mapping[str, str], today: date) -> tuple[date, date, str]:
    """First day, last day and preset name (empty for fixed dates) out of an address. Raises
    Refused."""
    if not given.get("from") and not given.get("to"):
        preset = given.get("period", DEFAULT)
        if preset not in PRESETS:
            raise Refused(
                t("period={preset} is not known.", preset=preset),
                hint=t("Known: {names}.", names=", ".join(PRESETS)),
            )
        return *PRESETS[preset].span(today), preset
    start = _day("from", given["from"]) if given.get("from") else None
    end = _day("to", given["to"]) if given.get("to") else max(today, start or today)
    start = start or max(end - timedelta(days=27), date(1970, 1, 1))
    if start > end:
        raise Refused(
            t("The period starts on {start}, after its end on {end}.", start=start, end=end),
            hint=t("Swap the two days."),
        )
    return start, end, ""


def _day(key: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Refused(
            t("{key}={text} is not a day.", key=key, text=text), hint=t("Write it as 2026-11-17.")
        ) from error
    if not 1970 <= day.year <= 2199:
        raise Refused(t("{key}={text} is outside 1970 to 2199.", key=key, text=text))
    return day


def before(start: date, end: date, compare: str) -> Span:
    """The comparison period of start..end, both days included.

    "year" is the same dates a year earlier. "prev" is the period before: whole months against whole
    months; a month, quarter or year in progress against the same days of the one before; anything
    else moved back by whole weeks, so that weekdays match.
    """
    if compare == "year":
        return _years_back(start, 1), _years_back(end, 1)
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    if start.day == 1 and start == _quarter_start(start) and months in (2, 3):
        return _quarter_before(start, end)
    if (start.month, start.day) == (1, 1) and 3 < months <= 12:
        return _years_back(start, 1), _years_back(end, 1)
    if start.day == 1 and (months == 1 or _is_month_end(end)):
        return _months_before(start, end, months)
    shift = timedelta(days=-(-((end - start).days + 1) // 7) * 7)
    return start - shift, end - shift


def _months_before(start: date, end: date, months: int) -> Span:
    last = _month_start(end, months)
    keep = 31 if _is_month_end(end) else end.day
    return (
        _month_start(start, months),
        last.replace(day=min(keep, calendar.monthrange(last.year, last.month)[1])),
    )


def _quarter_before(start: date, end: date) -> Span:
    """A whole quarter against the one before; one in progress against as many of its days."""
    first = _quarter_start(start, 1)
    whole = end + DAY == _month_start(start, -3)
    return first, start - DAY if whole else min(first + (end - start), start - DAY)


def _is_month_end(day: date) -> bool:
    return (day + DAY).day == 1


def _years_back(day: date, years: int) -> date:
    last = calendar.monthrange(day.year - years, day.month)[1]
    return day.replace(year=day.year - years, day=min(day.day, last))


def first_of(day: date, grain: str, back: int = 0) -> date:
    """The first day of the week, month or quarter that holds a day, or of one `back` earlier."""
    if grain == "week":
        return _week_start(day) - timedelta(weeks=back)
    return _quarter_start(day, back) if grain == "quarter" else _month_start(day, back)


_UNIT = {"month": "M", "quarter": "M", "year": "Y"}
_NUMPY = {"hour": "h", "day": "D"}


def bucket_count(start: date, end: date, grain: str) -> int:
    """How many buckets a period has, without making them."""
    days = (end - start).days + 1
    per = {"hour": days * 24, "day": days, "week": days // 7 + 2}
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    return (
        per.get(grain)
        or {"month": months, "quarter": months // 3 + 2, "year": months // 12 + 2}[grain]
    )


def buckets(start: date, end: date, grain: str) -> np.ndarray[Any, Any]:
    """First moments of the buckets that hold start..end, as datetime64[us] of the shop's wall
    clock."""
    if grain == "week":
        first = np.datetime64(_week_start(start))
        return np.arange(first, np.datetime64(end) + 1, 7).astype("datetime64[us]")
    if grain == "quarter":
        months = np.arange(
            np.datetime64(_quarter_start(start), "M"), np.datetime64(end, "M") + 1, 3
        )
        return months.astype("datetime64[us]")
    unit = _UNIT.get(grain) or _NUMPY[grain]
    kind = f"datetime64[{unit}]"
    first = np.datetime64(start).astype(kind)
    last = (np.datetime64(end + DAY).astype("datetime64[s]") - 1).astype(kind)
    return np.arange(first, last + 1).astype("datetime64[us]")


def grain_for(start: date, end: date) -> str:
    """The grain a chart of this period is best drawn in."""
    days = (end - start).days + 1
    return "hour" if days == 1 else "day" if days <= 92 else "week" if days <= 400 else "month"


def check_points(start: date, end: date, grain: str, most: int) -> None:
    """Raises Refused where a grain cuts a period into more than `most` buckets; none cuts none."""
    if grain and bucket_count(start, end, grain) > most:
        said = {"start": start, "end": end, "grain": grain, "count": most}
        raise Refused(
            t("{start} to {end} by {grain} has more than {count:,} points.", **said),
            hint=t("Ask for a shorter period or a coarser grain."),
        )
