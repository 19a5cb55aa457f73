"""Rows that say something new: what the warehouse holds already is left out, so that reading the
same again wakes nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from agent.ports import Warehouse
from agent.warehouse import schema

AT_ONCE = 2_000
_DERIVED = ("revision", "batch_id", "order_index")
Said = Mapping[str, frozenset[tuple[Any, ...]]]


def differing_orders(
    warehouse: Warehouse, shop_id: str, tables: Mapping[str, pa.Table]
) -> Mapping[str, pa.Table]:
    """The tables with those orders alone, and their ledger rows, that are not in the warehouse just
    so."""
    ids = pc.unique(tables["orders"]["order_id"]).to_pylist()
    fresh: set[str] = set()
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        wanted = pa.array(some, pa.string())
        for table in (schema.ORDERS, schema.SALES):
            rows = tables[table.name]
            given = _by_id(table, rows.filter(pc.is_in(rows["order_id"], value_set=wanted)))
            kept = _by_id(table, _held(warehouse, shop_id, table, ("order_id", some)))
            fresh.update(one for one in some if given.get(one) != kept.get(one))
    chosen = pa.array(sorted(fresh), pa.string())
    own = ("orders", "sales")
    return {
        name: rows.filter(pc.is_in(rows["order_id"], value_set=chosen)) if name in own else rows
        for name, rows in tables.items()
    }


def differing(
    warehouse: Warehouse, shop_id: str, table: sa.Table, rows: pa.Table, key: str
) -> pa.Table:
    """The rows of a table with one key that are not in the warehouse just so."""
    ids, fresh = rows[key].to_pylist(), []
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        given = _by_id(table, rows.slice(start, AT_ONCE), key)
        kept = _by_id(table, _held(warehouse, shop_id, table, (key, some)), key)
        fresh += [one for one in some if given.get(one) != kept.get(one)]
    return rows.filter(pc.is_in(rows[key], value_set=pa.array(fresh, pa.string())))


def _held(
    warehouse: Warehouse, shop_id: str, table: sa.Table, among: tuple[str, Sequence[str]]
) -> pa.Table:
    column, ids = among
    columns = [c for c in table.columns if c.name not in _DERIVED]
    return warehouse.read(
        sa.select(*columns).where(table.c.shop_id == shop_id, table.c[column].in_(ids))
    )


def _by_id(table: sa.Table, rows: pa.Table, key: str = "order_id") -> Said:
    names = [c.name for c in table.columns if c.name not in _DERIVED]
    none = pa.nulls(len(rows))
    columns = [(rows[name] if name in rows.column_names else none).to_pylist() for name in names]
    found: dict[str, set[tuple[Any, ...]]] = defaultdict(set)
    for one, row in zip(rows[key].to_pylist(), zip(*columns, strict=True), strict=True):
        found[one].add(row)
    return {one: frozenset(said) for one, said in found.items()}
