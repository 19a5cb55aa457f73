"""Answers that are no good: one clear message, the watermark where it was, and all well again once
they are good."""

from __future__ import annotations

import pytest

from agent.errors import Failure
from agent.sources.connectors import connector
from tests.agent.sources.bad_words import OURS
from tests.agent.sources.shopify.conftest import ID, ORDERS_ONLY, Wired, Wiring
from tests.agent.sources.shopify.test_sync import is_true
from tests.clock import FrozenClock
from tests.shopify_standin.shop import Shop

ENDS = {
    "partial": "Shopify does not show",
    "wrong_types": "no page where one should be",
    "cyclic": "pages do not end",
    "endless": "pages do not end",
    "missing_page_info": "no page where one should be",
    "empty_object": "does not say its name",
    "search_warning": "ignored a part of a search",
    "html": "no JSON",
    "internal": "Shopify failed inside",
    "http_500": "trouble of its own",
}

KEPT = ("cyclic", "endless")
"""What gave good pages before: their orders are whole and true, and stay."""


@pytest.fixture
def begun(wiring: Wiring, clock: FrozenClock) -> Wired:
    """A small shop that was synced, and in which more happened."""
    wired = wiring(Shop.seeded(clock, orders=15, days=25))
    wired.standin.auth.scopes = ORDERS_ONLY
    wired.sync()
    for _ in wired.standin.shop.events(12, seed=3):
        clock.advance(7)
    clock.advance(5)
    return wired


def test_answers_that_are_no_good(begun: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.sources.shopify.pages.MOST_PAGES", 5)
    before, rows = begun.services.records.connections.state(ID, "orders"), begun.ledger()
    for fault, sentence in ENDS.items():
        begun.standin.faults.on(fault, None)
        with pytest.raises(Failure) as raised:
            begun.sync()
        assert sentence in raised.value.message, fault
        assert begun.connection.message == raised.value.message
        told = f"{begun.connection.message} {begun.connection.hint}".strip()
        assert told.endswith(".") and "\n" not in told and not OURS.search(told), fault
        assert begun.standin.auth.client_secret not in told
        assert begun.services.records.connections.state(ID, "orders") == before, fault
        assert fault in KEPT or begun.ledger() == rows, fault
        rows = begun.ledger()
        begun.standin.faults.off()
        begun.standin.clock.advance(60)  # type: ignore[attr-defined]  # the test's own clock
    begun.sync()
    is_true(begun)
    assert begun.connection.message == ""


def test_words_that_nobody_knew_pass(begun: Wired) -> None:
    begun.standin.faults.on("unknown_enum", None)
    begun.sync()
    known = {row["line_type"] for row in begun.ledger()}
    assert known <= {"PRODUCT", "SHIPPING", "GIFT_CARD", "TIP", "DUTY", "FEE", "ADJUSTMENT"}


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("huge", "quantity is no number of pieces"),
        ("nul", "name is no text that can be kept"),
        ("null_field", "id is no id of Shopify"),
    ],
)
def test_documents_that_cannot_be_kept(begun: Wired, fault: str, reason: str) -> None:
    before = begun.ledger()
    begun.standin.faults.on(fault, None)
    done = begun.sync()
    kept = begun.services.records.rejects.all(ID)
    assert done.rejected == len(kept) > 0
    assert any(reject.reason == reason for reject in kept)
    assert begun.ledger() == before
    begun.standin.faults.off()
    begun.standin.clock.advance(days=1)  # type: ignore[attr-defined]
    begun.sync()
    is_true(begun)


def test_one_bad_order_among_good_ones(begun: Wired) -> None:
    shop = begun.standin.shop
    bad = next(order for order in reversed(shop.orders.values()) if not order.test)
    good, bad.city = bad.city, "Some\0where"
    shop.touch(bad, shop.now())
    begun.standin.clock.advance(5)  # type: ignore[attr-defined]
    assert begun.sync().rejected == 1
    reject = begun.services.records.rejects.all(ID)[0]
    replay = connector("shopify").replay
    assert replay(begun.link(), "orders", [reject.document]) == [reject.reason]
    mended = reject.document.replace("Some\\u0000where", good)
    assert replay(begun.link(), "orders", [mended]) == [""]
    bad.city = good
    is_true(begun)
