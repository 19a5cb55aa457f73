"""Lines over time, and points between two numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

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
    """Every point of every series; both axes hold zero."""
    pen.within(48, 12, 10, 26)
    across = np.asarray(chart.x, dtype=float)
    pen.value_axis(scale_of(chart))
    ticks = steps_of(across)
    pen.axes.set_xlim(ticks[0], max(ticks[-1], float(np.nanmax(across, initial=0.0)) * 1.02))
    for number, series in enumerate(chart.series):
        pen.axes.scatter(
            across[: len(series.values)],
            series.values,
            s=pen.points(9) ** 2,
            color=pen.colour(series, number),
            edgecolors=pen.ink.surface,
            linewidths=pen.points(1),
            alpha=0.8,
            zorder=3,
        )
    pen.names(list(ticks), [f"{tick:,g}".replace("-", "−") for tick in ticks])
