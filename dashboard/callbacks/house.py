"""Parts that are of the whole house, and of no shop's period; and what works before there is a
shop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agent.services import Services
from dashboard.callbacks import connections, doings, shops, trust, verdict
from dashboard.panels import Page

HOUSE: Mapping[str, Callable[[Services], Any]] = {
    "connections": connections.of,
    "connect": connections.connect,
    "verdict": verdict.of,
    "agreement": trust.agreement,
    "checks": trust.checks,
    "upkeep": trust.upkeep,
    "running": trust.running,
    "doings": doings.facts,
    "jobs": doings.jobs,
    "stores": doings.stores,
    "audit": doings.audit,
}
WITHOUT = ("head", "shops", "upload", *HOUSE)
"""What works before there is a shop."""


def without(services: Services, page: Page, name: str) -> Any:
    """A part of a page before there is a shop."""
    if name == "head":
        return shops.head(page)
    if name == "shops":
        return shops.without(services)
    if name == "upload":
        return shops.bring(services)
    return HOUSE[name](services)
