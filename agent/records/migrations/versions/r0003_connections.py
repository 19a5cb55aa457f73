"""Connections to sources, how far each was read, what called, sealed secrets, and what was checked.

Revision ID: 0003
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NAME = sa.String(length=200)
TIME = sa.DateTime(timezone=True)
TABLES = ("rejects", "agreements", "checks", "sealed", "hooks", "streams", "connections")


def upgrade() -> None:
    _connections()
    _streams()
    _hooks()
    _sealed()
    _checks()
    _rejects()


def downgrade() -> None:
    for name in TABLES:
        op.drop_table(name)


def _column(name: str, kind: sa.types.TypeEngine[Any], nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def _connections() -> None:
    op.create_table(
        "connections",
        _column("connection_id", NAME),
        _column("kind", NAME),
        _column("name", NAME),
        _column("shop_id", NAME),
        _column("settings", sa.JSON()),
        _column("cron", NAME),
        _column("enabled", sa.Boolean()),
        _column("created_by", sa.Text()),
        _column("created_at", TIME),
        _column("tried_at", TIME, True),
        _column("succeeded_at", TIME, True),
        _column("message", sa.Text()),
        _column("hint", sa.Text()),
        _column("notes", sa.JSON()),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_connections")),
    )


def _of_connection(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["connection_id"],
        ["connections.connection_id"],
        name=op.f(f"fk_{table}_connection_id"),
        ondelete="CASCADE",
    )


def _streams() -> None:
    op.create_table(
        "streams",
        _column("connection_id", NAME),
        _column("stream", NAME),
        _column("state", sa.JSON()),
        _column("changed_at", TIME),
        _of_connection("streams"),
        sa.PrimaryKeyConstraint("connection_id", "stream", name=op.f("pk_streams")),
    )


def _hooks() -> None:
    op.create_table(
        "hooks",
        _column("hook_id", NAME),
        _column("connection_id", NAME),
        _column("topic", NAME),
        _column("content", sa.JSON()),
        _column("received_at", TIME),
        _column("state", NAME),
        _column("attempts", sa.Integer()),
        _column("message", sa.Text()),
        _column("done_at", TIME, True),
        _of_connection("hooks"),
        sa.PrimaryKeyConstraint("hook_id", name=op.f("pk_hooks")),
    )
    op.create_index("ix_hooks_state", "hooks", ["state", "received_at"])
    op.create_index("ix_hooks_received_at", "hooks", ["received_at"])


def _sealed() -> None:
    op.create_table(
        "sealed",
        _column("name", NAME),
        _column("value", sa.Text()),
        _column("changed_by", sa.Text()),
        _column("changed_at", TIME),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sealed")),
    )


def _checks() -> None:
    op.create_table(
        "checks",
        _column("shop_id", NAME),
        _column("check_name", NAME),
        _column("subject", NAME),
        _column("table_name", NAME),
        _column("outcome", NAME),
        _column("message", sa.Text()),
        _column("measured", sa.JSON()),
        _column("at", TIME),
        _column("since", TIME),
        sa.PrimaryKeyConstraint("shop_id", "check_name", "subject", name=op.f("pk_checks")),
    )
    op.create_table(
        "agreements",
        _column("connection_id", NAME),
        _column("local_date", sa.String(length=10)),
        _column("component", NAME),
        _column("ours", NAME),
        _column("theirs", NAME),
        _column("reason", NAME),
        _column("at", TIME),
        sa.PrimaryKeyConstraint(
            "connection_id", "local_date", "component", name=op.f("pk_agreements")
        ),
    )


def _rejects() -> None:
    op.create_table(
        "rejects",
        _column("reject_id", NAME),
        _column("connection_id", NAME),
        _column("stream", NAME),
        _column("document", sa.Text()),
        _column("reason", sa.Text()),
        _column("at", TIME),
        _of_connection("rejects"),
        sa.PrimaryKeyConstraint("reject_id", name=op.f("pk_rejects")),
    )
    op.create_index("ix_rejects_connection_id", "rejects", ["connection_id", "at"])
