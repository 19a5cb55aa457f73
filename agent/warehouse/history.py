"""What merge derives from orders: customers' first and second order, and each order's place."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from agent.warehouse import lives
from agent.warehouse.work import Work
from agent.warehouse.writing import Writing, is_few

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

MOVED = "SELECT order_id, place FROM history WHERE order_index IS DISTINCT FROM place"


def derive(work: Work, orders: pa.Table) -> set[str]:
    """Bring the customers whose orders came, changed or went up to date, and their orders' places;
    returns the tables changed."""
    if not _differs(work):
        return set()
    losing = {*work.customers}
    work.customers.update(pc.unique(orders["customer_id"].drop_null()).to_pylist())
    customers = sorted(work.customers)
    if not customers:
        return set()
    if is_few(len(customers)):
        return lives.derive(work, customers, losing)
    work.writing.stage("touched", pa.table({"customer_id": pa.array(customers, pa.string())}))
    work.writing.stage_query("history", HISTORY, shop=work.shop_id)
    work.moved = move(work.writing, work.shop_id)
    return {"customers"} if renew(work.writing, work.shop_id) else set()


def _differs(work: Work) -> bool:
    """Whether an order came, went, or changed what its place in a history depends on."""
    if not work.stored.get("orders") or work.merged.removed.get("orders"):
        return True
    if work.merged.inserted["orders"]:
        return True
    other = "SELECT 1 FROM stored_orders WHERE NOT alike_in_history LIMIT 1"
    return bool(work.writing.rows(other))


def move(writing: Writing, shop_id: str) -> bool:
    """Give orders the places of the staged history; returns whether any had another."""
    if not writing.stage_query("moved", MOVED):
        return False
    writing.run(
        "UPDATE orders SET order_index = moved.place FROM moved"
        " WHERE orders.shop_id = :shop AND orders.order_id = moved.order_id",
        shop=shop_id,
    )
    return True


def renew(writing: Writing, shop_id: str) -> bool:
    """Bring the touched customers up to the staged history; returns whether any changed."""
    if not writing.stage_query("changes", CHANGES, shop=shop_id):
        return False
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
    return True
