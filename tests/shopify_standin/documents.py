"""Orders as GraphQL tells them: dicts whose keys are the schema's fields.

A connection is a plain list here (`fields` makes pages of it); what is worth finding out only when
it is asked is a function, which graphql-core calls with (info, **arguments).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import cache, partial
from typing import Any

from tests.shopify_standin import catalogue, refunds, totals
from tests.shopify_standin.ids import gid, moment
from tests.shopify_standin.model import Agreement, Line, Order, Sale, Shipping, Transaction
from tests.shopify_standin.money import ZERO, bag
from tests.shopify_standin.shop import Shop

Doc = dict[str, Any]
# Makes a field of an amount: written only when it is asked.
Bag = Callable[[Decimal], Callable[[object], Doc]]


def order(shop: Shop, one: Order) -> Doc:
    def money(amount: Decimal) -> Callable[[object], Doc]:
        return lambda info: bag(amount, shop.currency, one.presentment)

    sums = cache(lambda: totals.of(shop, one))

    def total(name: str, info: object) -> Doc:
        return money(sums()[name])(info)

    lines = {line.line_id: _line(shop, line, money) for line in one.lines}
    shipping = {line.shipping_id: _shipping(shop, line, money) for line in one.shipping}
    moves = {t.transaction_id: _transaction(one, t, money) for t in one.transactions}
    for moved in one.transactions:
        moves[moved.transaction_id]["parentTransaction"] = moves.get(moved.parent_id or 0)
    returns = {number: _return(one, number, at) for number, at in one.returns}
    parts = refunds.Parts(lines, shipping, moves, returns)
    given_back = {r.refund_id: refunds.refund(shop, one, r, (money, parts)) for r in one.refunds}
    doc = {
        **_facts(shop, one),
        **{name: partial(total, name) for name in totals.NAMES},
        "lineItems": list(lines.values()),
        "shippingLines": list(shipping.values()),
        "transactions": lambda info, first=None, **_: list(moves.values())[:first],
        "refunds": lambda info, first=None: list(given_back.values())[:first],
        "returns": list(returns.values()),
    }
    for record in given_back.values():
        record["order"] = doc
    doc["agreements"] = [
        _agreement(doc, agreement, money, (lines, shipping, given_back, returns))
        for agreement in one.agreements
    ]
    return doc


def _facts(shop: Shop, one: Order) -> Doc:
    spot = {
        "__typename": "MailingAddress",
        "id": gid("MailingAddress", one.order_id),
        "city": one.city,
        "country": one.country,
        "countryCodeV2": one.country,
        "province": one.province,
        "provinceCode": one.province,
    }
    return {
        "__typename": "Order",
        "id": gid("Order", one.order_id),
        "legacyResourceId": str(one.order_id),
        "name": one.name,
        "number": one.number,
        "createdAt": moment(one.created_at),
        "processedAt": moment(one.processed_at),
        "updatedAt": moment(one.updated_at),
        "cancelledAt": moment(one.cancelled_at),
        "cancelReason": one.cancel_reason,
        "closedAt": moment(one.cancelled_at),
        "closed": one.cancelled_at is not None,
        "confirmed": True,
        "test": one.test,
        "edited": one.edited,
        "dutiesIncluded": False,
        "estimatedTaxes": False,
        "taxesIncluded": shop.profile.taxes_included,
        "sourceName": one.channel,
        "app": {"id": gid("App", 580111), "name": "Online Store"},
        "currencyCode": shop.currency,
        "presentmentCurrencyCode": one.presentment[0],
        "displayFinancialStatus": totals.financial(one),
        "displayFulfillmentStatus": "UNFULFILLED" if one.cancelled_at else "FULFILLED",
        "returnStatus": "RETURNED" if one.returns else "NO_RETURN",
        "fullyPaid": one.paid() >= totals.summed(one.sales, "ORDER", "UPDATE"),
        "unpaid": one.paid() == 0,
        "paymentGatewayNames": sorted({t.gateway for t in one.transactions}),
        "tags": [],
        "note": None,
        "customerLocale": "en",
        "discountCode": one.codes[0] if one.codes else None,
        "discountCodes": list(one.codes),
        "retailLocation": None,
        "billingAddress": spot,
        "shippingAddress": spot,
        "displayAddress": spot,
        "customer": lambda info: catalogue.customer_of(shop, one.customer_id),
        "customerJourneySummary": _journey(shop, one),
    }


def _journey(shop: Shop, one: Order) -> Doc | None:
    """Null without a known buyer or visit; not `ready` until Shopify has attributed the order."""
    if one.visit is None or one.customer_id is None:
        return None
    if not one.journey_ready:
        return dict.fromkeys(
            ("firstVisit", "lastVisit", "customerOrderIndex", "daysToConversion")
        ) | {"ready": False}
    seen = one.visit
    utm = {"source": seen.source, "medium": seen.medium, "campaign": seen.campaign}
    visit = {
        "__typename": "CustomerVisit",
        "id": gid("CustomerVisit", one.order_id),
        "occurredAt": moment(one.created_at),
        "source": seen.source,
        "sourceDescription": seen.source,
        "referrerUrl": seen.referrer,
        "landingPage": f"https://{shop.profile.domain}/",
        "utmParameters": {**utm, "content": None, "term": None} if seen.medium else None,
    }
    return {
        "ready": True,
        "customerOrderIndex": 1,
        "daysToConversion": 0,
        "firstVisit": visit,
        "lastVisit": visit,
    }


def _line(shop: Shop, line: Line, money: Bag) -> Doc:
    given = sum(line.discounts, ZERO)
    full = line.price * line.quantity
    return {
        "__typename": "LineItem",
        "id": gid("LineItem", line.line_id),
        "name": line.name,
        "title": line.name.split(" - ")[0],
        "variantTitle": line.name.split(" - ")[1] if " - " in line.name else None,
        "sku": line.sku or None,
        "vendor": None if line.kind == "TIP" else "Alder & Co",
        "isGiftCard": line.kind == "GIFT_CARD",
        "taxable": line.kind == "PRODUCT",
        "requiresShipping": line.kind == "PRODUCT",
        "quantity": line.quantity,
        "currentQuantity": line.current,
        "refundableQuantity": line.current,
        "product": lambda info: catalogue.product_of(shop, line.product_id),
        "variant": lambda info: catalogue.variant_of(shop, line.variant_id),
        "originalUnitPriceSet": money(line.price),
        "originalTotalSet": money(full),
        "discountedUnitPriceSet": money((full - given) / line.quantity),
        # A line's own total leaves out the order's discounts; the allocations have them.
        "discountedTotalSet": lambda info, withCodeDiscounts=False: money(
            full - (given if withCodeDiscounts else ZERO)
        )(info),
        "totalDiscountSet": money(given),
        "discountAllocations": [{"allocatedAmountSet": money(off)} for off in line.discounts],
        "taxLines": lambda info, first=None: _taxes(shop, line.tax, money)[:first],
    }


def _taxes(shop: Shop, tax: Decimal, money: Bag) -> list[Doc]:
    if not tax:
        return []
    rate = float(shop.profile.tax_rate)
    return [{"title": "Tax", "rate": rate, "ratePercentage": rate * 100, "priceSet": money(tax)}]


def _shipping(shop: Shop, line: Shipping, money: Bag) -> Doc:
    charged = line.price - line.discount
    return {
        "__typename": "ShippingLine",
        "id": gid("ShippingLine", line.shipping_id),
        "title": line.title,
        "isRemoved": False,
        "originalPriceSet": money(line.price),
        "discountedPriceSet": money(charged),
        "currentDiscountedPriceSet": money(charged - line.refunded),
        "discountAllocations": (
            [{"allocatedAmountSet": money(line.discount)}] if line.discount else []
        ),
        "taxLines": _taxes(shop, line.tax, money),
    }


def _transaction(one: Order, moved: Transaction, money: Bag) -> Doc:
    return {
        "__typename": "OrderTransaction",
        "id": gid("OrderTransaction", moved.transaction_id),
        "kind": moved.kind,
        "status": moved.status,
        "test": one.test,
        "gateway": moved.gateway,
        "createdAt": moment(moved.at),
        "processedAt": moment(moved.at),
        "amountSet": money(moved.amount),
    }


def _return(one: Order, number: int, at: datetime) -> Doc:
    return {
        "__typename": "Return",
        "id": gid("Return", number),
        "name": f"{one.name}-R1",
        "status": "CLOSED",
        "createdAt": moment(at),
        "closedAt": moment(at),
        "totalQuantity": sum(line.gone for line in one.lines),
    }


Related = tuple[dict[int, Doc], dict[int, Doc], dict[int, Doc], dict[int, Doc]]


def _agreement(order: Doc, one: Agreement, money: Bag, related: Related) -> Doc:
    _, _, given_back, returns = related
    return {
        "__typename": one.kind,
        "id": gid(one.kind, one.agreement_id),
        "happenedAt": moment(one.happened_at),
        "reason": one.reason,
        "order": order,
        "refund": given_back.get(one.refund_id or 0),
        "return": returns.get(one.return_id or 0),
        "sales": [_sale(sale, money, related) for sale in one.sales],
    }


def _sale(sale: Sale, money: Bag, related: Related) -> Doc:
    lines, shipping, _, _ = related
    return {
        "__typename": sale.kind,
        "id": gid(sale.kind, sale.sale_id),
        "actionType": sale.action,
        "lineType": sale.line_type,
        "quantity": sale.quantity,
        "totalAmount": money(sale.total),
        "totalTaxAmount": money(sale.tax),
        "totalDiscountAmountBeforeTaxes": money(sale.discount),
        "totalDiscountAmountAfterTaxes": money(sale.discount),
        "lineItem": lines.get(sale.line_id or 0),
        "shippingLine": shipping.get(sale.shipping_id or 0),
    }
