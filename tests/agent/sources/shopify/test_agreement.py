"""The ledger beside the stand-in's own sales report."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from agent.sources.shopify import agreement
from agent.sources.shopify.client import client_of
from agent.sources.shopify.faults import Denied
from tests.agent.sources.shopify.conftest import ORDERS_ONLY, Wired, Wiring
from tests.clock import FrozenClock
from tests.shopify_standin import shopifyql
from tests.shopify_standin.shop import Shop

SCOPES = (*ORDERS_ONLY, "read_reports")


@pytest.fixture
def synced(wiring: Wiring, clock: FrozenClock) -> Wired:
    wired = wiring()
    wired.standin.auth.scopes = SCOPES
    wired.sync()
    clock.advance(2 * 86_400)
    return wired


def test_every_day_matches_to_the_cent(synced: Wired) -> None:
    found = agreement.compare(synced.link())
    assert 80 <= found.days <= 95
    assert found.equal == found.days, [
        one
        for one in synced.services.records.agreements.all(synced.connection.connection_id)
        if one.reason
    ]
    assert found.text.startswith("Matches to 0.00 on")


def test_a_late_edit_is_read_again_and_says_so(synced: Wired, clock: FrozenClock) -> None:
    shop = synced.standin.shop
    placed = shop.place()
    clock.advance(3 * 86_400)
    found = agreement.compare(synced.link())
    assert found.equal == found.days
    assert found.reasons.get("late change")
    assert str(placed.order_id) in {row["order_id"] for row in synced.orders()}


def test_an_order_that_was_deleted_unheard_goes(synced: Wired, clock: FrozenClock) -> None:
    shop = synced.standin.shop
    placed = shop.place()
    synced.sync()
    shop.delete(placed)
    clock.advance(2 * 86_400)
    found = agreement.compare(synced.link())
    assert found.equal == found.days
    assert str(placed.order_id) not in {row["order_id"] for row in synced.orders()}


def test_a_refund_of_an_older_order_that_came_late_is_read_again(
    synced: Wired, clock: FrozenClock
) -> None:
    shop = synced.standin.shop
    old = next(one for one in shop.orders.values() if not one.test and not one.cancelled_at)
    shop.refund(old, goodwill=Decimal(2))
    clock.advance(86_400)
    found = agreement.compare(synced.link())
    assert found.equal == found.days


def test_money_back_for_orders_that_are_hidden_does_not_count(
    wiring: Wiring, clock: FrozenClock
) -> None:
    wired = wiring()
    wired.standin.auth.scopes = ("read_orders", "read_reports")
    wired.sync()
    shop = wired.standin.shop
    known = {int(row["order_id"]) for row in wired.orders()}
    hidden = next(
        one
        for one in shop.orders.values()
        if one.order_id not in known and not one.test and not one.cancelled_at
    )
    shop.refund(hidden, goodwill=Decimal(2))
    placed = shop.place()
    wired.sync()
    shop.delete(placed)
    clock.advance(3 * 86_400)
    found = agreement.compare(wired.link())
    assert found.equal == found.days > 40
    assert set(found.reasons) <= {"late change"}
    assert 2 <= found.outside < 20, "the first day, and the one on which the money went back"
    gone = {row["order_id"] for row in wired.orders()}
    assert str(placed.order_id) not in gone, "deleted unheard, and young enough to be sure"


def test_a_history_that_was_asked_for_begins_within_a_day(
    wiring: Wiring, clock: FrozenClock
) -> None:
    wired = wiring(history_from="2026-10-01")
    wired.standin.auth.scopes = SCOPES
    wired.sync()
    clock.advance(86_400)
    found = agreement.compare(wired.link())
    assert found.equal == found.days
    assert set(found.reasons) <= {"late change"}


def test_a_refund_on_another_day_has_its_reason_only_where_it_is_found(synced: Wired) -> None:
    link = synced.link()
    compared = agreement._Compared(client_of(link), None)
    days = [date(2026, 11, day) for day in (10, 11, 12)]
    back, follows = Decimal(-5), {"net_sales": Decimal(-5), "total_sales": Decimal(-5)}
    forth = {"net_sales": Decimal(5), "total_sales": Decimal(5)}
    pair = {days[0]: {"returns": back, **follows}, days[1]: {"returns": -back, **forth}}
    assert set(compared._reasons(pair, {}).values()) == {"refund"}
    alone = {days[0]: pair[days[0]], days[2]: {"gross_sales": Decimal(1)}}
    assert set(compared._reasons(alone, {}).values()) == {"unexplained"}


def test_a_gift_card_explains_its_amount_and_no_other(synced: Wired) -> None:
    compared = agreement._Compared(client_of(synced.link()), None)
    day, amount = date(2026, 11, 10), Decimal(25)
    sold = {"gross_sales": -amount, "net_sales": -amount, "total_sales": -amount}
    assert compared._reasons({day: sold}, {day: amount}) == {day: "gift card"}
    assert compared._reasons({day: sold}, {day: amount + 1}) == {day: "unexplained"}


def test_what_nothing_explains_is_said(synced: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    real = shopifyql._sales

    def off(shop: Shop, days: list[date]) -> list[dict[str, Any]]:
        rows = real(shop, days)
        rows[-10]["gross_sales"] += Decimal("1.50")
        return rows

    monkeypatch.setattr(shopifyql, "_sales", off)
    found = agreement.compare(synced.link())
    assert found.days - found.equal == 1
    assert found.worst == Decimal("1.50")
    assert found.reasons == {"unexplained": 1}
    assert "the largest difference is 1.50" in found.text


def test_without_the_scope_the_reason_is_said(synced: Wired) -> None:
    synced.standin.auth.scopes = ORDERS_ONLY
    with pytest.raises(Denied):
        agreement.compare(synced.link())
