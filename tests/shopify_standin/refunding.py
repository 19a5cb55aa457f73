"""Money and goods that go back: refunds, returns, cancellations. Each is dated to its own day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from tests.shopify_standin.model import (
    Action,
    Agreement,
    Line,
    Order,
    Refund,
    RefundLine,
    Sale,
    Transaction,
)
from tests.shopify_standin.money import ZERO, part, rounded
from tests.shopify_standin.selling import OF_LINE
from tests.shopify_standin.shop import Shop


@dataclass(frozen=True)
class Wish:
    """What goes back. `units` are line id -> units; `shipping` is charged shipping, without tax.

    `keep` is a restocking fee (kept by the merchant), `fee` the same as a return fee of its own,
    `goodwill` money without goods, `unknown` a movement that Shopify has no word for. `returned`
    takes the goods back by a return: its own agreement, beside the refund's.
    """

    units: Mapping[int, int] = field(default_factory=dict)
    shipping: Decimal = ZERO
    keep: Decimal = ZERO
    fee: Decimal = ZERO
    goodwill: Decimal = ZERO
    unknown: Decimal = ZERO
    at: datetime | None = None
    note: str | None = None
    returned: bool = False
    restock: str = "RETURN"


def refund(shop: Shop, order: Order, wish: Wish) -> Refund:
    at = (wish.at or shop.now()).replace(microsecond=0)
    shop.touch(order, at)
    record = Refund(shop.number("Refund"), at, wish.note, [], [], [], ZERO)
    goods = _goods(shop, order, wish, record)
    rest = _shipping(shop, order, wish, record) + _adjusted(shop, wish, record)
    if wish.returned and goods:
        number = shop.number("Return")
        order.returns.append((number, at))
        record.return_id = number
        order.agreements.append(
            Agreement(
                shop.number("Agreement"), "ReturnAgreement", "RETURN", at, goods, None, number
            )
        )
    else:
        rest = [*goods, *rest]
    order.agreements.append(
        Agreement(shop.number("Agreement"), "RefundAgreement", "REFUND", at, rest, record.refund_id)
    )
    moved = rest if not wish.returned else [*goods, *rest]
    _pay_back(shop, order, record, -sum((sale.total for sale in moved), ZERO))
    order.refunds.append(record)
    topics = ("refunds/create", "orders/updated")
    shop.tell(at, order.order_id, *topics, refund=record.refund_id)
    return record


def _goods(shop: Shop, order: Order, wish: Wish, record: Refund) -> list[Sale]:
    sales = []
    for line_id, wanted in wish.units.items():
        line = order.line(line_id)
        units = min(wanted, line.current)
        if units <= 0:
            continue
        sale = taken_back(shop, line, units, "RETURN")
        sales.append(sale)
        subtotal = -sale.total if shop.profile.taxes_included else -sale.net
        number = shop.number("RefundLineItem")
        record.lines.append(RefundLine(number, line_id, units, wish.restock, subtotal, -sale.tax))
        _restock(shop, line, units, record.at)
    return sales


def taken_back(shop: Shop, line: Line, units: int, action: Action) -> Sale:
    """The movement of units that go back. Back to back, the units of a line come to its totals."""
    before, after = line.gone, line.gone + units

    def share(total: Decimal) -> Decimal:
        old = part(total, before, line.quantity, shop.currency) if before else ZERO
        return old - part(total, after, line.quantity, shop.currency)

    line.gone = after
    return Sale(
        shop.number("Sale"), OF_LINE[line.kind], line.kind, action, -units,
        share(line.goods), share(line.discount), share(line.tax), line.line_id,
    )  # fmt: skip


def _restock(shop: Shop, line: Line, units: int, at: datetime) -> None:
    of = shop.variant(line.variant_id) if line.kind == "PRODUCT" else None
    if of is not None and of[1].stock:
        of[1].stock[next(iter(of[1].stock))] += units
        of[1].updated_at = max(of[1].updated_at, at)


def _shipping(shop: Shop, order: Order, wish: Wish, record: Refund) -> list[Sale]:
    if not wish.shipping or not order.shipping:
        return []
    line = order.shipping[0]
    sold = next(s for s in order.sales if s.shipping_id == line.shipping_id)
    net = min(wish.shipping, sold.net - line.refunded)
    if net <= 0:
        return []
    already = rounded(sold.tax * line.refunded / sold.net, shop.currency)
    line.refunded += net
    tax = rounded(sold.tax * line.refunded / sold.net, shop.currency) - already
    record.shipping.append((shop.number("RefundShippingLine"), line.shipping_id, net, tax))
    return [
        Sale(
            shop.number("Sale"), "ShippingLineSale", "SHIPPING", "RETURN", -1, -net, ZERO, -tax,
            shipping_id=line.shipping_id,
        )
    ]  # fmt: skip


def _adjusted(shop: Shop, wish: Wish, record: Refund) -> list[Sale]:
    sales = []
    if wish.fee:
        sales.append(Sale(shop.number("Sale"), "FeeSale", "FEE", "RETURN", 1, wish.fee))
    if wish.unknown:
        number = shop.number("Sale")
        sales.append(Sale(number, "UnknownSale", "UNKNOWN", "UNKNOWN", None, wish.unknown))
    for amount, reason in ((wish.keep, "RESTOCK"), (-wish.goodwill, "REFUND_DISCREPANCY")):
        if amount:
            record.adjustments.append((shop.number("OrderAdjustment"), reason, amount))
            number = shop.number("Sale")
            sales.append(Sale(number, "AdjustmentSale", "ADJUSTMENT", "RETURN", None, amount))
    return sales


def _pay_back(shop: Shop, order: Order, record: Refund, wanted: Decimal) -> None:
    """Money goes back as far as it was taken: an order that nobody paid has a refund of 0."""
    record.total = max(ZERO, min(wanted, order.paid() - order.given_back()))
    if not record.total:
        return
    taken = next(t for t in order.transactions if t.kind in ("SALE", "CAPTURE"))
    moved = Transaction(
        shop.number("OrderTransaction"), "REFUND", "SUCCESS", taken.gateway, record.total,
        record.at, taken.transaction_id,
    )  # fmt: skip
    order.transactions.append(moved)
    record.transactions.append(moved.transaction_id)


def cancel(shop: Shop, order: Order, at: datetime, reason: str) -> None:
    """Everything that is left goes back, and what was only authorized is voided."""
    if order.cancelled_at is not None:
        return
    order.cancelled_at, order.cancel_reason = at, reason
    if order.paid() == 0:
        held = [t for t in order.transactions if t.kind == "AUTHORIZATION"]
        order.transactions.extend(
            Transaction(
                shop.number("OrderTransaction"), "VOID", "SUCCESS", t.gateway, ZERO, at,
                t.transaction_id,
            )
            for t in held
        )  # fmt: skip
    left = {line.line_id: line.current for line in order.lines if line.current}
    shipping = sum((s.net for s in order.sales if s.kind == "ShippingLineSale"), ZERO)
    wish = Wish(units=left, shipping=max(ZERO, shipping), at=at, restock="CANCEL")
    refund(shop, order, wish)
    shop.tell(at, order.order_id, "orders/cancelled")
