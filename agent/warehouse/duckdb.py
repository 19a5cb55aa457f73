"""The warehouse in one DuckDB file: one process, a cursor for each read, one write at a time."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar, cast

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from agent.errors import Failure
from agent.ports import Away, Batch, Clock, Merged, Shop
from agent.warehouse import (
    copies,
    duckdb_tables,
    duckdb_writing,
    faults,
    forgetting,
    kept,
    listing,
    merge,
    reading,
    rederiving,
    shops,
)
from agent.warehouse.arriving import accepted
from agent.warehouse.schema import arrow_type
from agent.warehouse.times import naive_now

T = TypeVar("T")
MEMORY = "1GB"
DIALECT = duckdb_tables.DIALECT


class DuckDBWarehouse:
    """Raises Busy when another process holds the file, Failure when it is no warehouse of ours."""

    dialect = "duckdb"
    # Who guards it knows.
    away: Away | None = None

    def __init__(self, path: Path | str, clock: Clock | None = None) -> None:
        self.path = Path(path)
        self._clock = clock
        self._database = _connect(self.path)
        self._writing = threading.Lock()
        # How many there were, and how many of those may have changed the shops themselves.
        self._writes = self._shop_writes = 0
        # What was listed, and after how many writes.
        self._lists: dict[Any, tuple[int, Any]] = {}
        try:
            with _sentences(self.path), closing(self._database.cursor()) as cursor:
                duckdb_tables.prepare(cursor, self.path)
        except Failure:
            self._database.close()
            raise
        self._rows = kept.Kept(self._database.cursor, DIALECT)

    def read(self, statement: reading.Statement) -> pa.Table:
        text, values = reading.compiled(statement, DIALECT)
        with _sentences(self.path), closing(self._database.cursor()) as cursor:
            rows = cursor.execute(text, values).to_arrow_table()
        return reading.from_arrow(statement, rows)

    def sql(self, statement: reading.Statement) -> str:
        return reading.readable(statement, DIALECT)

    def kept(self, rows: sa.CTE) -> sa.FromClause | None:
        with _sentences(self.path):
            return self._rows.of(rows, self._writes)

    def versions(self, shops: tuple[str, ...]) -> dict[str, int]:
        return listing.summed(self._listed(listing.all_versions, self._writes), shops)

    def shops(self) -> tuple[Shop, ...]:
        return self._listed(listing.shops, self._shop_writes)

    def last_sync(self, shops: tuple[str, ...]) -> datetime | None:
        return listing.last_sync(self._listed(listing.all_syncs, self._writes), shops)

    def _listed(self, lister: Callable[[listing.Read], T], writes: int) -> T:
        """Shops, versions and syncs, each kept between writes that may change it: every part of a
        page asks for them, and no other process can."""
        known = self._lists.get(lister)
        if known is None or known[0] != writes:
            known = (writes, lister(self.read))
            self._lists[lister] = known
        return cast(T, known[1])

    def batches(self, shop_id: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
        return listing.batches(self.read, shop_id, limit)

    def put_shop(self, shop: Shop) -> None:
        with self._transaction() as writing:
            shops.put_shop(writing, shop, self._now())

    def merge(self, batch: Batch) -> Merged:
        tables = accepted(batch)
        with self._transaction(batch.shop.shop_id) as writing:
            return merge.merge(writing, batch, tables, self._now())

    def drop_shop(self, shop_id: str) -> None:
        with self._transaction() as writing:
            shops.drop_shop(writing, shop_id, self._now())

    def rederive(self, shop_id: str) -> None:
        with self._transaction() as writing:
            rederiving.rederive(writing, shop_id, self._now())

    def forget_customers(self, shop_id: str, customer_ids: tuple[str, ...]) -> int:
        with self._transaction() as writing:
            return forgetting.forget(writing, shop_id, customer_ids, self._now())

    def ping(self) -> None:
        with _sentences(self.path), closing(self._database.cursor()) as cursor:
            cursor.execute("SELECT 1 FROM layout").fetchall()

    def checkpoint(self) -> None:
        """Fold the log into the file. Raises Busy while a long read keeps the log alive."""
        with self._writing, _sentences(self.path), closing(self._database.cursor()) as cursor:
            cursor.execute("CHECKPOINT")

    def backup(self, folder: str) -> None:
        with _sentences(self.path), closing(self._database.cursor()) as cursor:
            cursor.begin()
            try:
                copies.write(Path(folder), lambda table: _stream(cursor, table))
            finally:
                cursor.rollback()

    def restore(self, folder: str) -> None:
        with copies.opened(Path(folder)) as tables, self._transaction() as writing:
            copies.replace_all(writing, tables, self._now())

    def close(self) -> None:
        with self._writing:
            self._database.close()

    def _now(self) -> datetime:
        return naive_now(self._clock)

    @contextmanager
    def _transaction(self, shop_id: str = "") -> Iterator[duckdb_writing.Open]:
        """The one write of its time; with `shop_id` of this shop's rows alone."""
        with self._writing, _sentences(self.path), closing(self._database.cursor()) as cursor:
            known = bool(shop_id) and shop_id in {shop.shop_id for shop in self.shops()}
            cursor.begin()
            try:
                yield duckdb_writing.Open(cursor)
            except BaseException:
                cursor.rollback()
                raise
            cursor.commit()
            self._writes += 1
            self._shop_writes += not known


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    path.parent.mkdir(parents=True, exist_ok=True)
    config: dict[str, Any] = {
        "enable_external_access": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": MEMORY,
        # A page asks a dozen things side by side: its questions share the cores, not each of them.
        "threads": max(1, (os.cpu_count() or 1) // 4),
    }
    try:
        database = duckdb.connect(str(path), config=config)
    except duckdb.Error as error:
        raise _unopened(path, str(error)) from error
    try:
        database.execute("SET GLOBAL TimeZone = 'UTC'")
        database.execute("SET GLOBAL lock_configuration = true")
    except duckdb.InvalidInputException:
        # Opened a second time in this process: the settings are shared, and locked already.
        pass
    return database


def _unopened(path: Path, reason: str) -> Failure:
    if "Could not set lock" in reason or "Conflicting lock" in reason:
        return faults.held(path)
    if "version number" in reason or "newer version" in reason:
        return Failure(
            f"The warehouse {path} was written by another DuckDB than {duckdb.__version__}.",
            hint="Update the product, or restore a backup into a new file.",
        )
    return Failure(
        f"The warehouse {path} cannot be opened: it is damaged, no DuckDB file, or not readable.",
        hint=f"Move it away and restore a backup. DuckDB says: {reason.splitlines()[0]}",
    )


def _stream(cursor: duckdb.DuckDBPyConnection, table: sa.Table) -> Iterator[pa.RecordBatch]:
    columns = ", ".join(column.name for column in table.columns)
    schema = pa.schema([pa.field(column.name, arrow_type(column.type)) for column in table.columns])
    for batch in cursor.execute(f"SELECT {columns} FROM {table.name}").to_arrow_reader(100_000):
        yield from pa.Table.from_batches([batch]).cast(schema).to_batches()


@contextmanager
def _sentences(path: Path) -> Iterator[None]:
    """What DuckDB says about the world, as failures. Complaints about SQL pass: a bug of ours."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise faults.too_large(MEMORY) from error
    except duckdb.TransactionException as error:
        raise faults.busy(error) from error
    except (duckdb.IOException, duckdb.FatalException, duckdb.InternalException) as error:
        raise faults.unreadable(path, error) from error
    except duckdb.ConnectionException as error:
        raise faults.closed() from error
