"""Bring the records database to the newest revision, one process at a time."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from agent.errors import BadSetting, Unavailable
from agent.records.schema import HEAD
from agent.records.store import BUSY_SECONDS, Store

if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE = "records_version"
"""Named apart from Alembic's default so that records and warehouse can share one PostgreSQL."""


def config(connection: sa.Connection | None = None) -> Config:
    """What Alembic needs to know, without a file beside the program."""
    from alembic.config import Config  # a quarter of the start's imports, and rarely needed

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def migrate(store: Store) -> None:
    """Run what is missing, in one transaction; a second process waits and finds nothing to do."""
    if store.embedded:
        _use_wal(store.engine)
    with store.read() as connection:
        if _revision(connection) == HEAD:
            return
    with store.alone("royal-analytics records migrations") as connection:
        if _revision(connection) != HEAD:
            _upgrade(connection)


def _revision(connection: sa.Connection) -> str:
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return ""
    version: sa.Select[tuple[str]] = sa.select(sa.column("version_num")).select_from(
        sa.table(VERSION_TABLE)
    )
    return connection.scalar(version) or ""


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(config(connection), "head")
    except CommandError as error:
        raise BadSetting(
            "The records database was written by a newer version of this program.",
            hint="Start that version, or point DATABASE_URL at another database.",
        ) from error


def _use_wal(engine: sa.Engine) -> None:
    """Switching a new file to WAL ignores the busy timeout, so two first starts take turns here."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            engine.connect().close()
            return
        except sa.exc.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise Unavailable(
                    f"The records database cannot be opened: {error.orig}."
                ) from error
            time.sleep(0.02)
        except sa.exc.DatabaseError as error:
            raise BadSetting(
                f"DATABASE_URL names a file that is no SQLite database: {engine.url.database}."
            ) from error
