"""Menus whose choices are asked for when they open, not before."""

from __future__ import annotations

from typing import Any

from dash import dcc

from agent.words import t
from dashboard.callbacks.showing import Showing
from dashboard.components import html
from dashboard.shell import menu


def asked_menu(showing: Showing, part: str, label: Any, search: bool = False) -> Any:
    """A menu that the part called `part` fills; with `search` its rows can be found by typing."""
    key = f"{showing.page.name}.{part}"
    place = [
        html.Div(id={"type": "choices", "id": key}),
        dcc.Store(id={"type": "open", "id": key}),
    ]
    content = [_field(), *place] if search else place
    return menu(
        part, label, html.Div(content, className="pop menu finder" if search else "pop menu")
    )


def _field() -> Any:
    # Dash's own field would send every letter to the server.
    return html.Div(className="finder-field", **{"data-find": t("Find")})
