"""A hand-sized shop whose every row has its reason, and the figures that follow, added up by hand.

The period is 20 October to 16 November 2026, the one before it 22 September to 19 October.

    order  day         customer     goods                         discount  tax   shipping
    P1     25 Sep      c1 (first)   2 x green tea at 10.00              -   3.80      5.00
    P2     10 Oct      c2 (first)   1 x "=1+1" at 30.00             -3.00      -         -
    C1     20 Oct      c1           3 x green tea at 10.00              -   5.70      5.00
    C2     25 Oct      c3 (new)     1 x "@SUM(A1)" at 99.95         -9.95  18.00         -
    C3      5 Nov      c4 (new)     2 x "<script>" at 12.50             -      -         -
    C4     16 Nov 23:30 c2          1 x a title of 300 letters, 40.00   -   8.00         -
    return 10 Nov of P2: 27.00, dated to its own day

    this period: gross 194.95, discounts -9.95, reversals -27.00, net 158.00, total 194.70
    before:      gross  50.00, discounts -3.00, reversals   0.00, net  47.00, total  55.80
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from agent.ports import Batch, Shop
from agent.warehouse import schema

TEA = Shop("almas-tea", "Alma's <b>Tea</b> & Co", "USD", "Europe/Berlin", "test")
LONG_TITLE = "Very long tea " * 21 + "indeed"
TITLES = {
    "t1": "Green tea",
    "t2": "=1+1",
    "t3": "@SUM(A1)",
    "t4": "<script>alert(1)</script>",
    "t5": LONG_TITLE,
    "t6": "+cmd|' /C calc'!A0",
}
ORDERS = (
    ("P1", "2026-09-25T10:00", "c1", "DE", "Email", "t1", 2, "10.00", "0", "3.80", "5.00"),
    ("P2", "2026-10-10T10:00", "c2", "US", None, "t2", 1, "30.00", "-3.00", "0", "0"),
    ("C1", "2026-10-20T00:10", "c1", "DE", "Email", "t1", 3, "10.00", "0", "5.70", "5.00"),
    ("C2", "2026-10-25T02:30", "c3", "GB", "Paid search", "t3", 1, "99.95", "-9.95", "18.00", "0"),
    ("C3", "2026-11-05T12:00", "c4", "US", None, "t4", 2, "12.50", "0", "0", "0"),
    ("C4", "2026-11-16T23:30", "c2", None, "+Email", "t5", 1, "40.00", "0", "8.00", "0"),
)
RETURNS = (("R1", "P2", "2026-11-10T09:00", "t2", 1, "27.00"),)


def batch(shop: Shop = TEA, orders: Any = ORDERS, returns: Any = RETURNS) -> Batch:
    sales = [row for order in orders for row in _sold(shop, order)]
    sales += [_returned(shop, row) for row in returns]
    products = [
        {"shop_id": shop.shop_id, "product_id": key, "title": title, "revision": 1}
        for key, title in TITLES.items()
    ]
    tables = {
        "orders": _table(schema.ORDERS, [_order(shop, order) for order in orders]),
        "sales": _table(schema.SALES, sales),
        "products": _table(schema.PRODUCTS, products),
    }
    return Batch(shop, "test", f"hand-made-{shop.shop_id}", tables)


def _table(table: Any, rows: list[dict[str, Any]]) -> pa.Table:
    wanted = schema.arrow_schema(table)
    return pa.Table.from_pylist(
        [{name: row.get(name) for name in wanted.names} for row in rows], schema=wanted
    )


def _moment(shop: Shop, text: str) -> dict[str, Any]:
    local = datetime.fromisoformat(text)
    utc = local.replace(tzinfo=ZoneInfo(shop.timezone)).astimezone(UTC).replace(tzinfo=None)
    return {"local_at": local, "local_date": local.date(), "placed_at": utc, "happened_at": utc}


def _order(shop: Shop, order: Any) -> dict[str, Any]:
    name, when, customer, country, channel, *_ = order
    return {
        "shop_id": shop.shop_id,
        "order_id": name,
        "name": name,
        "customer_id": customer,
        "placed": True,
        "country": country,
        "channel": channel,
        "revision": 1,
        **_moment(shop, when),
    }


def _sale(shop: Shop, key: str, order: str, when: str, **values: Any) -> dict[str, Any]:
    money = ("gross", "discount", "reversal", "tax", "shipping", "duty", "fee")
    return {
        "shop_id": shop.shop_id,
        "sale_id": key,
        "order_id": order,
        "line_id": key,
        "action": "ORDER",
        "line_type": "PRODUCT",
        "quantity": 0,
        "revision": 1,
        **dict.fromkeys(money, Decimal(0)),
        **_moment(shop, when),
        **values,
    }


def _sold(shop: Shop, order: Any) -> list[dict[str, Any]]:
    name, when, _, _, _, product, count, price, discount, tax, shipping = order
    goods = _sale(
        shop,
        f"{name}-1",
        name,
        when,
        product_id=product,
        quantity=count,
        gross=Decimal(price) * count,
        discount=Decimal(discount),
        tax=Decimal(tax),
    )
    if not Decimal(shipping):
        return [goods]
    post = _sale(shop, f"{name}-2", name, when, line_type="SHIPPING", shipping=Decimal(shipping))
    return [goods, post]


def _returned(shop: Shop, row: Any) -> dict[str, Any]:
    key, order, when, product, count, amount = row
    return _sale(
        shop,
        key,
        order,
        when,
        action="RETURN",
        product_id=product,
        quantity=-count,
        reversal=-Decimal(amount),
    )
