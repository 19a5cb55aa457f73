"""Alma's Tea: a shop small enough to check by hand. Berlin time, euros; every row has its reason.

Its day is Tuesday 17 November 2026. Amounts are without tax unless they stand in the column for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
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

# Unit costs at the time of sale: Assam cost 3.00 until 4 November and 4.00 from then on; a piece
# that comes back takes its old cost with it. What Sencha and the old tin cost nobody knows
# (trap 13).
UNIT_COSTS = {
    "1a": "3.00",
    "11a": "3.00",
    "3a": "22.00",
    "4a": "3.00",
    "4ra": "3.00",
    "5a": "3.00",
    "5r": "3.00",
    "7a": "4.00",
    "8a": "4.00",
    "9a": "22.00",
    "10a": "4.00",
}
VARIANTS = {"1a": "250 g", "5a": "250 g", "5r": "250 g", "7a": "100 g", "3a": "Large"}
PLACES = {
    "#1": ("Berlin", "Berlin"),
    "#3": ("Berlin", "Berlin"),
    "#5": ("Bavaria", "Munich"),
    "#9": ("Bavaria", "Augsburg"),
    "#4": ("Tyrol", "Innsbruck"),
    "#7": ("Tyrol", None),
}

# hour (on the shop's wall), channel, country, sessions, views, carts, checkouts, purchases. One
# visit came from nowhere; on the 12th those of "social" put nothing into the cart.
SESSIONS = (
    ("2026-10-31T10:00", "email", "DE", 10, 5, 2, 1, 1),
    ("2026-11-02T10:00", "web", "DE", 40, 20, 8, 4, 1),
    ("2026-11-02T19:00", "web", "AT", 20, 10, 4, 2, 1),
    ("2026-11-03T13:00", "email", "DE", 10, 6, 3, 2, 1),
    ("2026-11-05T08:00", "web", "", 5, 2, 1, 1, 1),
    ("2026-11-05T21:00", "web", "AT", 20, 8, 2, 1, 1),
    ("2026-11-12T12:00", "web", "DE", 30, 12, 5, 2, 1),
    ("2026-11-12T12:00", "social", "DE", 15, 3, 0, 0, 0),
)

# day, channel, campaign, amount, impressions, clicks, what the platform claims to have sold
SPEND = (
    ("2026-10-30", "email", "Autumn", "3.00", 300, 6, None),
    ("2026-11-02", "web", "Brand", "12.00", 1000, 24, "60.00"),
    ("2026-11-05", "web", "Brand", "8.00", 800, 16, "30.00"),
    ("2026-11-05", "web", "", "2.00", 100, 2, None),
    ("2026-11-12", "social", "Teatime", "9.00", 3000, 9, "18.00"),
    ("2026-11-12", "email", "Autumn", "1.50", 150, 3, None),
)

# day, product, available: counted now and then; the old tin never.
INVENTORY = (
    ("2026-10-20", "T1", 20),
    ("2026-10-25", "P1", 2),
    ("2026-11-01", "T1", 12),
    ("2026-11-01", "T2", -2),
    ("2026-11-03", "T1", 0),
    ("2026-11-04", "T2", 5),
    ("2026-11-08", "T1", 6),
    ("2026-11-10", "P1", 0),
    ("2026-11-12", "T2", 4),
    ("2026-11-14", "T1", 3),
)

# cost, order, day, kind, amount; the last is a carrier's bill for no one order.
COSTS = (
    ("c1", "#4", "2026-11-02", "shipping", "5.20"),
    ("c2", "#5", "2026-11-03", "shipping", "4.10"),
    ("c3", "#5", "2026-11-03", "payment", "1.17"),
    ("c4", "#9", "2026-11-10", "payment", "1.50"),
    ("c5", None, "2026-11-16", "shipping", "2.00"),
)


def beside(shop: Shop = SHOP) -> Batch:
    """What the shop knows beside its orders: visits, advertising, stock counts and costs."""
    rows = {
        "sessions": (schema.SESSIONS, SESSIONS, ("local_at", "channel", "country", *FUNNEL)),
        "spend": (schema.SPEND, SPEND, ("local_date", "channel", "campaign", *SPENT)),
        "inventory": (schema.INVENTORY, INVENTORY, ("local_date", "product_id", "available")),
        "costs": (schema.COSTS, COSTS, ("cost_id", "order_id", "local_date", "kind", "amount")),
    }
    tables = {
        name: table(target, (told(dict(zip(columns, row, strict=True)), shop) for row in given))
        for name, (target, given, columns) in rows.items()
    }
    return Batch(shop, "test", "beside", tables)


FUNNEL = ("sessions", "product_views", "add_to_cart", "reached_checkout", "purchases")
SPENT = ("amount", "impressions", "clicks", "attributed_revenue")


def told(row: dict[str, Any], shop: Shop = SHOP) -> dict[str, Any]:
    """A row with its types: days, moments and money out of text."""
    out: dict[str, Any] = {"shop_id": shop.shop_id, "revision": 0, **row}
    if "local_at" in row:
        out["local_at"] = datetime.fromisoformat(row["local_at"])
        out["local_date"] = out["local_at"].date()
    else:
        out["local_date"] = date.fromisoformat(row["local_date"])
    money = ("amount", "attributed_revenue")
    return out | {n: Decimal(row[n]) for n in money if row.get(n) is not None}


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
        "region": PLACES.get(order_id, (None, None))[0],
        "city": PLACES.get(order_id, (None, None))[1],
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
        "variant": VARIANTS.get(sale_id),
        "happened_at": at,
        "local_at": local,
        "local_date": local.date(),
        "action": action,
        "line_type": line_type,
        "quantity": quantity,
        **money,
        "unit_cost": Decimal(UNIT_COSTS[sale_id]) if sale_id in UNIT_COSTS else None,
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
