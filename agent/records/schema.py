"""The product's own tables, once, for SQLite and PostgreSQL. Every time is UTC.

A change here needs a migration beside it: a test compares the two on both databases.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Integer, String, Text

HEAD = "0003"
"""The newest revision in migrations/versions: a start without a change need not load Alembic."""

METADATA = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class UtcTime(sa.TypeDecorator[datetime]):
    """An aware UTC moment. SQLite has no zones, so it holds the same moment without one."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _text(name: str) -> Column[Any]:
    return Column(name, Text, nullable=False)


def _time(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, UtcTime, nullable=nullable)


def _key(name: str) -> Column[Any]:
    return Column(name, String(200), primary_key=True)


def _name(name: str) -> Column[Any]:
    return Column(name, String(200), nullable=False)


USERS = sa.Table(
    "users",
    METADATA,
    _key("user_id"),
    Column("email", String(254), nullable=False, unique=True),
    _text("name"),
    _name("role"),
    Column("password_hash", Text),
    Column("disabled", Boolean, nullable=False),
    _time("created_at"),
    _time("changed_at"),
    # A view knows its owner; the two tables pointing at each other could not be restored in turn.
    Column("start_view", String(200)),
    Column("language", String(20)),
)

# Who tried is kept as a digest: people type passwords into the address field.
SIGN_IN_FAILURES = sa.Table(
    "sign_in_failures",
    METADATA,
    _key("failure_id"),
    Column("digest", String(64), nullable=False, index=True),
    _time("at"),
)

LINKS = sa.Table(
    "links",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("user_id", String(200), ForeignKey("users.user_id", ondelete="CASCADE"), nullable=False),
    _time("created_at"),
    _time("expires_at"),
    _time("used_at", nullable=True),
)

TOKENS = sa.Table(
    "tokens",
    METADATA,
    _key("token_id"),
    _name("name"),
    _name("role"),
    Column("digest", String(64), nullable=False, unique=True),
    _time("created_at"),
    _time("last_used_at", nullable=True),
    _time("revoked_at", nullable=True),
)

# `month` is "2026-11", or empty for every month; a row without a target says that there is none,
# not even the one that ships.
TARGETS = sa.Table(
    "targets",
    METADATA,
    _key("shop_id"),
    _key("metric"),
    Column("month", String(7), primary_key=True),
    Column("target", Float),
    Column("warning", Float),
    Column("critical", Float),
    _time("changed_at"),
)

KPIS = sa.Table(
    "kpis",
    METADATA,
    _key("name"),
    _text("label"),
    _name("unit"),
    _text("formula"),
    Column("good_up", Boolean, nullable=False),
    _text("definition"),
    Column("target", Float),
    Column("warning", Float),
    Column("critical", Float),
    _text("created_by"),
    _time("created_at"),
    Column("revision", String(24), nullable=False),
)

VIEWS = sa.Table(
    "views",
    METADATA,
    _key("view_id"),
    Column("owner", String(200), ForeignKey("users.user_id", ondelete="CASCADE"), nullable=False),
    _name("name"),
    _text("path"),
    _text("query"),
    Column("shared", Boolean, nullable=False),
    _time("created_at"),
    sa.UniqueConstraint("owner", "name"),
)

SCHEDULES = sa.Table(
    "schedules",
    METADATA,
    _key("schedule_id"),
    _name("job"),
    _name("shop_id"),
    _name("cron"),
    _name("timezone"),
    Column("arguments", JSON, nullable=False),
    Column("enabled", Boolean, nullable=False),
    _time("since"),
)

RUNS = sa.Table(
    "runs",
    METADATA,
    _key("run_id"),
    _name("schedule_id"),
    _name("slot"),
    _name("job"),
    _name("shop_id"),
    Column("arguments", JSON, nullable=False),
    _name("cause"),
    _name("worker"),
    _name("outcome"),
    _text("message"),
    Column("attempts", Integer, nullable=False),
    _text("step"),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    _time("claimed_at"),
    _time("started_at", nullable=True),
    _time("deadline_at"),
    _time("finished_at", nullable=True),
    Column("successor", String(200)),
    sa.UniqueConstraint("schedule_id", "slot"),
    sa.Index("ix_runs_claimed_at", "claimed_at"),
    sa.Index("ix_runs_outcome", "outcome"),
)

DELIVERIES = sa.Table(
    "deliveries",
    METADATA,
    _key("delivery_id"),
    _name("run_id"),
    _text("message_id"),
    Column("recipients", JSON, nullable=False),
    _text("subject"),
    _name("state"),
    Column("attempts", Integer, nullable=False),
    _text("sent_where"),
    _text("message"),
    _time("started_at"),
    _time("finished_at", nullable=True),
    sa.Index("ix_deliveries_started_at", "started_at"),
)

AUDIT = sa.Table(
    "audit",
    METADATA,
    Column("entry_id", Integer, primary_key=True, autoincrement=True),
    _time("at"),
    _text("who"),
    _text("what"),
    _text("subject"),
    _text("detail"),
)

# A source that people connected, or that the settings name. `settings` holds no secret: a secret
# field says where it is kept.
CONNECTIONS = sa.Table(
    "connections",
    METADATA,
    _key("connection_id"),
    _name("kind"),
    _name("name"),
    _name("shop_id"),
    Column("settings", JSON, nullable=False),
    _name("cron"),
    Column("enabled", Boolean, nullable=False),
    _text("created_by"),
    _time("created_at"),
    # How the last sync went: an empty message means well.
    _time("tried_at", nullable=True),
    _time("succeeded_at", nullable=True),
    _text("message"),
    _text("hint"),
    # What is true of a connection and worth knowing: granted scopes, where history begins.
    Column("notes", JSON, nullable=False),
)

# How far a stream of a connection was read: watermarks, and the exports that are under way.
STREAMS = sa.Table(
    "streams",
    METADATA,
    Column(
        "connection_id",
        String(200),
        ForeignKey("connections.connection_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    _key("stream"),
    Column("state", JSON, nullable=False),
    _time("changed_at"),
)

# What a platform called about: only the id and time of what changed, never the person in it.
HOOKS = sa.Table(
    "hooks",
    METADATA,
    _key("hook_id"),
    Column(
        "connection_id",
        String(200),
        ForeignKey("connections.connection_id", ondelete="CASCADE"),
        nullable=False,
    ),
    _name("topic"),
    Column("content", JSON, nullable=False),
    _time("received_at"),
    _name("state"),
    Column("attempts", Integer, nullable=False),
    _text("message"),
    _time("done_at", nullable=True),
    sa.Index("ix_hooks_state", "state", "received_at"),
    sa.Index("ix_hooks_received_at", "received_at"),
)

# Secrets that people typed, sealed with the installation's key.
SEALED = sa.Table(
    "sealed",
    METADATA,
    _key("name"),
    _text("value"),
    _text("changed_by"),
    _time("changed_at"),
)

# What the last check of a shop's rows found; one row a check and subject.
CHECKS = sa.Table(
    "checks",
    METADATA,
    _key("shop_id"),
    _key("check_name"),
    _key("subject"),
    _name("table_name"),
    _name("outcome"),
    _text("message"),
    Column("measured", JSON, nullable=False),
    _time("at"),
    # Since when it has been so without a break.
    _time("since"),
)

# A day of the ledger beside the same day as the platform counts it.
AGREEMENTS = sa.Table(
    "agreements",
    METADATA,
    _key("connection_id"),
    Column("local_date", String(10), primary_key=True),
    _key("component"),
    # Decimals as text: exact on both databases.
    _name("ours"),
    _name("theirs"),
    _name("reason"),
    _time("at"),
)

# Documents that could not be read, to be tried again once the reason is gone.
REJECTS = sa.Table(
    "rejects",
    METADATA,
    _key("reject_id"),
    Column(
        "connection_id",
        String(200),
        ForeignKey("connections.connection_id", ondelete="CASCADE"),
        nullable=False,
    ),
    _name("stream"),
    _text("document"),
    _text("reason"),
    _time("at"),
    sa.Index("ix_rejects_connection_id", "connection_id", "at"),
)
