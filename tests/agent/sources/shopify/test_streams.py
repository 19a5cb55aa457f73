"""What is read beside orders, what an app may not see, and how far back a history goes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from agent.errors import Refused
from agent.sources.connectors import connector
from agent.sources.shopify import bulk, identity, orders
from agent.sources.shopify.faults import Denied
from agent.warehouse.schema import INVENTORY, PRODUCTS, PROFILES, SALES, SESSIONS
from tests.agent.sources.shopify.conftest import ID, Wired, Wiring
from tests.agent.sources.shopify.test_sync import is_true
from tests.clock import FrozenClock

CUT = "History starts 60 days back: Shopify shows older orders only with the scope read_all_orders."


def test_products_stock_customers_and_visits(wired: Wired, clock: FrozenClock) -> None:
    done = wired.sync()
    shop = wired.standin.shop
    assert done.notes == ()
    products = wired.rows(PRODUCTS, "product_id", "title", "vendor", "product_type", "sku")
    assert {row["product_id"]: row["title"] for row in products} == {
        str(p.product_id): p.title for p in shop.products.values()
    }
    pieces = {
        str(p.product_id): sum(sum(v.stock.values()) for v in p.variants)
        for p in shop.products.values()
        if not p.gift_card
    }
    stock = wired.rows(INVENTORY, "product_id", "available", "local_date")
    assert {row["product_id"]: row["available"] for row in stock} == pieces
    assert {row["local_date"] for row in stock} == {date(2026, 11, 17)}
    groups = wired.rows(PROFILES, "customer_id", "rfm_group")
    assert len(groups) == len(shop.customers)
    assert {row["rfm_group"] for row in groups} <= {"Champions", "Loyal", "New", "At risk"}
    visits = wired.rows(SESSIONS, "local_date", "sessions", "add_to_cart", "channel")
    assert max(row["local_date"] for row in visits) == date(2026, 11, 17)
    assert all(row["sessions"] >= row["add_to_cart"] for row in visits)
    named = wired.services.shop(wired.connection.shop_id)
    assert (named.name, named.currency, named.timezone) == ("Alder & Co", "USD", "America/New_York")


def test_the_next_day_has_a_snapshot_of_its_own(wired: Wired, clock: FrozenClock) -> None:
    wired.sync()
    clock.advance(days=1)
    wired.sync()
    days = {row["local_date"] for row in wired.rows(INVENTORY, "local_date")}
    assert days == {date(2026, 11, 17), date(2026, 11, 18)}


def test_a_sale_keeps_the_cost_that_it_had(wired: Wired, clock: FrozenClock) -> None:
    wired.sync()
    shop = wired.standin.shop
    _, variant = next(pair for pair in shop.variants() if pair[1].cost)
    first = shop.place(items=[(variant.variant_id, 1)])
    clock.advance(60)
    old, variant.cost = variant.cost, Decimal("77.25")
    variant.updated_at = shop.now()
    clock.advance(60)
    wired.sync()
    second = shop.place(items=[(variant.variant_id, 2)])
    clock.advance(5)
    wired.sync()
    shop.refund(first, units={first.lines[0].line_id: 1})
    clock.advance(5)
    wired.sync()
    costs = {
        (row["order_id"], row["action"]): row["unit_cost"]
        for row in wired.rows(SALES, "order_id", "action", "line_type", "unit_cost")
        if row["line_type"] == "PRODUCT"
    }
    assert costs[(str(first.order_id), "ORDER")] == old
    assert costs[(str(first.order_id), "RETURN")] == old
    assert costs[(str(second.order_id), "ORDER")] == Decimal("77.25")


def test_a_missing_scope_is_a_note_and_never_an_empty_success(wired: Wired) -> None:
    wired.standin.auth.scopes = ("read_orders", "read_all_orders", "read_products")
    notes = wired.sync().notes
    assert notes == (
        "Shopify does not show stock and unit costs: the scope read_inventory is missing.",
        "Shopify does not show customers: the scope read_customers is missing.",
        "Shopify does not show visits: the scope read_reports is missing.",
    )
    assert wired.connection.notes == list(notes)
    assert set(identity.granted(wired.link())) == set(wired.standin.auth.scopes)
    assert [row["order_id"] for row in wired.orders()] == [
        row["order_id"] for row in wired.standin.shop.true_orders()
    ]


def test_without_orders_there_is_no_sync(wired: Wired) -> None:
    wired.standin.auth.scopes = ("read_products",)
    with pytest.raises(Denied, match="does not show orders: the scope read_orders is missing"):
        wired.sync()


def test_without_all_orders_the_history_is_cut_and_says_so(
    wired: Wired, clock: FrozenClock
) -> None:
    auth, shop = wired.standin.auth, wired.standin.shop
    whole, auth.scopes = auth.scopes, tuple(s for s in auth.scopes if s != "read_all_orders")
    assert wired.sync().notes[0] == CUT
    first = clock.now() - timedelta(days=60)
    state = wired.services.records.connections.state(ID, "history")
    assert (state["from"], state["cut"]) == (first.date().isoformat(), True)
    assert wired.ledger() == shop.truth(first)
    auth.scopes = whole
    clock.advance(60)
    assert wired.sync().notes == ()
    is_true(wired)


def test_a_history_from_a_day_that_was_asked_for(wiring: Wiring, clock: FrozenClock) -> None:
    wired = wiring(history_from="2026-11-01")
    wired.sync()
    # The shop's own midnight.
    first = datetime(2026, 11, 1, tzinfo=ZoneInfo("America/New_York"))
    assert wired.ledger() == wired.standin.shop.truth(first)
    assert wired.services.records.connections.state(ID, "history")["from"] == "2026-11-01"
    wired.set(history_from="soon")
    with pytest.raises(Refused, match="is no day"):
        wired.sync()


def test_an_earlier_day_that_is_asked_for_later_is_read_too(
    wiring: Wiring, clock: FrozenClock
) -> None:
    wired = wiring(history_from="2026-11-01")
    wired.sync()
    wired.set(history_from="2026-10-15")
    clock.advance(60)
    wired.sync()
    first = datetime(2026, 10, 15, tzinfo=ZoneInfo("America/New_York"))
    assert wired.ledger() == wired.standin.shop.truth(first)
    wired.set(history_from="")
    clock.advance(60)
    wired.sync()
    is_true(wired)


def test_sixty_days_that_nobody_wants_more_of_are_not_cut(
    wiring: Wiring, clock: FrozenClock
) -> None:
    wired = wiring(history_from="2026-11-01")
    wired.standin.auth.scopes = tuple(
        scope for scope in wired.standin.auth.scopes if scope != "read_all_orders"
    )
    assert CUT not in wired.sync().notes
    assert wired.services.records.connections.state(ID, "history")["cut"] is False


def test_many_changes_come_as_an_export(
    wired: Wired, monkeypatch: pytest.MonkeyPatch, clock: FrozenClock
) -> None:
    wired.sync()
    for _ in wired.standin.shop.events(30, seed=9):
        clock.advance(3)
    clock.advance(5)
    before = len(wired.standin.bulk.operations)
    monkeypatch.setattr(orders, "FEW", 3)
    wired.sync()
    assert len(wired.standin.bulk.operations) == before + 1
    is_true(wired)


def test_an_export_that_is_too_large_is_halved(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST_LINES", 80)
    wired.sync()
    assert len(wired.standin.bulk.operations) > 5
    is_true(wired)


def test_an_order_with_more_than_a_page_of_everything(wired: Wired, clock: FrozenClock) -> None:
    wired.sync()
    shop = wired.standin.shop
    variants = [variant.variant_id for _, variant in shop.variants()]
    lines = [(variants[at % len(variants)], 2) for at in range(45)]
    large = shop.place(items=lines)
    for line in large.lines[:7]:
        clock.advance(2)
        shop.refund(large, units={line.line_id: 1})
    clock.advance(2)
    wired.sync()
    assert len(large.agreements) == 8
    is_true(wired)


def test_days_that_are_brought_again(wired: Wired) -> None:
    wired.sync()
    done = connector("shopify").backfill(wired.link(), date(2026, 11, 1), date(2026, 11, 16))
    assert 0 < done.read < 60
    assert done.changed == 0
    with pytest.raises(Refused, match="before the first"):
        connector("shopify").backfill(wired.link(), date(2026, 11, 2), date(2026, 11, 1))


def test_orders_are_fetched_by_id(wired: Wired, clock: FrozenClock) -> None:
    wired.sync()
    shop = wired.standin.shop
    placed = [shop.place() for _ in range(10)]
    client = wired.client()
    done, absent = orders.fetch(client, [*(str(o.order_id) for o in placed), "123456"])
    assert done.orders == sum(not order.test for order in placed)
    assert absent == ("123456",)
    is_true(wired)
