"""Shopify's order export (Orders > Export): the 79 columns, or any part of them that has what is
needed.

What the export leaves open is decided here, and said in the summary: which lines a discount or a
tax belongs to (spread by what they cost), when money went back (no refund dates), and, without line
prices, what each product brought in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agent.sources import shopify_rows
from agent.sources.base import Built, Flags, Ints, Lines, Setting, TextFormat
from agent.sources.shares import per_group, portion, smallest_unit
from agent.sources.shopify_columns import Export, opened, recognise
from agent.sources.values import MONEY_SCALE, flags, money
from agent.sources.waterfall import GIFT_CARD, PRODUCT, TIP, Basket, Bill

NO_PRICES = (
    "The export has no line prices: an order with one line has its goods on that line, the others"
    " have them on a line without a product."
)
NO_PARTS = "The export has totals but no taxes or shipping: what is in the total counts as goods."
UNEXPLAINED = (
    "{:,} orders have a total that their lines, shipping, tax and duties do not add up to; the rest"
    " is an adjustment."
)
GIFT = r"(?i)\b(e-?)?gift[ -]?(card|certificate|voucher)s?\b"
PERCENT = r"(?P<rate>\d{1,2}(?:\.\d{1,3})?) ?%"


@dataclass(frozen=True)
class ShopifyOrders:
    name: str = "shopify-orders"
    label: str = "Shopify order export"
    text: TextFormat = TextFormat()  # noqa: RUF009 (frozen)

    def recognise(self, names: tuple[str, ...]) -> None:
        recognise(names)

    def build(self, lines: Lines, setting: Setting) -> Built:
        export = opened(lines, setting)
        unit = smallest_unit(setting.shop.currency)
        basket, title = _basket(export)
        priced = export.has("Lineitem price")
        bill, warnings = _bill(export, basket, unit)
        if not priced:
            basket, title = _without_prices(basket, title, bill)
            warnings = (NO_PRICES, *warnings)
        case = shopify_rows.Case(export, basket, bill, title, unit)
        tables, kinds, more = shopify_rows.tables(case)
        return Built(tables, export.checks, kinds, (*warnings, *more))


SOURCE = ShopifyOrders()


def _basket(export: Export) -> tuple[Basket, shopify_rows.Titles]:
    name, sku = export.text("Lineitem name"), export.text("Lineitem sku")
    kind = np.full(len(export.row), PRODUCT, dtype=np.int64)
    kind[flags(pc.match_substring_regex(name, GIFT))] = GIFT_CARD
    kind[flags(pc.match_substring_regex(name, r"(?i)^tip$"))] = TIP
    quantity = export.line_whole("Lineitem quantity").or_zero
    amount = quantity * export.line_money("Lineitem price").or_zero
    discount = np.abs(export.line_money("Lineitem discount").or_zero)
    taxable = ~flags(pc.equal(pc.utf8_lower(export.text("Lineitem taxable")), "false"))
    basket = Basket(export.order, kind, quantity, amount, discount, taxable & (kind == PRODUCT))
    return basket, shopify_rows.Titles(name, sku, export.text("Vendor"))


@dataclass(frozen=True)
class _Sums:
    """Per order, as the export prints them; an absent subtotal or total is marked in `has_`."""

    goods: Ints
    line_discount: Ints
    tip: Ints
    subtotal: Ints
    has_subtotal: Flags
    discount: Ints
    shipping: Ints
    tax: Ints
    duty: Ints
    total: Ints
    has_total: Flags


def _sums(export: Export, basket: Basket) -> _Sums:
    def per_order(values: Ints) -> Ints:
        return per_group(values, basket.order, export.orders)

    tip = basket.kind == TIP
    subtotal, total = export.order_money("Subtotal"), export.order_money("Total")
    return _Sums(
        goods=per_order(np.where(tip, 0, basket.amount)),
        line_discount=per_order(basket.discount),
        tip=per_order(np.where(tip, basket.amount, 0)),
        subtotal=subtotal.or_zero,
        has_subtotal=subtotal.valid,
        discount=np.abs(export.order_money("Discount Amount").or_zero),
        shipping=export.order_money("Shipping").or_zero,
        tax=export.order_money("Taxes").or_zero,
        duty=export.order_money("Duties").or_zero,
        total=total.or_zero,
        has_total=total.valid,
    )


def _bill(export: Export, basket: Basket, unit: int) -> tuple[Bill, tuple[str, ...]]:
    sums = _sums(export, basket)
    priced = export.has("Lineitem price")
    goods = sums.goods - sums.line_discount
    discount = _order_discount(sums) if priced else np.zeros_like(goods)
    net_goods = goods - discount if priced else _goods_without_prices(sums)
    tip_apart = sums.tip if priced else np.zeros_like(goods)
    rest = sums.total - net_goods - tip_apart - sums.shipping - sums.duty
    rest = np.where(sums.has_total, rest, sums.tax)
    waived = np.maximum(sums.discount - sums.line_discount - discount, 0)
    free = priced & (waived > 0) & ((rest == sums.tax - waived) | (rest == -waived))
    shipping, rest = sums.shipping - np.where(free, waived, 0), rest + np.where(free, waived, 0)
    included = (rest != sums.tax) & (np.abs(rest) < np.abs(rest - sums.tax))
    total = sums.total
    computed = net_goods + tip_apart + shipping + sums.duty + sums.tax
    total = np.where(sums.has_total, total, computed)
    odd = int((total != computed - np.where(included, sums.tax, 0)).sum())
    taxed = _taxed_shipping(export, (net_goods, shipping, sums.tax), included)
    bill = Bill(discount, shipping, sums.tax, sums.duty, total, included, taxed)
    notes = (UNEXPLAINED.format(odd),) if odd else ()
    if not (export.has("Shipping") or export.has("Taxes") or export.has("Subtotal")):
        notes = (*notes, NO_PARTS)
    return bill, notes


def _goods_without_prices(sums: _Sums) -> Ints:
    left = sums.total - sums.shipping - sums.tax - sums.duty
    return np.where(sums.has_subtotal, sums.subtotal, left)


def _order_discount(sums: _Sums) -> Ints:
    """What the order's discount takes off the goods beyond the lines' own: seen in the subtotal
    where there is one.
    """
    goods = sums.goods - sums.line_discount
    code = np.maximum(sums.discount - sums.line_discount, 0)
    by_subtotal = goods - sums.subtotal
    with_tip = by_subtotal + sums.tip
    known = (by_subtotal == 0) | (by_subtotal == code) | (by_subtotal == sums.discount)
    fits = (with_tip == 0) | (with_tip == code) | (with_tip == sums.discount)
    by_subtotal = np.where(~known & fits, with_tip, by_subtotal)
    charges = sums.shipping + sums.duty + sums.tip
    by_total = goods + charges - sums.total
    options = [
        (by_total == off) | (by_total + sums.tax == off) for off in (code, sums.discount, 0 * code)
    ]
    guessed = np.select(options, [code, sums.discount, 0 * code], default=code)
    guessed = np.where(sums.has_total, guessed, code)
    found = np.where(sums.has_subtotal, by_subtotal, guessed)
    return np.clip(found, 0, np.maximum(goods, 0))


def _taxed_shipping(export: Export, money_of: tuple[Ints, Ints, Ints], included: Flags) -> Flags:
    """Whether the tax is on the shipping too: by the rate in the tax's name, else where prices
    include tax.
    """
    goods, shipping, tax = money_of
    named = pc.struct_field(pc.extract_regex(export.first("Tax 1 Name"), PERCENT), "rate")
    rate = money(named)
    single = export.order_money("Tax 2 Value").or_zero == 0
    hundred = np.where(included, 100 * MONEY_SCALE + rate.or_zero, 100 * MONEY_SCALE)
    with_it = portion(goods + shipping, rate.or_zero, hundred, 1)
    without = portion(goods, rate.or_zero, hundred, 1)
    nearer = np.abs(tax - with_it) < np.abs(tax - without)
    return np.where(rate.valid & single, nearer, included) & (shipping > 0)


def _without_prices(
    basket: Basket, titles: shopify_rows.Titles, bill: Bill
) -> tuple[Basket, shopify_rows.Titles]:
    """The goods of each order on its only line, or on one more line that has no product and no
    units.
    """
    goods = bill.total - bill.shipping - bill.duty - np.where(bill.included, 0, bill.tax)
    lines = per_group(np.ones_like(basket.order), basket.order, len(goods))
    amount = np.where(lines[basket.order] == 1, goods[basket.order], 0)
    extra = np.flatnonzero(lines > 1)
    order = np.concatenate([basket.order, extra])
    place = np.argsort(order, kind="stable")

    def with_extra(values: Ints, more: Ints) -> Ints:
        return np.concatenate([values, more])[place]

    none = np.zeros(len(extra), dtype=np.int64)
    wider = Basket(
        order[place], with_extra(basket.kind, none + PRODUCT), with_extra(basket.quantity, none),
        with_extra(amount, goods[extra]), with_extra(basket.discount, none),
        np.concatenate([basket.taxable, none == 0])[place],
    )  # fmt: skip
    blank = pa.nulls(len(extra), pa.string())
    moved = [pa.concat_arrays([c, blank]).take(pa.array(place)) for c in titles.columns]
    return wider, shopify_rows.Titles(*moved)
