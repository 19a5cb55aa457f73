"""Alembic's entry: it runs on the connection that agent.records.migrate hands over."""

from __future__ import annotations

from alembic import context

from agent.records.migrate import VERSION_TABLE
from agent.records.schema import METADATA


def run() -> None:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=METADATA,
        version_table=VERSION_TABLE,
        # SQLite changes a column by copying its table; Alembic does that when asked.
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if __name__ == "env_py":  # the name under which Alembic loads this file; an import does nothing
    run()
