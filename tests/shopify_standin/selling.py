"""Placing an order: prices, discounts, tax, shipping, duties, tips, and the first agreement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from tests.shopify_standin.model import (
    Action,
    Agreement,
    Customer,
    Line,
    LineKind,
    Order,
    Product,
    Sale,
    SaleKind,
    Shipping,
    Transaction,
    Variant,
    Visit,
)
from tests.shopify_standin.money import ZERO, rounded
from tests.shopify_standin.shop import Shop

OF_LINE: dict[str, SaleKind] = {
    "PRODUCT": "ProductSale",
    "GIFT_CARD": "GiftCardSale",
    "TIP": "TipSale",
}


@dataclass(frozen=True)
class Basket:
    """What is bought, and how. `items` are (variant id, units); without any, the first variant.

    `paid` is how the money comes: "sale" at once, "authorized" (captured later), "pending",
    "partly", "gift_card". `line_off` is taken from the first line, `order_off` spread over all;
    `backdated` makes the business date earlier than the record.
    """

    items: Sequence[tuple[int, int]] = ()
    customer: Customer | None = None
    at: datetime | None = None
    line_off: Decimal = ZERO
    order_off: Decimal = ZERO
    code: str | None = None
    shipping: Decimal = ZERO
    shipping_off: Decimal = ZERO
    duty: Decimal = ZERO
    fee: Decimal = ZERO
    tip: Decimal = ZERO
    paid: str = "sale"
    presentment: tuple[str, Decimal] | None = None
    backdated: timedelta = timedelta(0)
    test: bool = False
    channel: str = "web"
    visit: Visit | None = None


def place(shop: Shop, basket: Basket) -> Order:
    at = (basket.at or shop.now()).replace(microsecond=0)
    who = basket.customer
    order_id = shop.number("Order")
    order = Order(
        order_id,
        order_id - 8000,
        who.customer_id if who else None,
        at,
        at - basket.backdated,
        at,
        basket.presentment or (shop.currency, Decimal(1)),
        who.country if who else "US",
        who.province if who else "NY",
        who.city if who else "New York",
        basket.channel,
        basket.test,
        (basket.code,) if basket.code else (),
        visit=basket.visit,
    )
    _fill(shop, order, basket)
    sales = [line_sale(shop, line, "ORDER") for line in order.lines]
    sales += [_extra(shop, order, basket, index) for index in range(3) if _extra_of(basket)[index]]
    order.agreements.append(
        Agreement(shop.number("Agreement"), "OrderAgreement", "ORDER", order.processed_at, sales)
    )
    _pay(shop, order, basket)
    shop.orders[order_id] = order
    shop.touch(order, at)
    if who is not None:
        who.updated_at = max(who.updated_at, at)
    _take_stock(shop, order, at)
    paid = ("orders/paid",) if basket.paid in ("sale", "gift_card") else ()
    shop.tell(at, order_id, "orders/create", *paid)
    return order


def _fill(shop: Shop, order: Order, basket: Basket) -> None:
    items = basket.items or ((next(shop.variants())[1].variant_id, 1),)
    found = [(shop.variant(variant_id), units) for variant_id, units in items]
    goods = [(of, units) for of, units in found if of is not None]
    spread = _spread(shop, goods, basket)
    for index, ((product, variant), units) in enumerate(goods):
        given = spread[index] + (basket.line_off if index == 0 else ZERO)
        offs = tuple(off for off in (basket.line_off * (index == 0), spread[index]) if off)
        order.lines.append(product_line(shop, product, variant, units, (offs, given)))
    if basket.tip:
        order.lines.append(_tip(shop, basket.tip))
    if basket.shipping:
        charged = basket.shipping - basket.shipping_off
        rate = shop.profile.tax_rate if shop.profile.tax_shipping else ZERO
        order.shipping.append(
            Shipping(
                shop.number("ShippingLine"),
                "Standard",
                basket.shipping,
                basket.shipping_off,
                tax_of(shop, charged, rate),
            )
        )


def _spread(
    shop: Shop, goods: Sequence[tuple[tuple[Product, Variant], int]], basket: Basket
) -> list[Decimal]:
    """An order's discount over its goods, by what each costs; never over gift cards."""
    worth = [
        ZERO if product.gift_card else variant.price * units for (product, variant), units in goods
    ]
    whole, left = sum(worth, ZERO), basket.order_off
    shares: list[Decimal] = []
    for index, one in enumerate(worth):
        rest = sum(worth[index + 1 :], ZERO)
        share = rounded(basket.order_off * one / whole, shop.currency) if whole else ZERO
        shares.append(left if not rest and one else share)
        left -= shares[-1]
    return shares


def tax_of(shop: Shop, charged: Decimal, rate: Decimal) -> Decimal:
    """The tax on what is charged; where prices include it, the tax inside."""
    if shop.profile.taxes_included:
        return charged - rounded(charged / (1 + rate), shop.currency)
    return rounded(charged * rate, shop.currency)


def product_line(
    shop: Shop,
    product: Product,
    variant: Variant,
    units: int,
    off: tuple[tuple[Decimal, ...], Decimal] = ((), ZERO),
) -> Line:
    """A line, priced: goods and discount without tax, whichever way the shop's prices are."""
    offs, given = off
    kind: LineKind = "GIFT_CARD" if product.gift_card else "PRODUCT"
    rate = ZERO if product.gift_card else shop.profile.tax_rate
    full = variant.price * units
    tax = tax_of(shop, full - given, rate)
    discount = given
    if shop.profile.taxes_included:
        discount = rounded(given / (1 + rate), shop.currency)
        full = full - given - tax + discount
    name = f"{product.title} - {variant.title}" if variant.title else product.title
    return Line(
        shop.number("LineItem"), kind, product.product_id, variant.variant_id, name, variant.sku,
        variant.price, units, offs, full, discount, tax,
    )  # fmt: skip


def _tip(shop: Shop, amount: Decimal) -> Line:
    return Line(
        shop.number("LineItem"), "TIP", None, None, "Tip", "", amount, 1, (), amount, ZERO, ZERO
    )


def line_sale(shop: Shop, line: Line, action: Action) -> Sale:
    """All units of a line, sold."""
    return Sale(
        shop.number("Sale"), OF_LINE[line.kind], line.kind, action, line.quantity,
        line.goods, line.discount, line.tax, line.line_id,
    )  # fmt: skip


def _extra_of(basket: Basket) -> tuple[Decimal, Decimal, Decimal]:
    return basket.shipping, basket.duty, basket.fee


def _extra(shop: Shop, order: Order, basket: Basket, index: int) -> Sale:
    number = shop.number("Sale")
    if index == 1:
        return Sale(number, "DutySale", "DUTY", "ORDER", 1, basket.duty)
    if index == 2:
        return Sale(number, "AdditionalFeeSale", "ADDITIONAL_FEE", "ORDER", 1, basket.fee)
    line = order.shipping[0]
    goods, off = line.price, line.discount
    if shop.profile.taxes_included and line.tax:
        rate = shop.profile.tax_rate
        off = rounded(line.discount / (1 + rate), shop.currency)
        goods = line.price - line.discount - line.tax + off
    return Sale(
        number, "ShippingLineSale", "SHIPPING", "ORDER", 1, goods, off, line.tax,
        shipping_id=line.shipping_id,
    )  # fmt: skip


def _pay(shop: Shop, order: Order, basket: Basket) -> None:
    total = sum((sale.total for sale in order.sales), ZERO)
    how = {"authorized": "AUTHORIZATION", "sale": "SALE", "partly": "SALE", "gift_card": "SALE"}
    if basket.paid not in how:
        return
    amount = rounded(total / 2, shop.currency) if basket.paid == "partly" else total
    gateway = "gift_card" if basket.paid == "gift_card" else "shopify_payments"
    _money(shop, order, how[basket.paid], amount, (gateway, None))


def _money(
    shop: Shop, order: Order, kind: str, amount: Decimal, how: tuple[str, int | None]
) -> Transaction:
    moved = Transaction(
        shop.number("OrderTransaction"), kind, "SUCCESS", how[0], amount, order.updated_at, how[1]
    )
    order.transactions.append(moved)
    return moved


def capture(shop: Shop, order: Order, at: datetime) -> None:
    due = sum((sale.total for sale in order.sales), ZERO) - order.paid() + order.given_back()
    if due <= 0 or order.cancelled_at:
        return
    shop.touch(order, at)
    held = next((t for t in order.transactions if t.kind == "AUTHORIZATION"), None)
    kind, parent = ("CAPTURE", held.transaction_id) if held else ("SALE", None)
    _money(shop, order, kind, due, ("shopify_payments", parent))
    shop.tell(at, order.order_id, "orders/paid", "orders/updated")


def _take_stock(shop: Shop, order: Order, at: datetime) -> None:
    for line in order.lines:
        of = shop.variant(line.variant_id) if line.kind == "PRODUCT" else None
        if of is None:
            continue
        _, variant = of
        place_id = next(iter(variant.stock), None)
        if place_id is not None:
            variant.stock[place_id] -= line.quantity
            variant.updated_at = max(variant.updated_at, at)
