"""What customers had done by the end of a reading's window: their last day, their orders, their net
sales.

Read from the sums by customer and day that the warehouse keeps. The ledger is asked for the day
that a window cuts short, and where refunds stand with their orders.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agent.metrics.clauses import Element, by_order, in_shops, once, same
from agent.metrics.reading import Reading
from agent.warehouse.schema import CUSTOMER_DAYS, MONEY, ORDERS, SALES

_NONE: Element = sa.literal_column("0", sa.Integer)
_ONE: Element = sa.literal_column("1", sa.Integer)
_PLACED = sa.case((ORDERS.c.placed, _ONE), else_=_NONE)
_GOODS = SALES.c.line_type == sa.literal_column("'PRODUCT'")
_NET = SALES.c.gross + SALES.c.discount + SALES.c.reversal
_Rows = sa.Select[Any]


def lives(reading: Reading, *, money: bool) -> sa.CTE:
    """One row a customer with an order before the window's end: `last_day`, `orders` and, with
    `money`, `net_sales` in shop money."""
    parts = _with_orders(reading) if money and by_order(reading, SALES) else _by_days(reading)
    rows = sa.union_all(*parts).subquery("lived")
    ordered = sa.func.sum(rows.c.orders)
    columns: list[sa.Label[Any]] = [
        sa.func.max(rows.c.local_date).filter(rows.c.orders > _NONE).label("last_day"),
        sa.cast(ordered, sa.BigInteger).label("orders"),
    ]
    if money:
        net = sa.func.coalesce(sa.func.sum(rows.c.net_sales), _NONE)
        columns.append(sa.cast(net, MONEY).label("net_sales"))
    keys = (rows.c.shop_id, rows.c.customer_id)
    people = sa.select(*keys, *columns).group_by(*keys).having(ordered > _NONE)
    return once(people, "lives")


def _by_days(reading: Reading) -> list[_Rows]:
    """Money on the day it moved."""
    until, day = reading.window.until, CUSTOMER_DAYS.c.local_date
    whole = day < until.date() if until else day <= reading.window.end
    days = sa.select(*CUSTOMER_DAYS.c).where(in_shops(CUSTOMER_DAYS, reading.shops), whole)
    return [days, *(_of_the_cut_day(reading, until) if until else ())]


def _of_the_cut_day(reading: Reading, until: datetime) -> list[_Rows]:
    orders = _row(ORDERS.c.local_date, _ONE, _NONE)
    money = _row(SALES.c.local_date, _NONE, _NET).select_from(
        SALES.join(ORDERS, same(SALES, ORDERS, "order_id"))
    )
    return [
        rows.where(
            in_shops(fact, reading.shops),
            fact.c.local_date == until.date(),
            fact.c.local_at < until,
            counts,
        )
        for rows, fact, counts in ((orders, ORDERS, ORDERS.c.placed), (money, SALES, _GOODS))
    ]


def _with_orders(reading: Reading) -> list[_Rows]:
    """All money of an order on the order's own day, whenever it moved."""
    sums = (
        sa.select(SALES.c.shop_id, SALES.c.order_id, sa.func.sum(_NET).label("net_sales"))
        .where(in_shops(SALES, reading.shops), _GOODS)
        .group_by(SALES.c.shop_id, SALES.c.order_id)
    )
    paid = once(sums, "paid")
    rows = _row(ORDERS.c.local_date, _PLACED, paid.c.net_sales)
    return [
        rows.select_from(ORDERS.outerjoin(paid, same(paid, ORDERS, "order_id"))).where(
            in_shops(ORDERS, reading.shops), ORDERS.c.local_at < reading.window.stop
        )
    ]


def _row(day: Element, orders: Element, net: Element) -> _Rows:
    named = (day.label("local_date"), orders.label("orders"), net.label("net_sales"))
    return sa.select(ORDERS.c.shop_id, ORDERS.c.customer_id, *named).where(
        ORDERS.c.customer_id.is_not(None)
    )
