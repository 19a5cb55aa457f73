"""Small multiples: each part of a chart as a chart of its own, all on one scale."""

from __future__ import annotations

from dashboard.charts import Chart
from reports.axes import scale_of
from reports.charts.lines import on_scale
from reports.charts.pen import Box, Pen, short

TALL, NAMES, GAP = 150.0, 22.0, 16.0
LEAST = 200.0
"""Narrower a chart cannot be read."""
MOST = 3


def columns_of(chart: Chart, width: float) -> int:
    return max(1, min(MOST, int((width + GAP) // (LEAST + GAP)), len(chart.parts)))


def height_of(chart: Chart, width: float) -> float:
    """Pixels that all of them need below each other, so many beside each other."""
    rows = -(-len(chart.parts) // columns_of(chart, width))
    return rows * (NAMES + TALL) + max(rows - 1, 0) * GAP


def multiples(pen: Pen, chart: Chart) -> None:
    pen.within(0, 0, 0, 0)
    pen.bare()
    columns, scale = columns_of(chart, pen.box.width), scale_of(chart)
    wide = (pen.box.width - (columns - 1) * GAP) / columns
    for n, (_, part) in enumerate(chart.parts):
        left = pen.box.left + (n % columns) * (wide + GAP)
        top = pen.box.top + (n // columns) * (NAMES + TALL + GAP)
        pen.say(left, top + 14, short(part.title, int(wide / 7)), strong=True)
        on_scale(pen.inside(Box(left, top + NAMES, wide, TALL)), part, scale)
