"""The sums of days, by what an order knows and by customer: made from the ledger inside the same
transaction that changed it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from agent.warehouse.schema import CUSTOMER_DAYS, DAILY_SALES, MOST, ORDERS, SALES
from agent.warehouse.work import Work
from agent.warehouse.writing import FEW, MANY, Writing, among, is_few, same_key

KEYS = ("country", "channel", "customer_kind")
GOODS = ("quantity", "gross", "discount", "reversal")
AMOUNTS = tuple(
    c for c in DAILY_SALES.columns if c.name in SALES.c and c.name[:5] not in ("shop_", "local")
)


def _sum(name: str, kind: object) -> str:
    amount = f"CASE WHEN sales.line_type = 'PRODUCT' THEN sales.{name} ELSE 0 END"
    return f"CAST(sum({amount if name in GOODS else f'sales.{name}'}) AS {kind}) AS {name}"


# The days' own rows first, each kind once: small tables whose size the planner knows, where a join
# of the ledger with all orders is planned by guesses, and now and then reads them all.
DAY_SALES = f"""
SELECT shop_id, order_id, local_date, line_type,
       {", ".join(f"sum({c.name}) AS {c.name}" for c in AMOUNTS)}
FROM sales WHERE shop_id = :shop AND {{stale}}
GROUP BY shop_id, order_id, local_date, line_type"""
DAY_ORDERS = """
SELECT orders.shop_id, orders.order_id, orders.customer_id, orders.country, orders.channel,
       orders.order_index
FROM orders JOIN (SELECT DISTINCT order_id FROM day_sales) AS named
    ON named.order_id = orders.order_id
WHERE orders.shop_id = :shop"""

# In the order of days: a chart's days lie together, and DuckDB passes over the blocks of others.
DAILY = f"""
INSERT INTO daily_sales (shop_id, local_date, {", ".join((*KEYS, *(c.name for c in AMOUNTS)))})
SELECT sales.shop_id, sales.local_date, orders.country, orders.channel,
       CASE WHEN orders.order_index = 1 THEN 'new'
            WHEN orders.order_index > 1 THEN 'returning' END AS customer_kind,
       {", ".join(_sum(c.name, c.type) for c in AMOUNTS)}
FROM day_sales AS sales LEFT JOIN day_orders AS orders ON orders.order_id = sales.order_id
GROUP BY 1, 2, 3, 4, 5
ORDER BY 2"""


# Orders count on their own day, money on the day it moved.
BY_CUSTOMER = """
INSERT INTO customer_days (shop_id, customer_id, local_date, orders, net_sales)
SELECT shop_id, customer_id, local_date, sum(orders),
       CAST(greatest(least(sum(net_sales), {most}), -{most}) AS DECIMAL(18, 4))
FROM (SELECT orders.shop_id, orders.customer_id, sales.local_date, 0 AS orders, sales.net_sales
      FROM (SELECT shop_id, order_id, local_date, sum(gross + discount + reversal) AS net_sales
            FROM {sales} WHERE line_type = 'PRODUCT'
            GROUP BY shop_id, order_id, local_date) AS sales
      JOIN {orders} AS orders
          ON orders.shop_id = sales.shop_id AND orders.order_id = sales.order_id
      UNION ALL
      SELECT shop_id, customer_id, local_date, 1, 0
      FROM orders WHERE placed{stale}) AS moved
WHERE customer_id IS NOT NULL
GROUP BY shop_id, customer_id, local_date"""
ALL_BY_CUSTOMER = BY_CUSTOMER.format(most=MOST, sales="sales", orders="orders", stale="")
"""Fills `customer_days` for every shop where it is empty."""


def refresh(work: Work, tables: Mapping[sa.Table, pa.Table]) -> None:
    """Bring the sums up to date after sales or orders changed."""
    days = set(work.days)
    for table in (SALES, ORDERS):
        if table.name in work.changed and table in tables:
            days |= _fresh_days(work, table, tables[table])
    if ORDERS.name in work.changed:
        days |= _their_days(work, tables[ORDERS])
    sum_anew(work.writing, work.shop_id, days)


def _fresh_days(work: Work, table: sa.Table, rows: pa.Table) -> set[date]:
    """Days of arriving rows that say something new."""
    name, staged = table.name, f"staged_{table.name}"
    if not work.stored.get(name):
        return {*pc.unique(rows["local_date"]).to_pylist()}
    return _days(
        work,
        f"SELECT DISTINCT local_date FROM {staged} WHERE NOT EXISTS (SELECT 1 FROM stored_{name}"
        f" AS {name} WHERE {same_key(table)} AND {name}.alike)",
    )


def _their_days(work: Work, orders: pa.Table) -> set[date]:
    """Days of sales whose order came or changed, also its place in a history."""
    known = SALES.name in work.stored and work.batch.whole_orders
    some = known and work.stored[SALES.name]
    found = _days(work, "SELECT DISTINCT local_date FROM stored_sales") if some else set()
    asked = ["moved"] * work.moved + ["staged_orders"] * (not known)
    if not asked:
        return found
    ids = _few_ids(work, orders, asked)
    if known and ids and ids <= {*orders["order_id"].to_pylist()}:
        return found
    narrow, values = among("sales.order_id", ids)
    union = " UNION ALL ".join(f"SELECT order_id FROM {name}" for name in asked)
    return found | _days(
        work,
        "SELECT DISTINCT sales.local_date FROM sales WHERE sales.shop_id = :shop"
        f" AND sales.order_id IN ({union}){narrow}",
        shop=work.shop_id,
        **values,
    )


def _few_ids(work: Work, orders: pa.Table, asked: Collection[str]) -> set[str]:
    """The orders in these staged tables where they are few, else none."""
    if not is_few(orders.num_rows):
        return set()
    found: set[str] = set()
    for name in asked:
        rows = work.writing.rows(f"SELECT order_id FROM {name} LIMIT {FEW + 1}")
        found |= {order_id for (order_id,) in rows}
    return found


def _days(work: Work, text: str, **values: Any) -> set[date]:
    return {day for (day,) in work.writing.rows(text, **values)}


def refresh_orders(writing: Writing, shop_id: str) -> None:
    """Bring the sums up to date after the orders staged as staged_orders changed in place."""
    found = writing.rows(
        "SELECT local_date FROM staged_orders UNION SELECT sales.local_date FROM sales"
        " JOIN staged_orders ON staged_orders.order_id = sales.order_id"
        " WHERE sales.shop_id = :shop",
        shop=shop_id,
    )
    sum_anew(writing, shop_id, {day for (day,) in found})


def sum_anew(writing: Writing, shop_id: str, days: Set[date]) -> None:
    """Make the sums of these days from the ledger."""
    if not days:
        return
    stale, values = _stale(writing, days)
    writing.stage_query("day_sales", DAY_SALES.format(stale=stale), shop=shop_id, **values)
    writing.stage_query("day_orders", DAY_ORDERS, shop=shop_id)
    for table in (DAILY_SALES, CUSTOMER_DAYS):
        writing.run(
            f"DELETE FROM {table.name} WHERE shop_id = :shop AND {stale}", shop=shop_id, **values
        )
    if writing.run(DAILY) > MANY:
        writing.weigh(DAILY_SALES.name)
    theirs = BY_CUSTOMER.format(
        most=MOST, sales="day_sales", orders="day_orders", stale=f" AND shop_id = :shop AND {stale}"
    )
    if writing.run(theirs, shop=shop_id, **values) > MANY:
        writing.weigh(CUSTOMER_DAYS.name)


def _stale(writing: Writing, days: Set[date]) -> tuple[str, dict[str, Any]]:
    """The condition that a row is of one of these days: the blocks of others stay unread."""
    ordered = sorted(days)
    narrow, values = among("local_date", ordered)
    if narrow:
        return narrow.removeprefix(" AND "), values
    writing.stage("stale_days", pa.table({"local_date": pa.array(ordered, pa.date32())}))
    listed = "local_date IN (SELECT local_date FROM stale_days)"
    bounds = {"low": ordered[0], "high": ordered[-1]}
    return f"local_date BETWEEN :low AND :high AND {listed}", bounds
