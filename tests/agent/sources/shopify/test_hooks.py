"""Calls of the stand-in shop, with everything that goes wrong with calls."""

from __future__ import annotations

from contextlib import suppress

import pytest

from agent.errors import Failure, NotAllowed
from agent.sources.shopify import hooks, privacy, subscriptions
from tests.agent.sources.shopify.conftest import ID, ORDERS_ONLY, Wired, Wiring
from tests.clock import FrozenClock
from tests.shopify_standin.webhooks import Delivery

BASE = "http://127.0.0.1:8050"


def carry(wired: Wired, one: Delivery) -> int:
    """As the route does it: 200 for what is kept, 401 for what nobody signed."""
    call = hooks.Call({name.lower(): text for name, text in one.headers.items()}, one.body)
    try:
        hooks.receive(wired.services, ID, call)
    except NotAllowed:
        return 401
    return 200


def work(wired: Wired) -> None:
    hooks.work(wired.services, wired.connection)


def whole(wired: Wired) -> None:
    assert wired.orders() == wired.standin.shop.true_orders()
    assert wired.ledger() == wired.standin.shop.truth()


@pytest.fixture
def called(wiring: Wiring) -> Wired:
    """A synced shop that calls."""
    wired = wiring()
    wired.standin.auth.scopes = (*ORDERS_ONLY, "read_customers")
    wired.sync()
    assert subscriptions.repair(wired.link()).made == len(hooks.TOPICS)
    return wired


def test_calls_keep_the_ledger_current(called: Wired, clock: FrozenClock) -> None:
    for _ in called.standin.shop.events(60, seed=1):
        clock.advance(30)
        called.standin.courier.deliver(lambda one: carry(called, one))
    work(called)
    whole(called)


def test_calls_that_are_late_doubled_shuffled_and_under_faults(
    called: Wired, clock: FrozenClock
) -> None:
    faults = called.standin.faults
    for name, chance in (
        *(("hook_late", 0.1), ("hook_doubled", 0.2), ("hook_shuffled", 0.3), ("hook_lost", 0.05)),
        *(("http_429", 0.05), ("http_500", 0.05), ("throttled", 0.05), ("http_503", 0.03)),
    ):
        faults.on(name, times=None, probability=chance, seed=len(name))
    for place, _ in enumerate(called.standin.shop.events(120, seed=2)):
        clock.advance(20)
        called.standin.courier.deliver(lambda one: carry(called, one))
        if place % 25 == 0:
            # What fails now waits where it is kept.
            with suppress(Failure):
                work(called)
    faults.off()
    clock.advance(3600)
    called.standin.courier.deliver(lambda one: carry(called, one), everything=True)
    work(called)
    called.sync()
    alive = {str(order_id) for order_id in called.standin.shop.orders}
    assert [one for one in called.ledger() if one["order_id"] in alive] == (
        called.standin.shop.truth()
    )


def test_a_forged_call_is_refused_and_leaves_nothing(called: Wired) -> None:
    called.standin.faults.on("hook_forged")
    called.standin.shop.place()
    assert {carry(called, one) for one in called.standin.courier.waiting} == {401, 200} or {
        carry(called, one) for one in called.standin.courier.waiting
    } == {401}
    kept = called.services.records.hooks.waiting()
    assert len(kept) < len(called.standin.courier.waiting)


def test_the_same_delivery_twice_is_one(called: Wired) -> None:
    called.standin.shop.place()
    one = called.standin.courier.waiting[0]
    assert carry(called, one) == carry(called, one) == 200
    assert len(called.services.records.hooks.waiting()) == 1


def test_nothing_of_a_person_is_kept_of_a_call(called: Wired) -> None:
    called.standin.shop.place()
    for one in called.standin.courier.waiting:
        carry(called, one)
    kept = called.services.records.hooks.waiting()
    assert {name for hook in kept for name in hook.content} <= {*hooks.KEPT}


def test_a_deleted_order_goes_and_does_not_come_back(called: Wired) -> None:
    shop = called.standin.shop
    placed = shop.place()
    called.standin.courier.deliver(lambda one: carry(called, one))
    work(called)
    assert str(placed.order_id) in {row["order_id"] for row in called.orders()}
    shop.delete(placed)
    called.standin.courier.deliver(lambda one: carry(called, one))
    work(called)
    called.sync()
    whole(called)


def test_subscriptions_that_were_dropped_are_made_again(called: Wired) -> None:
    called.standin.courier.subscriptions.found.popitem()
    found = subscriptions.repair(called.link())
    assert (found.made, found.kept) == (1, len(hooks.TOPICS) - 1)
    assert subscriptions.repair(called.link()).made == 0


def test_a_shop_that_cannot_call_us_is_not_asked_to(called: Wired) -> None:
    called.set(shop="alder-demo.myshopify.com")
    assert subscriptions.address(called.link()) == ""


def test_a_customer_who_is_redacted_is_gone_for_good(called: Wired) -> None:
    wired, shop = called, called.standin.shop
    customer = next(o.customer_id for o in shop.orders.values() if o.customer_id and not o.test)
    assert privacy.orders_of(wired.link(), str(customer))
    one = wired.standin.courier.comply("customers/redact", customer)
    assert carry(wired, one) == 200
    work(wired)
    assert privacy.orders_of(wired.link(), str(customer)) == ()
    wired.sync()
    assert privacy.orders_of(wired.link(), str(customer)) == ()
    assert any("forgot a customer" in e.what for e in wired.services.records.audit.recent())
    told = [hook.content for hook in wired.services.records.hooks.waiting()]
    assert told == []


def test_an_app_that_was_removed_is_not_asked_any_more(called: Wired) -> None:
    called.standin.courier.uninstall()
    called.standin.courier.deliver(lambda one: carry(called, one))
    work(called)
    assert not called.connection.enabled
    assert "removed" in called.connection.message
