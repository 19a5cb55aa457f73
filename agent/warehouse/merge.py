"""A batch becomes rows: the same statements for both warehouses, in one transaction."""

from __future__ import annotations

import json
import uuid
from datetime import datetime

import pyarrow as pa
import sqlalchemy as sa

from agent.ports import Batch, Merged
from agent.warehouse import history, rollups, shops
from agent.warehouse.rates import one_base
from agent.warehouse.schema import ORDERS, RATES, SALES, arrow_schema
from agent.warehouse.writing import MANY, Writing, same_key


def merge(
    writing: Writing, batch: Batch, tables: dict[sa.Table, pa.Table], now: datetime
) -> Merged:
    """Write accepted rows (see arriving.py) and all that follows from them. `now` is naive UTC."""
    shop_id = batch.shop.shop_id
    known = writing.rows(
        "SELECT batch_id FROM batches WHERE shop_id = :shop AND fingerprint = :print",
        shop=shop_id,
        print=batch.fingerprint,
    )
    if known:
        return Merged(known[0][0], already=True)
    changed = set(shops.admit(writing, batch.shop, now))
    if RATES in tables:
        one_base(writing, tables[RATES])
    batch_id = uuid.uuid4().hex
    merged = Merged(batch_id, {}, {}, {})
    for table, rows in tables.items():
        if _merge_table(writing, table, rows, merged, shop_id):
            changed.add(table.name)
        if merged.inserted[table.name] > MANY:
            writing.weigh(table.name)
        if table is ORDERS and ORDERS.name in changed:
            changed |= history.derive(writing, shop_id)
    if changed & {SALES.name, ORDERS.name}:
        rollups.refresh(writing, shop_id, changed, merged.replaced)
    shops.raise_versions(writing, shop_id, changed, now)
    _note(writing, batch, batch_id, now)
    return merged


def _merge_table(
    writing: Writing, table: sa.Table, rows: pa.Table, merged: Merged, shop_id: str
) -> bool:
    """Insert new keys, replace lower revisions; returns whether anything changed."""
    name, staged = table.name, f"staged_{table.name}"
    writing.stage(staged, rows)
    same = same_key(table)
    known, replaced = _known(writing, table, rows.num_rows, shop_id)
    inserted = rows.num_rows - known
    if table is ORDERS:
        history.remember_customers(writing, rows, replaced, shop_id)
    if replaced and table in (SALES, ORDERS):
        rollups.note_former_days(writing, table, shop_id)
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


def _known(writing: Writing, table: sa.Table, rows: int, shop_id: str) -> tuple[int, int]:
    """How many staged keys exist already, and how many of those have a lower revision."""
    name, staged = table.name, f"staged_{table.name}"
    # A first import joins against nothing: not asking saves a tenth of its time.
    if rows > MANY and not writing.rows(
        f"SELECT 1 FROM {name} WHERE shop_id = :shop LIMIT 1", shop=shop_id
    ):
        return 0, 0
    known, replaced = writing.rows(
        f"SELECT count(*), count(CASE WHEN {name}.revision < {staged}.revision THEN 1 END)"
        f" FROM {staged} JOIN {name} ON {same_key(table)} AND {name}.shop_id = :shop",
        shop=shop_id,
    )[0]
    return known, replaced


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
