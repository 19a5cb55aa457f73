"""Explore's way down and up: crumbs with their values, the figures of the place, rows that lead
deeper.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import html

from agent.metrics import formats
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.frames import NONE, Frame, Number
from agent.metrics.questions import Ask, Scope
from dashboard import components
from dashboard.callbacks import overview
from dashboard.callbacks.menus import cleared, value_words
from dashboard.callbacks.showing import Showing
from dashboard.components import HeroFigure, Level
from dashboard.pages.explore import (
    HERO,
    METRICS_OFFERED,
    TABS,
    dimension_of,
    metric_of,
    open_steps,
)
from dashboard.pages.explore import PAGE as EXPLORE
from dashboard.panels import Row, Table
from dashboard.shell import menu

# What + Level offers beyond the tabs.
FURTHER = ("weekday",)
TOTAL_OF_ALL = "Share of all"


def crumbs(showing: Showing) -> Any:
    """All, then every filter in the order it was added, each with what is left at that level."""
    here, scope = showing.here, showing.scope
    top = cleared(scope)
    levels = [
        Level("All", _value(showing, top), here.href(top, by="", top=""), here=not scope.filters)
    ]
    for place, step in enumerate(scope.filters):
        upto = replace(scope, filters=scope.filters[: place + 1])
        less = replace(scope, filters=tuple(f for f in scope.filters if f != step))
        last = place == len(scope.filters) - 1
        without = "without " if step.exclude else ""
        label = f"{DIMENSIONS[step.dimension].label}: {without}{value_words(showing, step)}"
        address = here.href(upto, by="", top="")
        levels.append(Level(label, _value(showing, upto), address, here.href(less), last))
    return [components.breadcrumb(levels, _deeper(showing)), _up(showing)]


def hero(showing: Showing) -> Any:
    """Net sales, orders, average order value, and the part of all that this is."""
    metric = metric_of(showing.here.own)
    names = (metric, *(name for name in HERO if name != metric))[:3]
    frame = showing.ask(Ask(names))
    figures = [_hero_figure(showing, frame, name, place == 0) for place, name in enumerate(names)]
    if showing.scope.filters and not frame.metric(metric).ratio:
        whole = showing.ask(Ask((metric,)), cleared(showing.scope))
        figures.append(_share(showing, frame, whole, metric))
    return components.hero(figures)


def tabs(showing: Showing) -> Any:
    """What the table breaks down by, and which metric all of the page shows."""
    chosen = dimension_of(showing.here.own, showing.scope)
    links = [
        html.A(
            DIMENSIONS[name].label,
            href=showing.here.href(by=name, top=""),
            **({"aria-current": "true"} if name == chosen else {}),
        )
        for name in (*TABS, *(n for n in FURTHER if n == chosen))
        if name == chosen or _tells(showing, name)
    ]
    return html.Nav(links, className="seg", **{"aria-label": "Break down by"})


def _deeper(showing: Showing) -> Any:
    """+ Level: what the place can be broken down by next; None where nothing is left."""
    rows = [
        html.A(DIMENSIONS[name].label, href=showing.here.href(by=name, top=""))
        for name in (*open_steps(showing.scope), *FURTHER)
        if not _fixed(showing.scope, name) and _tells(showing, name)
    ]
    words = [components.icon("plus", 12), "Level"]
    label = html.Summary(words, className="chip add", title="Break down by one more dimension")
    return menu("level", label, html.Div(rows, className="pop menu")) if rows else None


def _fixed(scope: Scope, dimension: str) -> bool:
    return any(f.dimension == dimension and not f.exclude for f in scope.filters)


def metric_menu(showing: Showing) -> Any:
    """The metric picker, each metric with its definition."""
    metric = metric_of(showing.here.own)
    rows = [
        html.A(
            showing.metric(name).label,
            href=showing.here.href(metrics=name, top=""),
            title=showing.metric(name).definition,
            **({"aria-current": "true"} if name == metric else {}),
        )
        for name in METRICS_OFFERED
    ]
    words = [
        components.icon("chart-line"),
        showing.metric(metric).label,
        components.icon("chevron-down", 14),
    ]
    label = html.Summary(words, className="btn btn-line", title=showing.metric(metric).definition)
    return menu("explore", label, html.Div(rows, className="pop menu"))


def linked(showing: Showing, table: Table) -> Table:
    """Every row with the address it opens: one filter more, broken down by the next step that tells
    something.
    """
    if table.dimension not in (*TABS, *FURTHER):
        return table
    here, scope = showing.here, showing.scope
    words = {"metrics": here.own.get("metrics", ""), "by": _next(showing, table.dimension)}

    def leading(row: Row) -> Row:
        if row.key is None:
            return row
        deeper = scope.where(table.dimension, row.key)
        return replace(row, href=here.href(deeper, EXPLORE.path, **words))

    return replace(table, rows=tuple(map(leading, table.rows)))


def no_orders(showing: Showing) -> Any:
    """Nothing matches: how to get back to something."""
    if showing.scope.filters:
        action = ("Clear filters", showing.here.href(cleared(showing.scope)))
        return components.empty(
            "No orders match", "No order in this period fits all filters.", action
        )
    words = "There are no orders in this period. Choose another one."
    return components.empty("No orders", words)


def place_name(showing: Showing) -> str:
    """What the page is about: Lighting in Germany, else the metric."""
    steps = [f for f in showing.scope.filters if not f.exclude]
    names = [value_words(showing, step) for step in steps]
    by_kind = dict(zip([f.dimension for f in steps], names, strict=True))
    country = by_kind.pop("country", "")
    rest = " · ".join(reversed(by_kind.values()))
    if country and rest:
        return f"{rest} in {country}"
    return country or rest or showing.metric(metric_of(showing.here.own)).label


def _next(showing: Showing, dimension: str) -> str:
    """The first step below a dimension that splits this shop's sales at all: a shop without
    product types skips them."""
    steps = open_steps(showing.scope.where(dimension, NONE))
    return next((name for name in steps if _tells(showing, name)), steps[-1])


def _tells(showing: Showing, dimension: str) -> bool:
    """Whether a dimension splits this shop's sales of the period into more than one group."""
    if dimension in FURTHER:
        return showing.scope.days > 1
    wide = cleared(showing.scope).alone()
    return len(showing.ask(Ask(("net_sales",), (dimension,), top=6), wide)) > 1


def _up(showing: Showing) -> Any:
    """What Backspace follows: the address without the last level."""
    filters = showing.scope.filters
    if not filters:
        return None
    upper = replace(showing.scope, filters=filters[:-1])
    address = showing.here.href(upper, by=filters[-1].dimension, top="")
    return html.A("Up a level", href=address, className="unseen", tabIndex=-1, **{"data-up": "1"})


def _value(showing: Showing, scope: Scope) -> str:
    name = metric_of(showing.here.own)
    frame = showing.ask(Ask((name,)), scope)
    return _said(showing, frame, name, frame.total(name))


def _said(showing: Showing, frame: Frame, name: str, value: Number, full: bool = False) -> str:
    style: formats.Style = "full" if full else "short"
    unit = frame.metric(name).unit
    return formats.number(value, unit, frame.receipt.currency, style, showing.locale)


def _hero_figure(showing: Showing, frame: Frame, name: str, full: bool) -> HeroFigure:
    row, now, before = frame.metric(name), frame.total(name), frame.before(name)
    reason = overview.unknown(showing, row, now)
    if reason:
        return HeroFigure(row.label, formats.UNKNOWN, None, reason)
    change, was = None, ""
    if frame.previous is not None:
        change = overview.change(frame, row, showing.locale)
        was = f"from {_said(showing, frame, name, before, full)}" if before is not None else ""
    return HeroFigure(row.label, _said(showing, frame, name, now, full), change, was)


def _share(showing: Showing, part: Frame, whole: Frame, metric: str) -> HeroFigure:
    now = _ratio(part.total(metric), whole.total(metric))
    before = _ratio(part.before(metric), whole.before(metric))
    said = formats.number(now, "percent", locale=showing.locale)
    change, was = None, ""
    if part.previous is not None and now is not None:
        change = formats.change(now, before, "percent", locale=showing.locale)
        said_before = formats.number(before, "percent", locale=showing.locale)
        was = f"from {said_before}" if before is not None else ""
    label = part.metric(metric).label.lower()
    return HeroFigure(f"{TOTAL_OF_ALL} {label}", said, change, was)


def _ratio(part: Number, whole: Number) -> float | None:
    return float(part) / float(whole) if part is not None and whole else None
