"""A batch becomes rows: the same statements for both warehouses, inside one transaction that the caller opens.

A warehouse lends its transaction as a `Writing`; `:name` stands for a value in every text.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

import pyarrow as pa
import sqlalchemy as sa

from agent.errors import NotFound, Refused
from agent.ports import Batch, Merged, Shop
from agent.warehouse.arriving import keys
from agent.warehouse.schema import MERGED, METADATA, ORDERS, arrow_schema

ROW_TABLES = (*(table.name for table in MERGED), "customers")


class Writing(Protocol):
    """One open transaction of a warehouse."""

    def stage(self, name: str, rows: pa.Table) -> None:
        """Make rows readable as table `name` until the transaction ends."""

    def stage_query(self, name: str, text: str, **values: Any) -> int:
        """Keep the rows of a query as table `name` until the transaction ends; returns how many."""

    def run(self, text: str, **values: Any) -> int:
        """Execute; returns the number of rows touched."""

    def rows(self, text: str, **values: Any) -> list[tuple[Any, ...]]: ...


def merge(
    writing: Writing, batch: Batch, tables: dict[sa.Table, pa.Table], now: datetime
) -> Merged:
    """Write accepted rows (see arriving.py) and everything that follows from them. `now` is naive UTC."""
    shop_id = batch.shop.shop_id
    known = writing.rows(
        "SELECT batch_id FROM batches WHERE shop_id = :shop AND fingerprint = :print",
        shop=shop_id,
        print=batch.fingerprint,
    )
    if known:
        return Merged(known[0][0], already=True)
    changed = set(_admit(writing, batch.shop, now))
    batch_id = uuid.uuid4().hex
    merged = Merged(batch_id, {}, {}, {})
    for table, rows in tables.items():
        if _merge_table(writing, table, rows, merged, shop_id):
            changed.add(table.name)
    if ORDERS.name in changed:
        changed |= _derive(writing, shop_id)
    raise_versions(writing, shop_id, changed, now)
    _note(writing, batch, batch_id, now)
    return merged


def put_shop(writing: Writing, shop: Shop, now: datetime) -> None:
    """Insert or rename a shop. Raises Refused when its rows were written in another currency or zone."""
    changed = _admit(writing, shop, now)
    changed += ["shops"] * writing.run(
        "UPDATE shops SET name = :name, currency = :currency, timezone = :timezone,"
        " source = :source WHERE shop_id = :shop AND NOT (name = :name AND currency = :currency"
        " AND timezone = :timezone AND source = :source)",
        shop=shop.shop_id,
        name=shop.name,
        currency=shop.currency,
        timezone=shop.timezone,
        source=shop.source,
    )
    raise_versions(writing, shop.shop_id, changed, now)


def drop_shop(writing: Writing, shop_id: str, now: datetime) -> None:
    """Remove a shop's rows. Its table versions go up and stay: a number seen once never means other rows."""
    changed = []
    for table in METADATA.tables.values():
        if table.name == "table_versions":
            continue
        if writing.run(f"DELETE FROM {table.name} WHERE shop_id = :shop", shop=shop_id):
            changed.append(table.name)
    if "shops" not in changed:
        raise NotFound(f"There is no shop {shop_id!r} to remove.")
    raise_versions(writing, shop_id, changed, now)


def raise_versions(
    writing: Writing, shop_id: str, tables: Iterable[str], now: datetime
) -> None:
    names = sorted({*tables} & {*ROW_TABLES, "shops"})
    if not names:
        return
    listed = ", ".join(f"('{name}')" for name in names)
    writing.run(
        "UPDATE table_versions SET version = version + 1, changed_at = :now"
        f" WHERE shop_id = :shop AND table_name IN ({listed.replace('(', '').replace(')', '')})",
        shop=shop_id,
        now=now,
    )
    writing.run(
        "INSERT INTO table_versions (shop_id, table_name, version, changed_at)"
        " SELECT CAST(:shop AS VARCHAR), fresh.name, 1, CAST(:now AS TIMESTAMP)"
        f" FROM (VALUES {listed}) AS fresh(name) WHERE NOT EXISTS (SELECT 1 FROM table_versions"
        " WHERE shop_id = :shop AND table_name = fresh.name)",
        shop=shop_id,
        now=now,
    )


def _admit(writing: Writing, shop: Shop, now: datetime) -> list[str]:
    """Insert a shop that is not there yet; returns the tables that changed."""
    there = writing.rows(
        "SELECT currency, timezone FROM shops WHERE shop_id = :shop", shop=shop.shop_id
    )
    if there:
        if there[0] != (shop.currency, shop.timezone) and _has_rows(writing, shop.shop_id):
            raise Refused(
                f"Shop {shop.shop_id!r} keeps its books in {there[0][0]}, days of {there[0][1]}:"
                f" rows in {shop.currency}, days of {shop.timezone} do not fit.",
                hint="Choose another shop, or remove this one first.",
            )
        return []
    writing.run(
        "INSERT INTO shops (shop_id, name, currency, timezone, source, created_at)"
        " VALUES (:shop, :name, :currency, :timezone, :source, :now)",
        shop=shop.shop_id,
        name=shop.name,
        currency=shop.currency,
        timezone=shop.timezone,
        source=shop.source,
        now=now,
    )
    return ["shops"]


def _has_rows(writing: Writing, shop_id: str) -> bool:
    return any(
        writing.rows(f"SELECT 1 FROM {table.name} WHERE shop_id = :shop LIMIT 1", shop=shop_id)
        for table in MERGED
    )


def _merge_table(
    writing: Writing, table: sa.Table, rows: pa.Table, merged: Merged, shop_id: str
) -> bool:
    """Insert new keys, replace lower revisions; returns whether anything changed."""
    name, staged = table.name, f"staged_{table.name}"
    writing.stage(staged, rows)
    same = _same(table, staged)
    known, replaced = writing.rows(
        f"SELECT count(*), count(CASE WHEN {name}.revision < {staged}.revision THEN 1 END)"
        f" FROM {staged} JOIN {name} ON {same} AND {name}.shop_id = :shop",
        shop=shop_id,
    )[0]
    inserted = rows.num_rows - known
    if table is ORDERS:
        _remember_customers(writing, shop_id)
    if replaced:
        writing.run(
            f"DELETE FROM {name} USING {staged}"
            f" WHERE {same} AND {name}.shop_id = :shop AND {name}.revision < {staged}.revision",
            shop=shop_id,
        )
    if inserted + replaced:
        columns = ", ".join(arrow_schema(table).names)
        absent = f"WHERE NOT EXISTS (SELECT 1 FROM {name} WHERE {same} AND {name}.shop_id = :shop)"
        writing.run(
            f"INSERT INTO {name} ({columns}, batch_id) SELECT {columns}, CAST(:batch AS VARCHAR)"
            f" FROM {staged} {absent if known > replaced else ''}",
            batch=merged.batch_id,
            **({"shop": shop_id} if known > replaced else {}),
        )
    for counts, number in (
        (merged.inserted, inserted),
        (merged.replaced, replaced),
        (merged.unchanged, known - replaced),
    ):
        counts[name] = number  # type: ignore[index]  # a Merged of our own, not yet handed out
    return bool(inserted + replaced)


def _same(table: sa.Table, staged: str) -> str:
    return " AND ".join(f"{table.name}.{key} = {staged}.{key}" for key in keys(table))


def _remember_customers(writing: Writing, shop_id: str) -> None:
    """Stage the customers whose history the arriving orders change, also those who lose one."""
    same = _same(ORDERS, "staged_orders") + " AND orders.shop_id = :shop"
    writing.stage_query(
        "touched",
        "SELECT staged_orders.customer_id AS customer_id FROM staged_orders"
        f" LEFT JOIN orders ON {same} WHERE staged_orders.customer_id IS NOT NULL"
        " AND (orders.revision IS NULL OR orders.revision < staged_orders.revision)"
        f" UNION SELECT orders.customer_id FROM staged_orders JOIN orders ON {same}"
        " WHERE orders.customer_id IS NOT NULL AND orders.revision < staged_orders.revision",
        shop=shop_id,
    )


HISTORY = """
SELECT customer_id, min(local_at) AS first_at,
       min(CASE WHEN nth = 2 THEN local_at END) AS second_at, count(*) AS orders
FROM (SELECT orders.customer_id, orders.local_at,
             row_number() OVER (PARTITION BY orders.customer_id
                                ORDER BY orders.local_at, orders.order_id) AS nth
      FROM orders JOIN touched ON touched.customer_id = orders.customer_id
      WHERE orders.shop_id = :shop AND orders.placed) AS placed
GROUP BY customer_id"""

PLACES = """
SELECT order_id, CASE WHEN placed THEN so_far ELSE earlier + 1 END AS place
FROM (SELECT orders.order_id, orders.placed,
             count(CASE WHEN placed THEN 1 END) OVER (
                 PARTITION BY orders.customer_id ORDER BY orders.local_at, orders.order_id
                 ROWS UNBOUNDED PRECEDING) AS so_far,
             count(CASE WHEN placed THEN 1 END) OVER (
                 PARTITION BY orders.customer_id ORDER BY orders.local_at
                 RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE GROUP) AS earlier
      FROM orders JOIN touched ON touched.customer_id = orders.customer_id
      WHERE orders.shop_id = :shop) AS history"""


def _derive(writing: Writing, shop_id: str) -> set[str]:
    """Bring the touched customers and their orders' places up to date; returns the tables changed."""
    writing.stage_query("histories", HISTORY, shop=shop_id)
    gone = writing.run(
        "DELETE FROM customers WHERE shop_id = :shop"
        " AND customer_id IN (SELECT customer_id FROM touched)"
        " AND NOT EXISTS (SELECT 1 FROM histories"
        " WHERE histories.customer_id = customers.customer_id"
        " AND histories.first_at = customers.first_at"
        " AND histories.second_at IS NOT DISTINCT FROM customers.second_at"
        " AND histories.orders = customers.orders)",
        shop=shop_id,
    )
    come = writing.run(
        "INSERT INTO customers (shop_id, customer_id, first_at, second_at, orders)"
        " SELECT CAST(:shop AS VARCHAR), customer_id, first_at, second_at, orders FROM histories"
        " WHERE NOT EXISTS (SELECT 1 FROM customers WHERE customers.shop_id = :shop"
        " AND customers.customer_id = histories.customer_id)",
        shop=shop_id,
    )
    writing.run(
        f"UPDATE orders SET order_index = places.place FROM ({PLACES}) AS places"
        " WHERE orders.shop_id = :shop AND orders.order_id = places.order_id"
        " AND orders.order_index IS DISTINCT FROM places.place",
        shop=shop_id,
    )
    return {"customers"} if gone + come else set()


def _note(writing: Writing, batch: Batch, batch_id: str, now: datetime) -> None:
    writing.run(
        "INSERT INTO batches (batch_id, shop_id, source, fingerprint, file_name, merged_at,"
        " lines, rejected, summary) VALUES (:batch, :shop, :source, :print, :file, :now, :lines,"
        " :rejected, :summary)",
        batch=batch_id,
        shop=batch.shop.shop_id,
        source=batch.source,
        print=batch.fingerprint,
        file=batch.file_name,
        now=now,
        lines=batch.lines,
        rejected=batch.rejected,
        summary=json.dumps(dict(batch.summary), default=str, ensure_ascii=False),
    )
