"""Two dimensions at once: the heat map of rows and columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from agent.metrics import formats
from dashboard.charts import Chart
from dashboard.figures import axes
from dashboard.figures.frame import Figure, figure, names, room, short
from dashboard.figures.theme import scale

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
