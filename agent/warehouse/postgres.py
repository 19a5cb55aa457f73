"""The warehouse in PostgreSQL: any number of processes; merges of one shop wait for one another."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg2
import pyarrow as pa
import sqlalchemy as sa

from agent.errors import BadSetting, Busy, Failure, Refused, Unavailable
from agent.ports import Away, Batch, Clock, Merged, Shop
from agent.resilience.watched import CONNECT_SECONDS, watched_engine
from agent.warehouse import (
    copies,
    forgetting,
    listing,
    merge,
    postgres_tables,
    reading,
    rederiving,
    shops,
)
from agent.warehouse.arriving import accepted
from agent.warehouse.times import naive_now
from agent.words import t

READ_SECONDS = 30
WRITE_SECONDS = 1800
# The server says first that it gives up.
GRACE = 3
ROWS = 50_000
WHOLE = 0x52415741
"""Advisory lock on the warehouse: merges share it, a restore and the making of tables do not."""


class PostgresWarehouse:
    """Raises Unavailable when the server does not answer; later calls connect again."""

    dialect = "postgresql"
    # Who guards it knows.
    away: Away | None = None
    # Tables are made by writers only.
    kept = None

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        address = _address(url)
        self._clock = clock
        self._where = f"{address.host or 'localhost'}:{address.port or 5432}/{address.database}"
        reads = f"-c default_transaction_read_only=on -c statement_timeout={READ_SECONDS}s"
        self._reads = _engine(address, reads, 8, READ_SECONDS + GRACE).execution_options(
            isolation_level="AUTOCOMMIT"
        )
        self._writes = _engine(address, "-c lock_timeout=60s", 2, WRITE_SECONDS)
        try:
            with self._writes_open() as connection:
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (WHOLE,))
                postgres_tables.prepare(connection)
        except Failure:
            self.close()
            raise

    def read(self, statement: reading.Statement) -> pa.Table:
        text, values = reading.compiled(statement, self._reads.dialect)
        with _sentences(self._where), self._reads.connect() as connection:
            rows = connection.exec_driver_sql(text, values).cursor.fetchall()
        return reading.from_rows(statement, rows)

    def sql(self, statement: reading.Statement) -> str:
        return reading.readable(statement, self._reads.dialect)

    def versions(self, shops: tuple[str, ...]) -> dict[str, int]:
        return listing.summed(listing.all_versions(self.read), shops)

    def shops(self) -> tuple[Shop, ...]:
        return listing.shops(self.read)

    def last_sync(self, shops: tuple[str, ...]) -> datetime | None:
        return listing.last_sync(listing.all_syncs(self.read), shops)

    def batches(self, shop_id: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
        return listing.batches(self.read, shop_id, limit)

    def put_shop(self, shop: Shop) -> None:
        with self._transaction(shop.shop_id) as writing:
            shops.put_shop(writing, shop, self._now())

    def merge(self, batch: Batch) -> Merged:
        tables = accepted(batch)
        with self._transaction(batch.shop.shop_id) as writing:
            return merge.merge(writing, batch, tables, self._now())

    def drop_shop(self, shop_id: str) -> None:
        with self._transaction(shop_id) as writing:
            shops.drop_shop(writing, shop_id, self._now())

    def rederive(self, shop_id: str) -> None:
        with self._transaction(shop_id) as writing:
            rederiving.rederive(writing, shop_id, self._now())

    def forget_customers(self, shop_id: str, customer_ids: tuple[str, ...]) -> int:
        with self._transaction(shop_id) as writing:
            return forgetting.forget(writing, shop_id, customer_ids, self._now())

    def ping(self) -> None:
        with _sentences(self._where), self._reads.connect() as connection:
            connection.exec_driver_sql("SELECT 1")

    def checkpoint(self) -> None:
        """Nothing to do: the server looks after its own log."""

    def backup(self, folder: str) -> None:
        with _sentences(self._where), self._writes.connect() as connection:
            moment = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            copies.write(Path(folder), lambda table: _stream(moment, table))

    def restore(self, folder: str) -> None:
        with copies.opened(Path(folder)) as tables, self._transaction("") as writing:
            copies.replace_all(writing, tables, self._now())

    def close(self) -> None:
        self._reads.dispose()
        self._writes.dispose()

    def _now(self) -> datetime:
        return naive_now(self._clock)

    @contextmanager
    def _writes_open(self) -> Iterator[sa.Connection]:
        with _sentences(self._where), self._writes.begin() as connection:
            yield connection

    @contextmanager
    def _transaction(self, shop_id: str) -> Iterator[_Writing]:
        """A transaction alone with a shop; with no shop, alone with everything."""
        with self._writes_open() as connection:
            if shop_id:
                connection.exec_driver_sql(
                    "SELECT pg_advisory_xact_lock_shared(%s),"
                    " pg_advisory_xact_lock(%s, hashtext(%s))",
                    (WHOLE, WHOLE, shop_id),
                )
            else:
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (WHOLE,))
            yield _Writing(connection)


class _Writing:
    """See writing.Writing. Rows travel by COPY into tables that end with the transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._staged: set[str] = set()

    def stage(self, name: str, rows: pa.Table) -> None:
        self._make_room(name)
        columns = ", ".join(
            f"{field.name} {postgres_tables.value_type(field.type)}" for field in rows.schema
        )
        self.run(f"CREATE TEMP TABLE {name} ({columns}) ON COMMIT DROP")
        self._copy(name, rows)
        self.run(f"ANALYZE {name}")

    def stage_query(self, name: str, text: str, **values: Any) -> int:
        self._make_room(name)
        made = self.run(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {text}", **values)
        self.run(f"ANALYZE {name}")
        return made

    def _make_room(self, name: str) -> None:
        if name in self._staged:
            self.run(f"DROP TABLE {name}")
        self._staged.add(name)

    def run(self, text: str, **values: Any) -> int:
        return int(self._connection.execute(sa.text(text), values).rowcount)

    def rows(self, text: str, **values: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._connection.execute(sa.text(text), values)]

    def weigh(self, table: str) -> None:
        self.run(f"ANALYZE {table}")

    def insert(self, table: sa.Table, rows: pa.Table) -> None:
        self._copy(table.name, rows)

    def _copy(self, name: str, rows: pa.Table) -> None:
        """Text is quoted and NULL is bare, so that PostgreSQL tells "" from NULL."""
        from pyarrow import csv

        options = csv.WriteOptions(include_header=False, quoting_style="needed")
        command = f"COPY {name} ({', '.join(rows.column_names)}) FROM STDIN WITH (FORMAT csv)"
        with closing(self._connection.connection.cursor()) as cursor:
            for start in range(0, rows.num_rows, ROWS):
                lines = io.BytesIO()
                csv.write_csv(rows.slice(start, ROWS), lines, options)
                lines.seek(0)
                cursor.copy_expert(command, lines)


def _address(url: str) -> sa.URL:
    """PostgreSQL's usual spellings of an address, all through psycopg2."""
    try:
        address = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise BadSetting("WAREHOUSE_URL is not an address like postgresql://host/name.") from error
    if address.get_backend_name() not in ("postgresql", "postgres"):
        raise BadSetting(f"WAREHOUSE_URL: {address.drivername} is not PostgreSQL.")
    return address.set(drivername="postgresql+psycopg2")


def _engine(address: sa.URL, options: str, pool_size: int, seconds: float) -> sa.Engine:
    return watched_engine(
        address,
        seconds,
        pool_size=pool_size,
        max_overflow=4,
        pool_timeout=10,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "application_name": "royal-analytics",
            "options": f"-c timezone=UTC -c datestyle=ISO {options}",
        },
    )


def _stream(connection: sa.Connection, table: sa.Table) -> Iterator[pa.RecordBatch]:
    """A table by COPY through an unnamed file: ten times faster than rows through Python."""
    from pyarrow import csv

    schema = copies.columns_of(table)
    with tempfile.TemporaryFile() as lines, closing(connection.connection.cursor()) as cursor:
        columns = ", ".join(schema.names)
        cursor.copy_expert(f"COPY {table.name} ({columns}) TO STDOUT WITH (FORMAT csv)", lines)
        if not lines.tell():
            return
        lines.seek(0)
        convert = csv.ConvertOptions(
            column_types=schema,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        )
        parse = csv.ParseOptions(newlines_in_values=True)
        read = csv.ReadOptions(column_names=schema.names)
        yield from csv.open_csv(lines, read, parse, convert)


@contextmanager
def _sentences(where: str) -> Iterator[None]:
    """What the server says about itself, as failures. Complaints about SQL pass: a bug of ours."""
    try:
        yield
    except sa.exc.TimeoutError as error:
        raise Busy(t("All connections to the warehouse are in use.")) from error
    except sa.exc.DBAPIError as error:
        raise _failure(error, where) or error from error
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
        raise _away(where) from error
    except psycopg2.DataError as error:
        raise Refused(t("PostgreSQL cannot store a value: {error}", error=error)) from error


def _failure(error: sa.exc.DBAPIError, where: str) -> Failure | None:
    cause = error.orig
    if isinstance(cause, psycopg2.errors.QueryCanceled):
        return Busy(
            t("The warehouse gave up after {count} seconds.", count=READ_SECONDS),
            hint=t("Ask for a shorter period or fewer groups."),
        )
    if isinstance(cause, psycopg2.errors.LockNotAvailable | psycopg2.errors.DeadlockDetected):
        return Busy(t("Another write holds the warehouse."), hint=t("Try again in a minute."))
    if isinstance(cause, psycopg2.OperationalError | psycopg2.InterfaceError):
        return _away(where)
    return None


def _away(where: str) -> Unavailable:
    """Everybody who looks at a page reads the sentence: the address is for who can do something."""
    return Unavailable(
        t("PostgreSQL does not answer."),
        hint=t("Check that it runs at {where} and that WAREHOUSE_URL names it.", where=where),
    )
