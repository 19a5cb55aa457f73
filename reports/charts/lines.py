"""Lines over time, and points between two numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from agent.metrics import formats
from agent.words import t
from dashboard.charts import Chart, Series, Values
from dashboard.figures.fans import dash, tint
from reports.axes import Scale, dates_at, scale_of, steps_of
from reports.charts.pen import BELOW as AT_THE_TOP
from reports.charts.pen import Pen

BELOW = {"ha": "center", "va": "top"}
BESIDE = 96
WIDTHS = {"previous": 1.5, "past": 1.75}
LINES: Mapping[str, Any] = {"": "solid", "4px,3px": (0, (2.7, 2.0)), "1px,3px": (0, (0.6, 1.6))}
"""The screen's dashes, as matplotlib counts them: in widths of the line."""
NARROW, FEW, MOST = 420, 4, 7
"""A box of fewer pixels has room for fewer dates."""


def line(pen: Pen, chart: Chart) -> None:
    on_scale(pen, chart, scale_of(chart))


def on_scale(pen: Pen, chart: Chart, scale: Scale) -> None:
    """The lines on a scale that other charts may share."""
    places = np.arange(len(chart.x), dtype=float)
    pen.within(44, 4 if chart.target is None else BESIDE, 10, 24)
    pen.value_axis(scale)
    pen.axes.set_xlim(-0.15, max(len(places) - 0.85, 0.15))
    _bands(pen, chart, places)
    for number, series in sorted(enumerate(chart.series), key=lambda s: s[1].role != "previous"):
        _one_line(
            pen, _rooted(chart, series), places, (pen.colour(series, number), dash(chart, series))
        )
    most = FEW if pen.box.width < NARROW else MOST
    ticks = dates_at(chart.x, chart.grain, most) if len(places) else []
    pen.names([float(at) for at, _ in ticks], [text for _, text in ticks])
    if chart.target is not None:
        _target(pen, chart, chart.target)
    _rule(pen, chart)
    for mark in chart.marks:
        _mark(pen, chart, mark)


def _target(pen: Pen, chart: Chart, level: float) -> None:
    """The level as a line, named beside its right end."""
    pen.axes.axhline(level, color=pen.ink.text, linewidth=pen.points(1), zorder=2)
    said = formats.number(level, chart.unit, chart.currency, "short", chart.locale)
    words = t("Target {value}", value=said)
    look = {"ha": "left", "va": "center", "color": pen.ink.text}
    pen.note(words, (1, level), (6, 0), within=("axes fraction", "data"), **look)


def _rooted(chart: Chart, series: Series) -> Series:
    return replace(series, values=chart.rooted(series.values)) if series.role == "ahead" else series


def _bands(pen: Pen, chart: Chart, places: Values) -> None:
    """The widest first, in tints of the accent, without an outline."""
    for band in sorted(chart.bands, key=lambda band: -band.level):
        low, high = chart.rooted(band.low), chart.rooted(band.high)
        colour = pen.ink.now if band.kind == "ahead" else pen.ink.previous
        look: dict[str, Any] = {"color": colour, "alpha": tint(band), "linewidth": 0, "zorder": 1}
        pen.axes.fill_between(places, low, high, **look)


def _rule(pen: Pen, chart: Chart) -> None:
    """Where the forecast begins, with its word on the side of what was."""
    if chart.rule is None:
        return
    found = np.flatnonzero(chart.x == np.asarray(chart.rule.x, dtype=chart.x.dtype))
    if not len(found):
        return
    at = float(found[0])
    pen.axes.axvline(at, color=pen.ink.rule, linewidth=pen.points(1), zorder=1)
    pen.note(chart.rule.word, (at, 1), (-6, -2), within=AT_THE_TOP, ha="right", va="top")


def _one_line(pen: Pen, series: Series, places: Values, look: tuple[str, str]) -> None:
    colour, dashed = look
    values = series.values[: len(places)]
    previous = series.role == "previous"
    style: dict[str, Any] = {
        "color": colour,
        "linewidth": pen.points(WIDTHS.get(series.role, 2.25)),
        "linestyle": LINES[dashed],
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
    value = float(chart.known.values[at])
    if not np.isfinite(value):
        return
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
    if mark.label:
        pen.note(mark.label, (at, value), (0, 9), ha="center", color=pen.ink.mark, strong=True)


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
        pen.note(chart.across.label, (0.5, 0), (0, -26), within="axes fraction", **BELOW)


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
