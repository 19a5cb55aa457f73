"""Forecasts and how they did, findings, the shop's events.

Revision ID: 0004
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NAME = sa.String(length=200)
TIME = sa.DateTime(timezone=True)
TABLES = ("shop_events", "findings", "forecasts")
SERIES = ("shop_id", "metric", "dimension", "member", "step")


def upgrade() -> None:
    _forecasts()
    _findings()
    _events()


def downgrade() -> None:
    for name in TABLES:
        op.drop_table(name)


def _column(name: str, kind: sa.types.TypeEngine[Any], nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def _names(*names: str) -> list[sa.Column[Any]]:
    return [_column(name, NAME) for name in names]


def _forecasts() -> None:
    keys = (*SERIES, "origin")
    op.create_table(
        "forecasts",
        *_names(*keys),
        _column("made_at", TIME),
        _column("version", sa.Integer()),
        _column("method", NAME),
        _column("refusal", sa.Text()),
        _column("horizon", sa.Integer()),
        _column("content", sa.JSON()),
        _column("scored_at", TIME, True),
        _column("scored", sa.Integer()),
        _column("actual", sa.Float(), True),
        _column("missed", sa.Float(), True),
        _column("naive_missed", sa.Float(), True),
        _column("inside_50", sa.Integer()),
        _column("inside_80", sa.Integer()),
        _column("inside_95", sa.Integer()),
        sa.PrimaryKeyConstraint(*keys, name=op.f("pk_forecasts")),
    )
    op.create_index("ix_forecasts_made_at", "forecasts", ["made_at"])


def _findings() -> None:
    op.create_table(
        "findings",
        *_names("finding_id", *SERIES, "kind", "severity", "first", "last"),
        _column("over", sa.Boolean()),
        _column("found_at", TIME),
        _column("changed_at", TIME),
        *(_column(name, sa.Float(), True) for name in ("actual", "expected", "low", "high")),
        _column("score", sa.Float()),
        _column("content", sa.JSON()),
        _column("state", NAME),
        _column("snoozed_until", TIME, True),
        _column("verdict", NAME),
        _column("handled_by", sa.Text()),
        _column("handled_at", TIME, True),
        sa.PrimaryKeyConstraint("finding_id", name=op.f("pk_findings")),
    )
    op.create_index("ix_findings_shop_id", "findings", ["shop_id", "state", "first"])


def _events() -> None:
    op.create_table(
        "shop_events",
        *_names("event_id", "shop_id", "name", "kind"),
        _column("first", sa.String(length=10)),
        _column("last", sa.String(length=10)),
        _column("part", sa.JSON()),
        _column("effect", sa.JSON()),
        _column("repeats", NAME),
        _column("note", sa.Text()),
        _column("made_by", sa.Text()),
        _column("made_at", TIME),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_shop_events")),
    )
    op.create_index("ix_shop_events_shop_id", "shop_events", ["shop_id", "first"])
