"""Explore's moves: where a row leads, what leads up again, and what the place is called."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from agent.metrics.dimensions import FILTERS, GRAINS
from agent.metrics.frames import NONE
from agent.metrics.knowing import unknown_by
from agent.metrics.questions import Ask, Scope
from agent.words import t
from dashboard.callbacks.menus import cleared, value_words
from dashboard.callbacks.nothing import no_orders as no_orders
from dashboard.callbacks.showing import Showing
from dashboard.components import html
from dashboard.narrowing import during
from dashboard.pages.explore import PAGE as EXPLORE
from dashboard.pages.explore import metric_of, steps
from dashboard.panels import Row, Table

SALES = "net_sales"


def linked(showing: Showing, table: Table) -> Table:
    """Every row with the address it opens: one filter more, broken down by the next step that tells
    something; a row of a time, with that time as the period.
    """
    if table.dimension in GRAINS:
        return replace(table, rows=tuple(_to_time(showing, table.dimension, r) for r in table.rows))
    if table.dimension not in FILTERS or table.dimension == "shop":
        return table
    here, scope = showing.here, showing.scope
    words = {"metrics": here.own.get("metrics", ""), "by": _next(showing, table.dimension)}

    def leading(row: Row) -> Row:
        if row.key is None:
            return row
        deeper = scope.where(table.dimension, row.key)
        return replace(row, href=here.href(deeper, EXPLORE.path, **words, split="", top=""))

    return replace(table, rows=tuple(map(leading, table.rows)))


def _to_time(showing: Showing, grain: str, row: Row) -> Row:
    """A day is the last step: its hours are no periods."""
    if row.key is None or grain == "hour" or showing.scope.days == 1:
        return row
    scope = during(showing.scope, grain, date.fromisoformat(row.key[:10]))
    finer = {"year": "month", "quarter": "month", "month": "day", "week": "day"}.get(grain, "hour")
    return replace(row, href=showing.here.href(scope, by=finer, grain=""))


def up(showing: Showing) -> Any:
    """What Backspace follows: the address without the last level."""
    filters = showing.scope.filters
    if not filters:
        return None
    upper = replace(showing.scope, filters=filters[:-1])
    address = showing.here.href(upper, by=filters[-1].dimension, split="", top="")
    return html.A(
        t("Up a level"), href=address, className="unseen", tabIndex=-1, **{"data-up": "1"}
    )


def place_name(showing: Showing) -> str:
    """What the page is about: Lighting in Germany, else the metric."""
    chosen = [f for f in showing.scope.filters if not f.exclude]
    names = [value_words(showing, step) for step in chosen]
    by_kind = dict(zip([f.dimension for f in chosen], names, strict=True))
    country = by_kind.pop("country", "")
    rest = " · ".join(reversed(by_kind.values()))
    if country and rest:
        return t("{what} in {country}", what=rest, country=country)
    return country or rest or t(showing.metric(metric_of(showing.here.own)).label)


def tells(showing: Showing, dimension: str) -> bool:
    """Whether a dimension splits this shop's sales of the period into more than one group."""
    if dimension == "weekday":
        return showing.scope.days > 1
    wide = cleared(showing.scope).alone()
    # What sales are not known by, the page's own metric is: its steps are those that it knows.
    sales = not unknown_by(showing.metric(SALES), dimension)
    metric = SALES if sales else metric_of(showing.here.own)
    return len(showing.ask(Ask((metric,), (dimension,), top=6), wide)) > 1


def known(showing: Showing, scope: Scope) -> tuple[str, ...]:
    """The steps down that the page's metric knows, a KPI of the people's own too."""
    metric = showing.metric(metric_of(showing.here.own))
    every = steps(showing.here.own, scope)
    return tuple(name for name in every if not unknown_by(metric, name)) or every


def _next(showing: Showing, dimension: str) -> str:
    """The first step below a dimension that splits this shop's sales at all: a shop without
    product types skips them."""
    open_steps = known(showing, showing.scope.where(dimension, NONE))
    return next((name for name in open_steps if tells(showing, name)), open_steps[-1])
