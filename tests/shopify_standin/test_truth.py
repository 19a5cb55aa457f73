"""What the shop says is true of it is what its API tells, and adds up."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.clock import FrozenClock
from tests.shopify_standin import truth
from tests.shopify_standin.conftest import asker
from tests.shopify_standin.model import Profile
from tests.shopify_standin.money import ZERO
from tests.shopify_standin.shop import Shop
from tests.shopify_standin.standin import StandIn

PROFILES = (
    Profile(),
    Profile(taxes_included=True, tax_rate=Decimal("0.19"), currency="EUR", tax_shipping=True),
    Profile(currency="JPY", timezone="Asia/Tokyo", tax_rate=Decimal("0.1")),
    Profile(currency="KWD", timezone="Asia/Kuwait", tax_rate=Decimal("0.05")),
)
PAGES = """query($cursor: String) { orders(first: 40, after: $cursor, sortKey: ID) {
  nodes { id test updatedAt agreements(first: 20) { nodes { happenedAt sales(first: 60) { nodes {
    id actionType lineType quantity totalAmount { shopMoney { amount } presentmentMoney { amount } }
    totalTaxAmount { shopMoney { amount } } totalDiscountAmountBeforeTaxes { shopMoney { amount } }
  } } } } }
  pageInfo { hasNextPage endCursor } } }"""


def amount(bag: dict[str, Any]) -> Decimal:
    return Decimal(bag["shopMoney"]["amount"])


def told(standin: StandIn) -> dict[tuple[str, str], tuple[Decimal, ...]]:
    """Gross, discount, reversal and the rest of every sale, worked out from the API's totals."""
    ask, found, cursor, more = asker(standin), {}, None, True
    while more:
        page = ask(PAGES, cursor=cursor)["data"]["orders"]
        for order in page["nodes"]:
            found.update(of_order(order))
        more, cursor = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
    return found


def of_order(order: dict[str, Any]) -> dict[tuple[str, str], tuple[Decimal, ...]]:
    number = order["id"].split("/")[-1]
    sales = [sale for one in order["agreements"]["nodes"] for sale in one["sales"]["nodes"]]
    if order["test"]:
        return {}
    return {(number, f"{number}:{sale['id'].split('/')[-1]}"): moved(sale) for sale in sales}


def moved(sale: dict[str, Any]) -> tuple[Decimal, ...]:
    """Gross, discount, reversal, tax, everything else."""
    tax = amount(sale["totalTaxAmount"])
    net = amount(sale["totalAmount"]) - tax
    off = amount(sale["totalDiscountAmountBeforeTaxes"])
    if sale["lineType"] != "PRODUCT":
        return ZERO, ZERO, ZERO, tax, net
    if sale["actionType"] == "ORDER":
        return net + off, -off, ZERO, tax, ZERO
    return ZERO, ZERO, net, tax, ZERO


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.currency)
def test_truth_is_what_the_api_tells(clock: FrozenClock, profile: Profile) -> None:
    standin = StandIn(Shop.seeded(clock, orders=40, profile=profile))
    list(standin.shop.events(60, seed=4))
    rows = {(row["order_id"], row["sale_id"]): row for row in standin.shop.truth()}
    found = told(standin)
    assert found.keys() == rows.keys()
    for key, row in rows.items():
        product = row["line_type"] == "PRODUCT"
        rest = row["shipping"] + row["duty"] + row["fee"] + (ZERO if product else row["gross"])
        gross = row["gross"] if product else ZERO
        assert found[key] == (gross, row["discount"], row["reversal"], row["tax"], rest), row


def test_what_goes_back_whole_leaves_nothing(clock: FrozenClock) -> None:
    """Units that go back one after the other have no cent between them."""
    shop = Shop.seeded(clock, orders=0, profile=PROFILES[1])
    many = [variant.variant_id for product, variant in shop.variants() if not product.gift_card]
    order = shop.place(items=[(many[0], 3), (many[4], 7)], order_off=Decimal("10.01"))
    for _ in range(7):
        shop.refund(order, units={line.line_id: 1 for line in order.lines})
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in shop.truth():
        sums["net"] += row["gross"] + row["discount"] + row["reversal"]
        sums["tax"] += row["tax"]
    assert sums == {"net": ZERO, "tax": ZERO}
    assert order.given_back() == order.paid()


def test_every_sort_of_movement_is_in_a_year(clock: FrozenClock) -> None:
    shop = Shop.seeded(clock, orders=200)
    list(shop.events(300, seed=2))
    kinds = {(row["action"], row["line_type"]) for row in shop.truth()}
    ordered = ("PRODUCT", "SHIPPING", "GIFT_CARD", "TIP", "DUTY", "FEE")
    assert kinds >= {("ORDER", kind) for kind in ordered}
    assert kinds >= {("UPDATE", "PRODUCT"), ("RETURN", "PRODUCT"), ("RETURN", "SHIPPING")}
    assert kinds >= {("RETURN", "ADJUSTMENT"), ("RETURN", "GIFT_CARD"), ("RETURN", "FEE")}
    agreements = {a.kind for order in shop.orders.values() for a in order.agreements}
    assert len(agreements) == 4
    assert any(order.test for order in shop.orders.values())
    assert any(order.customer_id is None for order in shop.orders.values())
    assert any(len(order.lines) > 20 for order in shop.orders.values())
    assert any(len(product.variants) > 25 for product in shop.products.values())
    topics = {event.topic for event in shop.happened}
    assert topics >= {"orders/delete", "orders/cancelled", "customers/merge", "products/delete"}


def test_the_same_seed_is_the_same_shop(clock: FrozenClock) -> None:
    one, two = Shop.seeded(clock, seed=7), Shop.seeded(clock, seed=7)
    assert one.truth() == two.truth()
    assert one.truth() != Shop.seeded(clock, seed=8).truth()


def test_days_are_the_shop_s(clock: FrozenClock) -> None:
    shop = Shop.seeded(clock, orders=0)
    shop.place(at=clock.now().replace(hour=2, minute=30))
    assert [row["local_date"] for row in shop.truth()] == [date(2026, 11, 16)]


def test_days_add_up_to_the_ledger(clock: FrozenClock) -> None:
    shop = Shop.seeded(clock, orders=120)
    days, rows = shop.truth_by_day(), shop.truth()
    product = [row for row in rows if row["line_type"] == "PRODUCT"]
    for column, name in (("gross_sales", "gross"), ("discounts", "discount")):
        whole = sum((day[column] for day in days.values()), ZERO)
        assert whole == sum((row[name] for row in product), ZERO) != 0
    assert sum(day["orders"] for day in days.values()) == len(shop.true_orders())
    known = {order["customer_id"] for order in shop.true_orders()} - {None}
    assert sum(day["new_customers"] for day in days.values()) == len(known)
    for day in days.values():
        assert day["net_sales"] == day["gross_sales"] + day["discounts"] + day["returns"]


def test_a_cancelled_order_stays_and_an_unpaid_one_gives_nothing_back(clock: FrozenClock) -> None:
    shop = Shop.seeded(clock, orders=0)
    order = shop.place(paid="authorized", shipping=Decimal(5))
    clock.advance(days=3)
    shop.cancel(order)
    days = shop.truth_by_day()
    assert [day["gross_sales"] for day in days.values()] == [Decimal(50), ZERO]
    assert [day["returns"] for day in days.values()] == [ZERO, Decimal(-50)]
    assert [day["shipping_charges"] for day in days.values()] == [Decimal(5), Decimal(-5)]
    assert order.refunds[0].total == 0
    assert [moved.kind for moved in order.transactions] == ["AUTHORIZATION", "VOID"]


def test_deleted_orders_and_test_orders_are_not_there(clock: FrozenClock) -> None:
    shop = Shop.seeded(clock, orders=0)
    gone, kept = shop.place(), shop.place()
    shop.place(test=True)
    shop.delete(gone)
    assert [row["order_id"] for row in shop.true_orders()] == [str(kept.order_id)]


def test_a_merged_customer_s_orders_change_hands(clock: FrozenClock) -> None:
    shop = Shop.seeded(clock, orders=0)
    one, two = list(shop.customers.values())[:2]
    order = shop.place(customer=two)
    clock.advance(60)
    shop.merge(one, two)
    assert order.customer_id == one.customer_id
    assert order.updated_at == clock.now()
    assert two.customer_id not in shop.customers


def test_a_wrong_report_can_be_asked_for(clock: FrozenClock) -> None:
    shop = Shop.seeded(clock, orders=0)
    shop.place()
    day = truth.local_date(shop, clock.now())
    shop.misreports[day, "returns"] = Decimal("-3.5")
    assert shop.truth_by_day()[day]["net_sales"] == Decimal("46.5")
    earlier = day - timedelta(days=9)
    shop.misreports[earlier, "gross_sales"] = Decimal(1)
    assert list(shop.truth_by_day()) == [earlier, day]


def test_a_movement_without_a_word_is_kept_apart(clock: FrozenClock) -> None:
    shop = Shop.seeded(clock, orders=0)
    shop.refund(shop.place(), unknown=Decimal("1.5"))
    rows = [row for row in shop.truth() if row["action"] == "UNKNOWN"]
    assert [(row["line_type"], row["gross"]) for row in rows] == [("ADJUSTMENT", Decimal("1.5"))]
    assert sum(day["net_sales"] for day in shop.truth_by_day().values()) == 50
