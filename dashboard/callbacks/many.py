"""Explore's small charts: the page's further metrics, and one metric for each value of a
dimension."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agent.metrics.dimensions import FILTERS
from agent.metrics.frames import NONE, Frame
from agent.metrics.questions import Ask
from dashboard import components, figures
from dashboard.callbacks import drill, tabs
from dashboard.callbacks.showing import Showing
from dashboard.charts import Chart
from dashboard.components import html
from dashboard.components.multiples import Multiple, multiples
from dashboard.exploring import REST
from dashboard.figures.multiples import draw_multiples
from dashboard.narrowing import others as the_others
from dashboard.pages.explore import MULTIPLES, dimension_of, metric_of
from dashboard.panels import Panel
from dashboard.views import trend, wording


def others(showing: Showing, asked: Panel) -> list[Any]:
    """The page's further metrics as small charts, from the answer that the large one has."""
    frame = showing.ask(asked.ask(showing.scope))
    charts = [_small(showing, frame, row.name) for row in frame.about[1:]]
    return [multiples(charts, "explore.trend")] if charts else []


def _small(showing: Showing, frame: Frame, name: str) -> Multiple:
    chart = trend(name)(frame, showing.scope)
    assert isinstance(chart, Chart)
    chart = replace(chart, title=wording.label(frame, name), locale=showing.locale)
    value = wording.said(frame, name, frame.total(name), "short")
    made = showing.here.href(receipt=name)
    drawn = figures.draw(chart, showing.theme)
    return Multiple(chart, drawn, value, made=made, panel_id=f"explore.trend-{name}")


def split(showing: Showing, asked: Panel) -> Any:
    scope = asked.scope(showing.scope)
    frame = showing.ask(asked.ask(scope), scope)
    chart = asked.view(frame, scope)
    if not isinstance(chart, Chart) or not chart.series:
        return drill.no_orders(showing)
    chart = replace(chart, locale=showing.locale)
    drawn = draw_multiples(chart, showing.theme)
    names = [key for key, _ in chart.parts]
    totals = _totals(showing)
    charts = [
        Multiple(alone, figure, totals.get(key, ""), *_leads(showing, key))
        for key, (alone, figure) in zip(names, drawn, strict=True)
    ]
    acts = [tabs.tabs(showing), components.exports.files()]
    head = components.heading(chart.title, chart.measure, acts)
    key = "explore.breakdown"
    return html.Div([head, multiples(charts, key)], **{"data-panel": key})


def _totals(showing: Showing) -> dict[str, str]:
    """What each value comes to in the whole period: asked, because rates do not add up."""
    name, dimension = metric_of(showing.here.own), dimension_of(showing.here.own, showing.scope)
    frame = showing.ask(Ask((name,), (dimension,), top=MULTIPLES), showing.scope.alone())
    groups = len(frame) - frame.rest_rows
    keys = [NONE if key is None else str(key) for key in frame.values(dimension)]
    values = frame.values(name)
    return {
        (keys[n] if n < groups else REST): wording.said(frame, name, value, "short")
        for n, value in enumerate(values)
    }


def _leads(showing: Showing, key: str) -> tuple[str, str]:
    """Where a small chart's name leads, and where its number does."""
    own, scope = showing.here.own, showing.scope
    dimension = dimension_of(own, scope)
    of = the_others(dimension) if key == REST else f"{dimension}:{key}"
    made = showing.here.href(receipt=metric_of(own), of=of)
    if key == REST or dimension not in FILTERS:
        return "", made
    return showing.here.href(scope.where(dimension, key), split="", by=""), made
