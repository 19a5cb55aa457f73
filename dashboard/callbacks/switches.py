"""The switches at a panel's head: each option a link to the same page with one word changed."""

from __future__ import annotations

from typing import Any

from agent.words import t
from dashboard.callbacks.showing import Showing
from dashboard.components import html
from dashboard.panels import Panel, Switch


def switches(showing: Showing, panel: Panel) -> list[Any]:
    """One group of links for each switch of the panel."""
    return [_group(showing, switch) for switch in panel.switches]


def _group(showing: Showing, switch: Switch) -> Any:
    chosen = switch.chosen(showing.here.own)
    first = switch.options[0][0]
    links = [
        html.A(
            t(label),
            href=showing.here.href(**{switch.word: "" if value == first else value}),
            **({"aria-current": "true"} if value == chosen else {}),
        )
        for value, label in switch.options
    ]
    return html.Nav(links, className="seg", **{"aria-label": t(switch.label)})
