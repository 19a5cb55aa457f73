"""Channels and campaigns side by side."""

from __future__ import annotations

from dataclasses import replace

from agent.metrics.frames import Frame
from agent.metrics.questions import Scope
from agent.words import t
from dashboard.panels import Table
from dashboard.views import wording
from dashboard.views.tables import Column, table

CHANNEL_METRICS = (
    "net_sales",
    "sessions",
    "conversion_rate",
    "marketing_spend",
    "new_customers",
    "cac",
    "mer",
    "roas",
    "total_sales",
)
CHANNEL_COLUMNS = (
    Column("sessions", 2),
    Column("conversion_rate", 2),
    Column("marketing_spend", 2),
    Column("new_customers", 3),
    Column("cac", 2),
    Column("net_sales", bar=True, change=True),
    Column("mer", 3),
    Column("roas", 3),
)
CAMPAIGN_METRICS = (
    "marketing_spend",
    "impressions",
    "clicks",
    "cost_per_click",
    "attributed_revenue",
    "roas",
)
CAMPAIGN_COLUMNS = (
    Column("marketing_spend", bar=True, change=True),
    Column("impressions", 3),
    Column("clicks", 2),
    Column("cost_per_click", 2),
    Column("attributed_revenue", 3),
    Column("roas", 2),
)


def channels(frame: Frame, scope: Scope) -> Table:
    """What every channel brought and cost."""
    shown = table(frame, CHANNEL_COLUMNS, wording.largest(frame, "net_sales") or t("Channels"))
    return replace(shown, measure=_measure(frame, scope))


def campaigns(frame: Frame, scope: Scope) -> Table:
    """What every campaign cost, and what its platform says that it sold."""
    shown = table(frame, CAMPAIGN_COLUMNS, t("Campaigns"))
    return replace(shown, measure=_measure(frame, scope))


def _measure(frame: Frame, scope: Scope) -> str:
    claim = t("{metric}: {claim}", metric=wording.label(frame, "roas"), claim=_claim(frame))
    tick = wording.tick(frame, scope).removeprefix(". ")
    return f"{tick}. {claim}" if tick else claim


def _claim(frame: Frame) -> str:
    return t(frame.metric("roas").claim)
