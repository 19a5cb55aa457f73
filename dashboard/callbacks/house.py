"""Parts that are of the whole house, and of no shop's period; and what works before there is a
shop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agent.services import Services
from dashboard.callbacks import connections, doings, shops, trust
from dashboard.panels import Page

HOUSE: Mapping[str, Callable[[Services], Any]] = {
    "connections": connections.of,
    "connect": connections.connect,
    "agreement": trust.agreement,
    "checks": trust.checks,
    "upkeep": trust.upkeep,
    "doings": doings.facts,
    "jobs": doings.jobs,
    "stores": doings.stores,
    "audit": doings.audit,
}
WITHOUT: Mapping[str, Callable[[Services, Page], Any]] = {
    "head": lambda services, page: shops.head(page),
    "shops": lambda services, page: shops.without(services),
    "upload": lambda services, page: shops.bring(services),
    **{name: lambda services, page, draw=draw: draw(services) for name, draw in HOUSE.items()},
}
