"""Sources: where the figures come from, and how new ones arrive."""

from __future__ import annotations

from agent.words import mark
from dashboard.panels import Page

PAGE = Page(
    "/sources",
    "Sources",
    "database",
    (),
    above=("connections", "connect", "shops", "upload"),
    key="s",
    group=mark("Operate"),
)
