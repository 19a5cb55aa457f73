"""A batch becomes rows: the same statements for both warehouses, in one transaction."""

from __future__ import annotations

import json
import uuid
from datetime import datetime

import pyarrow as pa
import sqlalchemy as sa

from agent.ports import Batch, Merged
from agent.warehouse import (
    documents,
    forgetting,
    history,
    kept_products,
    rollups,
    shops,
    small,
    spans,
)
from agent.warehouse.rates import one_base
from agent.warehouse.schema import ORDERS, RATES, SALES, arrow_schema
from agent.warehouse.work import Work
from agent.warehouse.writing import MANY, Writing, same_key

Tables = dict[sa.Table, pa.Table]


def merge(writing: Writing, batch: Batch, tables: Tables, now: datetime) -> Merged:
    """Write accepted rows (see arriving.py) and all that follows from them. `now` is naive UTC."""
    known = writing.rows(
        "SELECT batch_id FROM batches WHERE shop_id = :shop AND fingerprint = :print",
        shop=batch.shop.shop_id,
        print=batch.fingerprint,
    )
    if known:
        return Merged(known[0][0], already=True)
    admitted = shops.admit(writing, batch.shop, now)
    if RATES in tables:
        one_base(writing, tables[RATES])
    work = Work(writing, batch, Merged(uuid.uuid4().hex, {}, {}, {}, {}))
    histories = _write(work, tables)
    shops.raise_versions(writing, work.shop_id, {*admitted, *work.changed, *histories}, now)
    _note(work, now)
    return work.merged


def _write(work: Work, tables: Tables) -> set[str]:
    """The batch's own rows in, what it replaces out, and what is derived of both; returns the
    tables of people that changed."""
    documents.bury(work)
    tables = forgetting.without(work, tables)
    if small.fits(work, tables):
        _tables(work, {table: tables[table] for table in tables if table not in (ORDERS, SALES)})
        return small.write(work, tables)
    tables = documents.current(work, kept_products.filled(work, tables))
    histories = _tables(work, tables)
    if work.changed & {SALES.name, ORDERS.name}:
        rollups.refresh(work, tables)
    return histories


def _tables(work: Work, tables: Tables) -> set[str]:
    """Each table's rows; of orders also their customers' histories."""
    stated = {span.table for span in work.batch.spans}
    histories: set[str] = set()
    for table, rows in tables.items():
        if table.name in stated:
            spans.restate(work, table, rows)
        else:
            _merge_table(work, table, tables)
        if work.merged.inserted[table.name] > MANY:
            work.writing.weigh(table.name)
        if table is ORDERS and ORDERS.name in work.changed:
            histories = history.derive(work, rows)
    return histories


def _merge_table(work: Work, table: sa.Table, tables: Tables) -> None:
    """Insert new keys, replace lower revisions; of whole orders, drop what did not come again."""
    rows = tables[table]
    work.stage(table, rows)
    whole = table is SALES and work.batch.whole_orders
    if whole:
        stored = documents.stage_stored_sales(work, tables[ORDERS], rows)
    else:
        stored = 0 if documents.is_first(work, table, rows) else work.stage_stored(table, rows)
    known, replaced, other = _known(work, table) if stored else (0, 0, 0)
    outgoing = _take_out(work, table, documents.outgoing(work) if whole else "") if stored else 0
    if rows.num_rows - known + replaced:
        _insert(work, table, stored, absent=known > replaced)
    removed = outgoing - replaced
    inserted = rows.num_rows - known
    if inserted + other + removed:
        work.changed.add(table.name)
    unchanged = known - replaced
    work.count(table, inserted=inserted, replaced=replaced, unchanged=unchanged, removed=removed)


def _known(work: Work, table: sa.Table) -> tuple[int, int, int]:
    """How many staged keys exist already, how many of those have a lower revision, and how many of
    those say something else."""
    name, staged = table.name, f"staged_{table.name}"
    lower = work.older(name)
    found = work.writing.rows(
        f"SELECT count(*), count(CASE WHEN {lower} THEN 1 END),"
        f" count(CASE WHEN {lower} AND NOT {name}.alike THEN 1 END)"
        f" FROM stored_{name} AS {name} JOIN {staged} ON {same_key(table)}"
    )
    return found[0][0], found[0][1], found[0][2]


def _take_out(work: Work, table: sa.Table, outgoing: str) -> int:
    """Delete the stored rows that make room; returns how many."""
    name, staged = table.name, f"staged_{table.name}"
    count = work.writing.stage_query(
        f"outgoing_{name}",
        outgoing
        or f"SELECT {name}.* FROM stored_{name} AS {name} JOIN {staged}"
        f" ON {same_key(table)} WHERE {work.older(name)}",
    )
    if count:
        work.take_out(table, f"outgoing_{name}")
    return count


def _insert(work: Work, table: sa.Table, stored: int, *, absent: bool) -> None:
    """The staged rows; where some are stored and stay, those that are `absent`. An order whose
    place in its customer's history cannot have changed keeps it."""
    name, staged = table.name, f"staged_{table.name}"
    names = arrow_schema(table).names
    given = [f"{staged}.{column}" for column in names]
    source = staged
    if table is ORDERS and stored:
        names = [*names, "order_index"]
        given.append("CASE WHEN orders.alike_in_history THEN orders.order_index END")
        source += f" LEFT JOIN stored_orders AS orders ON {same_key(table)}"
    newer = (
        f" WHERE NOT EXISTS (SELECT 1 FROM stored_{name} AS {name} WHERE {same_key(table)}"
        f" AND NOT {work.older(name)})"
    )
    work.writing.run(
        f"INSERT INTO {name} ({', '.join(names)}, batch_id)"
        f" SELECT {', '.join(given)}, CAST(:batch AS VARCHAR) FROM {source}"
        f"{newer if absent else ''}",
        batch=work.merged.batch_id,
    )


def _note(work: Work, now: datetime) -> None:
    batch = work.batch
    work.writing.run(
        "INSERT INTO batches (batch_id, shop_id, source, fingerprint, file_name, merged_at,"
        " lines, rejected, summary) VALUES (:batch, :shop, :source, :print, :file, :now, :lines,"
        " :rejected, :summary)",
        batch=work.merged.batch_id,
        shop=batch.shop.shop_id,
        source=batch.source,
        print=batch.fingerprint,
        file=batch.file_name,
        now=now,
        lines=batch.lines,
        rejected=batch.rejected,
        summary=json.dumps(dict(batch.summary), default=str, ensure_ascii=False),
    )
