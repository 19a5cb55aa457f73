"""One callback for every part of every page: read the address, ask, draw; a part that fails says so
in its own place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dash import MATCH, Dash, Input, Output, State, no_update

from agent.metrics.dimensions import DIMENSIONS
from agent.services import Services
from agent.words import mark, t
from dashboard import address, components
from dashboard.callbacks import (
    drawing,
    explored,
    goals,
    head,
    hero,
    kpis,
    leads,
    menus,
    overview,
    receipt,
    shops,
    standing,
    targets,
)
from dashboard.callbacks.showing import Showing
from dashboard.components.markup import frozen
from dashboard.faults import Fault, guarded
from dashboard.pages import PAGES
from dashboard.panels import Page

Draw = Callable[[Showing], Any]
DRAWN: Mapping[str, Draw] = {
    "head": head.draw,
    "lead": leads.draw,
    "figures": overview.key_figures,
    "hero": hero.draw,
    "receipt": receipt.draw,
    "standing": standing.draw,
    "chips": menus.chips,
    "shops": shops.listed,
    "upload": shops.form,
    "goals": goals.listed,
    "goal-form": targets.form,
    "kpis": kpis.listed,
    "kpi-form": kpis.form,
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
        content, reads = drawn(services, page, name, search or "", theme or "light")
        return frozen(content), reads

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
        return frozen(drawn(services, page, name, str(asked.get("search", "")))[0])


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
    "head": mark("The page's head"),
    "lead": mark("The summary"),
    "figures": mark("The row of key figures"),
    "crumbs": mark("The drill path"),
    "hero": mark("The row of figures"),
    "receipt": mark("The receipt"),
    "chips": mark("The row of filters"),
    "shops": mark("The list of shops"),
    "upload": mark("The form for files"),
    "goals": mark("The table of targets"),
    "goal-form": mark("The form for targets"),
    "kpis": mark("The list of KPIs"),
    "kpi-form": mark("The form for KPIs"),
}


def _title(page: Page, name: str) -> str:
    """What a person calls a part."""
    kind, _, dimension = name.partition("-")
    if kind in ("chip", "menu") and dimension in DIMENSIONS:
        return t("The filter {dimension}", dimension=t(DIMENSIONS[dimension].label))
    if name in TITLES:
        return t(TITLES[name])
    found = next((panel.title for panel in page.panels if panel.id == name), name)
    return t("The part “{title}”", title=t(found))


def _content(showing: Showing, name: str) -> Any:
    kind, _, rest = name.partition("-")
    if kind == "chip":
        return menus.chip(showing, rest)
    if kind == "menu":
        return menus.choices(showing, rest)
    exploring = showing.page.name == "explore"
    draw = explored.DRAWN.get(name) if exploring else None
    draw = draw or DRAWN.get(name)
    if draw:
        return draw(showing)
    asked = showing.page.panel(name, showing.here.own)
    content = (
        explored.panel(showing, asked, drawing.panel)
        if exploring
        else drawing.panel(showing, asked)
    )
    return receipt.marked(showing, asked, content)


def _failed(fault: Fault) -> Any:
    if fault.permanent and not fault.reference:
        # Nothing is broken: it cannot be asked like that, and trying again will not help.
        return components.empty(fault.message, fault.hint, sign="info")
    return components.failed(fault.message, fault.hint, fault.reference)
