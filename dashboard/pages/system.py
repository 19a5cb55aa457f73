"""System: what the program does by itself, what it holds, and who did what."""

from __future__ import annotations

from agent.words import mark
from dashboard.panels import Page

PAGE = Page(
    "/system",
    mark("System"),
    "activity",
    (),
    above=("doings", "jobs", "stores", "audit"),
    key="y",
    group=mark("Operate"),
)
