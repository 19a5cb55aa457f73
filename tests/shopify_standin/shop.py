"""The shop: everything in it, and the doors through which it changes.

Nothing here knows GraphQL. `selling` places orders, `changing` does what happens to them later,
`seeding` fills a new shop, `living` makes one event after the other; each is called through Shop.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from tests.shopify_standin.model import (
    Customer,
    Happened,
    Location,
    Order,
    Product,
    Profile,
    Variant,
)


class Clock(Protocol):
    def now(self) -> datetime: ...


# Where numbers of each sort start, so that an id says what it is of.
FIRST = {
    "Order": 9001, "LineItem": 41001, "ShippingLine": 90101, "Customer": 7001, "Product": 501,
    "ProductVariant": 60001, "InventoryItem": 65001, "Location": 11, "Refund": 3001,
    "RefundLineItem": 31001, "RefundShippingLine": 35001, "OrderAdjustment": 32001,
    "OrderTransaction": 81001, "Return": 2001, "Agreement": 1, "Sale": 10, "Event": 99001,
    "Happened": 1, "Action": 1,
}  # fmt: skip


@dataclass
class Shop:
    """A shop of one seed. `orders` and the like map an id to what it is, oldest first."""

    clock: Clock
    profile: Profile = field(default_factory=Profile)
    seed: int = 1
    locations: dict[int, Location] = field(default_factory=dict)
    products: dict[int, Product] = field(default_factory=dict)
    customers: dict[int, Customer] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    # (event id, kind of what was removed, its id, its title, when)
    removed: list[tuple[int, str, int, str, datetime]] = field(default_factory=list)
    happened: list[Happened] = field(default_factory=list)
    listeners: list[Callable[[Happened], None]] = field(default_factory=list)
    # (day, column of FROM sales) -> what Shopify's own report says too much there.
    misreports: dict[tuple[date, str], Decimal] = field(default_factory=dict)
    # Seconds by which the search index is behind.
    index_lag: float = 0.0
    # Product -> variant -> both: made anew when a product comes or goes.
    _variants: dict[int, dict[int, tuple[Product, Variant]]] = field(default_factory=dict)
    _next: dict[str, int] = field(default_factory=lambda: dict(FIRST))

    @classmethod
    def seeded(
        cls, clock: Clock, *, orders: int = 60, days: int = 90, seed: int = 1, profile: Any = None
    ) -> Shop:
        """A shop with a past: the same for the same seed and moment."""
        from tests.shopify_standin import seeding

        shop = cls(clock, profile or Profile(), seed)
        seeding.fill(shop, orders, days)
        return shop

    # What everyone in the shop needs

    @property
    def currency(self) -> str:
        return self.profile.currency

    def now(self) -> datetime:
        return self.clock.now().replace(microsecond=0)

    def number(self, sort: str) -> int:
        """The next free number of a sort."""
        given = self._next[sort]
        self._next[sort] = given + 1
        return given

    def dice(self, salt: int = 0) -> random.Random:
        return random.Random(self.seed * 1_000_003 + salt)

    def variant(self, variant_id: int | None) -> tuple[Product, Variant] | None:
        if self._variants.keys() != self.products.keys():
            self._variants.clear()
            for product in self.products.values():
                found = {v.variant_id: (product, v) for v in product.variants}
                self._variants[product.product_id] = found
        known = (found[variant_id or 0] for found in self._variants.values() if variant_id in found)
        return next(known, None)

    def variants(self) -> Iterator[tuple[Product, Variant]]:
        for product in self.products.values():
            for variant in product.variants:
                yield product, variant

    def touch(self, order: Order, at: datetime) -> None:
        """The order is another one from now on."""
        order.updated_at = max(order.updated_at, at)
        order.changes.append(order.updated_at)

    def tell(self, at: datetime, subject_id: int, *topics: str, **extra: int) -> None:
        """Something happened: one action of the merchant, one event a topic."""
        action = self.number("Action")
        for topic in topics:
            event = Happened(
                self.number("Happened"), action, topic, subject_id, at, tuple(extra.items())
            )
            self.happened.append(event)
            for listener in self.listeners:
                listener(event)

    # What happens in it: `at` is now where it is not said

    def place(self, **wishes: Any) -> Order:
        """Place an order; see selling.Basket for what may be wished."""
        from tests.shopify_standin import selling

        return selling.place(self, selling.Basket(**wishes))

    def capture(self, order: Order, at: datetime | None = None) -> None:
        """Take the money that was only authorized, or not paid yet."""
        from tests.shopify_standin import selling

        selling.capture(self, order, at or self.now())

    def refund(self, order: Order, **wishes: Any) -> Any:
        """Give money back; see refunding.Wish. Returns the refund."""
        from tests.shopify_standin import refunding

        return refunding.refund(self, order, refunding.Wish(**wishes))

    def edit(self, order: Order, **wishes: Any) -> None:
        """Add or remove units after the order was placed; see changing.Edit."""
        from tests.shopify_standin import changing

        changing.edit(self, order, changing.Edit(**wishes))

    def cancel(self, order: Order, at: datetime | None = None, reason: str = "CUSTOMER") -> None:
        """The order stays in gross sales; its reversal is dated to the cancellation."""
        from tests.shopify_standin import refunding

        refunding.cancel(self, order, at or self.now(), reason)

    def delete(self, order: Order, at: datetime | None = None) -> None:
        """It vanishes: only the webhook orders/delete tells."""
        from tests.shopify_standin import changing

        changing.delete(self, order, at or self.now())

    def merge(self, kept: Customer, gone: Customer, at: datetime | None = None) -> None:
        """Two customers become one: the other's id goes away, its orders are the first one's."""
        from tests.shopify_standin import changing

        changing.merge(self, kept, gone, at or self.now())

    def change_product(self, product: Product, at: datetime | None = None, **new: Any) -> None:
        """Give a product another title, kind, vendor, status or tags."""
        from tests.shopify_standin import changing

        changing.change_product(self, product, at or self.now(), new)

    def remove_product(self, product: Product, at: datetime | None = None) -> None:
        """Its line items stay, and know no product any more."""
        from tests.shopify_standin import changing

        changing.remove_product(self, product, at or self.now())

    def count_stock(
        self, variant: Variant, place: int, available: int, at: datetime | None = None
    ) -> None:
        """Set what is available of a variant at a location."""
        from tests.shopify_standin import changing

        changing.count_stock(self, variant, place, available, at or self.now())

    def events(self, count: int, seed: int = 1) -> Iterator[Happened]:
        """Live: `count` things happen, one at each step of the iteration; see living."""
        from tests.shopify_standin import living

        return living.events(self, count, seed)

    # What is true of it

    def truth(self, since: datetime | None = None) -> list[dict[str, Any]]:
        """The ledger's rows that this shop's past must become, by (order_id, sale_id); of orders
        created since a moment."""
        from tests.shopify_standin import truth

        return truth.ledger(self, since)

    def truth_by_day(self) -> dict[date, dict[str, Any]]:
        """What `FROM sales` answers: day -> component -> Decimal or count."""
        from tests.shopify_standin import truth

        return truth.by_day(self)

    def true_orders(self, since: datetime | None = None) -> list[dict[str, Any]]:
        """Orders as a ledger must have them, by order_id: test orders are none."""
        from tests.shopify_standin import truth

        return truth.orders(self, since)
