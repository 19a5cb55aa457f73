"""A whole sync against the stand-in: the ledger equals the shop's own truth."""

from __future__ import annotations

from tests.agent.sources.shopify.conftest import Wired
from tests.clock import FrozenClock


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
    for turn in range(4):
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
