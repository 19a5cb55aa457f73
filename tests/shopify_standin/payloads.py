"""Webhook bodies: REST shapes in snake_case, times with the shop's offset."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.shopify_standin.ids import gid, moment
from tests.shopify_standin.model import Happened, Order
from tests.shopify_standin.money import ZERO, priced
from tests.shopify_standin.shop import Shop
from tests.shopify_standin.totals import financial

Doc = dict[str, Any]
ALWAYS = ("id", "admin_graphql_api_id")


def local(shop: Shop, at: datetime | None) -> str | None:
    """With the shop's offset of that day: 2026-11-18T04:12:40-05:00."""
    return None if at is None else at.astimezone(shop.profile.zone).isoformat(timespec="seconds")


def body(shop: Shop, event: Happened, include: tuple[str, ...] = ()) -> Doc | None:
    """What a topic tells of an event; None where what it is about is gone already."""
    whole = _whole(shop, event)
    if whole is None or not include:
        return whole
    return {name: value for name, value in whole.items() if name in include}


def _whole(shop: Shop, event: Happened) -> Doc | None:
    sort, _, what = event.topic.partition("/")
    extra = dict(event.extra)
    if event.topic == "bulk_operations/finish":
        return _bulk(event, extra)
    if event.topic == "customers/merge":
        return {
            "admin_graphql_api_customer_kept_id": gid("Customer", event.subject_id),
            "admin_graphql_api_customer_deleted_id": gid("Customer", extra["gone"]),
            "status": "completed",
        }
    if event.topic == "inventory_levels/update":
        level = gid("InventoryLevel", extra["location"])
        return {
            "inventory_item_id": event.subject_id,
            "location_id": extra["location"],
            "available": extra["available"],
            "updated_at": local(shop, event.at),
            "admin_graphql_api_id": f"{level}?inventory_item_id={event.subject_id}",
        }
    if what == "delete":
        return {"id": event.subject_id}
    if sort == "refunds":
        return {
            "id": extra["refund"],
            "admin_graphql_api_id": gid("Refund", extra["refund"]),
            "order_id": event.subject_id,
            "created_at": local(shop, event.at),
            "processed_at": local(shop, event.at),
        }
    if sort == "orders":
        order = shop.orders.get(event.subject_id)
        return _order(shop, order) if order else None
    if sort == "products":
        return _product(shop, event.subject_id)
    if sort == "customers":
        who = shop.customers.get(event.subject_id)
        return (
            None
            if who is None
            else {
                "id": who.customer_id,
                "admin_graphql_api_id": gid("Customer", who.customer_id),
                "email": who.email,
                "created_at": local(shop, who.created_at),
                "updated_at": local(shop, who.updated_at),
            }
        )
    return {"id": event.subject_id}


def _order(shop: Shop, order: Order) -> Doc:
    total = sum((s.total for s in order.sales if s.action in ("ORDER", "UPDATE")), ZERO)
    return {
        "id": order.order_id,
        "admin_graphql_api_id": gid("Order", order.order_id),
        "name": order.name,
        "test": order.test,
        "created_at": local(shop, order.created_at),
        "processed_at": local(shop, order.processed_at),
        "updated_at": local(shop, order.updated_at),
        "cancelled_at": local(shop, order.cancelled_at),
        "currency": shop.currency,
        "financial_status": financial(order).lower(),
        "total_price": priced(total),
        "customer": {"id": order.customer_id} if order.customer_id else None,
        "line_items": [
            {"id": line.line_id, "quantity": line.quantity, "price": priced(line.price)}
            for line in order.lines
        ],
    }


def _product(shop: Shop, number: int) -> Doc | None:
    """Full variants only up to a hundred."""
    goods = shop.products.get(number)
    return (
        None
        if goods is None
        else {
            "id": number,
            "admin_graphql_api_id": gid("Product", number),
            "title": goods.title,
            "vendor": goods.vendor,
            "status": goods.status.lower(),
            "updated_at": local(shop, goods.updated_at),
            "variants": [
                {"id": v.variant_id, "sku": v.sku, "price": priced(v.price)}
                for v in goods.variants[:100]
            ],
        }
    )


def _bulk(event: Happened, extra: dict[str, int]) -> Doc:
    """Its status is in lower case."""
    states = ("completed", "failed", "canceled", "expired")
    return {
        "admin_graphql_api_id": gid("BulkOperation", event.subject_id),
        "created_at": moment(datetime.fromtimestamp(extra["began"], UTC)),
        "completed_at": moment(event.at),
        "error_code": None,
        "status": states[extra["state"]],
        "type": "query",
    }


def compliance(shop: Shop, topic: str, customer_id: int) -> Doc:
    """The three topics of an app's configuration."""
    told: Doc = {"shop_id": 5001, "shop_domain": shop.profile.domain}
    if topic == "shop/redact":
        return told
    who = shop.customers.get(customer_id)
    orders = [o.order_id for o in shop.orders.values() if o.customer_id == customer_id]
    told["customer"] = {"id": customer_id, "email": who.email if who else None, "phone": None}
    if topic == "customers/data_request":
        return {**told, "orders_requested": orders, "data_request": {"id": 9999}}
    return {**told, "orders_to_redact": orders}
