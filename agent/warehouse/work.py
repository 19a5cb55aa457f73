"""One merge under way: its batch, its transaction, and what derived tables must know of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from agent.ports import Batch, Merged
from agent.warehouse.schema import ORDERS, SALES, arrow_schema
from agent.warehouse.writing import Writing, among, is_few, keys, same_key


@dataclass
class Work:
    """`changed` are the tables whose content did; `customers` those whose history may have, `days`
    those whose sums have; `stored` counts the rows found under a table's arriving keys, staged as
    stored_NAME; `moved` says that orders with a new place in a history are staged as moved."""

    writing: Writing
    batch: Batch
    merged: Merged
    changed: set[str] = field(default_factory=set)
    customers: set[str] = field(default_factory=set)
    days: set[date] = field(default_factory=set)
    stored: dict[str, int] = field(default_factory=dict)
    moved: bool = False
    _staged: dict[str, pa.Table] = field(default_factory=dict)

    @property
    def shop_id(self) -> str:
        return self.batch.shop.shop_id

    def older(self, name: str, than: str = "") -> str:
        """Where the stored row of a table makes room for the arriving one."""
        than = than or f"staged_{name}"
        if not self.batch.anew:
            return f"{name}.revision < {than}.revision"
        same = f"{name}.revision = {than}.revision AND NOT {name}.alike"
        return f"({name}.revision < {than}.revision OR ({same}))"

    def count(self, table: sa.Table, **found: int) -> None:
        """Add to what the merge did: inserted=, replaced=, unchanged=, removed=."""
        for kind in ("inserted", "replaced", "unchanged", "removed"):
            counts = getattr(self.merged, kind)
            counts[table.name] = counts.get(table.name, 0) + found.get(kind, 0)

    def stage(self, table: sa.Table, rows: pa.Table) -> None:
        """Stage arriving rows as staged_NAME, once."""
        if self._staged.get(table.name) is not rows:
            self.writing.stage(f"staged_{table.name}", rows)
            self._staged[table.name] = rows

    def stage_stored(self, table: sa.Table, rows: pa.Table) -> int:
        """Stage the rows that stand under the keys of the staged ones; returns how many."""
        if table.name not in self.stored:
            column = keys(table)[1]
            narrow, values = among(f"{table.name}.{column}", few(rows, column))
            self.stored[table.name] = self.writing.stage_query(
                f"stored_{table.name}",
                f"SELECT {told(table)} FROM {table.name} JOIN staged_{table.name}"
                f" ON {same_key(table)} WHERE {table.name}.shop_id = :shop{narrow}",
                shop=self.shop_id,
                **values,
            )
        return self.stored[table.name]

    def take_out(self, table: sa.Table, outgoing: str) -> None:
        """Delete the rows whose keys are staged as `outgoing`, and remember whose and when those
        were that do not come again alike."""
        narrow: str = ""
        values: dict[str, Any] = {}
        if table in (ORDERS, SALES):
            found = self.writing.rows(f"SELECT DISTINCT local_date, alike FROM {outgoing}")
            narrow, values = among(f"{table.name}.local_date", {day for day, _ in found})
            self.days |= {day for day, alike in found if not alike}
        if table is ORDERS:
            losing = f"SELECT DISTINCT customer_id FROM {outgoing} WHERE customer_id IS NOT NULL"
            self.customers |= {customer for (customer,) in self.writing.rows(losing)}
        self.writing.run(
            f"DELETE FROM {table.name} USING {outgoing} WHERE {same_key(table, outgoing)}"
            f" AND {table.name}.shop_id = :shop{narrow}",
            shop=self.shop_id,
            **values,
        )


MOST_FEW = 400
"""Rows beyond which it is not asked whether their values are few."""


def few(rows: pa.Table, column: str) -> list[str]:
    """The values of a column where they are few, else none."""
    if rows.num_rows > MOST_FEW:
        return []
    found = pc.unique(rows[column]).to_pylist()
    return found if is_few(len(found)) else []


HISTORY = ("customer_id", "local_at", "placed")
"""What an order's place in a history depends on."""
_ALSO = {
    ORDERS: ["local_date", "customer_id", "order_index"],
    SALES: ["local_date", "order_id"],
}


def told(table: sa.Table) -> str:
    """What merging must know of a stored row: `alike` where the arriving one says the same."""
    names = [f"{table.name}.{name}" for name in (*keys(table), "revision", *_ALSO.get(table, ()))]
    content = [c for c in arrow_schema(table).names if c not in (*keys(table), "revision")]
    names.append(f"{_alike(table, content)} AS alike")
    if table is ORDERS:
        names.append(f"{_alike(table, HISTORY)} AS alike_in_history")
    return ", ".join(names)


def _alike(table: sa.Table, columns: Collection[str]) -> str:
    pairs = ((f"{table.name}.{c}", f"staged_{table.name}.{c}") for c in columns)
    return " AND ".join(f"{mine} IS NOT DISTINCT FROM {theirs}" for mine, theirs in pairs)
