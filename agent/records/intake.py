"""The tables of what comes in: connections, how far each was read, who called, what was checked."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table

from agent.records.columns import METADATA, key, name, text, time

# A source that people connected, or that the settings name. `settings` holds no secret: a secret
# field says where it is kept.
CONNECTIONS = Table(
    "connections",
    METADATA,
    key("connection_id"),
    name("kind"),
    name("name"),
    name("shop_id"),
    Column("settings", JSON, nullable=False),
    name("cron"),
    Column("enabled", Boolean, nullable=False),
    text("created_by"),
    time("created_at"),
    # How the last sync went: an empty message means well.
    time("tried_at", nullable=True),
    time("succeeded_at", nullable=True),
    text("message"),
    text("hint"),
    # What is true of a connection and worth knowing: granted scopes, where history begins.
    Column("notes", JSON, nullable=False),
)

# How far a stream of a connection was read: watermarks, and the exports that are under way.
STREAMS = Table(
    "streams",
    METADATA,
    Column(
        "connection_id",
        String(200),
        ForeignKey("connections.connection_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    key("stream"),
    Column("state", JSON, nullable=False),
    time("changed_at"),
)

# What a platform called about: only the id and time of what changed, never the person in it.
HOOKS = Table(
    "hooks",
    METADATA,
    key("hook_id"),
    Column(
        "connection_id",
        String(200),
        ForeignKey("connections.connection_id", ondelete="CASCADE"),
        nullable=False,
    ),
    name("topic"),
    Column("content", JSON, nullable=False),
    time("received_at"),
    name("state"),
    Column("attempts", Integer, nullable=False),
    text("message"),
    time("done_at", nullable=True),
    Index("ix_hooks_state", "state", "received_at"),
    Index("ix_hooks_received_at", "received_at"),
)

# Secrets that people typed, sealed with the installation's key.
SEALED = Table(
    "sealed",
    METADATA,
    key("name"),
    text("value"),
    text("changed_by"),
    time("changed_at"),
)

# What the last check of a shop's rows found; one row a check and subject.
CHECKS = Table(
    "checks",
    METADATA,
    key("shop_id"),
    key("check_name"),
    key("subject"),
    name("table_name"),
    name("outcome"),
    text("message"),
    Column("measured", JSON, nullable=False),
    time("at"),
    # Since when it has been so without a break.
    time("since"),
)

# A day of the ledger beside the same day as the platform counts it.
AGREEMENTS = Table(
    "agreements",
    METADATA,
    key("connection_id"),
    Column("local_date", String(10), primary_key=True),
    key("component"),
    # Decimals as text: exact on both databases.
    name("ours"),
    name("theirs"),
    name("reason"),
    time("at"),
)

# Documents that could not be read, to be tried again once the reason is gone.
REJECTS = Table(
    "rejects",
    METADATA,
    key("reject_id"),
    Column(
        "connection_id",
        String(200),
        ForeignKey("connections.connection_id", ondelete="CASCADE"),
        nullable=False,
    ),
    name("stream"),
    text("document"),
    text("reason"),
    time("at"),
    Index("ix_rejects_connection_id", "connection_id", "at"),
)
