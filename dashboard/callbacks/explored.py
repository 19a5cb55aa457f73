"""Explore's own parts: the path, the figures of the place, its charts, and what they come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from agent.errors import Refused
from agent.metrics.dimensions import DIMENSIONS, FILTERS
from agent.metrics.frames import NONE, Frame
from agent.metrics.knowing import unknown_by
from agent.metrics.questions import Ask
from agent.words import t
from dashboard import components, figures
from dashboard.callbacks import crumbs, drill, picker, place, tabs
from dashboard.callbacks.showing import Showing
from dashboard.charts import Chart
from dashboard.components.multiples import Multiple, multiples
from dashboard.exploring import REST
from dashboard.figures.multiples import draw_multiples
from dashboard.narrowing import others
from dashboard.pages.explore import MULTIPLES, dimension_of, metric_of
from dashboard.panels import Panel
from dashboard.views import trend, wording

Draw = Callable[[Showing], Any]
Drawing = Callable[[Showing, Panel], Any]
DRAWN: Mapping[str, Draw] = {
    "crumbs": crumbs.crumbs,
    "hero": place.hero,
    "levels": crumbs.levels,
    "levels-more": crumbs.levels,
    "picker": picker.picker,
}


def panel(showing: Showing, asked: Panel, draw: Drawing) -> Any:
    """A panel of Explore as `draw` draws every page's, with what only Explore has around it."""
    try:
        # Asked once: drawing it takes the same answer.
        scope = asked.scope(showing.scope)
        showing.ask(asked.ask(scope), scope)
    except Refused as refused:
        return _refused(showing, asked, refused)
    if asked.id == "trend":
        return [draw(showing, asked), *_others(showing, asked)]
    return _multiples(showing, asked) if showing.here.own.get("split") else draw(showing, asked)


def _refused(showing: Showing, asked: Panel, refused: Refused) -> list[Any]:
    """A number that is not known like that: why, and what to choose instead."""
    hint = refused.hint or t("Choose another dimension or another metric.")
    said = components.empty(refused.message, hint, _less(showing), sign="info")
    if asked.id == "trend":
        return [said]
    return [components.heading(t("Breakdown"), actions=tabs.tabs(showing)), said]


def _less(showing: Showing) -> tuple[str, str] | None:
    """The way to the nearest place where the metric is known: without the first filter that it is
    not known by."""
    metric = showing.metric(metric_of(showing.here.own))
    for step in showing.scope.filters:
        if unknown_by(metric, step.dimension):
            label = t(DIMENSIONS[step.dimension].label)
            less = showing.scope.without(step.dimension)
            return t("Leave out {filter}", filter=label), showing.here.href(less)
    return None


def _others(showing: Showing, asked: Panel) -> list[Any]:
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
    return Multiple(chart, figures.draw(chart, showing.theme), value, made=made)


def _multiples(showing: Showing, asked: Panel) -> Any:
    scope = asked.scope(showing.scope)
    frame = showing.ask(asked.ask(scope), scope)
    chart = asked.view(frame, scope)
    if not isinstance(chart, Chart) or not chart.series:
        return drill.no_orders(showing)
    chart = replace(chart, locale=showing.locale)
    drawn = draw_multiples(chart, showing.theme)
    names = [series.key for series in chart.series]
    totals = _totals(showing)
    charts = [
        Multiple(alone, figure, totals.get(key, ""), *_leads(showing, key))
        for key, (alone, figure) in zip(names, drawn, strict=True)
    ]
    head = components.heading(chart.title, chart.measure, tabs.tabs(showing))
    return [head, multiples(charts, "explore.breakdown")]


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
    of = others(dimension) if key == REST else f"{dimension}:{key}"
    made = showing.here.href(receipt=metric_of(own), of=of)
    if key == REST or dimension not in FILTERS:
        return "", made
    return showing.here.href(scope.where(dimension, key), split="", by=""), made
