"""Targets: what we want, how far we are, and the metrics that people define themselves."""

from __future__ import annotations

from dashboard.panels import Page

PAGE = Page(
    "/targets",
    "Targets",
    "target",
    (),
    above=("goals", "goal-form", "kpis", "kpi-form"),
    key="t",
)
