"""Bring the records database to the newest revision, one process at a time."""

from __future__ import annotations

import time
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from agent.errors import BadSetting, Unavailable
from agent.records.store import BUSY_SECONDS, Store

VERSION_TABLE = "records_version"
"""Named apart from Alembic's default so that records and warehouse can share one PostgreSQL."""


def config(connection: sa.Connection | None = None) -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def head() -> str:
    """The newest revision that this program knows."""
    return ScriptDirectory.from_config(config()).get_current_head() or ""


def revision(connection: sa.Connection) -> str:
    """The revision of an open database."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision() or ""


def migrate(store: Store) -> None:
    """Run what is missing, in one transaction; a second process waits and finds nothing to do."""
    if store.embedded:
        _use_wal(store.engine)
    try:
        with store.alone("royal-analytics records migrations") as connection:
            if revision(connection) != head():
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
