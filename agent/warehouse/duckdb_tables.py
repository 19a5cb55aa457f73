"""The tables in a DuckDB file: made, and brought up to the present layout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import duckdb_sqlalchemy
import pyarrow as pa
import sqlalchemy as sa

from agent.errors import Failure
from agent.warehouse import layouts
from agent.warehouse.schema import METADATA

DIALECT = duckdb_sqlalchemy.Dialect(paramstyle="numeric_dollar")


def prepare(cursor: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Create what is missing, add what an older layout lacks.

    No primary keys: merge looks keys up itself; an index on the big tables costs more than it
    saves, and forbids replacing a key within one transaction."""
    # DuckDB imports pandas for its first bound value: here, where no second thread can meet
    # half of it.
    cursor.execute("SELECT $1", [layouts.LAYOUT])
    cursor.begin()
    number = _layout(cursor, path)
    for table in METADATA.sorted_tables:
        cursor.execute(_create(table))
    for addition in layouts.additions(number, _type):
        cursor.execute(addition)
    for table in layouts.repacked(number):
        _repack(cursor, table)
    cursor.execute("UPDATE layout SET number = $1 WHERE number < $1", [layouts.LAYOUT])
    cursor.commit()


def _layout(cursor: duckdb.DuckDBPyConnection, path: Path) -> int:
    """The number of the file's layout; a new file gets ours."""
    cursor.execute("CREATE TABLE IF NOT EXISTS layout (number INTEGER NOT NULL)")
    found = cursor.execute("SELECT max(number) FROM layout").fetchone()
    number = found[0] if found else None
    if number is not None and number > layouts.LAYOUT:
        raise Failure(
            f"The warehouse {path} was written by a newer version of this product.",
            hint="Update the product, or choose another file with WAREHOUSE_URL.",
        )
    if number is None:
        cursor.execute("INSERT INTO layout VALUES ($1)", [layouts.LAYOUT])
    return layouts.LAYOUT if number is None else int(number)


def _create(table: sa.Table, name: str = "") -> str:
    columns = ", ".join(
        f"{column.name} {_type(column)}{'' if column.nullable else ' NOT NULL'}{_packing(column)}"
        for column in table.columns
    )
    return f"CREATE TABLE IF NOT EXISTS {name or table.name} ({columns})"


def _packing(column: sa.Column[Any]) -> str:
    """Numbers of 128 bits lie unpacked: DuckDB would unpack also those that it passes over, which
    costs ten times the reading of a period's sums."""
    wide = isinstance(column.type, sa.Numeric) and (column.type.precision or 0) > 18
    return " USING COMPRESSION uncompressed" if wide else ""


def _repack(cursor: duckdb.DuckDBPyConnection, table: sa.Table) -> None:
    """The same rows in a table that was made today, in the order in which they lay."""
    names = ", ".join(column.name for column in table.columns)
    cursor.execute(_create(table, f"new_{table.name}"))
    cursor.execute(f"INSERT INTO new_{table.name} ({names}) SELECT {names} FROM {table.name}")
    cursor.execute(f"DROP TABLE {table.name}")
    cursor.execute(f"ALTER TABLE new_{table.name} RENAME TO {table.name}")


def _type(column: sa.Column[Any]) -> str:
    return str(DIALECT.type_compiler_instance.process(column.type))


def as_values(rows: pa.Table) -> tuple[str, list[Any]]:
    """A statement that gives these few rows, and its values: DuckDB reads Arrow only after a
    millisecond of ceremony."""
    names = rows.column_names
    columns = ", ".join(
        f"CAST({field.name} AS {_value_type(field.type)}) AS {field.name}" for field in rows.schema
    )
    width = len(names)
    lines = ", ".join(
        f"({', '.join(f'${line * width + place + 1}' for place in range(width))})"
        for line in range(rows.num_rows)
    )
    empty = f"({', '.join(['NULL'] * width)})"
    given = f"SELECT {columns} FROM (VALUES {lines or empty}) AS given({', '.join(names)})"
    values = [row[name] for row in rows.to_pylist() for name in names]
    return given + ("" if lines else " WHERE FALSE"), values


def _value_type(kind: pa.DataType) -> str:
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision}, {kind.scale})"
    return {
        pa.string(): "VARCHAR",
        pa.int64(): "BIGINT",
        pa.bool_(): "BOOLEAN",
        pa.date32(): "DATE",
        pa.timestamp("us"): "TIMESTAMP",
    }[kind]
