"""One open transaction of a DuckDB file."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from agent.warehouse.duckdb_tables import as_values
from agent.warehouse.writing import FEW, MANY

PLACE = re.compile(r"(?<!:):([a-z]+[0-9]*)\b")


class Open:
    """See writing.Writing. Many staged rows stay in Arrow, DuckDB reads them where they lie; a few
    go into a temporary table, which asks less of every statement that reads them."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor

    def stage(self, name: str, rows: pa.Table) -> None:
        if rows.num_rows > MANY:
            self._cursor.execute(f"DROP TABLE IF EXISTS temp.{name}")
            self._cursor.register(name, rows)
            return
        if rows.num_rows > FEW:
            self._cursor.register("arrived", rows)
            self._cursor.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM arrived")
            return
        text, values = as_values(rows)
        self._cursor.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {text}", values)

    def stage_query(self, name: str, text: str, **values: Any) -> int:
        return self.run(f"CREATE OR REPLACE TEMP TABLE {name} AS {text}", **values)

    def run(self, text: str, **values: Any) -> int:
        touched = self._execute(text, values).fetchone()
        return int(touched[0]) if touched else 0

    def rows(self, text: str, **values: Any) -> list[tuple[Any, ...]]:
        return self._execute(text, values).fetchall()

    def weigh(self, table: str) -> None:
        """DuckDB looks at the rows themselves."""

    def insert(self, table: sa.Table, rows: pa.Table) -> None:
        self._cursor.register("arriving", rows)
        columns = ", ".join(rows.column_names)
        self.run(f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM arriving")

    def _execute(self, text: str, values: dict[str, Any]) -> duckdb.DuckDBPyConnection:
        return self._cursor.execute(_placed(text), values)


@lru_cache(maxsize=256)
def _placed(text: str) -> str:
    return PLACE.sub(r"$\1", text)
