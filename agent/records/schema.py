"""The product's own tables, once, for SQLite and PostgreSQL.

A change here needs a migration beside it: a test compares the two on both databases.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Integer, String, Text

from agent.records.columns import METADATA, UtcTime, key, name, text, time
from agent.records.intake import (
    AGREEMENTS,
    CHECKS,
    CONNECTIONS,
    HOOKS,
    REJECTS,
    SEALED,
    STREAMS,
)
from agent.records.judged import EVENTS, FINDINGS, FORECASTS

HEAD = "0004"
"""The newest revision in migrations/versions: a start without a change need not load Alembic."""

__all__ = [
    "AGREEMENTS", "AUDIT", "CHECKS", "CONNECTIONS", "DELIVERIES", "EVENTS", "FINDINGS", "FORECASTS",
    "HEAD", "HOOKS", "KPIS", "LINKS", "METADATA", "REJECTS", "RUNS", "SCHEDULES", "SEALED",
    "SIGN_IN_FAILURES", "STREAMS", "TARGETS", "TOKENS", "USERS", "VIEWS", "UtcTime",
]  # fmt: skip

USERS = sa.Table(
    "users",
    METADATA,
    key("user_id"),
    Column("email", String(254), nullable=False, unique=True),
    text("name"),
    name("role"),
    Column("password_hash", Text),
    Column("disabled", Boolean, nullable=False),
    time("created_at"),
    time("changed_at"),
    # A view knows its owner; the two tables pointing at each other could not be restored in turn.
    Column("start_view", String(200)),
    Column("language", String(20)),
)

# Who tried is kept as a digest: people type passwords into the address field.
SIGN_IN_FAILURES = sa.Table(
    "sign_in_failures",
    METADATA,
    key("failure_id"),
    Column("digest", String(64), nullable=False, index=True),
    time("at"),
)

LINKS = sa.Table(
    "links",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("user_id", String(200), ForeignKey("users.user_id", ondelete="CASCADE"), nullable=False),
    time("created_at"),
    time("expires_at"),
    time("used_at", nullable=True),
)

TOKENS = sa.Table(
    "tokens",
    METADATA,
    key("token_id"),
    name("name"),
    name("role"),
    Column("digest", String(64), nullable=False, unique=True),
    time("created_at"),
    time("last_used_at", nullable=True),
    time("revoked_at", nullable=True),
)

# `month` is "2026-11", or empty for every month; a row without a target says that there is none,
# not even the one that ships.
TARGETS = sa.Table(
    "targets",
    METADATA,
    key("shop_id"),
    key("metric"),
    Column("month", String(7), primary_key=True),
    Column("target", Float),
    Column("warning", Float),
    Column("critical", Float),
    time("changed_at"),
)

KPIS = sa.Table(
    "kpis",
    METADATA,
    key("name"),
    text("label"),
    name("unit"),
    text("formula"),
    Column("good_up", Boolean, nullable=False),
    text("definition"),
    Column("target", Float),
    Column("warning", Float),
    Column("critical", Float),
    text("created_by"),
    time("created_at"),
    Column("revision", String(24), nullable=False),
)

VIEWS = sa.Table(
    "views",
    METADATA,
    key("view_id"),
    Column("owner", String(200), ForeignKey("users.user_id", ondelete="CASCADE"), nullable=False),
    name("name"),
    text("path"),
    text("query"),
    Column("shared", Boolean, nullable=False),
    time("created_at"),
    sa.UniqueConstraint("owner", "name"),
)

SCHEDULES = sa.Table(
    "schedules",
    METADATA,
    key("schedule_id"),
    name("job"),
    name("shop_id"),
    name("cron"),
    name("timezone"),
    Column("arguments", JSON, nullable=False),
    Column("enabled", Boolean, nullable=False),
    time("since"),
)

RUNS = sa.Table(
    "runs",
    METADATA,
    key("run_id"),
    name("schedule_id"),
    name("slot"),
    name("job"),
    name("shop_id"),
    Column("arguments", JSON, nullable=False),
    name("cause"),
    name("worker"),
    name("outcome"),
    text("message"),
    Column("attempts", Integer, nullable=False),
    text("step"),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    time("claimed_at"),
    time("started_at", nullable=True),
    time("deadline_at"),
    time("finished_at", nullable=True),
    Column("successor", String(200)),
    sa.UniqueConstraint("schedule_id", "slot"),
    sa.Index("ix_runs_claimed_at", "claimed_at"),
    sa.Index("ix_runs_outcome", "outcome"),
)

DELIVERIES = sa.Table(
    "deliveries",
    METADATA,
    key("delivery_id"),
    name("run_id"),
    text("message_id"),
    Column("recipients", JSON, nullable=False),
    text("subject"),
    name("state"),
    Column("attempts", Integer, nullable=False),
    text("sent_where"),
    text("message"),
    time("started_at"),
    time("finished_at", nullable=True),
    sa.Index("ix_deliveries_started_at", "started_at"),
)

AUDIT = sa.Table(
    "audit",
    METADATA,
    Column("entry_id", Integer, primary_key=True, autoincrement=True),
    time("at"),
    text("who"),
    text("what"),
    text("subject"),
    text("detail"),
)
