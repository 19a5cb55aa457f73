"""Whether a document has the shape that it should have, and in words what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from agent.words import mark, t

LONGEST = 2_000
"""Characters: a longer text is no name, title or code."""

SHOWN = 1_000_000
_GID = re.compile(r"gid://shopify/[A-Za-z]+/\d{1,17}")
_MOMENT = re.compile(r"(?:199|20\d)\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z")
_AMOUNT = re.compile(r"-?\d{1,11}(?:\.\d{1,4}0*)?")
MOST_PIECES = 2**31 - 1

Test = Callable[[Any], bool]
Rule = tuple[str, Test, str]


def is_gid(value: object, kind: str = "") -> bool:
    return (
        isinstance(value, str)
        and bool(_GID.fullmatch(value))
        and (not kind or value.split("/")[3] == kind)
    )


def is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST and "\x00" not in value


def is_moment(value: object) -> bool:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_amount(value: object) -> bool:
    return isinstance(value, str) and bool(_AMOUNT.fullmatch(value))


def is_pieces(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MOST_PIECES


def of_kind(kind: str) -> Test:
    return lambda value: is_gid(value, kind)


def or_none(test: Test) -> Test:
    return lambda value: value is None or test(value)


NO_ID, NO_MOMENT = mark("{field} is no id of Shopify"), mark("{field} is no moment")
NO_TEXT, NO_AMOUNT = mark("{field} is no text that can be kept"), mark("{field} is no amount")
NO_PIECES = mark("{field} is no number of pieces")
NO_FLAG = mark("{field} is neither true nor false")

_PLACE: Sequence[Rule] = tuple(
    (name, or_none(is_text), NO_TEXT)
    for part in ("shippingAddress", "billingAddress")
    for name in (f"{part}.countryCodeV2", f"{part}.provinceCode", f"{part}.city")
)
_ORDER: Sequence[Rule] = (
    ("id", of_kind("Order"), NO_ID),
    ("name", is_text, NO_TEXT),
    ("processedAt", is_moment, NO_MOMENT),
    ("updatedAt", is_moment, NO_MOMENT),
    ("cancelledAt", or_none(is_moment), NO_MOMENT),
    ("test", lambda value: isinstance(value, bool), NO_FLAG),
    ("sourceName", or_none(is_text), NO_TEXT),
    ("presentmentCurrencyCode", or_none(is_text), NO_TEXT),
    ("customer.id", or_none(of_kind("Customer")), NO_ID),
    ("customerJourneySummary.lastVisit.utmParameters.source", or_none(is_text), NO_TEXT),
    ("customerJourneySummary.firstVisit.utmParameters.source", or_none(is_text), NO_TEXT),
    *_PLACE,
)
_AGREEMENT: Sequence[Rule] = (
    ("id", is_gid, NO_ID),
    ("__parentId", of_kind("Order"), NO_ID),
    ("happenedAt", is_moment, NO_MOMENT),
)
_SALE: Sequence[Rule] = (
    ("id", is_gid, NO_ID),
    ("__parentId", is_gid, NO_ID),
    ("actionType", is_text, NO_TEXT),
    ("lineType", is_text, NO_TEXT),
    ("quantity", or_none(is_pieces), NO_PIECES),
    ("totalAmount.shopMoney.amount", is_amount, NO_AMOUNT),
    ("totalAmount.presentmentMoney.amount", is_amount, NO_AMOUNT),
    ("totalTaxAmount.shopMoney.amount", is_amount, NO_AMOUNT),
    ("totalDiscountAmountBeforeTaxes.shopMoney.amount", is_amount, NO_AMOUNT),
    ("lineItem.id", or_none(of_kind("LineItem")), NO_ID),
    ("lineItem.sku", or_none(is_text), NO_TEXT),
    ("lineItem.variantTitle", or_none(is_text), NO_TEXT),
    ("lineItem.product.id", or_none(of_kind("Product")), NO_ID),
    ("lineItem.variant.id", or_none(of_kind("ProductVariant")), NO_ID),
)
_BROKEN = object()


def fault(document: object) -> str:
    """What is wrong with a document, "" where nothing is."""
    if not isinstance(document, dict):
        return t("it is no JSON object")
    rules = _rules(document.get("__typename"))
    if rules is None:
        return t("it is none of the documents that were asked for")
    for name, test, said in rules:
        if not test(_at(document, name)):
            return t(said, field=name)
    return ""


def _rules(kind: object) -> Sequence[Rule] | None:
    if kind == "Order":
        return _ORDER
    if not isinstance(kind, str) or len(kind) > 60:
        return None
    if kind.endswith("Agreement"):
        return _AGREEMENT
    return _SALE if kind.endswith("Sale") else None


def _at(document: Mapping[str, Any], name: str) -> Any:
    """The value at a.b.c; None where a part is absent, something that no test takes where a part
    is no object."""
    found: Any = document
    for part in name.split("."):
        if found is None:
            return None
        if not isinstance(found, dict):
            return _BROKEN
        found = found.get(part)
    return found


def shown(line: bytes) -> str:
    """A document as it can be kept and read again; a very long one is cut."""
    return line[:SHOWN].decode("utf-8", "replace").replace("\x00", "�")
