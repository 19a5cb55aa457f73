"""Alma's Tea: a shop small enough to check by hand. Berlin time, euros; every row has its reason.

Its day is Tuesday 17 November 2026. Amounts are without tax unless they stand in the column for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from agent.ports import Batch, Shop
from agent.warehouse import schema

SHOP = Shop("almas-tea", "Alma's Tea", "EUR", "Europe/Berlin", "test")
ZONE = ZoneInfo(SHOP.timezone)
AMOUNTS = ("gross", "discount", "reversal", "tax", "shipping", "duty", "fee")

# product, title, type, vendor: the old tin has neither type nor vendor (trap 19).
PRODUCTS = (
    ("T1", "Assam", "Tea", "Hill"),
    ("T2", "Sencha", "Tea", "Hill"),
    ("P1", "Pot", "Ware", "Kiln"),
    ("X1", "Old tin", None, None),
)

# order, customer, moment (UTC), country, channel, placed, buyer's currency
ORDERS = (
    ("#12", "cid", "2025-11-10T09:00", "AT", "web", True, "EUR"),  # last year's November
    ("#1", "ann", "2026-10-05T08:00", "DE", "web", True, "EUR"),
    (
        "#11",
        "eve",
        "2026-10-25T00:30",
        "DE",
        "email",
        True,
        "EUR",
    ),  # 02:30, the first of two that night
    (
        "#2",
        "bob",
        "2026-10-31T23:30",
        "DE",
        "email",
        True,
        "EUR",
    ),  # 1 November on the shop's wall (trap 7)
    ("#3", "ann", "2026-11-02T09:00", "DE", "web", True, "EUR"),
    (
        "#4",
        "cid",
        "2026-11-02T18:00",
        "AT",
        "web",
        True,
        "EUR",
    ),  # cancelled two days later (trap 1)
    (
        "#5",
        "bob",
        "2026-11-03T12:00",
        "DE",
        "email",
        True,
        "EUR",
    ),  # partly refunded (traps 2, 3, 4)
    ("#6", None, "2026-11-05T07:00", None, None, True, "EUR"),  # a guest from nowhere (trap 19)
    ("#7", "dee", "2026-11-05T20:15", "AT", "web", True, "EUR"),  # 11.90 with 19 % in it (trap 5)
    ("#8", "dee", "2026-11-06T10:00", "AT", "web", True, "EUR"),  # a gift card and a tip beside tea
    (
        "#9",
        "eve",
        "2026-11-10T22:59",
        "DE",
        "web",
        True,
        "JPY",
    ),  # paid in yen (trap 8), last minute
    ("#10", "ann", "2026-11-12T11:00", "DE", "web", True, "EUR"),  # edited two days later (trap 12)
    (
        "C1",
        "bob",
        "2026-11-15T09:00",
        "DE",
        None,
        False,
        "EUR",
    ),  # a credit note that no order is known for
)

# sale, order, product, moment (UTC), action, line type, quantity, amounts
SALES: tuple[tuple[Any, ...], ...] = (
    (
        "12a",
        "#12",
        "T2",
        "2025-11-10T09:00",
        "ORDER",
        "PRODUCT",
        1,
        {"gross": "8.00", "tax": "1.52"},
    ),
    (
        "1a",
        "#1",
        "T1",
        "2026-10-05T08:00",
        "ORDER",
        "PRODUCT",
        2,
        {"gross": "20.00", "discount": "-2.00", "tax": "3.42"},
    ),
    (
        "1s",
        "#1",
        None,
        "2026-10-05T08:00",
        "ORDER",
        "SHIPPING",
        1,
        {"shipping": "4.90", "tax": "0.93"},
    ),
    (
        "11a",
        "#11",
        "T1",
        "2026-10-25T00:30",
        "ORDER",
        "PRODUCT",
        1,
        {"gross": "10.00", "tax": "1.90"},
    ),
    ("2a", "#2", "T2", "2026-10-31T23:30", "ORDER", "PRODUCT", 1, {"gross": "8.00", "tax": "1.52"}),
    # An order's discount of 5.00 lies on its only line, as the source allocated it (traps 9, 10).
    (
        "3a",
        "#3",
        "P1",
        "2026-11-02T09:00",
        "ORDER",
        "PRODUCT",
        1,
        {"gross": "40.00", "discount": "-5.00", "tax": "6.65"},
    ),
    (
        "4a",
        "#4",
        "T1",
        "2026-11-02T18:00",
        "ORDER",
        "PRODUCT",
        1,
        {"gross": "10.00", "tax": "1.90"},
    ),
    (
        "4b",
        "#4",
        "T2",
        "2026-11-02T18:00",
        "ORDER",
        "PRODUCT",
        2,
        {"gross": "16.00", "tax": "3.04"},
    ),
    (
        "4s",
        "#4",
        None,
        "2026-11-02T18:00",
        "ORDER",
        "SHIPPING",
        1,
        {"shipping": "4.90", "tax": "0.93"},
    ),
    (
        "4ra",
        "#4",
        "T1",
        "2026-11-04T08:00",
        "RETURN",
        "PRODUCT",
        -1,
        {"reversal": "-10.00", "tax": "-1.90"},
    ),
    (
        "4rb",
        "#4",
        "T2",
        "2026-11-04T08:00",
        "RETURN",
        "PRODUCT",
        -2,
        {"reversal": "-16.00", "tax": "-3.04"},
    ),
    (
        "4rs",
        "#4",
        None,
        "2026-11-04T08:00",
        "RETURN",
        "SHIPPING",
        -1,
        {"shipping": "-4.90", "tax": "-0.93"},
    ),
    (
        "5a",
        "#5",
        "T1",
        "2026-11-03T12:00",
        "ORDER",
        "PRODUCT",
        3,
        {"gross": "30.00", "tax": "5.70"},
    ),
    (
        "5r",
        "#5",
        "T1",
        "2026-11-10T15:00",
        "RETURN",
        "PRODUCT",
        -1,
        {"reversal": "-10.00", "tax": "-1.90"},
    ),
    # 1.50 was kept as a restocking fee: money, but no goods (trap 3).
    ("5f", "#5", None, "2026-11-10T15:00", "RETURN", "ADJUSTMENT", 0, {"gross": "1.50"}),
    ("6a", "#6", "X1", "2026-11-05T07:00", "ORDER", "PRODUCT", 1, {"gross": "5.00", "tax": "0.95"}),
    (
        "7a",
        "#7",
        "T1",
        "2026-11-05T20:15",
        "ORDER",
        "PRODUCT",
        1,
        {"gross": "10.00", "tax": "1.90"},
    ),
    (
        "8a",
        "#8",
        "T1",
        "2026-11-06T10:00",
        "ORDER",
        "PRODUCT",
        1,
        {"gross": "10.00", "tax": "1.90"},
    ),
    ("8g", "#8", None, "2026-11-06T10:00", "ORDER", "GIFT_CARD", 1, {"gross": "25.00"}),
    ("8t", "#8", None, "2026-11-06T10:00", "ORDER", "TIP", 1, {"gross": "2.00"}),
    ("9a", "#9", "P1", "2026-11-10T22:59", "ORDER", "PRODUCT", 1, {"gross": "40.00"}),
    ("9d", "#9", None, "2026-11-10T22:59", "ORDER", "DUTY", 1, {"duty": "3.00"}),
    ("9f", "#9", None, "2026-11-10T22:59", "ORDER", "FEE", 1, {"fee": "1.00"}),
    (
        "10a",
        "#10",
        "T1",
        "2026-11-12T11:00",
        "ORDER",
        "PRODUCT",
        1,
        {"gross": "10.00", "tax": "1.90"},
    ),
    (
        "10e",
        "#10",
        "T2",
        "2026-11-14T11:00",
        "UPDATE",
        "PRODUCT",
        1,
        {"reversal": "8.00", "tax": "1.52"},
    ),
    (
        "C1a",
        "C1",
        "T2",
        "2026-11-15T09:00",
        "RETURN",
        "PRODUCT",
        -1,
        {"reversal": "-4.00", "tax": "-0.76"},
    ),
)


def batch(*orders: str, name: str = "all", shop: Shop = SHOP) -> Batch:
    """The shop's rows as a batch, or those of some orders only."""
    chosen = orders or tuple(row[0] for row in ORDERS)
    return Batch(
        shop=shop,
        source="test",
        fingerprint=name,
        tables={
            "orders": table(
                schema.ORDERS, (order(row, shop) for row in ORDERS if row[0] in chosen)
            ),
            "sales": table(schema.SALES, (sale(row, shop) for row in SALES if row[1] in chosen)),
            "products": table(schema.PRODUCTS, (product(row, shop) for row in PRODUCTS)),
        },
    )


def table(target: Any, rows: Iterable[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema.arrow_schema(target))


def order(row: tuple[Any, ...], shop: Shop = SHOP) -> dict[str, Any]:
    order_id, customer, moment, country, channel, placed, buyer = row
    at, local = moments(moment)
    return {
        "shop_id": shop.shop_id,
        "order_id": order_id,
        "name": order_id,
        "customer_id": customer,
        "placed_at": at,
        "local_at": local,
        "local_date": local.date(),
        "placed": placed,
        "country": country,
        "region": None,
        "city": None,
        "channel": channel,
        "presentment_currency": buyer,
        "cancelled_at": None,
        "revision": 0,
    }


def sale(row: tuple[Any, ...], shop: Shop = SHOP) -> dict[str, Any]:
    sale_id, order_id, product_id, moment, action, line_type, quantity, amounts = row
    at, local = moments(moment)
    money = {name: Decimal(amounts.get(name, "0")) for name in AMOUNTS}
    yen = order_id == "#9"
    return {
        "shop_id": shop.shop_id,
        "sale_id": sale_id,
        "order_id": order_id,
        "line_id": sale_id,
        "product_id": product_id,
        "happened_at": at,
        "local_at": local,
        "local_date": local.date(),
        "action": action,
        "line_type": line_type,
        "quantity": quantity,
        **money,
        "unit_cost": None,
        "presentment_currency": "JPY" if yen else "EUR",
        "presentment_amount": sum(money.values()) * (170 if yen else 1),
        "revision": 0,
    }


def product(row: tuple[Any, ...], shop: Shop = SHOP) -> dict[str, Any]:
    product_id, title, kind, vendor = row
    return {
        "shop_id": shop.shop_id,
        "product_id": product_id,
        "title": title,
        "product_type": kind,
        "vendor": vendor,
        "sku": product_id,
        "revision": 0,
    }


def moments(text: str) -> tuple[datetime, datetime]:
    """The moment in UTC and on the shop's wall, both without offset."""
    at = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return at.replace(tzinfo=None), at.astimezone(ZONE).replace(tzinfo=None)
