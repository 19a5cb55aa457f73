"""Parts of one whole as a ring, and rows by columns as a heat map."""

from __future__ import annotations

import numpy as np

from agent.metrics import formats
from dashboard.charts import Chart, Values
from dashboard.figures import parts_of
from dashboard.figures.theme import palette
from reports.axes import bucket_names
from reports.charts.pen import Pen, room, short

NUMBERED = 160
"""Cells of a heat map that still have room for their number."""


def ring(pen: Pen, chart: Chart) -> None:
    """At most five parts, the others gathered; what is below zero is only in tables."""
    values = np.nan_to_num(chart.series[0].values).clip(min=0)
    names, parts = parts_of(chart)
    whole = chart.total if chart.total is not None else float(values.sum())
    colours = palette(pen.sheet.theme)
    side = min(pen.box.height - 12, pen.box.width * 0.5)
    pen.within(6, pen.box.width - side - 6, 6, pen.box.height - side - 6)
    pen.bare()
    if sum(parts):
        pen.axes.pie(
            parts,
            colors=[colours[f"c{n + 1}"] for n in range(len(parts))],
            startangle=90,
            counterclock=False,
            wedgeprops={"width": 0.32, "edgecolor": pen.ink.surface, "linewidth": pen.points(2)},
        )
    said = formats.number(whole, chart.unit, chart.currency, "short", chart.locale)
    pen.write(0, 0, said, strong=True, ha="center", va="center")
    _legend(pen, (parts, [short(name, 34) for name in names]), side, chart.locale)


def _legend(pen: Pen, shown: tuple[list[float], list[str]], side: float, locale: str) -> None:
    """Names right of the ring, each with its share."""
    parts, names = shown
    colours, whole = palette(pen.sheet.theme), sum(parts) or 1.0
    step = min(24.0, side / max(len(parts), 1))
    top = 6 + side / 2 - step * len(parts) / 2
    for n, (part, name) in enumerate(zip(parts, names, strict=True)):
        y = 1 - (top + step * (n + 0.5) - 6) / side
        pen.axes.plot(
            [1 + 24 / side],
            [y],
            "o",
            transform=pen.axes.transAxes,
            clip_on=False,
            markersize=pen.points(8),
            color=colours[f"c{n + 1}"],
        )
        said = f"{name}  {formats.number(part / whole, 'percent', locale=locale)}"
        look = {"within": "axes fraction", "va": "center", "color": pen.ink.text, "size": 11}
        pen.note(said, (1, y), (36, 0), **look)


def heat(pen: Pen, chart: Chart) -> None:
    """A row for each series, a column for each x; gaps stay the page's colour."""
    grid = np.vstack([series.values[: len(chart.x)] for series in chart.series])
    rows = [short(series.label, 26) for series in chart.series]
    columns = bucket_names(chart)
    pen.within(room(rows), 4, 4, 24)
    pen.axes.set_xlim(-0.5, max(len(columns), 1) - 0.5)
    pen.axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    pen.beside([float(n) for n in range(len(rows))], rows)
    shares = _shares(grid)
    for (row, column), value in np.ndenumerate(grid):
        if np.isfinite(value):
            _cell(pen, chart, (row, column), (float(value), float(shares[row, column])), grid.size)
    every = max(1, -(-len(columns) // 12))
    at = range(0, len(columns), every)
    pen.names([float(n) for n in at], [columns[n] for n in at])


def _shares(grid: Values) -> Values:
    known = grid[np.isfinite(grid)]
    low = min(0.0, float(known.min(initial=0.0)))
    reach = (float(known.max(initial=0.0)) - low) or 1.0
    return (np.nan_to_num(grid) - low) / reach


def _cell(
    pen: Pen, chart: Chart, place: tuple[int, int], value: tuple[float, float], cells: int
) -> None:
    (row, column), (amount, share) = place, value
    colours = palette(pen.sheet.theme)
    step = min(7, int(share * 8))
    pen.axes.bar(
        [column],
        [0.94],
        width=0.96,
        bottom=row - 0.47,
        color=colours[f"q{step}"],
        zorder=2,
    )
    if cells <= NUMBERED:
        text = formats.number(amount, chart.unit, chart.currency, "short", chart.locale)
        dark = step >= 4
        light = pen.ink.surface if dark else pen.ink.text
        pen.write(column, row, text, ha="center", va="center", color=light, zorder=3)
