"""Explanations know the holidays of both periods, as far as they are known already."""

from __future__ import annotations

import json
from datetime import date

from agent.services import Services
from dashboard.explained import explain
from tests import almas_tea

PERIOD = f"shop={almas_tea.SHOP.shop_id}&from=2026-11-01&to=2026-11-16"


def named(services: Services) -> dict[str, bool]:
    found = explain(services, services.scope(PERIOD), "net_sales")
    return {match.name: match.now for match in found.why.matches if match.kind == "holiday"}


def test_nobody_waits_for_public_holidays(services: Services) -> None:
    services.warehouse.merge(almas_tea.batch())
    # The feasts that need no library are there at once; no process is begun for others.
    assert named(services) == {"Singles' Day": True}


def test_those_that_were_read_are_named(services: Services) -> None:
    from agent.forecasting.given import _place, codes_of

    services.warehouse.merge(almas_tea.batch())
    codes = codes_of(services, almas_tea.SHOP)
    assert codes
    rows = [
        (date(2026, 10, 3).isoformat(), "Day of German Unity", "DE", [["de", "Tag der Einheit"]]),
        (date(2026, 12, 24).isoformat(), "Too late", "DE", []),
    ]
    services.cache.set(_place(codes, 2026), json.dumps(rows).encode(), 600)
    assert named(services) == {"Singles' Day": True, "Day of German Unity": False}
