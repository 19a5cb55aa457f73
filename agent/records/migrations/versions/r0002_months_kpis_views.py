"""Targets for single months, people's own metrics, saved views, a start view and a language.

Revision ID: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NAME = sa.String(length=200)
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _months()
    _metrics()
    _views()
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("start_view", NAME, nullable=True))
        users.add_column(sa.Column("language", sa.String(length=20), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.drop_column("language")
        users.drop_column("start_view")
    op.drop_table("views")
    op.drop_table("kpis")
    op.execute("DELETE FROM targets WHERE month <> '' OR target IS NULL")
    with op.batch_alter_table("targets", recreate="auto") as targets:
        targets.drop_constraint("pk_targets", type_="primary")
        targets.drop_column("month")
        targets.alter_column("target", existing_type=sa.Float(), nullable=False)
        targets.create_primary_key("pk_targets", ["shop_id", "metric"])


def _months() -> None:
    """The rows that are there hold for every month."""
    with op.batch_alter_table("targets", recreate="auto") as targets:
        targets.add_column(
            sa.Column("month", sa.String(length=7), nullable=False, server_default="")
        )
        targets.drop_constraint("pk_targets", type_="primary")
        targets.alter_column("target", existing_type=sa.Float(), nullable=True)
        targets.create_primary_key("pk_targets", ["shop_id", "metric", "month"])
    with op.batch_alter_table("targets", recreate="auto") as targets:
        targets.alter_column("month", existing_type=sa.String(length=7), server_default=None)


def _metrics() -> None:
    op.create_table(
        "kpis",
        sa.Column("name", NAME, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("unit", NAME, nullable=False),
        sa.Column("formula", sa.Text(), nullable=False),
        sa.Column("good_up", sa.Boolean(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("target", sa.Float(), nullable=True),
        sa.Column("warning", sa.Float(), nullable=True),
        sa.Column("critical", sa.Float(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("revision", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_kpis")),
    )


def _views() -> None:
    op.create_table(
        "views",
        sa.Column("view_id", NAME, nullable=False),
        sa.Column("owner", NAME, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["owner"], ["users.user_id"], name=op.f("fk_views_owner"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("view_id", name=op.f("pk_views")),
        sa.UniqueConstraint("owner", "name", name=op.f("uq_views_owner_name")),
    )
