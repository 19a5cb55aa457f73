"""Whether the rows fit together: keys, orders and their sales, values that can be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from agent.quality.looking import Looking, failed, passed, warned
from agent.records.checks import Finding
from agent.warehouse.schema import (
    COSTS,
    CUSTOMERS,
    INVENTORY,
    ORDERS,
    PRODUCTS,
    PROFILES,
    SALES,
    SESSIONS,
    SPEND,
)
from agent.words import n, t

KEYS, ORPHANS, VALUES = "unique keys", "orphans", "values"
_KEYED = (ORDERS, SALES, PRODUCTS, CUSTOMERS, SESSIONS, SPEND, INVENTORY, COSTS, PROFILES)
_DATED = (ORDERS, SALES, SESSIONS, SPEND, INVENTORY, COSTS)
KEYED = tuple(table.name for table in _KEYED)
DATED = tuple(table.name for table in _DATED)


def unique_keys(looking: Looking) -> Iterator[Finding]:
    for table in looking.written(_KEYED):
        keys = [column for column in table.primary_key.columns if column.name != "shop_id"]
        repeated = (
            sa.select(*keys).where(looking.own(table)).group_by(*keys).having(sa.func.count() > 1)
        )
        count = looking.number(sa.select(sa.func.count()).select_from(repeated.subquery()))
        if count:
            said = n(
                "{count:,} key stands on more than one row of {table}.",
                "{count:,} keys stand on more than one row of {table}.",
                count,
                count=count,
                table=table.name,
            )
            yield failed(KEYS, table.name, said, keys=count)
        else:
            said = t("Every key of {table} stands on one row.", table=table.name)
            yield passed(KEYS, table.name, said)


def orphans(looking: Looking) -> Iterator[Finding]:
    """Sales without their order; placed orders without a sale."""
    if not looking.written([SALES, ORDERS]):
        return
    count = looking.number(_without(looking, SALES, ORDERS))
    if count:
        said = n(
            "{count:,} order has sales but is not there itself.",
            "{count:,} orders have sales but are not there themselves.",
            count,
            count=count,
        )
        yield failed(ORPHANS, SALES.name, said, orders=count)
    else:
        yield passed(ORPHANS, SALES.name, t("Every sale has its order."))
    placed = sa.and_(ORDERS.c.placed, ORDERS.c.cancelled_at.is_(None))
    count = looking.number(_without(looking, ORDERS, SALES).where(placed))
    if count:
        said = n(
            "{count:,} order has no sale at all.",
            "{count:,} orders have no sale at all.",
            count,
            count=count,
        )
        yield warned(ORPHANS, ORDERS.name, said, orders=count)
    else:
        yield passed(ORPHANS, ORDERS.name, t("Every order has a sale."))


def _without(looking: Looking, table: sa.Table, other: sa.Table) -> sa.Select[Any]:
    """How many orders a table has that the other lacks."""
    theirs = sa.and_(other.c.shop_id == looking.shop.shop_id, other.c.order_id == table.c.order_id)
    lacking = ~sa.exists().where(theirs)
    counted = sa.select(sa.func.count(sa.distinct(table.c.order_id)))
    return counted.where(looking.own(table), lacking)


def possible_values(looking: Looking) -> Iterator[Finding]:
    """No day to come, and nothing sold less than nothing."""
    latest = looking.today + timedelta(days=1)
    for table in looking.written(_DATED):
        later = sa.select(sa.func.count()).where(looking.own(table), table.c.local_date > latest)
        if count := looking.number(later):
            said = n(
                "{count:,} row of {table} lies in the future.",
                "{count:,} rows of {table} lie in the future.",
                count,
                count=count,
                table=table.name,
            )
            yield failed(VALUES, table.name, said, rows=count)
        elif table is SALES and (count := looking.number(_negative(looking))):
            said = n(
                "{count:,} line sells a negative quantity.",
                "{count:,} lines sell a negative quantity.",
                count,
                count=count,
            )
            yield warned(VALUES, table.name, said, rows=count)
        else:
            yield passed(VALUES, table.name, t("All days of {table} can be.", table=table.name))


def _negative(looking: Looking) -> sa.Select[Any]:
    sold = sa.and_(SALES.c.action == "ORDER", SALES.c.quantity < 0)
    return sa.select(sa.func.count()).where(looking.own(SALES), sold)
