"""Two dimensions at once: the heat map of rows and columns, and points between two numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from agent.metrics import formats
from dashboard.charts import Chart
from dashboard.figures import axes
from dashboard.figures.frame import Figure, figure, names, room, short
from dashboard.figures.lines import value_layout
from dashboard.figures.theme import palette, scale

CELLS_WITH_NUMBERS = 120


def draw_heat(chart: Chart, theme: str) -> Figure:
    """A row for each series, a column for each x; gaps stay the page's colour."""
    grid = np.vstack([s.values for s in chart.series])
    rows = [short(s.label) for s in chart.series]
    columns = [axes.date_label(v, chart) for v in chart.x] if axes.is_time(chart) else names(chart)
    said = [[_said(chart, v) for v in row] for row in grid.tolist()]
    heat: dict[str, Any] = {
        "type": "heatmap",
        "z": grid,
        "zmin": min(0.0, float(np.nanmin(grid))),
        "x": np.arange(len(columns)),
        "y": np.arange(len(rows)),
        "text": said,
        "colorscale": scale(theme),
        "showscale": False,
        "hoverongaps": False,
        "xgap": 2,
        "ygap": 2,
        "meta": {"role": "heat"},
        "hovertemplate": "%{text}<extra></extra>",
    }
    if grid.size <= CELLS_WITH_NUMBERS:
        heat |= {"texttemplate": "%{text}", "textfont": {"size": 12}}
    layout = {
        "hovermode": "closest",
        "margin": {"l": room(rows), "r": 4, "t": 4, "b": 28},
        "xaxis": _steps(columns) | {"showline": False, "ticks": "", "showspikes": False},
        "yaxis": _steps(rows) | {"showgrid": False, "range": [len(rows) - 0.5, -0.5]},
    }
    return figure(chart, theme, [heat], layout)


def _steps(words: list[str]) -> dict[str, Any]:
    every = max(1, -(-len(words) // 12))
    at = list(range(0, len(words), every))
    texts = [words[n] for n in at]
    return {"tickmode": "array", "tickvals": at, "ticktext": texts, "ticklabelstandoff": 6}


def _said(chart: Chart, value: float) -> str:
    return formats.number(value, chart.unit, chart.currency, "short", chart.locale)


def draw_scatter(chart: Chart, theme: str) -> Figure:
    """Points between the chart's x and the series' values; the hover names each one by its key."""
    axis = axes.value_axis(chart, [s.values for s in chart.series])
    colours = palette(theme)
    named = [key or "Other" for key in chart.keys] or [""] * chart.x.size
    said = axes.hover_number(chart, "y")
    traces = [
        {
            "type": "scatter",
            "mode": "markers",
            "x": chart.x,
            "y": series.values,
            "name": series.label,
            "customdata": named,
            "marker": {
                "size": 9,
                "color": colours["accent" if series.role == "now" else f"c{number % 8 + 1}"],
                "opacity": 0.75,
                "line": {"width": 1, "color": colours["surface"]},
            },
            "meta": {"role": series.role, "key": series.key},
            "hovertemplate": f"<b>%{{customdata}}</b><br>{said}<extra></extra>",
        }
        for number, series in enumerate(chart.series)
    ]
    layout = {
        "hovermode": "closest",
        "margin": {"l": room(axis.says, 28), "r": 16, "t": 16, "b": 30},
        "xaxis": {"showspikes": False, "nticks": 6, "rangemode": "tozero"},
        "yaxis": value_layout(axis),
    }
    return figure(chart, theme, traces, layout)
