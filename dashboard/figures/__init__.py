"""Charts on the screen: a Chart becomes a plotly figure, a sentence, or a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dashboard.charts import Chart, Kind
from dashboard.figures.bars import draw_bar
from dashboard.figures.frame import Figure, blank, config, has_values
from dashboard.figures.lines import draw_line
from dashboard.figures.planes import draw_heat
from dashboard.figures.points import draw_scatter
from dashboard.figures.shares import draw_funnel, draw_gauge, draw_ring, draw_waterfall, parts_of
from dashboard.figures.theme import template
from dashboard.figures.words import alternative, table_of

__all__ = ["Figure", "alternative", "config", "draw", "parts_of", "table_of", "template"]

KINDS: Mapping[Kind, Callable[[Chart, str], Figure]] = {
    "line": draw_line,
    "bar": draw_bar,
    "ring": draw_ring,
    "scatter": draw_scatter,
    "funnel": draw_funnel,
    "gauge": draw_gauge,
    "heat": draw_heat,
    "waterfall": draw_waterfall,
}


def draw(chart: Chart, theme: str = "light") -> Figure:
    """A plotly figure as a plain dict with numpy arrays, in the theme's colours, for dcc.Graph."""
    return KINDS[chart.kind](chart, theme) if has_values(chart) else blank(chart, theme)
