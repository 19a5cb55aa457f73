"""Products that were deleted at their source: an order that is read again names them no more, but
what was sold stays known. A row of goods that names no product keeps the one its line had."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from agent.warehouse.schema import SALES
from agent.warehouse.work import Work, few
from agent.warehouse.writing import among

Tables = dict[sa.Table, pa.Table]
KEPT = ("product_id", "variant", "unit_cost")
"""What a row takes from the line's other rows, where it has none itself."""
NAMES = ("order_id", "line_id", "sale_id", *KEPT)


def fill(arriving: Sequence[dict[str, Any]], stored: Collection[Mapping[str, Any]]) -> None:
    """Give the arriving rows that name no product what is stored of their line: of the same sale,
    else of another."""
    nameless = [row for row in arriving if _is_nameless(row)]
    if not nameless or not stored:
        return
    named = sorted(
        (row for row in stored if row["product_id"] is not None), key=lambda row: row["sale_id"]
    )
    by_line = {(row["order_id"], row["line_id"]): row for row in reversed(named)}
    by_sale = {row["sale_id"]: row for row in named}
    for row in nameless:
        line = by_line.get((row["order_id"], row["line_id"]))
        known = by_sale.get(row["sale_id"], line)
        if known is not None and known["order_id"] == row["order_id"]:
            row.update({name: known[name] for name in KEPT if row[name] is None})


def _is_nameless(row: Mapping[str, Any]) -> bool:
    return row["product_id"] is None and row["line_type"] == "PRODUCT" and row["line_id"] != ""


def filled(work: Work, tables: Tables) -> Tables:
    """The rows of whole orders with what is known of their products."""
    if not work.batch.whole_orders or SALES not in tables:
        return tables
    sales = tables[SALES]
    goods = pc.and_(pc.equal(sales["line_type"], "PRODUCT"), pc.not_equal(sales["line_id"], ""))
    nameless = pc.and_(pc.is_null(sales["product_id"]), goods)
    places = pc.indices_nonzero(nameless)
    if not len(places):
        return tables
    rows = sales.take(places)
    arriving = rows.to_pylist()
    fill(arriving, [*_stored(work, rows)])
    return tables | {SALES: _with(sales, nameless, arriving)}


def _stored(work: Work, rows: pa.Table) -> Iterable[Mapping[str, Any]]:
    """The ledger rows of these rows' orders that name a product."""
    orders = pa.table({"order_id": pc.unique(rows["order_id"])})
    narrow, values = among("sales.order_id", few(orders, "order_id"))
    if not narrow:
        work.writing.stage("nameless", orders)
        narrow = " AND sales.order_id IN (SELECT order_id FROM nameless)"
    found = work.writing.rows(
        f"SELECT {', '.join(NAMES)} FROM sales WHERE shop_id = :shop"
        f" AND product_id IS NOT NULL{narrow}",
        shop=work.shop_id,
        **values,
    )
    return (dict(zip(NAMES, row, strict=True)) for row in found)


def _with(
    sales: pa.Table, nameless: pa.ChunkedArray, rows: Sequence[Mapping[str, Any]]
) -> pa.Table:
    for name in KEPT:
        place = sales.schema.get_field_index(name)
        found = pa.array([row[name] for row in rows], sales.schema.field(name).type)
        column = pc.replace_with_mask(
            sales[name].combine_chunks(), nameless.combine_chunks(), found
        )
        sales = sales.set_column(place, sales.schema.field(name), column)
    return sales
