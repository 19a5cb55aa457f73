"""Round numbers and dates for an axis: at most five gridlines, the unit on the top one only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from agent.metrics import formats
from agent.words import t
from dashboard.charts import Chart, Values
from dashboard.figures.axes import affixes, size_of


@dataclass(frozen=True)
class Scale:
    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]


def scale_of(chart: Chart, values: Values | None = None) -> Scale:
    """A scale that holds zero, every value of the chart (or the given ones) and its target."""
    if values is None:
        values = np.concatenate(
            [np.asarray(v, dtype=float) for v in chart.heights] or [np.empty(0)]
        )
    known = values[np.isfinite(values)]
    low = min(0.0, float(known.min())) if len(known) else 0.0
    high = max(0.0, float(known.max())) if len(known) else 0.0
    high = max(high, chart.target or 0.0)
    if low == high:
        return Scale(0.0, 1.0, (0.0,), ("0",))
    step = _step(high - low)
    whole = chart.unit == "count"
    step = max(step, 1.0) if whole else step
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(round(i * step, 10) for i in range(first, last + 1))
    return Scale(ticks[0], max(ticks[-1], high), ticks, _labels(ticks, chart))


def _step(span: float) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that cuts the span into five or fewer."""
    power = 10 ** math.floor(math.log10(span / 5))
    return float(next(n * power for n in (1, 2, 2.5, 5, 10, 20) if span / (n * power) <= 5.0001))


def _labels(ticks: tuple[float, ...], chart: Chart) -> tuple[str, ...]:
    around = affixes(chart.unit, chart.currency, chart.locale)
    factor, pattern = size_of(max(abs(tick) for tick in ticks), chart)
    texts = [_digits(tick / factor, around.separators) for tick in ticks]
    if ticks[-1]:
        texts[-1] = f"{around.before}{pattern.format(number=texts[-1])}{around.after}"
    return tuple(texts)


def _digits(value: float, separators: str) -> str:
    return f"{round(value, 6):g}".replace("-", "−").replace(".", separators[0])


def steps_of(values: Values) -> tuple[float, ...]:
    """Round numbers along an axis that holds zero and all of these."""
    known = values[np.isfinite(values)]
    low, high = float(known.min(initial=0.0)), float(known.max(initial=0.0))
    if low == high:
        return (0.0, 1.0)
    step = _step(high - low)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(at * step, 10) for at in range(first, last + 1))


def bucket_names(chart: Chart) -> list[str]:
    """What stands under each column of a chart."""
    if not np.issubdtype(chart.x.dtype, np.datetime64):
        return [t("Other") if value is None else str(value) for value in chart.x.tolist()]
    days = chart.x.astype("datetime64[D]").astype(object)
    return [_date(day, chart.grain) for day in days]


def dates_at(x: Values, grain: str, most: int = 7) -> list[tuple[int, str]]:
    """So many places along the axis at most, and what to write there."""
    if not np.issubdtype(x.dtype, np.datetime64):
        return [(i, str(x[i])) for i in _spread(len(x), most)]
    if grain == "hour":
        return [(i, str(x[i])[11:16]) for i in _spread(len(x), most + 1)]
    days = x.astype("datetime64[D]").astype(object)
    every = 7 if grain in ("", "day") and len(x) > 10 else 1
    places = list(range(0, len(x), every))
    places = places if len(places) <= most else _spread(len(x), most)
    return [(i, _date(days[i], grain)) for i in places]


def _spread(count: int, most: int) -> list[int]:
    return list(range(0, count, max(math.ceil(count / most), 1)))


def _date(day: Any, grain: str) -> str:
    if not isinstance(day, date):
        return ""
    if grain in ("month", "quarter", "year"):
        return formats.bucket(day, grain)
    return formats.day(day)
