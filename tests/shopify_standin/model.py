"""What a shop consists of. Money is Decimal in the shop's currency, times are UTC to the second."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from tests.shopify_standin.money import ZERO

SCOPES = (
    *("read_orders", "read_all_orders", "read_products", "read_inventory", "read_locations"),
    *("read_customers", "read_reports", "read_returns"),
)


@dataclass(frozen=True)
class Profile:
    """What stays as it is while a shop lives."""

    name: str = "Alder & Co"
    domain: str = "alder-demo.myshopify.com"
    currency: str = "USD"
    timezone: str = "America/New_York"
    taxes_included: bool = False
    tax_rate: Decimal = Decimal("0.08")
    tax_shipping: bool = False
    # Currencies that buyers may pay in, and how many of them one of the shop's buys.
    presentment: tuple[tuple[str, Decimal], ...] = (
        ("CAD", Decimal("1.35")),
        ("EUR", Decimal("0.92")),
    )
    opened: datetime | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


@dataclass
class Variant:
    variant_id: int
    item_id: int
    title: str
    sku: str
    price: Decimal
    cost: Decimal | None
    updated_at: datetime
    stock: dict[int, int] = field(default_factory=dict)  # location -> available


@dataclass
class Product:
    product_id: int
    title: str
    kind: str
    vendor: str
    created_at: datetime
    updated_at: datetime
    variants: list[Variant] = field(default_factory=list)
    gift_card: bool = False
    status: str = "ACTIVE"
    tags: tuple[str, ...] = ()


@dataclass
class Customer:
    customer_id: int
    email: str
    country: str
    province: str
    city: str
    locale: str
    created_at: datetime
    updated_at: datetime
    marketing: str = "SUBSCRIBED"


@dataclass
class Location:
    location_id: int
    name: str
    created_at: datetime


LineKind = Literal["PRODUCT", "GIFT_CARD", "TIP"]


@dataclass
class Line:
    """A line item. `discounts` are what it was given, order-level shares included; `goods`,
    `discount` and `tax` are what all its units came to, without tax."""

    line_id: int
    kind: LineKind
    product_id: int | None
    variant_id: int | None
    name: str
    sku: str
    price: Decimal
    quantity: int
    discounts: tuple[Decimal, ...] = ()
    goods: Decimal = ZERO
    discount: Decimal = ZERO
    tax: Decimal = ZERO
    gone: int = 0  # units returned or edited away

    @property
    def current(self) -> int:
        return self.quantity - self.gone


@dataclass
class Shipping:
    shipping_id: int
    title: str
    price: Decimal
    discount: Decimal
    tax: Decimal
    refunded: Decimal = ZERO


SaleKind = Literal[
    "ProductSale", "GiftCardSale", "TipSale", "ShippingLineSale", "DutySale", "FeeSale",
    "AdditionalFeeSale", "AdjustmentSale", "UnknownSale",
]  # fmt: skip
Action = Literal["ORDER", "UPDATE", "RETURN", "UNKNOWN"]


@dataclass(frozen=True)
class Sale:
    """One signed movement of money: what was moved before discounts, its discount, its tax."""

    sale_id: int
    kind: SaleKind
    line_type: str
    action: Action
    quantity: int | None
    goods: Decimal
    discount: Decimal = ZERO
    tax: Decimal = ZERO
    line_id: int | None = None
    shipping_id: int | None = None

    @property
    def net(self) -> Decimal:
        return self.goods - self.discount

    @property
    def total(self) -> Decimal:
        return self.net + self.tax


AgreementKind = Literal[
    "OrderAgreement", "OrderEditAgreement", "RefundAgreement", "ReturnAgreement"
]


@dataclass
class Agreement:
    agreement_id: int
    kind: AgreementKind
    reason: str
    happened_at: datetime
    sales: list[Sale]
    refund_id: int | None = None
    return_id: int | None = None


@dataclass
class Transaction:
    transaction_id: int
    kind: str
    status: str
    gateway: str
    amount: Decimal
    at: datetime
    parent_id: int | None = None


@dataclass
class RefundLine:
    refund_line_id: int
    line_id: int
    quantity: int
    restock: str
    subtotal: Decimal
    tax: Decimal


@dataclass
class Refund:
    """A refund's record. It is not the money: that is its transactions."""

    refund_id: int
    at: datetime
    note: str | None
    lines: list[RefundLine]
    # (id, shipping line, amount, tax) and (id, reason, amount); positive in the merchant's favour.
    shipping: list[tuple[int, int, Decimal, Decimal]]
    adjustments: list[tuple[int, str, Decimal]]
    total: Decimal
    transactions: list[int] = field(default_factory=list)
    return_id: int | None = None


@dataclass
class Visit:
    source: str
    medium: str | None
    campaign: str | None
    referrer: str | None


@dataclass
class Order:
    order_id: int
    number: int
    customer_id: int | None
    created_at: datetime
    processed_at: datetime
    updated_at: datetime
    presentment: tuple[str, Decimal]
    country: str
    province: str
    city: str
    channel: str = "web"
    test: bool = False
    codes: tuple[str, ...] = ()
    lines: list[Line] = field(default_factory=list)
    shipping: list[Shipping] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    returns: list[tuple[int, datetime]] = field(default_factory=list)
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    edited: bool = False
    visit: Visit | None = None
    journey_ready: bool = True
    # When it changed: a search index that lags knows an older moment.
    changes: list[datetime] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"#{self.number}"

    @property
    def sales(self) -> list[Sale]:
        return [sale for agreement in self.agreements for sale in agreement.sales]

    def line(self, line_id: int | None) -> Line:
        return next(line for line in self.lines if line.line_id == line_id)

    def paid(self) -> Decimal:
        """Money taken: SALE and CAPTURE that succeeded, never AUTHORIZATION."""
        return self._moved("SALE", "CAPTURE")

    def given_back(self) -> Decimal:
        return self._moved("REFUND")

    def _moved(self, *kinds: str) -> Decimal:
        return sum(
            (t.amount for t in self.transactions if t.kind in kinds and t.status == "SUCCESS"),
            ZERO,
        )


@dataclass(frozen=True)
class Happened:
    """One event of a merchant's day, as a webhook tells it. `number` is unique: two topics of one
    action have the same `action`."""

    number: int
    action: int
    topic: str  # "orders/updated"
    subject_id: int
    at: datetime
    extra: tuple[tuple[str, int], ...] = ()
