"""An order's lines from what was asked for to what was paid, and back where money was returned;
exact to the cent.

Shopify's order export gives discounts, taxes and refunds for the order only. They are put on its
lines in proportion to what each costs, so that goods, tax, shipping and duties of all rows add up
to the order's total.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.sources.shares import per_group, portion, spread

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

PRODUCT, GIFT_CARD, TIP = range(3)


@dataclass(frozen=True)
class Basket:
    """Lines sorted by `order` (an index into the order columns). Money in ten-thousandths;
    discounts positive.
    """

    order: Ints
    kind: Ints
    quantity: Ints
    amount: Ints
    discount: Ints
    taxable: Flags


@dataclass(frozen=True)
class Bill:
    """One value per order. `discount` is what the lines do not have yet; `included`: prices and
    shipping hold tax.
    """

    discount: Ints
    shipping: Ints
    tax: Ints
    duty: Ints
    total: Ints
    included: Flags
    taxed_shipping: Flags


@dataclass(frozen=True)
class Charged:
    """Per line: gross before tax and discount, discount (negative), tax. Per order: the rest of its
    total.
    """

    gross: Ints
    discount: Ints
    tax: Ints
    shipping: Ints
    shipping_tax: Ints
    loose_tax: Ints
    duty: Ints
    difference: Ints

    @property
    def net(self) -> Ints:
        return self.gross + self.discount


def charge(basket: Basket, bill: Bill, unit: int) -> Charged:
    """What each line and order was charged. `difference` is the part of the total that nothing
    explains.
    """
    orders = len(bill.total)
    goods = basket.kind == PRODUCT
    before = basket.amount - basket.discount
    more = spread(bill.discount, np.where(goods, before, 0), basket.order, unit)
    paid = before - more
    tax, shipping_tax = _taxes(basket, bill, (paid, unit))
    included = bill.included[basket.order]
    net = np.where(included, paid - tax, paid)
    gross = np.where(included, portion(net, basket.amount, paid, unit), basket.amount)
    gross = np.where(paid == 0, basket.amount, gross)
    shipping = bill.shipping - np.where(bill.included, shipping_tax, 0)
    loose = bill.tax - per_group(tax, basket.order, orders) - shipping_tax
    found = per_group(net + tax, basket.order, orders) + shipping + shipping_tax + loose + bill.duty
    return Charged(
        gross, net - gross, tax, shipping, shipping_tax, loose, bill.duty, bill.total - found
    )


def _taxes(basket: Basket, bill: Bill, paid_unit: tuple[Ints, int]) -> tuple[Ints, Ints]:
    """Tax of each line and of each order's shipping, by what they cost; untaxed lines only where no
    other is left.
    """
    paid, unit = paid_unit
    orders = len(bill.total)
    goods = np.where(basket.kind == PRODUCT, np.maximum(paid, 0), 0)
    weight = np.where(basket.taxable, goods, 0)
    none = per_group(weight, basket.order, orders) == 0
    weight = np.where(none[basket.order], goods, weight)
    base = per_group(weight, basket.order, orders)
    freight = np.where(bill.taxed_shipping, np.maximum(bill.shipping, 0), 0)
    shipping_tax = portion(bill.tax, freight, base + freight, unit)
    return spread(bill.tax - shipping_tax, weight, basket.order, unit), shipping_tax


@dataclass(frozen=True)
class Given:
    """What an order's buyer got back: `whole` orders are undone, the others by `amount`."""

    amount: Ints
    whole: Flags


@dataclass(frozen=True)
class Reversed:
    """Positive amounts to take back. Per line: net, tax, quantity; per order: the rest. `beyond`
    fits no part.
    """

    net: Ints
    tax: Ints
    quantity: Ints
    shipping: Ints
    shipping_tax: Ints
    loose_tax: Ints
    duty: Ints
    beyond: Ints


def reverse(basket: Basket, charged: Charged, given: Given, unit: int) -> Reversed:
    """A refund on lines, shipping and duties in proportion to what each cost, tax within each;
    units only of whole orders.
    """
    orders = len(given.amount)
    line = np.where(basket.kind == TIP, 0, np.maximum(charged.net + charged.tax, 0))
    goods = per_group(line, basket.order, orders)
    freight = np.maximum(charged.shipping + charged.shipping_tax, 0)
    parts = np.stack([goods, freight, charged.duty], axis=1).ravel()
    part_of = np.repeat(np.arange(orders, dtype=np.int64), 3)
    amount = np.where(given.whole, 0, np.minimum(given.amount, goods + freight + charged.duty))
    split = spread(amount, parts, part_of, unit).reshape(-1, 3)
    back = spread(split[:, 0].copy(), line, basket.order, unit)
    tax = portion(back, charged.tax, charged.net + charged.tax, unit)
    ship_tax = portion(
        split[:, 1].copy(), charged.shipping_tax, charged.shipping + charged.shipping_tax, unit
    )
    whole, all_ = given.whole[basket.order], given.whole
    return Reversed(
        net=np.where(whole, charged.net, back - tax),
        tax=np.where(whole, charged.tax, tax),
        quantity=np.where(whole, basket.quantity, 0),
        shipping=np.where(all_, charged.shipping, split[:, 1] - ship_tax),
        shipping_tax=np.where(all_, charged.shipping_tax, ship_tax),
        loose_tax=np.where(all_, charged.loose_tax, 0),
        duty=np.where(all_, charged.duty, split[:, 2]),
        beyond=np.where(all_, 0, given.amount - amount),
    )
