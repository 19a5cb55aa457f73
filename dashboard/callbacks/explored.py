"""Explore's own parts: the path, the figures of the place, its charts, and what they come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agent.errors import Refused
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.knowing import unknown_by
from agent.words import t
from dashboard import components
from dashboard.callbacks import crumbs, many, picker, place, tabs
from dashboard.callbacks.showing import Showing
from dashboard.pages.explore import metric_of
from dashboard.panels import Panel

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
        return [draw(showing, asked), *many.others(showing, asked)]
    return many.split(showing, asked) if showing.here.own.get("split") else draw(showing, asked)


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
