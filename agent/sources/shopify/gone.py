"""Orders that a shop does not give by their ids: deleted, or only hidden from the app."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta

import sqlalchemy as sa

from agent.sources.connectors import Link
from agent.sources.shopify.orders import VISIBLE_DAYS, beyond
from agent.warehouse.schema import ORDERS

SEEN = timedelta(days=VISIBLE_DAYS - 1)
"""An app that may not see every order sees those of so many days for certain."""


def deleted(link: Link, absent: Sequence[str]) -> Mapping[str, int]:
    """Of the orders that were asked for and did not come, those that are not there any more, each
    with a revision beyond all that it had. An order that the app may not see stays."""
    now = link.services.clock.now()
    if absent and link.state("history").get("sees_all") is not True:
        since = (now - SEEN).astimezone(UTC).replace(tzinfo=None)
        # Made no earlier than it was placed.
        mine = sa.and_(
            ORDERS.c.shop_id == link.shop.shop_id,
            ORDERS.c.order_id.in_(absent),
            ORDERS.c.placed_at > since,
        )
        rows = link.services.warehouse.read(sa.select(ORDERS.c.order_id).where(mine))
        absent = rows["order_id"].to_pylist()
    return dict.fromkeys(absent, beyond(now))
