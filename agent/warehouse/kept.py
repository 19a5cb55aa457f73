"""Rows that many questions need, worked out once and kept beside the DuckDB file, in memory, until
something is written."""

from __future__ import annotations

import uuid
import weakref
from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import duckdb
import sqlalchemy as sa

from agent.sharing import Shared
from agent.warehouse import reading

PLACE = "kept"
MOST, ALL = 2_000_000, 8_000_000
"""How many values the rows of one may hold, and those of all together: about 100 MB."""
EACH = 1_000
"""What a table weighs beside its values."""


@dataclass(frozen=True)
class _Relation:
    """Without a table where the rows are too many: that much is remembered."""

    table: sa.TableClause | None
    values: int


class Kept:
    """Tables of a database in memory that every cursor sees.

    A table leaves when nobody can ask it any more: neither we, nor a statement that was made of it.
    """

    def __init__(
        self, cursor: Callable[[], duckdb.DuckDBPyConnection], dialect: sa.Dialect
    ) -> None:
        self._cursor, self._dialect = cursor, dialect
        self._relations: Shared[_Relation] = Shared(ALL, lambda made: made.values)
        self._unused: deque[str] = deque()
        with closing(cursor()) as made:
            made.execute(f"ATTACH IF NOT EXISTS ':memory:' AS {PLACE}")

    def of(self, rows: sa.CTE, writes: int) -> sa.FromClause | None:
        """A table with these rows, as they are after so many writes, under their name; None where
        they are too many."""
        text, values = reading.compiled(rows.element, self._dialect)
        key = (writes, text, tuple(values))
        table = self._relations.of(key, lambda: self._made(rows, text, values)).table
        return None if table is None else table.alias(rows.name)

    def _made(self, rows: sa.CTE, text: str, values: reading.Values) -> _Relation:
        columns = [sa.column(column.name, column.type) for column in rows.c]
        most, name = MOST // len(columns), f"rows_{uuid.uuid4().hex}"
        made = f"CREATE TABLE {PLACE}.{name} AS SELECT * FROM ({text}) LIMIT {most + 1}"
        with closing(self._cursor()) as cursor:
            while self._unused:
                cursor.execute(f"DROP TABLE {PLACE}.{self._unused.popleft()}")
            count = (cursor.execute(made, values).fetchone() or (0,))[0]
            if count > most:
                cursor.execute(f"DROP TABLE {PLACE}.{name}")
                return _Relation(None, EACH)
        table = sa.table(name, *columns, schema=PLACE)
        weakref.finalize(table, self._unused.append, name).atexit = False
        return _Relation(table, EACH + len(columns) * count)
