"""Targets: what we want, how far we are, and the metrics that people define themselves."""

from __future__ import annotations

from agent.words import mark
from dashboard.panels import Page, a_list
from dashboard.views import goals, kpis

PAGE = Page(
    "/targets",
    "Targets",
    "target",
    (),
    above=("goals", "goal-form", "kpis", "kpi-form"),
    lists=(
        a_list("goals", mark("Targets"), goals.listed),
        a_list("kpis", mark("Custom KPIs"), kpis.listed),
    ),
    key="t",
)
