"""One callback for every part of every page: read the address, ask, draw; a part that fails says so
in its own place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from dash import MATCH, Dash, Input, Output, State, no_update

from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.questions import Ask
from agent.services import Services
from dashboard import address, components, figures
from dashboard.callbacks import drill, head, menus, overview, shops, unsaid
from dashboard.callbacks.showing import Showing
from dashboard.charts import Chart
from dashboard.faults import Fault, guarded
from dashboard.pages import PAGES
from dashboard.panels import Page, Panel, Table, View
from dashboard.targets import per_bucket

Draw = Callable[[Showing], Any]
DRAWN: Mapping[str, Draw] = {
    "head": head.draw,
    "lead": overview.lead,
    "figures": overview.key_figures,
    "crumbs": drill.crumbs,
    "hero": drill.hero,
    "chips": menus.chips,
    "shops": shops.listed,
    "upload": shops.form,
}
# Pages that work before there is a shop.
SHOPLESS = ("shops", "upload", "head")


def bind(app: Dash, services: Services) -> None:
    part, reads = {"type": "part", "id": MATCH}, {"type": "reads", "id": MATCH}

    @app.callback(
        Output(part, "children"),
        Output(reads, "data"),
        Input("here", "data"),
        Input({"type": "again", "id": MATCH}, "data"),
        State("address", "search"),
        State("theme", "data"),
        State("address", "pathname"),
        State(part, "id"),
    )
    def draw(_: Any, __: Any, *now: Any) -> Any:
        search, theme, path, key = now
        page_name, _, name = key["id"].partition(".")
        page = PAGES.get(path or "/")
        if page is None or page.name != page_name:
            return no_update, no_update
        return drawn(services, page, name, search or "", theme or "light")

    choices = {"type": "choices", "id": MATCH}

    @app.callback(
        Output(choices, "children"),
        Input({"type": "open", "id": MATCH}, "data"),
        State("address", "pathname"),
        State(choices, "id"),
        prevent_initial_call=True,
    )
    def choose(asked: Mapping[str, Any] | None, path: str | None, key: Mapping[str, str]) -> Any:
        page_name, _, name = key["id"].partition(".")
        page = PAGES.get(path or "/")
        if page is None or page.name != page_name or not asked:
            return no_update
        # The address that the menu was opened at: the browser's own state of it may lag behind.
        return drawn(services, page, name, str(asked.get("search", "")))[0]


def drawn(services: Services, page: Page, name: str, search: str, theme: str = "light") -> Any:
    """A part's content, and the versions of the tables that it was made from."""
    seen: dict[str, Any] = {}

    def draw() -> Any:
        if name in SHOPLESS and not services.warehouse.shops():
            return shops.WITHOUT[name](services)
        showing = Showing(services, page, address.read(services, page.path, search), theme)
        seen.update(tables=showing.tables, shop=showing.shop.shop_id)
        return _content(showing, name)

    content = guarded(draw, _failed, _title(page, name))
    return content, seen or None


TITLES: Mapping[str, str] = {
    "head": "The page's head",
    "lead": "The summary",
    "figures": "The row of key figures",
    "crumbs": "The drill path",
    "hero": "The row of figures",
    "chips": "The row of filters",
    "shops": "The list of shops",
    "upload": "The form for files",
}


def _title(page: Page, name: str) -> str:
    """What a person calls a part."""
    kind, _, dimension = name.partition("-")
    if kind in ("chip", "menu") and dimension in DIMENSIONS:
        return f"The filter {DIMENSIONS[dimension].label}"
    found = next((panel.title for panel in page.panels if panel.id == name), name)
    return TITLES.get(name) or f"The part “{found}”"


def _content(showing: Showing, name: str) -> Any:
    kind, _, rest = name.partition("-")
    if kind == "chip":
        return menus.chip(showing, rest)
    if kind == "menu":
        return menus.choices(showing, rest)
    if name in DRAWN:
        return DRAWN[name](showing)
    return panel(showing, showing.page.panel(name, showing.here.own))


def panel(showing: Showing, asked: Panel) -> Any:
    """A panel as its chart, its table or its list of bars."""
    frame = showing.ask(asked.ask(showing.scope))
    view = asked.view(frame, showing.scope)
    if asked.more is not None:
        further = asked.more.ask(frame, showing.scope)
        view = asked.more.add(view, showing.answer(further)) if further else view
    return _shown(showing, asked, view)


def _shown(showing: Showing, asked: Panel, view: View) -> Any:
    key = f"{showing.page.name}.{asked.id}"
    if isinstance(view, Chart):
        if _flat(view) and not showing.ask(Ask(("orders",))).total("orders"):
            return drill.no_orders(showing)
        chart = replace(_with_target(showing, view), locale=showing.locale)
        return components.chart_section(chart, figures.draw(chart, showing.theme), key)
    if _empty(view):
        return drill.no_orders(showing)
    tabs = drill.tabs(showing) if asked.id == "breakdown" else None
    if unsaid.unsaid(showing, view):
        return [*([tabs] if tabs else []), unsaid.nothing_said(view)]
    linked = drill.linked(showing, view)
    if asked.bars:
        return components.list_bars(linked, key)
    return components.table_section(linked, key, tabs)


def _with_target(showing: Showing, chart: Chart) -> Chart:
    """Targets are the whole shop's: a filtered chart has none."""
    metric = overview.metric_of(showing)
    target = showing.services.records.targets.all(showing.shop.shop_id).get(metric.name)
    if target is None or showing.scope.filters or showing.page.path != "/":
        return chart
    return replace(chart, target=per_bucket(target, metric, showing.scope, chart.grain))


def _flat(chart: Chart) -> bool:
    """Whether no line holds a figure other than zero."""
    return not any(np.nan_to_num(series.values).any() for series in chart.series)


def _empty(table: Table) -> bool:
    return not any(row.kind != "total" for row in table.rows)


def _failed(fault: Fault) -> Any:
    return components.failed(fault.message, fault.hint, fault.reference)
