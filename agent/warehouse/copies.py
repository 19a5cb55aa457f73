"""Backups: a folder with one Parquet file a table, which either warehouse can restore."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import sqlalchemy as sa

from agent.errors import BadFile, NotFound, Refused
from agent.warehouse import forgetting
from agent.warehouse.layouts import fills, optional, younger
from agent.warehouse.schema import METADATA, arrow_type
from agent.warehouse.writing import Writing

ROWS = 100_000
Stream = Callable[[sa.Table], Iterable[pa.RecordBatch]]
Opened = Mapping[sa.Table, "pa.parquet.ParquetFile"]


def columns_of(table: sa.Table) -> pa.Schema:
    return pa.schema(
        [pa.field(c.name, arrow_type(c.type), nullable=bool(c.nullable)) for c in table.columns]
    )


def write(folder: Path, stream: Stream) -> None:
    """Write every table into an empty or new folder. `stream` reads the rows of one moment."""
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Refused(f"The folder {folder} is not empty.", hint="Name a new one for the backup.")
    for table in METADATA.sorted_tables:
        schema = columns_of(table)
        part = folder / f"{table.name}.parquet.part"
        with pq.ParquetWriter(part, schema, compression="zstd") as writer:
            for batch in stream(table):
                writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
        part.rename(folder / f"{table.name}.parquet")


@contextmanager
def opened(folder: Path) -> Iterator[Opened]:
    """The files of a backup, each checked for its columns; of an older layout's backup those that
    it could have. Raises NotFound or BadFile."""
    import pyarrow.parquet as pq

    if not folder.is_dir():
        raise NotFound(f"There is no folder {folder} to restore from.")
    with ExitStack() as stack:
        files = {}
        unknown = younger(frozenset(path.stem for path in folder.glob("*.parquet")))
        for table in METADATA.sorted_tables:
            path = folder / f"{table.name}.parquet"
            if table.name in unknown:
                continue
            if not path.is_file():
                raise BadFile(f"{folder} is not a whole backup: {path.name} is missing.")
            try:
                files[table] = stack.enter_context(pq.ParquetFile(path))
            except (pa.ArrowInvalid, OSError) as error:
                raise BadFile(f"{path} is damaged: {error}") from error
            if not _fits(table, files[table].schema_arrow):
                raise BadFile(f"{path} has other columns than this version of the product.")
        yield files


def _fits(table: sa.Table, found: pa.Schema) -> bool:
    wanted = columns_of(table)
    lacking = optional(table) - set(found.names)
    return bool(found.equals(pa.schema([field for field in wanted if field.name not in lacking])))


def replace_all(writing: Writing, files: Opened, now: datetime) -> None:
    """Every row out, the backup's rows in; whoever was forgotten since stays forgotten. Versions go
    above those of before and of the backup: a cache that remembers either must ask again."""
    before = writing.rows("SELECT shop_id, table_name, version FROM table_versions")
    digests = forgetting.all_forgotten(writing)
    for table in METADATA.sorted_tables:
        writing.run(f"DELETE FROM {table.name}")
    for table, file in files.items():
        try:
            for batch in file.iter_batches(ROWS):
                writing.insert(table, pa.Table.from_batches([batch]))
        except (pa.ArrowInvalid, OSError) as error:
            raise BadFile(f"{table.name}.parquet is damaged: {error}") from error
    for filling in fills(files):
        writing.run(filling)
    forgetting.again(writing, digests, now)
    writing.run("UPDATE table_versions SET version = version + 1, changed_at = :now", now=now)
    for shop_id, name, version in before:
        _not_below(writing, (shop_id, name, version + 1), now)


def _not_below(writing: Writing, floor: tuple[str, str, int], now: datetime) -> None:
    shop_id, name, version = floor
    raised = writing.run(
        "UPDATE table_versions SET changed_at = :now,"
        " version = CASE WHEN version < :floor THEN :floor ELSE version END"
        " WHERE shop_id = :shop AND table_name = :name",
        floor=version,
        now=now,
        shop=shop_id,
        name=name,
    )
    if not raised:
        writing.run(
            "INSERT INTO table_versions (shop_id, table_name, version, changed_at)"
            " VALUES (:shop, :name, :floor, :now)",
            floor=version,
            now=now,
            shop=shop_id,
            name=name,
        )
