"""What is counted live, on Sources and in the head of the overview."""

from __future__ import annotations

from typing import Any

from agent.metrics import formats
from agent.services import Services
from agent.sources import counters
from agent.words import t
from dashboard import moments
from dashboard.components import html

COUNTED = 3
"""Live counters in the head of a page."""


def now(services: Services) -> list[Any]:
    """What is counted live, each with its word; what is old says so."""
    found = counters.live(services)
    if not found:
        return []
    rows = []
    for one in found:
        since = moments.ago(services.clock.now() - one.at)
        name = t("{name}, {ago}", name=one.name, ago=since) if one.stale else one.name
        value = formats.number(one.value, "number" if one.value % 1 else "count", style="full")
        rows.append(
            html.Div([html.Dt(name), html.Dd(value)], className="old" if one.stale else None)
        )
    return [html.Dl(rows, className="now", **{"aria-label": t("Now")})]


def counted(services: Services) -> list[Any]:
    """What is counted live: 37 visitors now; what is old says since when."""
    shown = []
    for one in counters.live(services)[:COUNTED]:
        value = formats.number(one.value, "number" if one.value % 1 else "count", style="full")
        words = f"{value} {one.name}"
        if one.stale:
            words = t("{count}, {ago}", count=words, ago=moments.ago(services.clock.now() - one.at))
        shown.append(html.Span(words, className="counted old" if one.stale else "counted"))
    return shown
