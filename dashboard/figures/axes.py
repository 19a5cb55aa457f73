"""Where an axis starts and ends, and what its ticks say."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from agent import words
from agent.metrics import formats
from agent.metrics.frames import Unit
from agent.words import t
from dashboard.charts import Chart, Values

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
GRIDLINES = 5
HEADROOM = 1.06
NEAR_ZERO = 0.35
LONG = np.timedelta64(240, "D")


class Axis(NamedTuple):
    """`low` to `high` in the chart's unit; `at` are the gridlines, `says` the words beside them."""

    low: float
    high: float
    at: list[float]
    says: list[str]


class Affixes(NamedTuple):
    """What stands around a number; `separators` are its decimal and group signs, as in plotly."""

    before: str
    after: str
    separators: str


def value_axis(chart: Chart, values: Iterable[Values], include: Iterable[float] = ()) -> Axis:
    """An axis from zero that holds every finite value, at most five gridlines above zero."""
    low, high = _reach(values, include)
    step = round_step(max(high, 0.0) - min(low, 0.0), chart.unit)
    first, last = math.floor(low / step), math.ceil(high / step - 1e-9)
    first, last = min(first, 0), max(last, 0 if low < 0 else 1)
    if (last - first) > GRIDLINES and high <= (last - 0.5) * step:
        last -= 1
    at = [n * step for n in range(first, last + 1)]
    top = max(at[-1], high) + (high - min(low, 0.0)) * (HEADROOM - 1)
    bottom = min(at[0], low) - (0.02 * (top - at[0]) if low < 0 else 0.0)
    return Axis(bottom, top, at, _words(at, step, chart))


def free_axis(chart: Chart, values: Values) -> Axis:
    """An axis for points, that need no zero: from zero only where they come near it."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    if low < NEAR_ZERO * high or high <= low:
        return value_axis(chart, [values])
    step = round_step(high - low, chart.unit)
    first, last = math.floor(low / step), math.ceil(high / step)
    at = [place * step for place in range(first, last + 1)]
    pad = 0.04 * (at[-1] - at[0])
    return Axis(at[0] - pad, at[-1] + pad, at, _words(at, step, chart))


def log_axis(chart: Chart, values: Values) -> Axis:
    """An axis of powers for positive values that lie far apart: 1, 3, 10, 30. Its ends and places
    are logarithms, as plotly wants them."""
    low, high = math.log10(float(values.min())), math.log10(float(values.max()))
    powers = range(math.floor(low), math.ceil(high) + 1)
    steps = [power + part for power in powers for part in (0.0, math.log10(3))]
    at = [step for step in steps if low - 0.1 <= step <= high + 0.1]
    around = affixes(chart.unit, chart.currency, chart.locale)
    said = [_plain(round(10**step), 0, around.separators) for step in at]
    return Axis(low - 0.12, high + 0.15, at, said)


def _reach(values: Iterable[Values], include: Iterable[float]) -> tuple[float, float]:
    low, high = 0.0, 0.0
    for array in values:
        finite = array[np.isfinite(array)]
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    for value in include:
        low, high = min(low, value), max(high, value)
    return low, high


def round_step(reach: float, unit: Unit) -> float:
    """The smallest round distance that needs at most five gridlines; whole numbers for counts."""
    if not reach > 0:
        return 0.01 if unit == "percent" else 1.0
    rough = reach / GRIDLINES
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * s for s in STEPS if size * s >= rough * 0.9999)
    return max(1.0, step) if unit == "count" else step


def _words(at: list[float], step: float, chart: Chart) -> list[str]:
    """The unit on the top tick only: 0, 5, 10, 15, 20, $25k."""
    around = affixes(chart.unit, chart.currency, chart.locale)
    largest = max(abs(at[0]), abs(at[-1]))
    size, pattern = size_of(largest, chart)
    places = max(0, -math.floor(math.log10(step / size) + 1e-9))
    if places < 3 and not math.isclose(round(step / size, places), step / size):
        places += 1
    said = [_plain(value / size, places if value else 0, around.separators) for value in at]
    said[-1] = f"{around.before}{pattern.format(number=said[-1])}{around.after}"
    return said


def size_of(largest: float, chart: Chart) -> tuple[float, str]:
    """What the ticks of an axis are divided by, and how its top one is written: 1000, {number}k."""
    if chart.unit == "percent":
        return 0.01, "{number}"
    shorts = ((size, pattern) for _, size, pattern, _ in formats.SHORT)
    size, pattern = next((pair for pair in shorts if largest >= pair[0]), (1.0, "{number}"))
    return size, words.said(chart.locale, pattern)


def _plain(value: float, places: int, separators: str) -> str:
    text = f"{abs(value):,.{places}f}".translate(str.maketrans(",.", separators[1] + separators[0]))
    return f"{formats.MINUS}{text}" if value < 0 and round(value, places) != 0 else text


@lru_cache(maxsize=64)
def affixes(unit: Unit, currency: str, locale: str) -> Affixes:
    """What formats writes around a number of this unit, read off one that it wrote."""
    sample = formats.number(1234.5, "money", currency, "exact", locale)
    signs = re.sub(r"\d", "", "".join(re.findall(r"\d(?:[^\d]\d+)+", sample)))
    group, point = (signs[0], signs[-1]) if len(signs) > 1 else (signs or ",", ".")
    separators = f"{point if point != group else '.'}{group}"
    if unit == "percent":
        after = re.sub(r".*\d", "", formats.number(0.5, "percent", locale=locale))
        return Affixes("", after, separators)
    if unit == "days":
        return Affixes("", formats.number(2, "days", locale=locale).lstrip("2"), separators)
    if unit != "money":
        return Affixes("", "", separators)
    written = formats.number(1, "money", currency, "full", locale)
    before, _, after = written.partition("1")
    return Affixes(before, re.sub(r"^[\d.,]*", "", after), separators)


def part_of(chart: Chart, share: float) -> str:
    """A share of the chart's whole: 18.0%."""
    around = affixes("percent", chart.currency, chart.locale)
    return f"{formats.share(share, chart.locale)}{around.after}"


def hover_number(chart: Chart, axis: str) -> str:
    """A plotly hover template part that writes the value as the page's tables do."""
    around = affixes(chart.unit, chart.currency, chart.locale)
    if chart.unit == "percent":
        return f"%{{{axis}:.1%}}"
    places = {"count": 0, "days": 1}.get(chart.unit, 2)
    if chart.unit == "money":
        finite = [s.values[np.isfinite(s.values)] for s in chart.series]
        places = (
            0 if max((float(np.abs(v).max()) for v in finite if v.size), default=0) >= 1000 else 2
        )
    return f"{around.before}%{{{axis}:,.{places}f}}{around.after}"


def is_time(chart: Chart) -> bool:
    return bool(chart.x.dtype.kind == "M")


def moment(value: Any) -> datetime:
    """A datetime64 as Python's own."""
    when: datetime = np.datetime64(value, "ms").item()
    return when.replace(microsecond=0)


def time_ticks(chart: Chart, most: int) -> tuple[list[Any], list[str]]:
    """About `most` dates of the axis, evenly apart, and how they read."""
    if chart.grain in ("day", "week") and (chart.x[-1] - chart.x[0]) > LONG:
        return _month_ticks(chart, most)
    every = _every(chart.x.size, most, chart.grain)
    # Hours are told from midnight on: four times "20:00" would say no day.
    hours = chart.x.astype("datetime64[h]").astype(np.int64) if chart.grain == "hour" else None
    first = 0 if hours is None else int(np.argmax(hours % min(every, 24) == 0))
    picked = chart.x[first::every]
    return picked.astype("datetime64[ms]").tolist(), [_tick(v, chart) for v in picked]


def _month_ticks(chart: Chart, most: int) -> tuple[list[Any], list[str]]:
    """Firsts of months, for days and weeks that span most of a year or more."""
    first, last = chart.x[0].astype("datetime64[M]"), chart.x[-1].astype("datetime64[M]")
    months = np.arange(first + (chart.x[0] > first), last + 1)
    every = next((n for n in (1, 2, 3, 4, 6) if months.size <= n * most), 0)
    every = every or -(-months.size // (12 * most)) * 12
    picked = months[::every].astype("datetime64[ms]")
    return picked.tolist(), [formats.bucket(moment(v), "month", chart.locale) for v in picked]


def _every(count: int, most: int, grain: str) -> int:
    every = max(1, -(-count // most))
    if grain == "day" and every > 1:
        return -(-every // 7) * 7
    if grain == "hour":
        return (
            -(-every // 24) * 24
            if every > 12
            else next(n for n in (1, 2, 3, 4, 6, 12) if n >= every)
        )
    if grain == "month" and every > 1:
        return next((n for n in (2, 3, 4, 6, 12) if n >= every), -(-every // 12) * 12)
    return every


def _spans_years(x: Values) -> bool:
    return bool(x[0].astype("datetime64[Y]") != x[-1].astype("datetime64[Y]"))


def _tick(value: Any, chart: Chart) -> str:
    when = moment(value)
    if chart.grain in ("month", "quarter", "year"):
        return formats.bucket(when, chart.grain, chart.locale)
    if chart.grain == "hour":
        return f"{when:%H:%M}" if when.hour else formats.day(when.date(), locale=chart.locale)
    return formats.day(when.date(), locale=chart.locale)


def date_label(value: Any, chart: Chart) -> str:
    """A point in time as a table and a sentence write it."""
    when = moment(value)
    if chart.grain in ("month", "quarter", "year", "hour"):
        return formats.bucket(when, chart.grain, chart.locale)
    crosses = is_time(chart) and chart.x.size > 0 and _spans_years(chart.x)
    day: date = when.date()
    return formats.day(day, year=crosses, weekday=chart.grain == "day", locale=chart.locale)


def hover_date(chart: Chart) -> str:
    """The d3 form of the hover's first line; names of days and months are CONFIG's."""
    day = t("%-d %b %Y")
    return {
        "hour": t("%a %-d %b, %H:%M"),
        "week": t("Week of {day}", day=day),
        "month": "%B %Y",
        "quarter": "Q%q %Y",
        "year": "%Y",
    }.get(chart.grain, f"%a {day}")
