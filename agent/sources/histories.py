"""Histories that a platform cuts: where they begin, and how an answer says so."""

from __future__ import annotations

from collections.abc import Sequence
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


def begins(services: Services, shops: Sequence[str]) -> date | None:
    """The first day of shops' histories where Shopify shows no older one, the latest of them; None
    where all of it is here, or older days came another way. It is read once a request; what it
    means for each period, `said` says."""
    cut = _cut_at(services, shops)
    found = (day for shop_id, day in cut.items() if not _all_here(services, shop_id, day))
    return max(found, default=None)


def said(first: date | None, scope: Scope) -> str:
    """That days of a scope, or of those that it is compared with, lie before the `first` that a
    platform shows; empty where none do."""
    before = scope.previous()
    start = min(scope.start, before[0]) if before else scope.start
    return sentence(first) if first is not None and start < first else ""


def noted(services: Services, scope: Scope) -> dict[str, str]:
    """The same for programs: under "history", which is not there where nothing is cut."""
    told = said(begins(services, scope.shops), scope)
    return {"history": told} if told else {}


def sentence(first: date) -> str:
    return t(
        "History starts on {day}: Shopify shows older orders only with read_all_orders.",
        day=formats.day(first, year=True),
    )


def _cut_at(services: Services, shops: Sequence[str]) -> dict[str, date]:
    """Shop -> the first day that its platform shows, of shops whose history is cut."""
    connections = services.records.connections
    found: dict[str, date] = {}
    for one in connections.all():
        if one.kind != KIND or one.shop_id not in shops:
            continue
        state = connections.state(one.connection_id, "history")
        if state.get("cut") and state.get("from"):
            day = date.fromisoformat(str(state["from"]))
            found[one.shop_id] = min(day, found.get(one.shop_id, day))
    return found


def _all_here(services: Services, shop_id: str, first: date) -> bool:
    known = services.engine.first_day((shop_id,))
    older = known is not None and known < first
    return older and _came_another_way(services, shop_id, first)


def _came_another_way(services: Services, shop_id: str, first: date) -> bool:
    """Whether older sales came by something else than Shopify's own interface, which may give a few
    itself: orders that were entered there later than they were placed."""
    ours = sa.and_(SALES.c.shop_id == BATCHES.c.shop_id, SALES.c.batch_id == BATCHES.c.batch_id)
    other = sa.and_(
        SALES.c.shop_id == shop_id, SALES.c.local_date < first, BATCHES.c.source != KIND
    )
    found = sa.select(SALES.c.sale_id).select_from(sa.join(SALES, BATCHES, ours)).where(other)
    return bool(services.warehouse.read(found.limit(1)).num_rows)
