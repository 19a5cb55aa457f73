"""What a warehouse lends to those who write: one open transaction."""

from __future__ import annotations

from typing import Any, Protocol

import pyarrow as pa
import sqlalchemy as sa

MANY = 10_000
"""Rows from which it pays to ask first whether a shop has any, and to weigh a table afterwards."""


class Writing(Protocol):
    """One open transaction. In every text `:name` stands for a value."""

    def stage(self, name: str, rows: pa.Table) -> None:
        """Make rows readable as table `name` until the transaction ends."""

    def stage_query(self, name: str, text: str, **values: Any) -> int:
        """Keep the rows of a query as table `name` until the transaction ends; returns how many."""

    def run(self, text: str, **values: Any) -> int:
        """Execute; returns the number of rows touched."""

    def rows(self, text: str, **values: Any) -> list[tuple[Any, ...]]: ...

    def weigh(self, table: str) -> None:
        """Tell the planner that a table has grown a lot within this transaction: else it plans for
        the rows of before, and joins a new shop's lines one by one for hours."""


def same_key(table: sa.Table) -> str:
    """Where a table and its staged rows mean the same row."""
    return " AND ".join(f"{table.name}.{key} = staged_{table.name}.{key}" for key in keys(table))


def keys(table: sa.Table) -> list[str]:
    return [column.name for column in table.primary_key.columns]
