"""The tables in PostgreSQL: made, and brought up to the present layout."""

from __future__ import annotations

import pyarrow as pa
import sqlalchemy as sa

from agent.errors import Failure
from agent.warehouse import layouts
from agent.warehouse.layouts import LAYOUT
from agent.warehouse.schema import BATCHES, COSTS, CUSTOMER_DAYS, METADATA, ORDERS, SALES


def prepare(connection: sa.Connection) -> None:
    """Create what is missing, add what an older layout lacks.

    Text compares by its bytes (collation "C"), as in DuckDB: the same order and the same ties,
    whatever the locale of the database. The caller holds the lock on the whole warehouse. Raises
    Failure for a newer layout."""
    number = _layout(connection)
    tables = _tables()
    tables.create_all(connection)
    types = connection.dialect.type_compiler_instance
    for addition in layouts.additions(
        number, lambda column: types.process(tables.tables[column.table.name].c[column.name].type)
    ):
        connection.exec_driver_sql(addition)
    connection.exec_driver_sql("UPDATE layout SET number = %s WHERE number < %s", (LAYOUT, LAYOUT))


def _layout(connection: sa.Connection) -> int:
    """The number of the database's layout; a new one gets ours."""
    connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS layout (number integer NOT NULL)")
    number = connection.exec_driver_sql("SELECT max(number) FROM layout").scalar()
    if number is not None and number > LAYOUT:
        raise Failure(
            "The warehouse was written by a newer version of this product.",
            hint="Update the product, or choose another database with WAREHOUSE_URL.",
        )
    if number is None:
        connection.exec_driver_sql("INSERT INTO layout VALUES (%s)", (LAYOUT,))
    return LAYOUT if number is None else int(number)


def _tables() -> sa.MetaData:
    tables = sa.MetaData()
    for table in METADATA.sorted_tables:
        for column in table.to_metadata(tables).columns:
            if isinstance(column.type, sa.String):
                column.type = type(column.type)(collation="C")
    sales, orders = tables.tables[SALES.name].c, tables.tables[ORDERS.name].c
    sa.Index("sales_by_day", sales.shop_id, sales.local_date)
    sa.Index("sales_by_order", sales.shop_id, sales.order_id)
    sa.Index("orders_by_day", orders.shop_id, orders.local_date)
    sa.Index("orders_by_customer", orders.shop_id, orders.customer_id)
    costs = tables.tables[COSTS.name].c
    sa.Index("costs_by_day", costs.shop_id, costs.local_date)
    days = tables.tables[CUSTOMER_DAYS.name].c
    sa.Index("customer_days_by_day", days.shop_id, days.local_date)
    batches = tables.tables[BATCHES.name].c
    sa.Index("batches_by_content", batches.shop_id, batches.fingerprint, unique=True)
    return tables


def value_type(kind: pa.DataType) -> str:
    """The SQL type of a staged column."""
    if pa.types.is_decimal(kind):
        return f"numeric({kind.precision}, {kind.scale})"
    return {
        pa.string(): 'text COLLATE "C"',
        pa.int64(): "bigint",
        pa.bool_(): "boolean",
        pa.date32(): "date",
        pa.timestamp("us"): "timestamp",
    }[kind]
