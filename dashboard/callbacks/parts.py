"""One callback for all parts of every page: read the address once, ask, draw; a part that fails
says so in its own place, and one that is slow does not keep the others waiting.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import ALL, MATCH, Dash, Input, Output, State, no_update

from agent.asking import together
from agent.metrics import aging
from agent.metrics.dimensions import DIMENSIONS
from agent.services import Services
from agent.words import mark, t
from dashboard import address, components
from dashboard.callbacks import (
    alerts,
    changes,
    drawing,
    events,
    explored,
    forecasts,
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
from dashboard.callbacks.house import HOUSE, WITHOUT, without
from dashboard.callbacks.showing import AWAY, Showing
from dashboard.components.markup import frozen
from dashboard.faults import Fault, guarded
from dashboard.foretold import Fits
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
    "changes": changes.draw,
    "why": changes.panel,
    "chips": menus.chips,
    "shops": shops.listed,
    "upload": shops.form,
    "goals": goals.listed,
    "goal-form": targets.form,
    "kpis": kpis.listed,
    "kpi-form": kpis.form,
    "events": events.coming,
    "event-form": events.form,
    "given": events.given,
    "past-events": events.past,
}
OWN: Mapping[str, Mapping[str, Draw]] = {
    "explore": explored.DRAWN,
    "forecasts": forecasts.DRAWN,
    "alerts": alerts.DRAWN,
}
"""What some pages draw in their own ways."""
# How long an answer waits for further parts.
READY_S = 0.25
# Parts whose figures other parts show: the mark of a failed check stands there.
UNDOUBTED = ("lead", "chips", "crumbs", *HOUSE)


def bind(app: Dash, services: Services, fits: Fits | None = None) -> None:
    @app.callback(
        Output({"type": "part", "id": ALL}, "children"),
        Output({"type": "reads", "id": ALL}, "data"),
        Input("here", "data"),
        Input("again", "data"),
        State({"type": "part", "id": ALL}, "id"),
        State({"type": "reads", "id": ALL}, "data"),
        State("address", "pathname"),
        State("address", "search"),
        State("theme", "data"),
    )
    def draw(here: Any, again: Any, keys: Any, kept: Any, *now: Any) -> Any:
        path, search, theme = now
        page = PAGES.get(path or "/")
        names = [key["id"] for key in keys]
        if page is None or not kept or not all(name.startswith(f"{page.name}.") for name in names):
            return [no_update] * len(keys), [no_update] * len(kept)
        sight = Sight(services, page, search or "", theme or "light", fits)
        told, read = batch(sight, names, Asked(here or "0", again or {}, kept[0] or {}))
        return told, [read]

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


@dataclass(frozen=True)
class Asked:
    """What a browser wants of a page's parts, and what it has of them: `here` changes with the
    page's address, `again` numbers the parts that are to be drawn anew, `kept` says for each part
    at which of both it was drawn.
    """

    here: str
    again: Mapping[str, int]
    kept: Mapping[str, Any]

    def wants(self, name: str) -> bool:
        had = self.kept.get(name) or {}
        return had.get("here") != self.here or had.get("again", 0) < self.again.get(name, 0)


def batch(sight: Sight, names: Sequence[str], asked: Asked) -> tuple[list[Any], dict[str, Any]]:
    """The parts that are wanted, in their order, as many as are ready in good time; the others
    are `left`, and the browser asks for them again. What comes back beside them says for each part
    what it was drawn at and from.
    """
    begun = time.monotonic()
    told: list[Any] = []
    read = {name: asked.kept[name] for name in names if name in asked.kept}
    left = False
    for name in names:
        content: Any = no_update
        if asked.wants(name):
            left = left or (any(part is not no_update for part in told) and _late(begun))
            if not left:
                content, made_from = sight.draw(name.partition(".")[2])
                again = asked.again.get(name, 0)
                read[name] = {"here": asked.here, "again": again, **(made_from or {})}
        told.append(content if content is no_update else frozen(content))
    return told, {**read, "here": asked.here, "left": left}


def _late(begun: float) -> bool:
    return time.monotonic() - begun > READY_S


@dataclass
class Sight:
    """One page at one address, as one reader sees it: its parts share what they read."""

    services: Services
    page: Page
    search: str
    theme: str = "light"
    fits: Fits | None = None
    _showing: Showing | None = None

    def draw(self, name: str) -> tuple[Any, dict[str, Any] | None]:
        """A part's content, and the versions of the tables that it was made from."""
        seen: dict[str, Any] = {}

        def draw() -> Any:
            if name in WITHOUT and not self.services.warehouse.shops():
                return without(self.services, self.page, name)
            showing = self._opened()
            showing.tables, showing.old = {}, []
            seen.update(tables=showing.tables, shop=showing.shop.shop_id)
            return _marked(showing, name, _content(showing, name))

        def failed(fault: Fault) -> Any:
            if self.services.warehouse.away:
                # It is drawn anew when the warehouse answers.
                seen["tables"] = {"away": AWAY}
            return _failed(fault)

        with together(f"{self.page.path}{self.search}"):
            content = guarded(draw, failed, _title(self.page, name))
        return content, seen or None

    def _opened(self) -> Showing:
        """What the address says. Raises Refused where it cannot be read."""
        if self._showing is None:
            here = address.read(self.services, self.page.path, self.search)
            self._showing = Showing(self.services, self.page, here, self.theme, fits=self.fits)
        return self._showing


def drawn(services: Services, page: Page, name: str, search: str, theme: str = "light") -> Any:
    """One part's content, and the versions of the tables that it was made from."""
    return Sight(services, page, search, theme).draw(name)


TITLES: Mapping[str, str] = {
    "head": mark("The page's head"),
    "lead": mark("The summary"),
    "ahead": mark("The choice of forecasts"),
    "figures": mark("The row of key figures"),
    "crumbs": mark("The drill path"),
    "hero": mark("The row of figures"),
    "receipt": mark("The receipt"),
    "chips": mark("The row of filters"),
    "verdict": mark("The verdict"),
    "agreement": mark("The agreement with the shop"),
    "checks": mark("The table of checks"),
    "upkeep": mark("The work on the warehouse"),
    "running": mark("The list of what runs"),
    "doings": mark("The row of figures"),
    "jobs": mark("The table of jobs"),
    "stores": mark("The table of the cache"),
    "audit": mark("The audit log"),
    "connections": mark("The list of connections"),
    "connect": mark("The form for connections"),
    "shops": mark("The list of shops"),
    "upload": mark("The form for files"),
    "goals": mark("The table of targets"),
    "goal-form": mark("The form for targets"),
    "inbox": mark("The list of alerts"),
    "reasons": mark("Why"),
    "precision": mark("The record of verdicts"),
    "kpis": mark("The list of KPIs"),
    "kpi-form": mark("The form for KPIs"),
    "events": mark("The list of coming events"),
    "event-form": mark("The form for events"),
    "given": mark("The list of given days"),
    "past-events": mark("The list of past events"),
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
    draw = OWN.get(showing.page.name, {}).get(name) or DRAWN.get(name)
    if draw:
        return draw(showing)
    if name in HOUSE:
        return HOUSE[name](showing.services)
    asked = showing.page.panel(name, showing.here.own)
    content = (
        explored.panel(showing, asked, drawing.panel)
        if exploring
        else drawing.panel(showing, asked)
    )
    return receipt.marked(showing, asked, content)


def _marked(showing: Showing, name: str, content: Any) -> Any:
    """The content under marks of its age where it is not new, and of a check that failed on what it
    was made from; the head and the receipt say it themselves."""
    if name in ("head", "receipt"):
        return content
    marks = [components.aged(_age(showing))] if showing.old else []
    failed = [check for table, check in showing.doubted.items() if table in showing.tables]
    if failed and name not in UNDOUBTED:
        marks.append(components.doubted(min(failed, key=lambda check: check.since).message))
    return [*marks, *(content if isinstance(content, list) else [content])] if marks else content


def _age(showing: Showing) -> str:
    oldest = min(showing.old, key=lambda stale: stale.since)
    return aging.said(oldest, showing.shop.timezone, showing.services.clock.now())


def _failed(fault: Fault) -> Any:
    if fault.permanent and not fault.reference:
        # Nothing is broken: it cannot be asked like that, and trying again will not help.
        return components.empty(fault.message, fault.hint, sign="info")
    return components.failed(fault.message, fault.hint, fault.reference)
