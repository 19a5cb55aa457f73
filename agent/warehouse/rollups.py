"""The sums of days, by what an order knows and by customer: made from the ledger inside the same
transaction that changed it."""

from __future__ import annotations

from collections.abc import Mapping, Set

import sqlalchemy as sa

from agent.warehouse.schema import CUSTOMER_DAYS, DAILY_SALES, MOST, ORDERS, SALES
from agent.warehouse.writing import MANY, Writing, same_key

_KEYS = ("country", "channel", "customer_kind")
_GOODS = ("quantity", "gross", "discount", "reversal")
_AMOUNTS = tuple(
    c for c in DAILY_SALES.columns if c.name in SALES.c and c.name[:5] not in ("shop_", "local")
)

# Days of the batch's own rows, and of rows whose order came or changed its place in a history.
# Asked of the staged rows, not of the ledger: one look at sales, by order, is all that costs.
THEIR_DAYS = """
SELECT DISTINCT sales.local_date FROM sales WHERE sales.shop_id = :shop AND sales.order_id IN (
    SELECT order_id FROM staged_orders
    UNION ALL SELECT order_id FROM history WHERE order_index IS DISTINCT FROM place)"""


def _sum(name: str, kind: object) -> str:
    amount = f"CASE WHEN sales.line_type = 'PRODUCT' THEN sales.{name} ELSE 0 END"
    return f"CAST(sum({amount if name in _GOODS else f'sales.{name}'}) AS {kind}) AS {name}"


# In the order of days: a chart's days lie together, and DuckDB passes over the blocks of others.
DAILY = f"""
INSERT INTO daily_sales (shop_id, local_date, {", ".join((*_KEYS, *(c.name for c in _AMOUNTS)))})
SELECT :shop, sales.local_date, orders.country, orders.channel,
       CASE WHEN orders.order_index = 1 THEN 'new'
            WHEN orders.order_index > 1 THEN 'returning' END AS customer_kind,
       {", ".join(_sum(c.name, c.type) for c in _AMOUNTS)}
FROM (SELECT order_id, local_date, line_type,
             {", ".join(f"sum({c.name}) AS {c.name}" for c in _AMOUNTS)}
      FROM sales
      WHERE shop_id = :shop AND local_date BETWEEN :low AND :high
            AND local_date IN (SELECT local_date FROM stale_days)
      GROUP BY order_id, local_date, line_type) AS sales
LEFT JOIN orders ON orders.shop_id = :shop AND orders.order_id = sales.order_id
GROUP BY 2, 3, 4, 5
ORDER BY 2"""


# Orders count on their own day, money on the day it moved.
BY_CUSTOMER = """
INSERT INTO customer_days (shop_id, customer_id, local_date, orders, net_sales)
SELECT shop_id, customer_id, local_date, sum(orders),
       CAST(greatest(least(sum(net_sales), {most}), -{most}) AS DECIMAL(18, 4))
FROM (SELECT orders.shop_id, orders.customer_id, sales.local_date, 0 AS orders, sales.net_sales
      FROM (SELECT shop_id, order_id, local_date, sum(gross + discount + reversal) AS net_sales
            FROM sales WHERE line_type = 'PRODUCT'{stale}
            GROUP BY shop_id, order_id, local_date) AS sales
      JOIN orders ON orders.shop_id = sales.shop_id AND orders.order_id = sales.order_id
      UNION ALL
      SELECT shop_id, customer_id, local_date, 1, 0
      FROM orders WHERE placed{stale}) AS moved
WHERE customer_id IS NOT NULL
GROUP BY shop_id, customer_id, local_date"""
# The bounds say nothing new; they let DuckDB skip the blocks of all other days unread.
STALE = """ AND shop_id = :shop AND local_date BETWEEN :low AND :high
            AND local_date IN (SELECT local_date FROM stale_days)"""
ALL_BY_CUSTOMER = BY_CUSTOMER.format(most=MOST, stale="")
"""Fills `customer_days` for every shop where it is empty."""


def note_former_days(writing: Writing, table: sa.Table, shop_id: str) -> None:
    """Before rows are replaced: remember the days they lay on."""
    name = table.name
    writing.stage_query(
        f"former_{name}_days",
        f"SELECT DISTINCT {name}.local_date FROM {name} JOIN staged_{name} ON {same_key(table)}"
        f" WHERE {name}.shop_id = :shop AND {name}.revision < staged_{name}.revision",
        shop=shop_id,
    )


def refresh(writing: Writing, shop_id: str, changed: Set[str], replaced: Mapping[str, int]) -> None:
    """Bring the sums up to date after sales or orders changed; of both that were `replaced` the
    former days are noted."""
    if not _stage_stale_days(writing, shop_id, changed, replaced):
        return
    low, high = writing.rows("SELECT min(local_date), max(local_date) FROM stale_days")[0]
    for table, sums in (
        (DAILY_SALES, DAILY),
        (CUSTOMER_DAYS, BY_CUSTOMER.format(most=MOST, stale=STALE)),
    ):
        writing.run(
            f"DELETE FROM {table.name} WHERE shop_id = :shop"
            " AND local_date IN (SELECT local_date FROM stale_days)",
            shop=shop_id,
        )
        if writing.run(sums, shop=shop_id, low=low, high=high) > MANY:
            writing.weigh(table.name)


def _stage_stale_days(
    writing: Writing, shop_id: str, changed: Set[str], replaced: Mapping[str, int]
) -> int:
    """Returns how many there are."""
    names = [table.name for table in (SALES, ORDERS) if table.name in changed]
    parts = [f"SELECT local_date FROM staged_{name}" for name in names]
    parts += [f"SELECT local_date FROM former_{name}_days" for name in names if replaced.get(name)]
    parts += [THEIR_DAYS] * (ORDERS.name in names)
    values = {"shop": shop_id} if ORDERS.name in names else {}
    return writing.stage_query("stale_days", " UNION ".join(parts), **values)
