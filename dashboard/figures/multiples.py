"""Small multiples: every series of a chart as a chart of its own, all on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.charts import Chart
from dashboard.figures import axes
from dashboard.figures.frame import Figure, room
from dashboard.figures.lines import draw_line, value_layout

if TYPE_CHECKING:
    from collections.abc import Iterator


def draw_multiples(chart: Chart, theme: str) -> Iterator[tuple[Chart, Figure]]:
    """Each part as the chart it is alone, and its figure on the scale of all of them."""
    axis = axes.value_axis(chart, [series.values for series in chart.series], ())
    for _, alone in chart.parts:
        figure = draw_line(alone, theme)
        figure["layout"]["yaxis"] = value_layout(axis)
        figure["layout"]["margin"] = {"l": room(axis.says, 28), "r": 10, "t": 10, "b": 26}
        yield alone, figure
