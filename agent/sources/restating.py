"""Days that a source states anew: platforms correct their figures for weeks, so what they say of a
day takes the place of what they said before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from agent.ports import Batch, Shop, Span, Warehouse
from agent.warehouse import schema

Where = Mapping[str, str]
TABLES = {table.name: table for table in (schema.SPEND, schema.SESSIONS, schema.COSTS)}
"""The tables whose days can be stated anew."""


def restated(
    shop: Shop,
    source: str,
    table: str,
    rows: pa.Table,
    *,
    first: date,
    last: date,
    where: Where | Sequence[Where] = (),
    revision: int = 0,
) -> Batch:
    """The rows of `table` that take the place of those of the days `first` to `last` that have the
    values of `where` (of several: of each; of none: all).

    `revision` is when this was said, in milliseconds since 1970, so that what was said later
    stands; rows outside the days are left out.
    """
    chosen = (where,) if isinstance(where, Mapping) else tuple(where) or ({},)
    spans = tuple(Span(table, first, last, dict(one)) for one in chosen)
    days = rows["local_date"].to_pylist()
    inside = rows.filter(pa.array([first <= day <= last for day in days], pa.bool_()))
    at = inside.schema.get_field_index("revision")
    dated = inside.set_column(
        at, inside.schema.field("revision"), pa.array([revision] * len(inside), pa.int64())
    )
    said = [source, table, shop.shop_id, str(first), str(last), [dict(w) for w in chosen], revision]
    return Batch(shop, source, _print(said, inside), {table: dated}, lines=len(inside), spans=spans)


def changes(warehouse: Warehouse, batch: Batch) -> bool:
    """Whether a restated batch says anything that the warehouse does not hold already: an hourly
    sync of four weeks mostly does not, and should wake nobody."""
    return any(_held(warehouse, batch, table) != _said(batch, table) for table in batch.tables)


def _held(warehouse: Warehouse, batch: Batch, name: str) -> set[tuple[Any, ...]]:
    table = TABLES[name]
    within = [_within(table, span) for span in batch.spans if span.table == name]
    rows = warehouse.read(
        sa.select(*(table.c[column] for column in _columns(name))).where(
            table.c.shop_id == batch.shop.shop_id, sa.or_(sa.false(), *within)
        )
    )
    return set(zip(*(rows[column].to_pylist() for column in _columns(name)), strict=True))


def _within(table: sa.Table, span: Span) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.local_date.between(span.first, span.last),
        *(table.c[column] == value for column, value in span.where.items()),
    )


def _said(batch: Batch, name: str) -> set[tuple[Any, ...]]:
    rows = batch.tables[name]
    return set(zip(*(rows[column].to_pylist() for column in _columns(name)), strict=True))


def _columns(name: str) -> tuple[str, ...]:
    return tuple(c.name for c in TABLES[name].columns if c.name not in ("revision", "batch_id"))


def _print(said: Sequence[Any], rows: pa.Table) -> str:
    digest = hashlib.sha256(json.dumps(said).encode())
    for column in rows.column_names:
        digest.update(json.dumps(rows[column].to_pylist(), default=str).encode())
    return digest.hexdigest()
