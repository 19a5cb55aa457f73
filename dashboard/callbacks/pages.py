"""Which page stands in the sheet, and the pulse by which the browser hears of new figures."""

from __future__ import annotations

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, no_update

from agent.errors import Failure
from agent.services import Services
from agent.words import t
from dashboard import components, shell
from dashboard.alerts import version
from dashboard.callbacks.house import HOUSE
from dashboard.components.markup import frozen
from dashboard.components.navigation import WAITING
from dashboard.faults import Fault, guarded
from dashboard.pages import PAGES
from dashboard.routes.pages import asked_shop, opened, theme_of
from dashboard.routes.people import known


def bind(app: Dash, services: Services) -> None:
    # The page that is opened comes with its bones already.
    @app.callback(Output("page", "children"), Input("path", "data"), prevent_initial_call=True)
    def draw(path: str | None) -> Any:
        return frozen(page(services, path)) if path else no_update

    # A new path draws a new page, whose parts then read the address; on the same page the parts
    # hear of it here.
    # Were they to listen to the address itself, those of a page that is leaving would ask once
    # more.
    app.clientside_callback(
        ClientsideFunction("royal", "arrive"),
        Output("path", "data"),
        Output("here", "data"),
        Input("address", "pathname"),
        Input("address", "search"),
        State("path", "data"),
    )

    app.clientside_callback(
        ClientsideFunction("royal", "beat"),
        Output("beat", "data"),
        Input("pulse", "n_intervals"),
        State({"type": "reads", "id": ALL}, "data"),
    )

    # What was not ready in time is asked for again, and so is what a form has changed.
    app.clientside_callback(
        ClientsideFunction("royal", "heard"),
        Output("heard", "data"),
        Input({"type": "reads", "id": ALL}, "data"),
        Input("redraw", "data"),
    )


def layout(services: Services, title: str) -> Any:
    """The frame around the page that is opened, with its bones; `title` names it before there is a
    shop.
    """
    person = known()
    # Dash asks once for itself, at whatever request comes first, also a stranger's.
    if person is None:
        return shell.nobody()
    path = opened()
    bones = page(services, path) if path else None
    name = next((shop.name for shop in services.warehouse.shops()), title)
    counts = {WAITING: _open(services)}
    return frozen(shell.layout(person, name, theme_of(), (path, bones), counts))


def _open(services: Services) -> int:
    """How many findings of the shop are open; none where nobody knows."""
    try:
        return version(services, services.shop(asked_shop()))[1]
    except Failure:
        return 0


def page(services: Services, path: str) -> Any:
    """The bones of the page at a path; what to do first where there is no shop yet."""
    found = PAGES.get(path)
    if found is None:
        return shell.nothing_here()

    def bones() -> Any:
        if not {*found.above} & {*HOUSE} and not services.warehouse.shops():
            return shell.no_shop(found)
        return shell.bones(found)

    return guarded(bones, _failed, t("The page {title}", title=t(found.title)))


def _failed(fault: Fault) -> Any:
    return components.failed(fault.message, fault.hint, fault.reference)
