"""Why a finding is not what was expected: told once its detail is in sight, never before."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from dash import dcc

from agent.errors import Refused
from agent.why.explanation import Explanation
from agent.words import mark, t
from dashboard import components, unexpected
from dashboard.alerts import Alert, one_of
from dashboard.callbacks.changes import leads
from dashboard.callbacks.showing import Showing
from dashboard.components import changes, html
from dashboard.views.changes import table_of

PART = "reasons"
NONE = mark("No part of the shop stands out from the others.")
MARK = 4
"""Bytes of what tells one drawing from the next."""


def place(showing: Showing, alert: Alert) -> Any:
    """Where assets/sight.js asks for it, of this very finding: with each drawing anew."""
    key = f"{showing.page.name}.{PART}"
    bones = components.skeleton("table", rows=3)
    # It has not been asked for yet: who waits for the page does not wait for this.
    bones.className = "awaited"
    search = showing.here.href(id=alert.finding.finding_id).partition("?")[2]
    marks = {"data-search": f"?{search}", "data-mark": secrets.token_hex(MARK)}
    return html.Div(
        [
            changes.title(t("Why")),
            html.Div(bones, id={"type": "choices", "id": key}, **{"aria-live": "polite"}),
            dcc.Store(id={"type": "open", "id": key}),
        ],
        className="reasons",
        **marks,
    )


def draw(showing: Showing) -> Any:
    """The bridges from the expected to what was, what else happened in these days, and the parts of
    the shop behind it. Raises NotFound, Throttled and Unavailable."""
    alert = one_of(showing.services, showing.shop, showing.here.own.get("id", ""))
    try:
        found = unexpected.explained(showing.services, alert)
    except Refused as refused:
        return html.P(" ".join(filter(None, (refused.message, refused.hint))), className="foot")
    showing.note(found)
    segments = changes.ranked(_table(showing, found)) if found.why.segments else []
    lines = unexpected.lines(showing.services, alert, found)
    told = [*lines, *([] if segments else [("info", t(NONE))])]
    return [changes.found(told), *segments, components.foot(unexpected.against(alert, found))]


def _table(showing: Showing, found: Explanation) -> Any:
    """The segments, ending in what all of it was beside the expected."""
    metric, scope = found.metric.name, found.why.scope
    table = table_of(found, lambda segment: leads(showing, metric, segment, scope))
    *rows, total = table.rows
    return replace(table, rows=(*rows, replace(total, name=t("In all"))))
