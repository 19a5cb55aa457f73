"""A whole sync against the stand-in: the ledger equals the shop's own truth."""

from __future__ import annotations

from tests.agent.sources.shopify.conftest import ORDERS_ONLY, Wired, Wiring
from tests.clock import FrozenClock
from tests.shopify_standin.shop import Shop


def is_true(wired: Wired) -> None:
    """Ours is the shop's own, but for deleted orders: only a webhook tells of those."""
    shop = wired.standin.shop
    alive = {str(order_id) for order_id in shop.orders}
    assert [row for row in wired.orders() if row["order_id"] in alive] == shop.true_orders()
    assert [row for row in wired.ledger() if row["order_id"] in alive] == shop.truth()


def test_the_first_sync_brings_the_whole_shop(wired: Wired) -> None:
    done = wired.sync()
    assert wired.orders() == wired.standin.shop.true_orders()
    assert wired.ledger() == wired.standin.shop.truth()
    assert done.read >= 60


def test_what_happens_later_comes_with_the_next_sync(wired: Wired, clock: FrozenClock) -> None:
    wired.sync()
    for turn in range(2):
        for _ in wired.standin.shop.events(40, seed=turn):
            clock.advance(41)
        clock.advance(5)
        wired.sync()
        is_true(wired)


def test_two_changes_within_a_second_with_a_sync_between_them(wired: Wired) -> None:
    wired.sync()
    shop = wired.standin.shop
    placed = shop.place()
    wired.sync()
    shop.cancel(placed)
    wired.sync()
    is_true(wired)


def test_what_the_search_shows_late_comes_with_a_later_sync(
    wiring: Wiring, clock: FrozenClock
) -> None:
    wired = wiring(Shop.seeded(clock, orders=15, days=25))
    wired.standin.auth.scopes = ORDERS_ONLY
    wired.standin.shop.index_lag = 90
    wired.sync()
    late = wired.standin.shop.place()
    clock.advance(30)
    wired.sync()
    assert str(late.order_id) not in {row["order_id"] for row in wired.orders()}
    clock.advance(400)
    wired.sync()
    is_true(wired)


def test_customers_that_the_app_may_not_see_are_left_out_and_said(
    wiring: Wiring, clock: FrozenClock
) -> None:
    wired = wiring(Shop.seeded(clock, orders=15, days=25))
    wired.standin.auth.scopes = ORDERS_ONLY
    wired.standin.api.protected = False
    notes = wired.sync().notes
    assert "Shopify does not show orders.nodes.customer: the app is not approved for it." in notes
    assert {row["customer_id"] for row in wired.orders()} == {None}
    assert wired.ledger() == wired.standin.shop.truth()
    assert wired.standin.bulk.operations
    assert not any("customer {" in o.query for o in wired.standin.bulk.operations.values())
