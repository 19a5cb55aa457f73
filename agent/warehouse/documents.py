"""Orders as whole documents: a newer one takes the place of all rows of the one before, an older
one changes nothing, and one that was deleted does not come back."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from agent.errors import Refused
from agent.warehouse.schema import ORDERS, REMOVED_ORDERS, SALES
from agent.warehouse.work import Work, few, told
from agent.warehouse.writing import MANY, among, has_rows, same_key

Tables = dict[sa.Table, pa.Table]
_KEY = ["shop_id", "order_id", "revision"]


def check(tables: Tables) -> None:
    """Raises Refused for a sale whose order the batch of whole orders does not bring."""
    if not tables[SALES].num_rows:
        return
    sold, known = pc.unique(tables[SALES]["order_id"]), tables[ORDERS]["order_id"]
    strange = sold.filter(pc.invert(pc.is_in(sold, value_set=known.combine_chunks())))
    if len(strange):
        raise Refused(
            f"Table sales: {len(strange)} orders have sales but do not come themselves,"
            f" as {strange[0].as_py()!r}."
        )


def newest(tables: Tables) -> Tables:
    """Where an order came in several versions: without the rows of those before its newest. Its
    table has one row per key already."""
    orders, sales = tables[ORDERS], tables[SALES]
    place = pc.index_in(sales["order_id"], value_set=orders["order_id"].combine_chunks())
    older = pc.less(sales["revision"], pc.take(orders["revision"], place))
    return tables | {SALES: sales.filter(pc.invert(pc.fill_null(older, False)))}


def bury(work: Work) -> None:
    """Remove the orders that the batch says are gone, unless what is stored is newer, and remember
    their deletion."""
    if not work.batch.gone:
        return
    ids, revisions = [*work.batch.gone], [*work.batch.gone.values()]
    columns = [[work.shop_id] * len(ids), ids, revisions]
    kinds = (pa.string(), pa.string(), pa.int64())
    gone = pa.table([pa.array(c, kind) for c, kind in zip(columns, kinds, strict=True)], names=_KEY)
    work.writing.stage("staged_gone", gone)
    _take_out(work, gone)
    _remember(work)


# In this order: whether an order is newer than its deletion is asked of the order itself.
LEAVING = {
    SALES: """
SELECT sales.shop_id, sales.sale_id, sales.local_date, FALSE AS alike
FROM sales JOIN staged_gone ON staged_gone.order_id = sales.order_id
LEFT JOIN orders ON orders.shop_id = sales.shop_id AND orders.order_id = sales.order_id
WHERE sales.shop_id = :shop AND sales.revision <= staged_gone.revision
      AND (orders.revision IS NULL OR orders.revision <= staged_gone.revision)""",
    ORDERS: """
SELECT orders.shop_id, orders.order_id, orders.local_date, orders.customer_id, FALSE AS alike
FROM orders JOIN staged_gone ON staged_gone.order_id = orders.order_id
WHERE orders.shop_id = :shop AND orders.revision <= staged_gone.revision""",
}


def _take_out(work: Work, gone: pa.Table) -> None:
    for table, text in LEAVING.items():
        leaving = f"leaving_{table.name}"
        narrow, values = among(f"{table.name}.order_id", few(gone, "order_id"))
        removed = work.writing.stage_query(leaving, text + narrow, shop=work.shop_id, **values)
        if removed:
            work.take_out(table, leaving)
            work.changed.add(table.name)
        work.count(table, removed=removed)


def _remember(work: Work) -> None:
    same = same_key(REMOVED_ORDERS, "staged_gone")
    work.writing.run(
        f"DELETE FROM removed_orders USING staged_gone WHERE {same}"
        " AND removed_orders.shop_id = :shop AND removed_orders.revision < staged_gone.revision",
        shop=work.shop_id,
    )
    work.writing.run(
        "INSERT INTO removed_orders (shop_id, order_id, revision, batch_id)"
        " SELECT shop_id, order_id, revision, CAST(:batch AS VARCHAR) FROM staged_gone"
        f" WHERE NOT EXISTS (SELECT 1 FROM removed_orders WHERE {same})",
        batch=work.merged.batch_id,
    )


def current(work: Work, tables: Tables) -> Tables:
    """The rows without those of documents that are older than what is stored, or than their
    order's deletion. They count as unchanged."""
    if not {ORDERS, SALES} & {*tables}:
        return tables
    removed = has_rows(work.writing, REMOVED_ORDERS.name, work.shop_id)
    if work.batch.whole_orders and ORDERS in tables:
        return _without_older(work, tables, removed)
    return _without_removed(work, tables) if removed else tables


def _without_older(work: Work, tables: Tables, removed: bool) -> Tables:
    orders = tables[ORDERS]
    work.stage(ORDERS, orders)
    old: set[str] = set()
    if _any_stored(work, orders):
        old |= _outdated(work, "stored_orders", ">")
    if removed:
        old |= _outdated(work, REMOVED_ORDERS.name, ">=")
    if not old:
        return tables
    ids = pa.array(sorted(old), pa.string())
    return _filtered(
        work, tables, {table: pc.is_in(tables[table]["order_id"], ids) for table in (ORDERS, SALES)}
    )


def _any_stored(work: Work, orders: pa.Table) -> bool:
    return not is_first(work, ORDERS, orders) and bool(work.stage_stored(ORDERS, orders))


def is_first(work: Work, table: sa.Table, rows: pa.Table, *, empty: bool = True) -> bool:
    """Whether nothing can be stored under the rows' keys; of no rows that is `empty`. A first
    import joins against nothing: not asking saves a tenth of its time."""
    if rows.num_rows > MANY:
        return not has_rows(work.writing, table.name, work.shop_id)
    return empty and not rows.num_rows


def _without_removed(work: Work, tables: Tables) -> Tables:
    """Row by row, where orders and sales come apart."""
    found = work.writing.rows(
        "SELECT order_id, revision FROM removed_orders WHERE shop_id = :shop", shop=work.shop_id
    )
    ids = pa.array([order_id for order_id, _ in found], pa.string())
    until = pa.array([revision for _, revision in found], pa.int64())
    old = {}
    for table in {ORDERS, SALES} & {*tables}:
        deleted = pc.take(until, pc.index_in(tables[table]["order_id"], value_set=ids))
        old[table] = pc.fill_null(pc.less_equal(tables[table]["revision"], deleted), False)
    return _filtered(work, tables, old)


def _filtered(work: Work, tables: Tables, old: dict[sa.Table, pa.ChunkedArray]) -> Tables:
    left = {table: tables[table].filter(pc.invert(rows)) for table, rows in old.items()}
    for table, rows in left.items():
        work.count(table, unchanged=tables[table].num_rows - rows.num_rows)
    return tables | left


def _outdated(work: Work, name: str, than: str) -> set[str]:
    found = work.writing.rows(
        f"SELECT staged_orders.order_id FROM staged_orders JOIN {name}"
        f" ON {name}.order_id = staged_orders.order_id"
        f" WHERE {name}.shop_id = :shop AND {name}.revision {than} staged_orders.revision",
        shop=work.shop_id,
    )
    return {order_id for (order_id,) in found}


def stage_stored_sales(work: Work, orders: pa.Table, sales: pa.Table) -> int:
    """Stage the ledger rows of the arriving orders, and others under an arriving row's key;
    returns how many."""
    if not orders.num_rows or is_first(work, SALES, sales, empty=False):
        return 0
    narrow, values = among("sales.order_id", few(orders, "order_id"))
    if narrow and not work.stored.get(ORDERS.name) and named_after_orders(sales):
        # Orders that are new seldom have sales already: to ask is cheaper than to compare.
        there = f"SELECT 1 FROM sales WHERE shop_id = :shop{narrow} LIMIT 1"
        if not work.writing.rows(there, shop=work.shop_id, **values):
            work.stored[SALES.name] = 0
            return 0
    text = (
        f"SELECT {told(SALES)} FROM sales"
        " JOIN staged_orders ON staged_orders.order_id = sales.order_id"
        f" LEFT JOIN staged_sales ON {same_key(SALES)}"
        f" WHERE sales.shop_id = :shop{narrow}"
    )
    if not named_after_orders(sales):
        text += (
            f" UNION SELECT {told(SALES)} FROM sales JOIN staged_sales ON {same_key(SALES)}"
            " WHERE sales.shop_id = :shop"
        )
    work.stored[SALES.name] = work.writing.stage_query(
        "stored_sales", text, shop=work.shop_id, **values
    )
    return work.stored[SALES.name]


def named_after_orders(sales: pa.Table) -> bool:
    """Whether a sale's key begins with its order's, so that no other order can have it."""
    pairs = zip(sales["sale_id"].to_pylist(), sales["order_id"].to_pylist(), strict=True)
    return all(sale_id.startswith(f"{order_id}:") for sale_id, order_id in pairs)


def outgoing(work: Work) -> str:
    """Ledger rows that a newer document replaces, or does not bring again."""
    return f"""
SELECT sales.* FROM stored_sales AS sales
LEFT JOIN staged_sales ON {same_key(SALES)}
LEFT JOIN staged_orders ON staged_orders.order_id = sales.order_id
WHERE (staged_sales.sale_id IS NOT NULL AND {work.older("sales")})
   OR (staged_sales.sale_id IS NULL AND {work.older("sales", "staged_orders")})"""
