"""Totals of an order through its life: placed, edited, refunded, cancelled."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.clock import FrozenClock
from tests.shopify_standin.conftest import asker
from tests.shopify_standin.model import Order, Profile
from tests.shopify_standin.shop import Shop
from tests.shopify_standin.standin import StandIn

SETS = (
    *("originalTotalPriceSet", "totalPriceSet", "currentTotalPriceSet", "subtotalPriceSet"),
    *("currentSubtotalPriceSet", "totalDiscountsSet", "totalShippingPriceSet", "totalTaxSet"),
    *("totalRefundedSet", "refundDiscrepancySet", "totalReceivedSet"),
)


@pytest.fixture
def shop(clock: FrozenClock) -> Shop:
    return Shop.seeded(clock, orders=0)


def bought(shop: Shop, *titles: str) -> list[tuple[int, int]]:
    """One variant of each product that is called so, twice where it is named twice."""
    found = {p.title: p.variants[0].variant_id for p in shop.products.values()}
    return [(found[title], titles.count(title)) for title in dict.fromkeys(titles)]


def told(shop: Shop, order: Order, wanted: str = "") -> Any:
    bags = " ".join(
        f"{name} {{ shopMoney {{ amount }} presentmentMoney {{ amount currencyCode }} }}"
        for name in SETS
    )
    query = f"query($id: ID!) {{ order(id: $id) {{ displayFinancialStatus {bags} {wanted} }} }}"
    return asker(StandIn(shop))(query, id=f"gid://shopify/Order/{order.order_id}")["data"]["order"]


def amounts(answer: Any) -> dict[str, str]:
    return {name.removesuffix("Set"): answer[name]["shopMoney"]["amount"] for name in SETS}


def test_a_discounted_order_with_a_gift_card_and_a_restocking_fee(shop: Shop) -> None:
    order = shop.place(
        items=bought(shop, "Wool throw", "Wool throw", "Gift card"),
        order_off=Decimal(10),
        shipping=Decimal(5),
        presentment=("CAD", Decimal("1.35")),
    )
    assert told(shop, order)["displayFinancialStatus"] == "PAID"
    shop.refund(order, units={order.lines[0].line_id: 1}, keep=Decimal(5))
    answer = told(shop, order, "lineItems(first: 9) { nodes { quantity currentQuantity } }")
    assert amounts(answer) == {
        "originalTotalPrice": "127.2",
        "totalPrice": "127.2",
        "currentTotalPrice": "78.6",
        "subtotalPrice": "115.0",
        "currentSubtotalPrice": "70.0",
        "totalDiscounts": "10.0",
        "totalShippingPrice": "5.0",
        "totalTax": "7.2",
        "totalRefunded": "43.6",
        "refundDiscrepancy": "5.0",
        "totalReceived": "127.2",
    }
    seen = answer["totalPriceSet"]["presentmentMoney"]
    assert seen == {"amount": "171.72", "currencyCode": "CAD"}
    assert answer["displayFinancialStatus"] == "PARTIALLY_REFUNDED"
    assert answer["lineItems"]["nodes"][0] == {"quantity": 2, "currentQuantity": 1}


def test_an_edited_order_is_owed_for(shop: Shop) -> None:
    order = shop.place(items=bought(shop, "Linen cushion"))
    (candle, _), *_ = bought(shop, "Beeswax candle")
    shop.edit(order, add={candle: 1})
    answer = told(shop, order, "edited totalOutstandingSet { shopMoney { amount } }")
    found = amounts(answer)
    assert (found["originalTotalPrice"], found["totalPrice"]) == ("32.4", "54.0")
    assert (found["subtotalPrice"], found["totalTax"]) == ("50.0", "4.0")
    assert answer["displayFinancialStatus"] == "PARTIALLY_PAID"
    assert answer["edited"] is True
    assert answer["totalOutstandingSet"]["shopMoney"]["amount"] == "21.6"
    shop.capture(order)
    assert told(shop, order)["displayFinancialStatus"] == "PAID"


def test_units_edited_away_make_a_refund_of_nothing(shop: Shop) -> None:
    order = shop.place(items=bought(shop, "Linen cushion", "Linen cushion"), paid="pending")
    shop.edit(order, remove={order.lines[0].line_id: 1})
    refunds = "refunds { totalRefundedSet { shopMoney { amount } } }"
    refunds += " agreements(first: 9) { nodes { __typename reason } }"
    answer = told(shop, order, refunds)
    assert answer["refunds"] == [{"totalRefundedSet": {"shopMoney": {"amount": "0.0"}}}]
    kinds = [(node["__typename"], node["reason"]) for node in answer["agreements"]["nodes"]]
    assert kinds == [("OrderAgreement", "ORDER"), ("OrderEditAgreement", "ORDER_EDIT")]
    assert answer["displayFinancialStatus"] == "PENDING"


def test_an_authorized_order_that_is_cancelled(shop: Shop) -> None:
    order = shop.place(items=bought(shop, "Linen cushion"), paid="authorized")
    shop.cancel(order, reason="FRAUD")
    answer = told(shop, order, "cancelReason transactions { kind }")
    found = amounts(answer)
    assert (found["totalPrice"], found["currentTotalPrice"]) == ("32.4", "0.0")
    assert (found["totalRefunded"], found["totalReceived"]) == ("0.0", "0.0")
    assert answer["displayFinancialStatus"] == "VOIDED"
    assert answer["cancelReason"] == "FRAUD"
    assert [moved["kind"] for moved in answer["transactions"]] == ["AUTHORIZATION", "VOID"]


def test_a_capture_is_the_money_and_the_authorization_is_not(shop: Shop) -> None:
    order = shop.place(items=bought(shop, "Linen cushion"), paid="authorized")
    shop.capture(order)
    wanted = "transactions { kind parentTransaction { id } } "
    answer = told(shop, order, wanted)
    assert amounts(answer)["totalReceived"] == "32.4"
    held, taken = answer["transactions"]
    assert (held["kind"], taken["kind"]) == ("AUTHORIZATION", "CAPTURE")
    assert taken["parentTransaction"]["id"].endswith("81001")


def test_goods_that_come_back_by_a_return_have_an_agreement_of_their_own(shop: Shop) -> None:
    order = shop.place(items=bought(shop, "Linen cushion"), shipping=Decimal(5))
    shop.refund(
        order, units={order.lines[0].line_id: 1}, shipping=Decimal(5), fee=Decimal(2), returned=True
    )
    wanted = """returnStatus agreements(first: 9) { nodes { __typename
      ... on RefundAgreement { refund { id totalRefundedSet { shopMoney { amount } } } }
      sales(first: 9) { nodes { __typename lineType totalAmount { shopMoney { amount } } } } } }"""
    answer = told(shop, order, wanted)
    _, returned, refunded = answer["agreements"]["nodes"]
    assert (returned["__typename"], refunded["__typename"]) == (
        "ReturnAgreement",
        "RefundAgreement",
    )
    assert [sale["lineType"] for sale in returned["sales"]["nodes"]] == ["PRODUCT"]
    assert [sale["__typename"] for sale in refunded["sales"]["nodes"]] == [
        "ShippingLineSale",
        "FeeSale",
    ]
    assert refunded["refund"]["totalRefundedSet"]["shopMoney"]["amount"] == "35.4"
    assert answer["returnStatus"] == "RETURNED"


def test_prices_with_tax_in_them(clock: FrozenClock) -> None:
    profile = Profile(taxes_included=True, tax_rate=Decimal("0.19"), currency="EUR")
    shop = Shop.seeded(clock, orders=0, profile=profile)
    order = shop.place(items=bought(shop, "Wool throw"), order_off=Decimal(5))
    found = amounts(told(shop, order))
    assert (found["totalPrice"], found["subtotalPrice"]) == ("45.0", "45.0")
    assert (found["totalTax"], found["totalDiscounts"]) == ("7.18", "5.0")
    (row,) = shop.truth()
    assert row["gross"] + row["discount"] + row["tax"] == 45
    assert (row["discount"], row["tax"]) == (Decimal("-4.20"), Decimal("7.18"))
