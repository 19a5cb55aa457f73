"""Money as Shopify writes it: decimal strings without idle digits, in two currencies at once."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

ZERO = Decimal(0)
DIGITS = {"JPY": 0, "KRW": 0, "KWD": 3, "BHD": 3}


def rounded(amount: Decimal, currency: str) -> Decimal:
    """To the currency's smallest coin: none for JPY, three places for KWD."""
    return amount.quantize(Decimal(1).scaleb(-DIGITS.get(currency, 2)), ROUND_HALF_UP)


def written(amount: Decimal) -> str:
    """`Decimal` of the schema: "25.0", "43.6", "0.0"; at least one place, no idle zeros."""
    text = f"{amount:f}"
    if "." not in text:
        return f"{text}.0"
    text = text.rstrip("0")
    text += "0" if text.endswith(".") else ""
    return text.removeprefix("-") if text.strip("-0.") == "" else text


def priced(amount: Decimal) -> str:
    """`Money` of the schema: "50.00"."""
    return f"{amount:.2f}"


def money(amount: Decimal, currency: str) -> dict[str, str]:
    """A MoneyV2."""
    return {"amount": written(amount), "currencyCode": currency}


def bag(amount: Decimal, currency: str, shown: tuple[str, Decimal]) -> dict[str, Any]:
    """A MoneyBag: in the shop's currency, and as the buyer saw it (`shown`: currency and rate)."""
    other, rate = shown
    seen = amount if other == currency else rounded(amount * rate, other)
    return {"shopMoney": money(amount, currency), "presentmentMoney": money(seen, other)}


def part(total: Decimal, count: int, whole: int, currency: str) -> Decimal:
    """What `count` of `whole` units have of a total: parts of all units add up to it."""
    return total if count == whole else rounded(total * count / whole, currency)
