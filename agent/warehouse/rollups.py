"""The daily sums: made from the ledger inside the same transaction that changed it."""

from __future__ import annotations

from agent.warehouse.schema import DAILY_SALES, SALES
from agent.warehouse.writing import Writing

_KEYS = ("country", "channel", "customer_kind")
_GOODS = ("quantity", "gross", "discount", "reversal")
_AMOUNTS = tuple(
    c for c in DAILY_SALES.columns if c.name in SALES.c and c.name[:5] not in ("shop_", "local")
)

# Days of the batch's own rows, and of rows whose order came or changed its place in a history.
# Asked of the staged rows, not of the ledger: one look at sales, by order, is all that costs.
OWN_DAYS = "SELECT DISTINCT local_date FROM staged_sales"
THEIR_DAYS = """
SELECT DISTINCT sales.local_date FROM sales WHERE sales.shop_id = :shop AND sales.order_id IN (
    SELECT order_id FROM staged_orders
    UNION ALL SELECT order_id FROM history WHERE order_index IS DISTINCT FROM place)"""
FORMER_DAYS = "SELECT local_date FROM former_days"


def _sum(name: str, kind: object) -> str:
    amount = f"CASE WHEN sales.line_type = 'PRODUCT' THEN sales.{name} ELSE 0 END"
    return f"CAST(sum({amount if name in _GOODS else f'sales.{name}'}) AS {kind}) AS {name}"


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
GROUP BY 2, 3, 4, 5"""


def note_former_days(writing: Writing, shop_id: str, same: str) -> None:
    """Before rows are replaced: remember the days they lay on."""
    writing.stage_query(
        "former_days",
        "SELECT DISTINCT sales.local_date FROM sales JOIN staged_sales"
        f" ON {same} WHERE sales.shop_id = :shop AND sales.revision < staged_sales.revision",
        shop=shop_id,
    )


def refresh(writing: Writing, shop_id: str, *, sales: bool, orders: bool, former: bool) -> None:
    """Bring the daily sums up to date: `sales` and `orders` say which were staged and changed,
    `former` that days of replaced rows were noted."""
    parts = ((OWN_DAYS, sales), (THEIR_DAYS, orders), (FORMER_DAYS, former))
    stale = " UNION ".join(part for part, asked in parts if asked)
    if not writing.stage_query("stale_days", stale, **({"shop": shop_id} if orders else {})):
        return
    low, high = writing.rows("SELECT min(local_date), max(local_date) FROM stale_days")[0]
    writing.run(
        "DELETE FROM daily_sales WHERE shop_id = :shop"
        " AND local_date IN (SELECT local_date FROM stale_days)",
        shop=shop_id,
    )
    # The bounds say nothing new; they let DuckDB skip the blocks of all other days unread.
    writing.run(DAILY, shop=shop_id, low=low, high=high)
