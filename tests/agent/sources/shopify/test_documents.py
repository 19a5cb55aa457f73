"""Lines of an export to ledger rows: what every kind of money becomes, and what cannot be used."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pytest

from agent.ports import Shop
from agent.sources.shopify import checks, documents, orders, rows
from agent.sources.shopify.unit_costs import UnitCosts

SHOP = Shop("alder", "Alder", "USD", "America/New_York", "shopify")
Document = dict[str, Any]


def money(amount: str, shown: str = "") -> Document:
    return {"shopMoney": {"amount": amount}, "presentmentMoney": {"amount": shown or amount}}


def order(number: int = 9001, **more: Any) -> Document:
    return {
        "__typename": "Order",
        "id": f"gid://shopify/Order/{number}",
        "name": f"#{number}",
        "processedAt": "2026-11-10T03:30:58Z",
        "updatedAt": "2026-11-18T09:12:40Z",
        "cancelledAt": None,
        "test": False,
        "sourceName": "web",
        "presentmentCurrencyCode": "CAD",
        "customer": {"id": "gid://shopify/Customer/7001"},
        "customerJourneySummary": None,
        "shippingAddress": {"countryCodeV2": "CA", "provinceCode": "ON", "city": "Toronto"},
        "billingAddress": None,
        **more,
    }


def agreement(number: int, of: int = 9001, at: str = "2026-11-10T03:30:58Z") -> Document:
    return {
        "__typename": "OrderAgreement",
        "id": f"gid://shopify/OrderAgreement/{number}",
        "happenedAt": at,
        "__parentId": f"gid://shopify/Order/{of}",
    }


def sale(number: int, line_type: str = "PRODUCT", of: int = 1, **more: Any) -> Document:
    return {
        "__typename": "ProductSale" if line_type == "PRODUCT" else "UnknownSale",
        "id": f"gid://shopify/ProductSale/{number}",
        "actionType": "ORDER",
        "lineType": line_type,
        "quantity": 1,
        "totalAmount": money("97.2", "131.22"),
        "totalTaxAmount": money("7.2"),
        "totalDiscountAmountBeforeTaxes": money("10.0"),
        "__parentId": f"gid://shopify/OrderAgreement/{of}",
        **more,
    }


LINE: Document = {
    "id": "gid://shopify/LineItem/41001",
    "sku": "THR-SND",
    "variantTitle": "Sand",
    "product": {"id": "gid://shopify/Product/501"},
    "variant": {"id": "gid://shopify/ProductVariant/601"},
}


def lines(*given: Document) -> bytes:
    """As Shopify writes them, slashes escaped."""
    return b"".join(orjson.dumps(one).replace(b"/", b"\\/") + b"\n" for one in given)


def ledger(*given: Document, costs: UnitCosts | None = None) -> dict[str, list[Document]]:
    whole = rows.whole(documents.read([lines(*given)]))
    assert not whole.bad
    assert not whole.orphans
    found: dict[str, list[Document]] = {"orders": [], "sales": []}
    for part in rows.slices(whole, most=1):
        for name, table in rows.tables(part, SHOP, costs or UnitCosts()).items():
            found[name] += table.to_pylist()
    return found


def test_goods_that_were_ordered() -> None:
    found = ledger(order(), agreement(1), sale(10, lineItem=LINE))
    (row,) = found["sales"]
    assert (row["gross"], row["discount"], row["reversal"]) == (
        Decimal("100.0000"), Decimal("-10.0000"), Decimal("0.0000")
    )  # fmt: skip
    assert (row["tax"], row["presentment_amount"]) == (Decimal("7.2000"), Decimal("131.2200"))
    assert (row["sale_id"], row["line_id"], row["product_id"]) == ("9001:10", "41001", "501")
    assert (row["variant"], row["presentment_currency"]) == ("Sand", "CAD")
    # Half past ten on the evening before, on the shop's own clock.
    assert row["local_date"] == date(2026, 11, 9)
    assert row["happened_at"].isoformat() == "2026-11-10T03:30:58"
    (paper,) = found["orders"]
    assert (paper["order_id"], paper["customer_id"], paper["placed"]) == ("9001", "7001", True)
    assert (paper["country"], paper["region"], paper["city"]) == ("CA", "ON", "Toronto")
    assert paper["revision"] // 1000 * 1000 == row["revision"] // 1000 * 1000 == 1794993160000


@pytest.mark.parametrize("action", ["RETURN", "UPDATE"])
def test_goods_that_changed_later_are_a_reversal(action: str) -> None:
    back = sale(
        20, actionType=action, quantity=-1, totalAmount=money("-48.6"),
        totalTaxAmount=money("-3.6"), totalDiscountAmountBeforeTaxes=money("-5.0"), of=2,
    )  # fmt: skip
    later = agreement(2, at="2026-11-18T09:12:37Z")
    row = ledger(order(), agreement(1), sale(10), later, back)["sales"][1]
    assert (row["action"], row["reversal"], row["tax"]) == (
        action, Decimal("-45.0000"), Decimal("-3.6000")
    )  # fmt: skip
    assert (row["gross"], row["discount"], row["quantity"]) == (Decimal(0), Decimal(0), -1)
    assert row["local_date"] == date(2026, 11, 18)


@pytest.mark.parametrize(
    ("line_type", "ours", "column"),
    [
        ("SHIPPING", "SHIPPING", "shipping"),
        ("DUTY", "DUTY", "duty"),
        ("FEE", "FEE", "fee"),
        ("ADDITIONAL_FEE", "FEE", "fee"),
        ("TIP", "TIP", "gross"),
        ("GIFT_CARD", "GIFT_CARD", "gross"),
        ("ADJUSTMENT", "ADJUSTMENT", "gross"),
        ("UNKNOWN", "ADJUSTMENT", "gross"),
        ("SOMETHING_NEW", "ADJUSTMENT", "gross"),
    ],
)
def test_money_that_is_no_goods(line_type: str, ours: str, column: str) -> None:
    (row,) = ledger(order(), agreement(1), sale(10, line_type))["sales"]
    assert (row["line_type"], row[column], row["tax"]) == (
        ours, Decimal("90.0000"), Decimal("7.2000")
    )  # fmt: skip
    others = {"gross", "discount", "reversal", "shipping", "duty", "fee"} - {column}
    assert {row[name] for name in others} == {Decimal(0)}


def test_an_action_that_nobody_knew_is_unknown_and_still_money() -> None:
    (row,) = ledger(order(), agreement(1), sale(10, actionType="EXCHANGE"))["sales"]
    assert (row["action"], row["reversal"]) == ("UNKNOWN", Decimal("90.0000"))


def test_a_paper_without_goods_is_no_order_and_a_test_order_is_nothing() -> None:
    found = ledger(
        order(), agreement(1), sale(10, "GIFT_CARD"),
        order(9002, test=True), agreement(2, 9002), sale(11, of=2),
    )  # fmt: skip
    assert [(row["order_id"], row["placed"]) for row in found["orders"]] == [("9001", False)]
    assert [row["sale_id"] for row in found["sales"]] == ["9001:10"]


def test_children_come_in_any_order_behind_their_parents() -> None:
    given = (
        order(), order(9002), agreement(2, 9002), agreement(1), sale(20, of=2), sale(10),
        sale(21, of=2),
    )  # fmt: skip
    assert [row["sale_id"] for row in ledger(*given)["sales"]] == ["9001:10", "9002:20", "9002:21"]


def test_the_campaign_that_led_to_an_order_is_its_channel() -> None:
    def visits(last: str | None, first: str | None) -> Document:
        return {
            "ready": True,
            "lastVisit": {"utmParameters": {"source": last} if last else None},
            "firstVisit": {"utmParameters": {"source": first} if first else None},
        }

    journeys = [visits("klaviyo", "google"), visits(None, "google"), visits(None, None), None]
    papers = [order(9001 + at, customerJourneySummary=one) for at, one in enumerate(journeys)]
    found = ledger(*papers)["orders"]
    assert [row["channel"] for row in found] == ["klaviyo", "google", "web", "web"]
    # What is attributed later is a later state, though the order's time of change is the same.
    assert found[0]["revision"] > found[3]["revision"]


def test_of_two_readings_of_one_state_the_one_with_known_words_counts() -> None:
    def revision(*given: Document) -> int:
        (row,) = ledger(order(), agreement(1), *given)["orders"]
        return int(row["revision"])

    known = revision(sale(10))
    assert revision(sale(10, "SOMETHING_NEW")) == revision(sale(10, actionType="EXCHANGE")) < known
    # More rows are a later state, whatever their words.
    assert revision(sale(10), sale(11, "SOMETHING_NEW")) > known
    many = [sale(10 + at) for at in range(400)]
    assert known < revision(*many) < orders.beyond(datetime(2026, 11, 18, 9, 12, 40, tzinfo=UTC))


def test_a_cost_is_that_of_the_moment_of_the_sale() -> None:
    costs = UnitCosts().with_seen([("601", 1_700_000_000, 215_000)])
    costs = costs.with_seen([("601", 1_794_960_000, 300_000)])
    back = sale(20, actionType="RETURN", quantity=-1, of=2, lineItem=LINE)
    later = agreement(2, at="2026-11-19T00:00:00Z")
    other = LINE | {"id": "gid://shopify/LineItem/41009"}
    more = sale(30, actionType="UPDATE", of=2, lineItem=other)
    given = (order(), agreement(1), sale(10, lineItem=LINE), later, back, more)
    found = {row["sale_id"]: row["unit_cost"] for row in ledger(*given, costs=costs)["sales"]}
    assert found == {"9001:10": Decimal("21.5"), "9001:20": Decimal("21.5"), "9001:30": Decimal(30)}


def test_a_cost_is_unknown_before_it_was_seen_and_after_it_was_taken_away() -> None:
    costs = UnitCosts().with_seen([("1", 100, 50), ("2", 100, None)])
    assert "2" not in costs.known
    costs = costs.with_seen([("1", 150, 50), ("1", 200, None), ("1", 300, 70)])
    assert costs.known["1"] == [[100, 50], [200, None], [300, 70]]
    moments = np.array([99, 100, 199, 200, 299, 300, 300], np.int64)
    variants = pa.array(["1"] * 6 + ["3"])
    cost, known = costs.at(variants, moments)
    assert known.tolist() == [False, True, True, False, False, True, False]
    assert cost[known].tolist() == [50, 50, 70]


BAD: list[tuple[Document, str]] = [
    (sale(11, totalAmount=money("a lot")), "totalAmount.shopMoney.amount is no amount"),
    (sale(11, totalAmount={"shopMoney": {"amount": 5.0}}), "totalAmount.shopMoney.amount is no"),
    (sale(11, totalAmount=money("9" * 40)), "totalAmount.shopMoney.amount is no amount"),
    (sale(11, totalAmount=None), "totalAmount.shopMoney.amount is no amount"),
    (sale(11, quantity="two"), "quantity is no number of pieces"),
    (sale(11, quantity=2**62), "quantity is no number of pieces"),
    (sale(11, lineItem=[1]), "lineItem.id is no id of Shopify"),
    (sale(11, lineItem=LINE | {"sku": "A\0B"}), "lineItem.sku is no text that can be kept"),
    (sale(11, id="11"), "id is no id of Shopify"),
    (sale(11, lineItem=LINE | {"product": {"id": LINE["id"]}}), "lineItem.product.id is no id of"),
    (agreement(1, at="yesterday"), "happenedAt is no moment"),
    (agreement(1, at="2026-02-30T10:00:00Z"), "happenedAt is no moment"),
    (agreement(1, at="0001-01-01T10:00:00Z"), "happenedAt is no moment"),
    (order(updatedAt=17), "updatedAt is no moment"),
    (order(name="x" * 3000), "name is no text that can be kept"),
    (order(test="no"), "test is neither true nor false"),
    (order(customer={"id": 7}), "customer.id is no id of Shopify"),
    (order(shippingAddress={"city": "A\0"}), "shippingAddress.city is no text that can be kept"),
]


@pytest.mark.parametrize(("bad", "reason"), BAD, ids=[reason for _, reason in BAD])
def test_a_bad_document_takes_its_order_along_and_no_other(bad: Document, reason: str) -> None:
    good = (order(9002), agreement(2, 9002), sale(20, of=2))
    own = [one for one in (order(), agreement(1), sale(10)) if one["id"] != bad.get("id")]
    given = [bad, *own] if bad["__typename"] == "Order" else [own[0], bad, *own[1:]]
    found = documents.read([lines(*good), lines(*given)])
    whole = rows.whole(found)
    assert [text[: len(reason)] for text in whole.bad.values()] == [reason]
    made = [rows.tables(part, SHOP, UnitCosts()) for part in rows.slices(whole)]
    assert [table["sales"]["sale_id"].to_pylist() for table in made] == [["9002:20"]]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"<html>", "it is no JSON object"),
        (b"[1]", "it is no JSON object"),
        (b'{"id":"gid://shopify/Order/1"}', "it is none of the documents that were asked for"),
        (b'{"__typename":"Product","id":"gid://shopify/Product/1"}', "it is none of the"),
    ],
)
def test_what_is_no_order_at_all(line: bytes, reason: str) -> None:
    content = lines(order(9002), agreement(2, 9002), sale(20, of=2)) + line + b"\n"
    found = documents.read([content])
    said = [why for _, why in found.loose] or list(found.bad_orders.values())
    assert said[0].startswith(reason)
    assert len(rows.whole(found)) == 1


def test_lines_whose_order_did_not_come_are_counted() -> None:
    whole = rows.whole(documents.read([lines(order(), agreement(1), sale(10), sale(20, of=7))]))
    assert (len(whole), whole.orphans) == (1, 1)


def test_an_id_is_of_its_kind() -> None:
    assert checks.is_gid("gid://shopify/Order/1", "Order")
    assert not checks.is_gid("gid://shopify/Order/1", "Product")
    assert not checks.is_gid("gid://shopify/Order/1/2")
    assert not checks.is_gid("gid://shopify/Order/" + "1" * 40)
