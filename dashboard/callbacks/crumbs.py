"""Explore's drill path: every level with its value, and the menu that adds one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agent.metrics import formats
from agent.metrics.dimensions import DIMENSIONS, GRAINS
from agent.metrics.knowing import unknown_by
from agent.metrics.metric import Metric
from agent.metrics.questions import Ask, Scope
from agent.words import mark, t
from dashboard import components
from dashboard.callbacks import drill, terms
from dashboard.callbacks.lazy import asked_menu
from dashboard.callbacks.menus import cleared, value_words
from dashboard.callbacks.showing import Showing
from dashboard.components import Level, html
from dashboard.pages.explore import dimension_of, metric_of

# Every dimension that a number can be broken down by, in the order of the menu.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (mark("Place"), ("country", "region", "city")),
    (mark("Product"), ("product_type", "product", "variant", "vendor", "abc")),
    (mark("Channel"), ("channel", "campaign")),
    (
        mark("Customer"),
        (
            "customer_kind",
            "rfm",
            "value_tier",
            "recency",
            "frequency",
            "monetary",
            "cohort",
            "cohort_week",
            "cohort_quarter",
            "age",
            "age_weeks",
            "age_quarters",
        ),
    ),
    (mark("Time"), ("year", "quarter", "month", "week", "weekday", "day", "hour")),
)


def crumbs(showing: Showing) -> Any:
    """All, then every filter in the order it was added, each with what is left at that level."""
    here, scope = showing.here, showing.scope
    top = cleared(scope)
    address = here.href(top, by="", split="", top="")
    levels = [Level(t("All"), _value(showing, top), address, here=not scope.filters)]
    for place, step in enumerate(scope.filters):
        upto = replace(scope, filters=scope.filters[: place + 1])
        less = replace(scope, filters=tuple(f for f in scope.filters if f != step))
        last = place == len(scope.filters) - 1
        words = {"what": t(DIMENSIONS[step.dimension].label), "which": value_words(showing, step)}
        label = (
            t("{what}: without {which}", **words) if step.exclude else t("{what}: {which}", **words)
        )
        address = here.href(upto, by="", split="", top="")
        levels.append(Level(label, _value(showing, upto), address, here.href(less), last))
    path = components.breadcrumb(levels, _deeper(showing))
    return [html.Div([path, terms.menus(showing)], className="crumb-row"), drill.up(showing)]


def _deeper(showing: Showing) -> Any:
    words = [components.icon("plus", 12), t("Level")]
    title = t("Break down by one more dimension")
    label = html.Summary(words, className="chip add", title=title)
    return asked_menu(showing, "levels", label, search=True)


def levels(showing: Showing) -> Any:
    """+ Level: every dimension, in any order; what the metric is not known by says why."""
    metric = showing.metric(metric_of(showing.here.own))
    chosen = dimension_of(showing.here.own, showing.scope)
    out: list[Any] = []
    for title, names in GROUPS:
        rows = [
            _level(showing, metric, name, name == chosen)
            for name in names
            if name in DIMENSIONS and not _fixed(showing.scope, name)
        ]
        out += [html.Div(t(title), className="group"), *rows] if rows else []
    return out


def _level(showing: Showing, metric: Metric, name: str, chosen: bool) -> Any:
    label = t(DIMENSIONS[name].label)
    reason = unknown_by(metric, name)
    if reason:
        said = [html.Span(label), html.Span(reason, className="why")]
        return html.Div(said, className="off")
    split = showing.here.own.get("split") and name not in GRAINS
    words = {"by": "" if split else name, "split": name if split else "", "top": ""}
    current = {"aria-current": "true"} if chosen else {}
    return html.A(label, href=showing.here.href(**words), **current)


def _fixed(scope: Scope, dimension: str) -> bool:
    return any(f.dimension == dimension and not f.exclude for f in scope.filters)


def _value(showing: Showing, scope: Scope) -> str:
    name = metric_of(showing.here.own)
    if unknown_by(showing.metric(name), *(f.dimension for f in scope.filters)):
        return formats.UNKNOWN
    frame = showing.ask(Ask((name,)), scope)
    unit = frame.metric(name).unit
    return formats.number(frame.total(name), unit, frame.receipt.currency, "short")
