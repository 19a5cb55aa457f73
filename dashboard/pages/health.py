"""Data health: whether the figures can be trusted, and what can be done where they cannot."""

from __future__ import annotations

from agent.words import mark
from dashboard.panels import Page

PAGE = Page(
    "/data-health",
    mark("Data health"),
    "circle-check",
    (),
    above=("verdict", "agreement", "checks", "upkeep", "running"),
    key="h",
    group=mark("Operate"),
)
