"""What a ledger of the shop must say, from the shop's own movements: never by way of its API.

The columns are those of the warehouse's `sales`: gross and discount stand on ORDER rows of goods,
reversal on their RETURN and UPDATE rows; shipping, duty and fee in their own columns, whatever the
action; gift cards, tips and adjustments keep their amount in gross under their own line type. Test
orders and deleted ones are not there.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tests.shopify_standin.model import Agreement, Order, Sale
from tests.shopify_standin.money import ZERO, rounded
from tests.shopify_standin.shop import Shop

MONEY = ("gross", "discount", "reversal", "tax", "shipping", "duty", "fee")
LINE_TYPES = {"ADDITIONAL_FEE": "FEE", "UNKNOWN": "ADJUSTMENT"}
COLUMN = {"SHIPPING": "shipping", "DUTY": "duty", "FEE": "fee"}


def local_date(shop: Shop, at: datetime) -> date:
    """The day in the shop's own zone."""
    return at.astimezone(shop.profile.zone).date()


def ledger(shop: Shop, since: datetime | None = None) -> list[dict[str, Any]]:
    rows = [
        _row(shop, order, agreement, sale)
        for order in _counted(shop, since)
        for agreement in order.agreements
        for sale in agreement.sales
    ]
    return sorted(rows, key=lambda row: (row["order_id"], row["sale_id"]))


def _counted(shop: Shop, since: datetime | None) -> list[Order]:
    return [
        order
        for order in shop.orders.values()
        if not order.test and (since is None or order.created_at >= since)
    ]


def _row(shop: Shop, order: Order, agreement: Agreement, sale: Sale) -> dict[str, Any]:
    line_type = LINE_TYPES.get(sale.line_type, sale.line_type)
    currency, rate = order.presentment
    same = currency == shop.currency
    return {
        "order_id": str(order.order_id),
        "sale_id": f"{order.order_id}:{sale.sale_id}",
        "happened_at": agreement.happened_at.astimezone(UTC).replace(tzinfo=None),
        "local_date": local_date(shop, agreement.happened_at),
        "action": sale.action,
        "line_type": line_type,
        "quantity": sale.quantity or 0,
        **dict.fromkeys(MONEY, ZERO),
        **_amounts(sale, line_type),
        "tax": sale.tax,
        "presentment_currency": currency,
        "presentment_amount": sale.total if same else rounded(sale.total * rate, currency),
        "revision": int(order.updated_at.timestamp() * 1000),
    }


def _amounts(sale: Sale, line_type: str) -> dict[str, Decimal]:
    if line_type in COLUMN:
        return {COLUMN[line_type]: sale.net}
    if line_type != "PRODUCT":
        return {"gross": sale.net}
    if sale.action == "ORDER":
        return {"gross": sale.goods, "discount": -sale.discount}
    return {"reversal": sale.net}


def orders(shop: Shop, since: datetime | None = None) -> list[dict[str, Any]]:
    rows = [
        {
            "order_id": str(order.order_id),
            "name": order.name,
            "customer_id": str(order.customer_id) if order.customer_id else None,
            "placed_at": order.processed_at.astimezone(UTC).replace(tzinfo=None),
            "local_date": local_date(shop, order.processed_at),
            "country": order.country,
            "cancelled": order.cancelled_at is not None,
            "revision": int(order.updated_at.timestamp() * 1000),
        }
        for order in _counted(shop, since)
    ]
    return sorted(rows, key=lambda row: str(row["order_id"]))


def by_day(shop: Shop) -> dict[date, dict[str, Any]]:
    """Day -> gross_sales, discounts, returns, net_sales, taxes, shipping_charges, duties, fees,
    total_sales, orders, new_customers; days on which nothing happened are not there."""
    days: dict[date, dict[str, Any]] = defaultdict(nothing)
    for order in _counted(shop, None):
        days[local_date(shop, order.processed_at)]["orders"] += 1
        for agreement in order.agreements:
            for sale in agreement.sales:
                _add(days[local_date(shop, agreement.happened_at)], sale)
    for first in _firsts(shop).values():
        days[local_date(shop, first)]["new_customers"] += 1
    for (on, column), delta in shop.misreports.items():
        days[on][column] += delta
    for day in days.values():
        day["net_sales"] += day["gross_sales"] + day["discounts"] + day["returns"]
        rest = day["taxes"] + day["shipping_charges"] + day["duties"] + day["additional_fees"]
        day["total_sales"] += day["net_sales"] + rest
    return dict(sorted(days.items()))


COMPONENTS = (
    *("gross_sales", "discounts", "returns", "net_sales", "taxes", "shipping_charges"),
    *("duties", "additional_fees", "total_sales"),
)


def nothing() -> dict[str, Any]:
    return {**dict.fromkeys(COMPONENTS, ZERO), "orders": 0, "new_customers": 0}


def _add(day: dict[str, Any], sale: Sale) -> None:
    line_type = LINE_TYPES.get(sale.line_type, sale.line_type)
    found = _amounts(sale, line_type)
    if line_type == "PRODUCT":
        day["gross_sales"] += found.get("gross", ZERO)
        day["discounts"] += found.get("discount", ZERO)
        day["returns"] += found.get("reversal", ZERO)
    day["shipping_charges"] += found.get("shipping", ZERO)
    day["duties"] += found.get("duty", ZERO)
    day["additional_fees"] += found.get("fee", ZERO)
    day["taxes"] += sale.tax


def _firsts(shop: Shop) -> dict[int, datetime]:
    firsts: dict[int, datetime] = {}
    for order in _counted(shop, None):
        if order.customer_id is not None:
            known = firsts.get(order.customer_id, order.processed_at)
            firsts[order.customer_id] = min(known, order.processed_at)
    return firsts
