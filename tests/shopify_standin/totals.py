"""The sums of an order: three totals, what they consist of, and whether it is paid."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from tests.shopify_standin.model import Order, Sale
from tests.shopify_standin.money import ZERO
from tests.shopify_standin.shop import Shop

NAMES = (
    *("originalTotalPriceSet", "totalPriceSet", "currentTotalPriceSet"),
    *("subtotalPriceSet", "currentSubtotalPriceSet", "totalDiscountsSet"),
    *("currentTotalDiscountsSet", "totalShippingPriceSet", "currentShippingPriceSet"),
    *("totalRefundedShippingSet", "totalTaxSet", "currentTotalTaxSet"),
    *("originalTotalDutiesSet", "currentTotalDutiesSet", "originalTotalAdditionalFeesSet"),
    *("currentTotalAdditionalFeesSet", "totalTipReceivedSet", "totalReceivedSet"),
    *("totalRefundedSet", "netPaymentSet", "totalOutstandingSet"),
    *("refundDiscrepancySet",),
)


def financial(one: Order) -> str:
    """displayFinancialStatus."""
    paid, back = one.paid(), one.given_back()
    kinds = {t.kind for t in one.transactions}
    if not paid:
        return (
            "VOIDED" if "VOID" in kinds else "AUTHORIZED" if "AUTHORIZATION" in kinds else "PENDING"
        )
    if back:
        return "REFUNDED" if back >= paid else "PARTIALLY_REFUNDED"
    return "PAID" if paid >= summed(one.sales) else "PARTIALLY_PAID"


def summed(sales: Iterable[Sale], *actions: str) -> Decimal:
    """Totals of sales, of some actions or of all; never of adjustments."""
    return sum(
        (
            sale.total
            for sale in sales
            if sale.line_type != "ADJUSTMENT" and (not actions or sale.action in actions)
        ),
        ZERO,
    )


def of(shop: Shop, one: Order) -> dict[str, Decimal]:
    """The three totals (as placed; before returns; as it is now) and what they consist of."""
    sales = one.sales
    sold = [sale for sale in sales if sale.action in ("ORDER", "UPDATE")]
    included = shop.profile.taxes_included

    def goods(chosen: Iterable[Sale]) -> Decimal:
        of = [s for s in chosen if s.line_type in ("PRODUCT", "GIFT_CARD")]
        return sum((s.total if included else s.net for s in of), ZERO)

    def tax(chosen: Iterable[Sale]) -> Decimal:
        return sum((s.tax for s in chosen), ZERO)

    def of_type(chosen: Iterable[Sale], *types: str) -> Decimal:
        return sum((s.net for s in chosen if s.line_type in types), ZERO)

    discounts = sum((sum(line.discounts, ZERO) for line in one.lines), ZERO)
    discounts += sum((line.discount for line in one.shipping), ZERO)
    adjusted = sum((s.total for s in sales if s.line_type == "ADJUSTMENT"), ZERO)
    returned = [s for s in sales if s.action == "RETURN"]
    return {
        "originalTotalPriceSet": summed(sales, "ORDER"),
        "totalPriceSet": summed(sales, "ORDER", "UPDATE"),
        "currentTotalPriceSet": summed(sales),
        "subtotalPriceSet": goods(sold),
        "currentSubtotalPriceSet": goods(sales),
        "totalDiscountsSet": discounts,
        "currentTotalDiscountsSet": discounts,
        "totalShippingPriceSet": of_type(sold, "SHIPPING"),
        "currentShippingPriceSet": of_type(sales, "SHIPPING"),
        "totalRefundedShippingSet": -of_type(returned, "SHIPPING"),
        "totalTaxSet": tax(sold),
        "currentTotalTaxSet": tax(sales),
        "originalTotalDutiesSet": of_type(sold, "DUTY"),
        "currentTotalDutiesSet": of_type(sales, "DUTY"),
        "originalTotalAdditionalFeesSet": of_type(sold, "ADDITIONAL_FEE"),
        "currentTotalAdditionalFeesSet": of_type(sales, "ADDITIONAL_FEE"),
        "totalTipReceivedSet": of_type(sold, "TIP"),
        "totalReceivedSet": one.paid(),
        "totalRefundedSet": one.given_back(),
        "netPaymentSet": one.paid() - one.given_back(),
        "totalOutstandingSet": max(ZERO, summed(sales) - one.paid() + one.given_back()),
        "refundDiscrepancySet": adjusted,
    }
