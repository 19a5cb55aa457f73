"""What a batch must be before any of it is written."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from agent.errors import Refused
from agent.ports import RATES_SHOP, Batch
from agent.warehouse import documents, spans
from agent.warehouse.layouts import optional
from agent.warehouse.reading import exactly
from agent.warehouse.schema import MERGED, ORDERS, RATES, SALES, arrow_schema
from agent.warehouse.writing import keys

TABLES = {table.name: table for table in MERGED}
INT32 = (-(2**31), 2**31 - 1)


def accepted(batch: Batch) -> dict[sa.Table, pa.Table]:
    """The batch's rows by table, in exact types, one row per key: of a repeated key the highest
    revision, then the last. Raises Refused, naming table and column, before anything is touched."""
    for name in batch.tables:
        if name not in TABLES:
            raise Refused(f"A batch cannot carry a table called {name!r}.")
        if (name == RATES.name) != (batch.shop.shop_id == RATES_SHOP.shop_id):
            raise Refused(f"A batch for {batch.shop.shop_id!r} cannot carry the table {name}.")
    exact = {table: _exact(batch, table) for table in MERGED if table.name in batch.tables}
    exact = {table: exact.get(table, _nothing(table)) for table in MERGED if table in _all(batch)}
    spans.check(batch.spans, exact)
    single = {table: _one_per_key(table, rows) for table, rows in exact.items()}
    if not batch.whole_orders or ORDERS not in single:
        return single
    documents.check(single)
    repeated = single[ORDERS].num_rows < exact[ORDERS].num_rows
    return documents.newest(single) if repeated else single


def _all(batch: Batch) -> set[sa.Table]:
    """The tables that the batch has a say in, also where it brings none of their rows."""
    names = {*batch.tables, *(span.table for span in batch.spans)}
    if batch.gone or (batch.whole_orders and names & {ORDERS.name, SALES.name}):
        names |= {ORDERS.name, SALES.name}
    return {table for table in MERGED if table.name in names}


def _nothing(table: sa.Table) -> pa.Table:
    schema = arrow_schema(table)
    return pa.Table.from_batches([], schema)


def _exact(batch: Batch, table: sa.Table) -> pa.Table:
    given, wanted = batch.tables[table.name], arrow_schema(table)
    for name in sorted(optional(table) - set(given.column_names)):
        given = given.append_column(name, pa.nulls(len(given), wanted.field(name).type))
    if sorted(given.column_names) != sorted(wanted.names):
        missing = sorted(set(wanted.names) - set(given.column_names))
        extra = sorted(set(given.column_names) - set(wanted.names))
        raise Refused(
            f"Table {table.name} does not have its columns: missing {missing}, unknown {extra}."
        )
    columns = [_column(table, field, given.column(field.name)) for field in wanted]
    rows = pa.Table.from_arrays(columns, schema=wanted)
    shops = pc.unique(rows.column("shop_id")).to_pylist()
    if shops not in ([], [batch.shop.shop_id]):
        raise Refused(
            f"Table {table.name}, column shop_id: rows of another shop than {batch.shop.shop_id!r}."
        )
    return rows


def _column(table: sa.Table, field: pa.Field, column: pa.ChunkedArray) -> pa.ChunkedArray:
    where = f"Table {table.name}, column {field.name}"
    column = _typed(where, field.type, column)
    if column.null_count and not field.nullable:
        raise Refused(f"{where}: {column.null_count} rows have no value.")
    narrow = isinstance(table.c[field.name].type, sa.Integer) and not isinstance(
        table.c[field.name].type, sa.BigInteger
    )
    if narrow and len(column):
        ends = pc.min_max(column).as_py()
        if ends["min"] is not None and (ends["min"] < INT32[0] or ends["max"] > INT32[1]):
            raise Refused(f"{where}: {ends['max']} is outside what a 32-bit number holds.")
    if pa.types.is_string(field.type) and _has_nul(column):
        raise Refused(f"{where}: a text has a NUL character, which PostgreSQL cannot store.")
    return column


def _typed(where: str, wanted: pa.DataType, column: pa.ChunkedArray) -> pa.ChunkedArray:
    if column.type == wanted:
        return column
    inexact = pa.types.is_floating(column.type) and not pa.types.is_floating(wanted)
    zoned = pa.types.is_timestamp(column.type) and column.type.tz is not None
    texts = pa.types.is_string(wanted) != _is_text(column.type)
    if (inexact or zoned or texts) and not pa.types.is_null(column.type):
        raise Refused(f"{where}: {column.type} where {wanted} belongs.")
    try:
        return exactly(column, wanted)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise Refused(f"{where}: {column.type} where {wanted} belongs ({error}).") from error


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _has_nul(column: pa.ChunkedArray) -> bool:
    """Looks at raw bytes first: a slice may share them with other rows, so a hit is asked again."""
    buffers = (chunk.buffers()[2] for chunk in column.chunks)
    if not any(buffer is not None and b"\x00" in buffer.to_pybytes() for buffer in buffers):
        return False
    return bool(pc.any(pc.match_substring(column, "\x00")).as_py())


def _one_per_key(table: sa.Table, rows: pa.Table) -> pa.Table:
    own = [name for name in keys(table) if name != "shop_id"]
    if _distinct(rows, own) == rows.num_rows:
        return rows
    place = pa.array(range(rows.num_rows), pa.int64())
    order: list[Any] = [("revision", "ascending"), ("_place", "ascending")]
    ranked = rows.select([*own, "revision"]).append_column("_place", place).sort_by(order)
    last = ranked.group_by(own, use_threads=False).aggregate([("_place", "last")])
    return rows.take(last.column("_place_last").combine_chunks().sort())


def _distinct(rows: pa.Table, names: list[str]) -> int:
    if len(names) == 1:
        return len(pc.unique(rows.column(names[0])))
    return int(rows.group_by(names, use_threads=False).aggregate([]).num_rows)
