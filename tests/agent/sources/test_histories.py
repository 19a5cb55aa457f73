from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from agent.records.connections import Connection
from agent.services import Services
from agent.sources import histories
from tests import almas_tea

SHOP = almas_tea.SHOP.shop_id


def cut(services: Services, source: str) -> date:
    """Alma's sales, brought by a source, in a history that Shopify cuts ten days after the first
    of them; returns that day."""
    services.warehouse.merge(replace(almas_tea.batch(), source=source))
    first = services.engine.first_day((SHOP,))
    assert first is not None
    day = first + timedelta(days=10)
    services.records.connections.add(Connection("one", "shopify", "Alder", SHOP, {}))
    services.records.connections.save_state(
        "one", "history", {"from": day.isoformat(), "cut": True}
    )
    return day


def test_orders_that_were_placed_before_they_were_entered_do_not_hide_the_cut(
    services: Services,
) -> None:
    day = cut(services, "shopify")
    assert histories.begins(services, (SHOP,)) == day


def test_older_days_that_came_by_a_file_are_no_cut(services: Services) -> None:
    cut(services, "shopify-orders")
    assert histories.begins(services, (SHOP,)) is None


def test_the_days_compared_with_count_too(services: Services) -> None:
    day = cut(services, "shopify")
    span = f"from={day}&to={day + timedelta(days=3)}"
    alone = services.scope(f"{span}&cmp=none")
    assert histories.noted(services, alone) == {}
    compared = services.scope(f"{span}&cmp=prev")
    assert histories.noted(services, compared) == {"history": histories.sentence(day)}
