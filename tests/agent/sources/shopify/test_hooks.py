"""Calls of the stand-in shop, with everything that goes wrong with calls."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from agent.errors import Failure, NotAllowed, Unavailable
from agent.records.hooks import DONE, FAILED, WAITING
from agent.records.intake import HOOKS
from agent.sources.shopify import hooks, orders, privacy, raw, subscriptions
from agent.sources.shopify.load import rebuild
from agent.warehouse.schema import PRODUCTS, SALES
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


def deliver(wired: Wired) -> None:
    wired.standin.courier.deliver(lambda one: carry(wired, one))


def kept(wired: Wired) -> list[dict[str, Any]]:
    """Every call that was kept, oldest first."""
    with wired.services.records.store.read() as database:
        found = database.execute(sa.select(HOOKS).order_by(HOOKS.c.received_at))
        return [dict(row._mapping) for row in found]


def states(wired: Wired) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in kept(wired):
        found[row["state"]] = found.get(row["state"], 0) + 1
    return found


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


def test_what_calls_brought_is_checked_now_and_then(called: Wired, clock: FrozenClock) -> None:
    def checked() -> set[datetime]:
        found = called.services.records.checks.all((called.connection.shop_id,))
        return {one.at for one in found}

    def call() -> None:
        called.standin.shop.place()
        called.standin.courier.deliver(lambda one: carry(called, one))
        work(called)

    before = checked()
    call()
    assert checked() == before
    clock.advance(601)
    call()
    assert checked() == {clock.now()}


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


def test_a_call_that_can_never_be_worked_on_takes_no_other_down(called: Wired) -> None:
    placed = [called.standin.shop.place() for _ in range(9)]
    deliver(called)
    culprit = placed[4].order_id
    called.standin.faults.on("http_403", times=None, only=f'Order/{culprit}"')
    before = len(kept(called))
    work(called)
    assert len(kept(called)) == before
    failed = [row for row in kept(called) if row["state"] == FAILED]
    assert {row["content"]["id"] for row in failed} == {culprit}
    assert all("does not let the app read" in row["message"] for row in failed)
    assert states(called).keys() == {DONE, FAILED}
    ledger = {row["order_id"] for row in called.orders()}
    assert {str(one.order_id) for one in placed} - ledger == {str(culprit)}
    called.standin.faults.off()
    called.sync()
    whole(called)


def test_where_nothing_can_be_worked_on_it_is_not_the_calls(called: Wired) -> None:
    for _ in range(9):
        called.standin.shop.place()
    deliver(called)
    gone = next(iter(called.standin.shop.orders.values()))
    called.standin.shop.delete(gone)
    deliver(called)
    called.standin.faults.on("http_403", times=None)
    with pytest.raises(NotAllowed):
        work(called)
    assert states(called)[FAILED] == hooks.MOST_GIVEN_UP
    assert {row["attempts"] for row in kept(called) if row["state"] == WAITING} <= {0, 1}
    # A deletion needs no answer of the shop.
    assert str(gone.order_id) not in {row["order_id"] for row in called.orders()}
    called.standin.faults.off()
    work(called)
    called.sync()
    whole(called)


def test_a_shop_that_does_not_answer_is_tried_again_and_given_up(
    called: Wired, clock: FrozenClock
) -> None:
    called.standin.shop.place()
    deliver(called)
    called.standin.faults.on("http_500", times=None)
    for turn in range(1, hooks.TRIES + 1):
        assert {row["attempts"] for row in kept(called)} == {turn - 1}
        with pytest.raises(Unavailable):
            work(called)
        clock.advance(60)
    assert {(row["state"], row["attempts"]) for row in kept(called)} == {(FAILED, hooks.TRIES)}
    assert all(row["message"] for row in kept(called))
    called.standin.faults.off()
    work(called)
    called.sync()
    whole(called)


def test_what_the_law_asks_for_is_never_given_up(
    called: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = next(o.customer_id for o in called.standin.shop.orders.values() if o.customer_id)
    carry(called, called.standin.courier.comply("customers/redact", customer))
    monkeypatch.setattr(hooks, "TRIES", 2)

    def away(*_: object) -> int:
        raise Unavailable("The warehouse does not answer.")

    with monkeypatch.context() as broken:
        broken.setattr(type(called.services.warehouse), "forget_customers", away, raising=False)
        for _ in range(4):
            with pytest.raises(Unavailable):
                work(called)
    assert [(row["state"], row["attempts"]) for row in kept(called)] == [(WAITING, 4)]
    work(called)
    assert privacy.orders_of(called.link(), str(customer)) == ()


def test_waiting_calls_are_one_request_and_one_batch(called: Wired) -> None:
    for _ in range(orders.IDS):
        called.standin.shop.place()
    deliver(called)
    deliver(called)
    asked = len(called.standin.api.asked)
    before = len(called.services.warehouse.batches())
    files = len(raw.store_of(called.link()).files())
    work(called)
    batches = called.services.warehouse.batches()
    assert len(batches) - before == 1
    # A page tells apart what was called about from what a sync brought.
    (noted,) = [one["summary"] for one in batches if one["summary"]["by"] == "calls"]
    assert noted["connection"] == called.link().connection.connection_id
    assert noted["rows"]["orders"] == orders.IDS
    assert len(raw.store_of(called.link()).files()) - files == 1
    assert len(called.standin.api.asked) - asked == 1


def test_a_redacted_customer_is_in_no_document_and_no_call(called: Wired) -> None:
    wired = called
    customer = next(o.customer_id for o in wired.standin.shop.orders.values() if o.customer_id)
    named = f'{{"customer":{{"id":"gid://shopify/Customer/{customer}"}}}}'
    escaped = named.replace("/", "\\/")
    longer = named.replace(str(customer), f"{customer}0")
    for text in (named, escaped, longer):
        wired.link().reject("orders", [(text, "bad")])
    carry(wired, wired.standin.courier.comply("customers/data_request", customer))
    work(wired)
    told = wired.services.settings.data_dir / privacy.FOLDER
    assert str(customer) in "".join(file.read_text() for file in told.iterdir())
    carry(wired, wired.standin.courier.comply("customers/redact", customer))
    work(wired)
    assert [one.document for one in wired.services.records.rejects.all(ID)] == [longer]
    assert [row["content"] for row in kept(wired)] == [{}, {}]
    assert list(told.iterdir()) == []
    held = [
        block
        for file in raw.store_of(wired.link()).files()
        for block in raw.blocks(file)
        if f'Customer/{customer}"'.encode() in block.replace(b"\\/", b"/")
    ]
    assert held == []


def test_a_redacted_shop_keeps_its_figures_and_nothing_else(called: Wired) -> None:
    wired = called
    figures = wired.ledger()
    wired.link().reject("orders", [("{}", "bad")])
    assert raw.store_of(wired.link()).files()
    assert carry(wired, wired.standin.courier.comply("shop/redact")) == 200
    work(wired)
    assert wired.ledger() == figures
    assert not any(row["customer_id"] for row in wired.orders())
    assert raw.store_of(wired.link()).files() == ()
    assert wired.services.records.rejects.all(ID) == ()
    assert wired.services.secrets.typed() == ()
    assert not wired.connection.enabled
    assert "asked for its customers' data to be deleted" in wired.connection.message
    # Nobody's signature can be told any more.
    assert carry(wired, wired.standin.courier.comply("shop/redact")) == 401


def sold_in(wired: Wired, order_id: int) -> dict[str, dict[str, Any]]:
    names = ("order_id", "sale_id", "line_type", "product_id", "variant", "unit_cost")
    found = wired.rows(SALES, *names)
    return {row["sale_id"]: row for row in found if row["order_id"] == str(order_id)}


@pytest.mark.parametrize("bulk", [True, False])
def test_a_product_that_was_deleted_stays_with_what_was_sold(
    called: Wired, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch, bulk: bool
) -> None:
    if bulk:
        monkeypatch.setattr("agent.warehouse.small.MOST", 0)
    called.standin.auth.scopes = (*called.standin.auth.scopes, "read_products")
    called.sync()
    shop = called.standin.shop
    order = shop.place()
    deliver(called)
    work(called)
    before = sold_in(called, order.order_id)
    sold = {row["product_id"] for row in before.values()} - {None}
    titles = called.rows(PRODUCTS, "product_id", "title")
    assert sold <= {row["product_id"] for row in titles} != set()
    for product in [one for one in shop.products.values() if str(one.product_id) in sold]:
        shop.remove_product(product)
    clock.advance(60)
    shop.refund(order, units={line.line_id: 1 for line in order.lines})
    deliver(called)
    work(called)
    after = sold_in(called, order.order_id)
    assert {name: after[name] for name in before} == before
    new = [row for name, row in after.items() if name not in before]
    assert {row["product_id"] for row in new if row["line_type"] == "PRODUCT"} == sold
    called.sync()
    rebuild(replace(called.link(), anew=True))
    assert sold_in(called, order.order_id) == after
    assert called.rows(PRODUCTS, "product_id", "title") == titles
