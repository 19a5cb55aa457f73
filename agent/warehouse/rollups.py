"""The daily sums: made from the ledger inside the same transaction that changed it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from agent.warehouse.schema import CUSTOMER_KIND, DAILY_SALES, ORDERS, SALES

_GOODS = ("quantity", "gross", "discount", "reversal")


def refresh(shop_id: str, days: sa.Select[Any]) -> tuple[sa.Delete, sa.Insert]:
    """The two statements that bring a shop's daily sums up to date for the days a select names."""
    gone = sa.delete(DAILY_SALES).where(
        DAILY_SALES.c.shop_id == shop_id, DAILY_SALES.c.local_date.in_(days)
    )
    made = sa.insert(DAILY_SALES).from_select(_names(), _daily(shop_id, days))
    return gone, made


def _names() -> list[str]:
    return [column.name for column in DAILY_SALES.columns]


def _daily(shop_id: str, days: sa.Select[Any]) -> sa.Select[Any]:
    keys = (SALES.c.shop_id, SALES.c.local_date, ORDERS.c.country, ORDERS.c.channel, CUSTOMER_KIND)
    home = sa.and_(SALES.c.shop_id == ORDERS.c.shop_id, SALES.c.order_id == ORDERS.c.order_id)
    return (
        sa.select(*keys, *(_sum(column) for column in DAILY_SALES.columns if _is_amount(column)))
        .select_from(SALES.outerjoin(ORDERS, home))
        .where(SALES.c.shop_id == shop_id, SALES.c.local_date.in_(days))
        .group_by(*keys)
    )


def _is_amount(column: sa.Column[Any]) -> bool:
    return column.name in SALES.c and column.name not in ("shop_id", "local_date")


def _sum(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    amount: sa.ColumnElement[Any] = SALES.c[column.name]
    if column.name in _GOODS:
        goods = SALES.c.line_type == sa.literal_column("'PRODUCT'")
        amount = sa.case((goods, amount), else_=sa.literal_column("0"))
    return sa.cast(sa.func.sum(amount), column.type)
