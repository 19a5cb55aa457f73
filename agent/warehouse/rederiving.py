"""Everything that merge derives of a shop, made anew from its ledger."""

from __future__ import annotations

from datetime import datetime

from agent.warehouse import history, rollups, shops
from agent.warehouse.writing import Writing

PEOPLE = """
SELECT customer_id FROM orders WHERE shop_id = :shop AND customer_id IS NOT NULL
UNION SELECT customer_id FROM customers WHERE shop_id = :shop"""
DAYS = " UNION ".join(
    f"SELECT local_date FROM {name} WHERE shop_id = :shop"
    for name in ("sales", "orders", "daily_sales", "customer_days")
)


def rederive(writing: Writing, shop_id: str, now: datetime) -> None:
    """Customers, the orders' places in their histories, and the sums of all days."""
    writing.stage_query("touched", PEOPLE, shop=shop_id)
    writing.stage_query("history", history.HISTORY, shop=shop_id)
    writing.run(
        "UPDATE orders SET order_index = NULL WHERE shop_id = :shop AND customer_id IS NULL"
        " AND order_index IS NOT NULL",
        shop=shop_id,
    )
    history.move(writing, shop_id)
    history.renew(writing, shop_id)
    rollups.sum_anew(writing, shop_id, {day for (day,) in writing.rows(DAYS, shop=shop_id)})
    shops.raise_versions(writing, shop_id, ("customers", "orders", "sales"), now)
