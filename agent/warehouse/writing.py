"""What a warehouse lends to those who write: one open transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol, TypeVar

import pyarrow as pa
import sqlalchemy as sa

from agent.warehouse.schema import arrow_schema

T = TypeVar("T")
MANY = 10_000
"""Rows from which it pays to ask first whether a shop has any, and to weigh a table afterwards."""
FEW = 40
"""Values up to which a statement names them all: only the blocks that may have them are read."""


class Writing(Protocol):
    """One open transaction. In every text `:name` stands for a value."""

    def stage(self, name: str, rows: pa.Table) -> None:
        """Make rows readable as table `name` until the transaction ends, or the name is staged
        again."""

    def stage_query(self, name: str, text: str, **values: Any) -> int:
        """Keep the rows of a query as table `name`, as long; returns how many."""

    def run(self, text: str, **values: Any) -> int:
        """Execute; returns the number of rows touched."""

    def rows(self, text: str, **values: Any) -> list[tuple[Any, ...]]: ...

    def insert(self, table: sa.Table, rows: pa.Table) -> None:
        """Append rows that have all of a table's columns."""

    def weigh(self, table: str) -> None:
        """Tell the planner that a table has grown a lot within this transaction: else it plans for
        the rows of before, and joins a new shop's lines one by one for hours."""


REWRITTEN = 2
"""Statements that give rows other values in place, up to which these cost less than two that take
them out and put them in."""


def same_key(table: sa.Table, other: str = "") -> str:
    """Where a table and its staged rows, or another table's, mean the same row."""
    other = other or f"staged_{table.name}"
    return " AND ".join(f"{table.name}.{key} = {other}.{key}" for key in keys(table))


def keys(table: sa.Table) -> list[str]:
    return [column.name for column in table.primary_key.columns]


def is_few(count: int) -> bool:
    """Whether so many values are named one by one."""
    return count <= FEW


def parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Values in portions that are few."""
    size = max(1, FEW)
    return (values[start : start + size] for start in range(0, len(values), size))


def put(writing: Writing, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append rows of a table; what they do not name is NULL."""
    if not rows:
        return
    if len(rows) > FEW:
        schema = arrow_schema(table, without=())
        writing.insert(table, pa.Table.from_pylist([*rows], schema=schema))
        return
    names = table.columns.keys()
    values = [row.get(name) for row in rows for name in names]
    named = {f"v{place}": value for place, value in enumerate(values)}
    writing.run(_inserting(table, len(rows)), **named)


@lru_cache(maxsize=256)
def _inserting(table: sa.Table, count: int) -> str:
    names = table.columns.keys()
    places = [f":v{place}" for place in range(count * len(names))]
    width = len(names)
    rows = (places[start : start + width] for start in range(0, len(places), width))
    listed = ", ".join(f"({', '.join(row)})" for row in rows)
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {listed}"


def rewrite(
    writing: Writing, table: str, values: Mapping[str, Any], where: str, named: Mapping[str, Any]
) -> None:
    """Give rows that stay these values: a third of the work of taking them out and putting them in
    again."""
    places = {name: f"s{place}" for place, name in enumerate(values)}
    given = ", ".join(f"{name} = :{place}" for name, place in places.items())
    fresh = {place: values[name] for name, place in places.items()}
    writing.run(f"UPDATE {table} SET {given} WHERE {where}", **fresh, **named)


def among(column: str, values: Collection[Any], sign: str = "v") -> tuple[str, dict[str, Any]]:
    """A condition that says nothing new of a join but names its few values, and these, each called
    by `sign`; with many values it is empty. It names their ends too: blocks are passed over by
    those alone."""
    if not values or not is_few(len(values)):
        return "", {}
    named = {f"{sign}{place}": value for place, value in enumerate(sorted(values))}
    listed = f" AND {column} IN ({', '.join(f':{name}' for name in named)})"
    last = len(named) - 1
    return f" AND {column} BETWEEN :{sign}0 AND :{sign}{last}{listed}" if last else listed, named


def has_rows(writing: Writing, table: str, shop_id: str) -> bool:
    return bool(writing.rows(f"SELECT 1 FROM {table} WHERE shop_id = :shop LIMIT 1", shop=shop_id))
