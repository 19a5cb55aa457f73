"""What happens to orders, customers and products after their first day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.shopify_standin.model import (
    Agreement,
    Customer,
    Order,
    Product,
    Refund,
    RefundLine,
    Variant,
)
from tests.shopify_standin.money import ZERO
from tests.shopify_standin.refunding import taken_back
from tests.shopify_standin.selling import line_sale, product_line
from tests.shopify_standin.shop import Shop


@dataclass(frozen=True)
class Edit:
    """`add` are variant id -> units, `remove` line id -> units."""

    add: Mapping[int, int] = field(default_factory=dict)
    remove: Mapping[int, int] = field(default_factory=dict)
    at: datetime | None = None


def edit(shop: Shop, order: Order, change: Edit) -> None:
    """An edit is new dated movements; units taken away also make a refund record of 0."""
    at = (change.at or shop.now()).replace(microsecond=0)
    sales = []
    for variant_id, units in change.add.items():
        of = shop.variant(variant_id)
        if of is not None:
            order.lines.append(product_line(shop, *of, units))
            sales.append(line_sale(shop, order.lines[-1], "UPDATE"))
    removed = []
    for line_id, wanted in change.remove.items():
        line = order.line(line_id)
        units = min(wanted, line.current)
        if units > 0:
            sales.append(taken_back(shop, line, units, "UPDATE"))
            removed.append((line_id, units))
    if not sales:
        return
    shop.touch(order, at)
    order.edited = True
    order.agreements.append(
        Agreement(shop.number("Agreement"), "OrderEditAgreement", "ORDER_EDIT", at, sales)
    )
    if removed:
        order.refunds.append(_empty_refund(shop, removed, at))
    shop.tell(at, order.order_id, "orders/edited", "orders/updated")


def _empty_refund(shop: Shop, removed: list[tuple[int, int]], at: datetime) -> Refund:
    lines = [
        RefundLine(shop.number("RefundLineItem"), line_id, units, "CANCEL", ZERO, ZERO)
        for line_id, units in removed
    ]
    return Refund(shop.number("Refund"), at, None, lines, [], [], ZERO)


def delete(shop: Shop, order: Order, at: datetime) -> None:
    shop.orders.pop(order.order_id, None)
    shop.tell(at, order.order_id, "orders/delete")


def merge(shop: Shop, kept: Customer, gone: Customer, at: datetime) -> None:
    if kept.customer_id == gone.customer_id:
        return
    shop.customers.pop(gone.customer_id, None)
    moved = [o for o in shop.orders.values() if o.customer_id == gone.customer_id]
    for order in moved:
        order.customer_id = kept.customer_id
        shop.touch(order, at)
    kept.updated_at = max(kept.updated_at, at)
    shop.tell(at, kept.customer_id, "customers/merge", gone=gone.customer_id)
    for order in moved:
        shop.tell(at, order.order_id, "orders/updated")


def change_product(shop: Shop, product: Product, at: datetime, new: Mapping[str, Any]) -> None:
    for name, value in new.items():
        setattr(product, name, value)
    product.updated_at = max(product.updated_at, at)
    shop.tell(at, product.product_id, "products/update")


def count_stock(shop: Shop, variant: Variant, place: int, available: int, at: datetime) -> None:
    variant.stock[place] = available
    variant.updated_at = max(variant.updated_at, at)
    there = {"location": place, "available": available}
    shop.tell(at, variant.item_id, "inventory_levels/update", **there)


def remove_product(shop: Shop, product: Product, at: datetime) -> None:
    shop.products.pop(product.product_id, None)
    number = shop.number("Event")
    shop.removed.append((number, "PRODUCT", product.product_id, product.title, at))
    shop.tell(at, product.product_id, "products/delete")
