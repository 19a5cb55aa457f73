"""Lines over time, and points between two numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from agent.metrics import formats
from dashboard.charts import Chart, Series, Values
from reports.axes import dates_at, scale_of, steps_of
from reports.charts.pen import Pen


def line(pen: Pen, chart: Chart) -> None:
    places = np.arange(len(chart.x), dtype=float)
    pen.within(44, 4, 10, 24)
    pen.value_axis(scale_of(chart))
    pen.axes.set_xlim(-0.15, max(len(places) - 0.85, 0.15))
    for number, series in sorted(enumerate(chart.series), key=lambda s: s[1].role != "previous"):
        _one_line(pen, series, places, pen.colour(series, number))
    ticks = dates_at(chart.x, chart.grain) if len(places) else []
    pen.names([float(at) for at, _ in ticks], [text for _, text in ticks])
    if chart.target is not None:
        pen.axes.axhline(chart.target, color=pen.ink.text, linewidth=pen.points(1), zorder=2)
    for mark in chart.marks:
        _mark(pen, chart, mark)


def _one_line(pen: Pen, series: Series, places: Values, colour: str) -> None:
    values = series.values[: len(places)]
    previous = series.role == "previous"
    style: dict[str, Any] = {
        "color": colour,
        "linewidth": pen.points(1.5 if previous else 2.25),
        "linestyle": (0, (2.7, 2.0)) if previous else "solid",
        "solid_capstyle": "round",
        "solid_joinstyle": "round",
        "zorder": 3 if previous else 4,
    }
    pen.axes.plot(places[: len(values)], values, **style)
    if np.isfinite(values).sum() == 1:
        # A single point makes no line, yet it is a figure.
        pen.axes.plot(places[: len(values)], values, marker="o", **style)


def _mark(pen: Pen, chart: Chart, mark: Any) -> None:
    found = np.flatnonzero(chart.x == np.asarray(mark.x, dtype=chart.x.dtype))
    if not len(found) or not chart.series:
        return
    at = int(found[0])
    value = float(chart.series[0].values[at])
    pen.axes.plot(
        [at],
        [value],
        marker="o",
        markersize=pen.points(9),
        markerfacecolor=pen.ink.surface,
        markeredgecolor=pen.ink.mark,
        markeredgewidth=pen.points(2),
        zorder=6,
    )
    pen.axes.annotate(
        mark.label,
        (at, value),
        xytext=(0, pen.points(9)),
        textcoords="offset points",
        ha="center",
        color=pen.ink.mark,
        fontproperties=pen.font(10, strong=True),
        parse_math=False,
    )


def scatter(pen: Pen, chart: Chart) -> None:
    """Every point of every series; both axes hold zero. Sizes go by area."""
    pen.within(48, 12, 10, 40 if chart.across else 26)
    across = np.asarray(chart.x, dtype=float)
    pen.value_axis(scale_of(chart))
    ticks = steps_of(across)
    pen.axes.set_xlim(ticks[0], max(ticks[-1], float(np.nanmax(across, initial=0.0)) * 1.02))
    for number, series in enumerate(chart.series):
        count = len(series.values)
        pen.axes.scatter(
            across[:count],
            series.values,
            s=_areas(pen, chart, count),
            color=pen.colour(series, number),
            edgecolors=pen.ink.surface,
            linewidths=pen.points(1),
            alpha=0.75,
            zorder=3,
        )
    pen.names(list(ticks), [_said(chart, tick) for tick in ticks])
    if chart.across:
        _below(pen, chart.across.label)


def _areas(pen: Pen, chart: Chart, count: int) -> Values:
    sizes = chart.across.sizes if chart.across else None
    if sizes is None:
        return np.full(count, pen.points(9) ** 2)
    values = np.nan_to_num(sizes.values[:count]).clip(min=0)
    largest = float(values.max(initial=0.0)) or 1.0
    return np.asarray((pen.points(6) + np.sqrt(values / largest) * pen.points(20)) ** 2)


def _said(chart: Chart, tick: float) -> str:
    unit = chart.across.unit if chart.across else "number"
    if unit == "number":
        return f"{tick:,g}".replace("-", "−")
    return formats.number(tick, unit, chart.currency, "short", chart.locale)


def _below(pen: Pen, words: str) -> None:
    pen.axes.annotate(
        words,
        (0.5, 0),
        xycoords="axes fraction",
        xytext=(0, -pen.points(26)),
        textcoords="offset points",
        ha="center",
        va="top",
        color=pen.ink.label,
        fontproperties=pen.font(),
        parse_math=False,
    )
