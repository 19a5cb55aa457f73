"""Small multiples on the screen: charts without their own menus, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc

from dashboard.charts import Chart
from dashboard.components import html
from dashboard.components.exports import files
from dashboard.components.marks import Content
from dashboard.components.tables import data_table
from dashboard.figures import alternative, config, table_of


@dataclass(frozen=True)
class Multiple:
    """One small chart: what it shows, its figure, its total as text, where its name leads. One
    that is a panel of its own has files."""

    chart: Chart
    figure: Any
    value: str = ""
    href: str = ""
    made: str = ""
    panel_id: str = ""


def multiples(charts: Sequence[Multiple], panel_id: str) -> html.Div:
    """A grid of small charts. Each has its figures as a table, as the large ones have."""
    return html.Div(
        [_multiple(one, one.panel_id or f"{panel_id}.{n}") for n, one in enumerate(charts)],
        className="multiples",
    )


def _multiple(one: Multiple, panel_id: str) -> html.Figure:
    name: Content = html.A(one.chart.title, href=one.href) if one.href else one.chart.title
    value: Content = html.A(one.value, href=one.made, className="made") if one.made else one.value
    picture = html.Div(
        dcc.Graph(id={"type": "figure", "panel": panel_id}, figure=one.figure, config=config()),
        className="chart",
        role="img",
        **{"aria-label": alternative(one.chart)},
    )
    table = html.Div(
        data_table(table_of(one.chart), caption=True),
        className="as-table",
        tabIndex=0,
        **{"aria-label": one.chart.title},
    )
    menu = [files()] if one.panel_id else []
    head = html.Div([html.H3(name), html.Span(value, className="num"), *menu], className="title")
    attributes = {"data-panel": panel_id, "data-name": one.chart.title}
    return html.Figure([head, picture, table], className="section multiple", **attributes)
