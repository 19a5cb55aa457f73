"""A panel as its chart, its table or its list of bars, or what stands there instead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from agent.errors import Refused
from agent.metrics.questions import Ask
from agent.words import t
from dashboard import components, figures, histories
from dashboard.callbacks import (
    alerts,
    cross,
    drill,
    longer,
    receipt,
    switches,
    tabs,
    unsaid,
)
from dashboard.callbacks.showing import Showing
from dashboard.charts import Chart
from dashboard.goingon import gone_on
from dashboard.pages.explore import PAGE as EXPLORE
from dashboard.panels import Panel, Table, View
from dashboard.rings import ringed
from dashboard.settled import settled
from dashboard.viewing import aimed, viewed


def panel(showing: Showing, asked: Panel) -> Any:
    """The panel's answer, drawn; a sentence where the shop or the filters leave nothing to ask."""
    if asked.needs and not showing.has(asked.needs):
        return unsaid.lacking(asked)
    scope = asked.scope(showing.scope)
    try:
        view = viewed(showing.answer, asked, scope, showing.scope).view
    except Refused as refused:
        if not scope.filters:
            raise
        return unsaid.refused(showing, refused)
    plan = showing.plan if asked.aims else None
    view = aimed(showing.services, asked, view, showing.scope, plan)
    view = gone_on(showing.services, asked, view, showing.scope)
    view = ringed(showing.services, asked, view, showing.scope)
    view = settled(showing.services, asked, view, showing.scope)
    if asked.rings:
        alerts.note(showing)
    return _shown(showing, asked, histories.told(view, showing.begins, scope))


def _shown(showing: Showing, asked: Panel, view: View) -> Any:
    if isinstance(view, Chart):
        return _chart(showing, asked, view)
    if _empty(view):
        found = asked.grows and showing.here.own.get("find")
        return longer.none_found(showing, asked) if found else drill.no_orders(showing)
    steps = tabs.tabs(showing) if asked.id == "breakdown" else None
    if unsaid.unsaid(showing, view):
        return [*([steps] if steps else []), unsaid.nothing_said(view)]
    linked = _linked(showing, asked, view)
    if components.is_heat(linked):
        groups = switches.switches(showing, asked)
        return components.heat_section(linked, _key(showing, asked), groups)
    if asked.bars:
        return components.list_bars(linked, _key(showing, asked))
    if asked.grows:
        return _longer(showing, asked, linked)
    return components.table_section(linked, _key(showing, asked), steps)


def _longer(showing: Showing, asked: Panel, table: Table) -> Any:
    sortable = longer.sortable(showing, asked, table)
    box = longer.search(showing, asked)
    section = components.table_section(sortable, _key(showing, asked), box)
    return [section, *filter(None, [longer.more(showing, asked, table)])]


def _chart(showing: Showing, asked: Panel, view: Chart) -> Any:
    if _flat(view) and not showing.ask(Ask(("orders",))).total("orders"):
        return drill.no_orders(showing)
    if instead := _unsaid(showing, view):
        return instead
    if asked.bars:
        return components.funnel(view, _key(showing, asked))
    chart = replace(view, locale=showing.locale)
    table = None
    if asked.selects and chart.dimension:
        chart = replace(chart, chosen=cross.chosen(showing.scope, asked.selects))
        table = _linked(showing, asked, figures.table_of(chart))
    drawn = figures.draw(chart, showing.theme)
    way = None
    if chart.rule is not None and asked.foretells:
        name = asked.foretells(showing.scope)
        way = components.link(t("Open forecast"), showing.here.href(path="/forecasts", metric=name))
    return components.chart_section(chart, drawn, _key(showing, asked), table=table, way=way)


def _unsaid(showing: Showing, chart: Chart) -> Any:
    """What stands for a chart of nothing but what is not known."""
    if unsaid.uncosted(chart):
        return unsaid.no_margins()
    if chart.kind != "ring":
        return None
    table = replace(figures.table_of(chart), dimension=chart.dimension)
    return unsaid.nothing_said(table) if unsaid.unsaid(showing, table) else None


def _linked(showing: Showing, asked: Panel, table: Table) -> Table:
    """On Explore a row leads deeper; on the other pages it filters them."""
    if asked.selects and showing.page.path != EXPLORE.path:
        return cross.linked(showing, table, asked.selects)
    return receipt.linked(showing, drill.linked(showing, table))


def _key(showing: Showing, asked: Panel) -> str:
    return f"{showing.page.name}.{asked.id}"


def _flat(chart: Chart) -> bool:
    """Whether no line holds a figure other than zero."""
    return not any(np.nan_to_num(series.values).any() for series in chart.series)


def _empty(table: Table) -> bool:
    return not any(row.kind != "total" for row in table.rows)
