"""The lists of a shop as rows that can be searched and sorted, and single things by their id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from tests.shopify_standin import catalogue, documents, totals
from tests.shopify_standin.model import Order
from tests.shopify_standin.paging import Row
from tests.shopify_standin.shop import Shop

Doc = dict[str, Any]
DAYS_WITHOUT_ALL_ORDERS = 60


class Listing:
    """What an app with some scopes sees of a shop."""

    def __init__(self, shop: Shop, scopes: tuple[str, ...]) -> None:
        self.shop = shop
        self.scopes = scopes
        self._made: dict[int, tuple[int, Doc]] = {}

    def order(self, one: Order) -> Doc:
        """An order's document, made anew when the order changed."""
        known = self._made.get(one.order_id)
        if known is None or known[0] != len(one.changes):
            known = (len(one.changes), documents.order(self.shop, one))
            self._made[one.order_id] = known
        return known[1]

    def visible(self, one: Order) -> bool:
        """Without read_all_orders nothing before the last 60 days is there, and nothing says so."""
        limit = self.shop.now() - timedelta(days=DAYS_WITHOUT_ALL_ORDERS)
        return "read_all_orders" in self.scopes or one.created_at >= limit

    def orders(self) -> list[Row]:
        return [
            Row(one.order_id, values, partial(self.order, one))
            for one in self.shop.orders.values()
            if self.visible(one) and (values := self._order_values(one)) is not None
        ]

    def _order_values(self, one: Order) -> Mapping[str, Any] | None:
        """What the search index knows: of a moment ago, where it lags."""
        updated = self._indexed(one)
        if updated is None:
            return None
        return {
            "id": one.order_id,
            "name": one.name,
            "updated_at": updated,
            "created_at": one.created_at,
            "processed_at": one.processed_at,
            "status": "cancelled" if one.cancelled_at else "open",
            "financial_status": totals.financial(one),
            "customer_id": one.customer_id,
            "source_name": one.channel,
            "channel": one.channel,
            "test": one.test,
            "tag": (),
        }

    def _indexed(self, one: Order) -> datetime | None:
        if not self.shop.index_lag:
            return one.updated_at
        limit = self.shop.clock.now() - timedelta(seconds=self.shop.index_lag)
        return max((at for at in one.changes if at <= limit), default=None)

    def products(self) -> list[Row]:
        return [
            Row(
                p.product_id,
                {
                    "id": p.product_id, "title": p.title, "vendor": p.vendor, "status": p.status,
                    "product_type": p.kind, "tag": p.tags, "gift_card": p.gift_card,
                    "updated_at": p.updated_at, "created_at": p.created_at,
                    "published_at": p.created_at,
                },
                partial(catalogue.product, self.shop, p),
            )
            for p in self.shop.products.values()
        ]  # fmt: skip

    def variants(self) -> list[Row]:
        return [
            Row(
                v.variant_id,
                {"id": v.variant_id, "sku": v.sku, "title": v.title, "updated_at": v.updated_at,
                 "product_id": p.product_id},
                partial(catalogue.variant, self.shop, p, v),
            )
            for p, v in self.shop.variants()
        ]  # fmt: skip

    def items(self) -> list[Row]:
        return [
            Row(
                v.item_id,
                {"id": v.item_id, "sku": v.sku, "updated_at": v.updated_at,
                 "created_at": p.created_at},
                partial(catalogue.item, self.shop, p, v),
            )
            for p, v in self.shop.variants()
        ]  # fmt: skip

    def customers(self) -> list[Row]:
        return [
            Row(
                c.customer_id,
                {"id": c.customer_id, "email": c.email, "country": c.country,
                 "updated_at": c.updated_at, "created_at": c.created_at, "state": "DISABLED"},
                partial(catalogue.customer, self.shop, c),
            )
            for c in self.shop.customers.values()
        ]  # fmt: skip

    def locations(self) -> list[Row]:
        return [
            Row(
                place.location_id,
                {"id": place.location_id, "name": place.name, "created_at": place.created_at,
                 "active": True},
                partial(catalogue.location, place),
            )
            for place in self.shop.locations.values()
        ]  # fmt: skip

    def removals(self) -> list[Row]:
        docs = catalogue.removals(self.shop)
        return [
            Row(
                number,
                {"id": number, "action": "destroy", "subject_type": kind, "created_at": at,
                 "occurred_at": at},
                partial(dict, doc),
            )
            for doc, (number, kind, _, _, at) in zip(docs, self.shop.removed, strict=True)
        ]  # fmt: skip

    def one(self, gid: str) -> Doc | None:
        """The thing of a gid; None where it is not there (any more)."""
        sort, _, tail = gid.removeprefix("gid://shopify/").partition("/")
        number = tail.partition("?")[0]
        rows: Mapping[str, Callable[[], list[Row]]] = {
            "Product": self.products,
            "ProductVariant": self.variants,
            "InventoryItem": self.items,
            "Customer": self.customers,
            "Location": self.locations,
        }
        if not number.isdigit():
            return None
        if sort == "Order":
            order = self.shop.orders.get(int(number))
            return self.order(order) if order and self.visible(order) else None
        if sort == "Refund":
            return self._refund(int(number))
        found = (row for row in rows.get(sort, list)() if row.number == int(number))
        row = next(found, None)
        return row.make() if row else None

    def _refund(self, number: int) -> Doc | None:
        for order in self.shop.orders.values():
            for record in order.refunds:
                if record.refund_id == number:
                    found: list[Doc] = self.order(order)["refunds"](None)
                    return found[order.refunds.index(record)]
        return None
