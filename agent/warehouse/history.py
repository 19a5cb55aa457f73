"""What merge derives from orders: customers' first and second order, and each order's place."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from agent.warehouse.schema import ORDERS
from agent.warehouse.writing import Writing, same_key


def remember_customers(writing: Writing, rows: pa.Table, replaced: int, shop_id: str) -> None:
    """Stage the customers whose history the arriving orders may change, also those who lose one."""
    customers = set(pc.unique(rows["customer_id"].drop_null()).to_pylist())
    if replaced:
        same = same_key(ORDERS)
        losing = writing.rows(
            f"SELECT DISTINCT orders.customer_id FROM staged_orders JOIN orders ON {same}"
            " WHERE orders.shop_id = :shop AND orders.customer_id IS NOT NULL",
            shop=shop_id,
        )
        customers |= {customer for (customer,) in losing}
    writing.stage("touched", pa.table({"customer_id": pa.array(sorted(customers), pa.string())}))


HISTORY = """
SELECT customer_id, order_id, local_at, placed, order_index,
       CASE WHEN placed THEN so_far ELSE earlier + 1 END AS place
FROM (SELECT orders.customer_id, orders.order_id, orders.local_at, orders.placed,
             orders.order_index,
             count(CASE WHEN placed THEN 1 END) OVER (
                 PARTITION BY orders.customer_id ORDER BY orders.local_at, orders.order_id
                 ROWS UNBOUNDED PRECEDING) AS so_far,
             count(CASE WHEN placed THEN 1 END) OVER (
                 PARTITION BY orders.customer_id ORDER BY orders.local_at
                 RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE GROUP) AS earlier
      FROM orders JOIN touched ON touched.customer_id = orders.customer_id
      WHERE orders.shop_id = :shop) AS numbered"""

CHANGES = """
SELECT touched.customer_id, fresh.first_at, fresh.second_at, fresh.orders
FROM touched
LEFT JOIN (SELECT customer_id, min(local_at) AS first_at, count(*) AS orders,
                  min(CASE WHEN place = 2 THEN local_at END) AS second_at
           FROM history WHERE placed GROUP BY customer_id) AS fresh
    ON fresh.customer_id = touched.customer_id
LEFT JOIN customers ON customers.customer_id = touched.customer_id AND customers.shop_id = :shop
WHERE fresh.first_at IS DISTINCT FROM customers.first_at
   OR fresh.second_at IS DISTINCT FROM customers.second_at
   OR fresh.orders IS DISTINCT FROM customers.orders"""


def derive(writing: Writing, shop_id: str) -> set[str]:
    """Bring touched customers and their orders' places up to date; returns the tables changed."""
    writing.stage_query("history", HISTORY, shop=shop_id)
    writing.run(
        "UPDATE orders SET order_index = history.place FROM history"
        " WHERE orders.shop_id = :shop AND orders.order_id = history.order_id"
        " AND history.order_index IS DISTINCT FROM history.place",
        shop=shop_id,
    )
    if not writing.stage_query("changes", CHANGES, shop=shop_id):
        return set()
    writing.run(
        "DELETE FROM customers USING changes"
        " WHERE customers.shop_id = :shop AND customers.customer_id = changes.customer_id",
        shop=shop_id,
    )
    writing.run(
        "INSERT INTO customers (shop_id, customer_id, first_at, second_at, orders)"
        " SELECT CAST(:shop AS VARCHAR), customer_id, first_at, second_at, orders FROM changes"
        " WHERE orders IS NOT NULL",
        shop=shop_id,
    )
    return {"customers"}
