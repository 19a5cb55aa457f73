"""Histories that a platform cuts: where they begin, and how an answer says so."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import sqlalchemy as sa

from agent.metrics import formats
from agent.sources.shopify.hooks import KIND
from agent.warehouse.schema import BATCHES, SALES
from agent.words import t

if TYPE_CHECKING:
    from agent.metrics.questions import Scope
    from agent.services import Services


def begins(services: Services, shop_id: str) -> date | None:
    """The first day of a shop's history where Shopify shows no older one; None where all of it is
    here, or older days came another way."""
    first = _cut_at(services, shop_id)
    if first is None:
        return None
    known = services.engine.first_day((shop_id,))
    older = known is not None and known < first
    return None if older and _came_another_way(services, shop_id, first) else first


def told(services: Services, scope: Scope) -> str:
    """That days of a scope, or of those that it is compared with, lie before what a platform
    shows; empty where none do."""
    before = scope.previous()
    start = min(scope.start, before[0]) if before else scope.start
    found = (begins(services, shop_id) for shop_id in scope.shops)
    first = max((day for day in found if day is not None and start < day), default=None)
    return sentence(first) if first is not None else ""


def noted(services: Services, scope: Scope) -> dict[str, str]:
    """The same for programs: under "history", which is not there where nothing is cut."""
    said = told(services, scope)
    return {"history": said} if said else {}


def sentence(first: date) -> str:
    return t(
        "History starts on {day}: Shopify shows older orders only with read_all_orders.",
        day=formats.day(first, year=True),
    )


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


def _came_another_way(services: Services, shop_id: str, first: date) -> bool:
    """Whether older sales came by something else than Shopify's own interface, which may give a few
    itself: orders that were entered there later than they were placed."""
    ours = sa.and_(SALES.c.shop_id == BATCHES.c.shop_id, SALES.c.batch_id == BATCHES.c.batch_id)
    other = sa.and_(
        SALES.c.shop_id == shop_id, SALES.c.local_date < first, BATCHES.c.source != KIND
    )
    found = sa.select(SALES.c.sale_id).select_from(sa.join(SALES, BATCHES, ours)).where(other)
    return bool(services.warehouse.read(found.limit(1)).num_rows)
