"""Refunds as GraphQL tells them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.shopify_standin import catalogue
from tests.shopify_standin.ids import gid, moment
from tests.shopify_standin.model import Order, Refund
from tests.shopify_standin.money import ZERO
from tests.shopify_standin.shop import Shop

Doc = dict[str, Any]


@dataclass(frozen=True)
class Parts:
    """What an order's other documents are, by their number."""

    lines: dict[int, Doc]
    shipping: dict[int, Doc]
    transactions: dict[int, Doc]
    returns: dict[int, Doc]


def refund(
    shop: Shop, order: Order, one: Refund, told: tuple[Callable[[Decimal], Any], Parts]
) -> Doc:
    money, parts = told
    place = next(iter(shop.locations), None)
    return {
        "__typename": "Refund",
        "id": gid("Refund", one.refund_id),
        "legacyResourceId": str(one.refund_id),
        "createdAt": moment(one.at),
        "processedAt": moment(one.at),
        "updatedAt": moment(one.at),
        "note": one.note,
        "return": parts.returns.get(one.return_id or 0),
        "totalRefundedSet": money(one.total),
        "refundLineItems": [
            {
                "__typename": "RefundLineItem",
                "id": gid("RefundLineItem", line.refund_line_id),
                "quantity": line.quantity,
                "restockType": line.restock,
                "restocked": line.restock != "NO_RESTOCK",
                "lineItem": parts.lines[line.line_id],
                "location": catalogue.location_of(shop, place),
                "priceSet": money(line.subtotal / line.quantity),
                "subtotalSet": money(line.subtotal),
                "totalTaxSet": money(line.tax),
            }
            for line in one.lines
        ],
        "refundShippingLines": [
            {
                "__typename": "RefundShippingLine",
                "id": gid("RefundShippingLine", number),
                "shippingLine": parts.shipping[line_id],
                "subtotalAmountSet": money(net),
                "taxAmountSet": money(tax),
            }
            for number, line_id, net, tax in one.shipping
        ],
        "orderAdjustments": [
            {
                "__typename": "OrderAdjustment",
                "id": gid("OrderAdjustment", number),
                "reason": reason,
                "amountSet": money(amount),
                "taxAmountSet": money(ZERO),
            }
            for number, reason, amount in one.adjustments
        ],
        "transactions": [parts.transactions[number] for number in one.transactions],
    }
