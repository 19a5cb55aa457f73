"""The records as files and back, one JSON-lines file a table. Secrets appear only as hashes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from agent.errors import BadFile, Refused
from agent.records.schema import HEAD, METADATA, UtcTime
from agent.records.store import Store
from agent.words import t

ABOUT = "records.json"
_AT_ONCE = 500


@dataclass(frozen=True)
class Backup:
    store: Store

    def write(self, folder: Path) -> dict[str, int]:
        """Write every table as it stands at one moment; returns rows per table.

        Raises Refused when the folder holds a backup already. Only their owner can read the files.
        """
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / ABOUT).exists():
            raise Refused(
                t("{folder} holds a backup already.", folder=folder),
                hint=t("Choose an empty folder."),
            )
        with self.store.read() as connection:
            counts = {
                table.name: _write_table(connection, table, folder)
                for table in METADATA.sorted_tables
            }
        # Written last: a folder without it is an unfinished backup, and restore says so.
        with _private(folder / ABOUT) as file:
            json.dump({"revision": HEAD, "rows": counts}, file, indent=1)
        return counts

    def restore(self, folder: Path) -> dict[str, int]:
        """Replace everything by a backup, in one transaction; returns rows per table.

        Raises BadFile, and then changes nothing, when the backup is incomplete, damaged or of
        another version.
        """
        counts = _about(folder)
        tables = METADATA.sorted_tables
        try:
            with self.store.alone("restore") as connection:
                for table in reversed(tables):
                    connection.execute(sa.delete(table))
                found = {table.name: _read_table(connection, table, folder) for table in tables}
                if found != counts:
                    raise BadFile(t("The backup is incomplete: a file has lost or gained lines."))
                self._continue_numbers(connection)
        except sa.exc.IntegrityError as error:
            raise BadFile(t("The backup contradicts itself: {orig}.", orig=error.orig)) from error
        return found

    def _continue_numbers(self, connection: sa.Connection) -> None:
        """PostgreSQL's counters do not notice rows that bring their own numbers."""
        if self.store.embedded:
            return
        for table in METADATA.sorted_tables:
            column = table.autoincrement_column
            if column is not None:
                sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
                highest = sa.select(sa.func.coalesce(sa.func.max(column), 0) + 1).scalar_subquery()
                connection.execute(sa.select(sa.func.setval(sequence, highest, False)))


def _private(path: Path) -> Any:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", -1, "utf-8")


def _write_table(connection: sa.Connection, table: sa.Table, folder: Path) -> int:
    count = 0
    result = connection.execution_options(yield_per=_AT_ONCE).execute(
        sa.select(table).order_by(*table.primary_key)
    )
    with _private(folder / f"{table.name}.jsonl") as file:
        for row in result.mappings():
            count += 1
            file.write(json.dumps(dict(row), default=_text, ensure_ascii=False) + "\n")
    return count


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value)} has no place in a backup")


def _about(folder: Path) -> dict[str, int]:
    try:
        about = json.loads((folder / ABOUT).read_text("utf-8"))
        revision, counts = about["revision"], dict(about["rows"])
    except (OSError, ValueError, KeyError, TypeError):
        raise BadFile(
            t("{folder} holds no complete backup of the records.", folder=folder)
        ) from None
    if revision != HEAD:
        raise BadFile(
            t(
                "This backup has version {revision} of the records; this program reads {head}.",
                revision=revision,
                head=HEAD,
            ),
            hint=t("Restore it with the version of the program that wrote it."),
        )
    return counts


def _read_table(connection: sa.Connection, table: sa.Table, folder: Path) -> int:
    count, waiting = 0, []
    for row in _rows(table, folder / f"{table.name}.jsonl"):
        waiting.append(row)
        count += 1
        if len(waiting) == _AT_ONCE:
            connection.execute(sa.insert(table), waiting)
            waiting = []
    if waiting:
        connection.execute(sa.insert(table), waiting)
    return count


def _rows(table: sa.Table, path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                yield _row(table, line, f"{path.name}, line {number}")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(t("The backup's file {name} cannot be read.", name=path.name)) from error


def _row(table: sa.Table, line: str, place: str) -> dict[str, Any]:
    try:
        row: Mapping[str, Any] = json.loads(line)
        if set(row) != set(table.columns.keys()):
            raise ValueError("other columns")
        return {name: _value(table.columns[name], value) for name, value in row.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise BadFile(
            t(
                "The backup is damaged: {place} is not a row of {name}.",
                place=place,
                name=table.name,
            )
        ) from error


def _value(column: sa.Column[Any], value: Any) -> Any:
    if isinstance(column.type, UtcTime) and value is not None:
        return datetime.fromisoformat(value)
    return value
