"""Histories that a platform cuts: where they begin, and how a page and its charts say so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from agent.metrics import formats
from agent.metrics.questions import Scope
from agent.services import Services
from agent.sources.shopify.hooks import KIND
from agent.words import t
from dashboard.charts import Chart
from dashboard.panels import View


def begins(services: Services, shop_id: str) -> date | None:
    """The first day of a shop's history where Shopify shows no older one; None where all of it is
    here, or older days came another way."""
    first = _cut_at(services, shop_id)
    if first is None:
        return None
    known = services.engine.first_day((shop_id,))
    return None if known is not None and known < first else first


def sentence(first: date) -> str:
    return t(
        "History starts on {day}: Shopify shows older orders only with read_all_orders.",
        day=formats.day(first, year=True),
    )


def told(services: Services, view: View, scope: Scope) -> View:
    """The view; a chart whose window begins before the history does says so in its footer."""
    if not isinstance(view, Chart):
        return view
    first = begins(services, scope.shops[0])
    if first is None or scope.start >= first:
        return view
    return replace(view, footer=f"{view.footer} {sentence(first)}".strip())


def _cut_at(services: Services, shop_id: str) -> date | None:
    connections = services.records.connections
    days = []
    for one in connections.all():
        if one.kind != KIND or one.shop_id != shop_id:
            continue
        state = connections.state(one.connection_id, "history")
        if state.get("cut") and state.get("from"):
            days.append(date.fromisoformat(str(state["from"])))
    return min(days, default=None)
