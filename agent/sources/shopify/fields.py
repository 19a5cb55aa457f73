"""What is read of a document: where its values stand in it, and how they are written alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import orjson

from agent.sources.shopify.spans import DECIMALS, Spans

Document = Mapping[str, Any]
How = Literal["id", "text", "moment", "amount", "number", "flag", "word"]
Field = tuple[str, How]
Code = Callable[[str, str], int]
ORDER, AGREEMENT, SALE = "Order", "Agreement", "Sale"
_PLACES = ("shippingAddress", "billingAddress")
_PLACE = {"countryCodeV2": "country", "provinceCode": "region", "city": "city"}
_ORDER: Mapping[str, Field] = {
    "id": ("id", "id"),
    "name": ("name", "text"),
    "processedAt": ("placed_at", "moment"),
    "updatedAt": ("revision", "moment"),
    "cancelledAt": ("cancelled_at", "moment"),
    "test": ("test", "flag"),
    "sourceName": ("source", "text"),
    "presentmentCurrencyCode": ("presentment_currency", "text"),
    "customer.id": ("Customer", "id"),
    "customerJourneySummary.ready": ("attributed", "flag"),
    "customerJourneySummary.lastVisit.utmParameters.source": ("last", "text"),
    "customerJourneySummary.firstVisit.utmParameters.source": ("first", "text"),
}
_AGREEMENT: Mapping[str, Field] = {
    "id": ("id", "id"),
    "__parentId": ("parent", "id"),
    "happenedAt": ("at", "moment"),
}
_SALE: Mapping[str, Field] = {
    "id": ("id", "id"),
    "__parentId": ("parent", "id"),
    "actionType": ("action", "word"),
    "lineType": ("kind", "word"),
    "quantity": ("quantity", "number"),
    "totalAmount.shopMoney.amount": ("total", "amount"),
    "totalAmount.presentmentMoney.amount": ("presented", "amount"),
    "totalTaxAmount.shopMoney.amount": ("tax", "amount"),
    "totalDiscountAmountBeforeTaxes.shopMoney.amount": ("discount", "amount"),
    "lineItem.id": ("LineItem", "id"),
    "lineItem.sku": ("sku", "text"),
    "lineItem.variantTitle": ("title", "text"),
    "lineItem.product.id": ("Product", "id"),
    "lineItem.variant.id": ("ProductVariant", "id"),
}
"""Path of a value -> the name of its column, and how it is written. An id that must be of one type
is called by that type."""


def kind_of(document: Document) -> str:
    """Order, Agreement or Sale, of a document that has the right shape."""
    name = str(document["__typename"])
    return next(kind for kind in (ORDER, AGREEMENT, SALE) if name.endswith(kind))


def fields(document: Document) -> Mapping[str, Field]:
    """What is read of a document. The address that the goods went to counts, otherwise that of the
    bill: the other one has no name."""
    kind = kind_of(document)
    if kind != ORDER:
        return _SALE if kind == SALE else _AGREEMENT
    used = next((place for place in _PLACES if document.get(place)), "")
    addresses: dict[str, Field] = {
        f"{place}.{path}": (name if place == used else "", "text")
        for place in _PLACES
        for path, name in _PLACE.items()
    }
    return {**_ORDER, **addresses}


NAMES: Mapping[str, Sequence[str]] = {
    ORDER: (*(name for name, _ in _ORDER.values()), *_PLACE.values()),
    AGREEMENT: tuple(name for name, _ in _AGREEMENT.values()),
    SALE: tuple(name for name, _ in _SALE.values()),
}
WORDS = ("action", "kind")
TYPED = ("id", "parent", *WORDS)
"""Ids whose type counts, and words: both are numbered."""

_MARGIN = b" " * 32
"""Around the values: columns of them are read eight bytes and more at a time."""


def alike(documents: Sequence[Document], lines: Sequence[int], code: Code) -> Spans:
    """Good documents of one kind as spans of a text of their own. `code` numbers types
    of ids, and words."""
    names = NAMES[kind_of(documents[0])]
    text = bytearray(_MARGIN)
    at = {name: (np.full(len(lines), -1), np.full(len(lines), -1)) for name in names}
    types = {name: np.zeros(len(lines), np.int64) for name in TYPED}
    for row, document in enumerate(documents):
        for path, (name, how) in fields(document).items():
            value = value_at(document, path) if name else None
            if value is None:
                continue
            if how == "id" and name in types:
                types[name][row] = code(name, type_of(value))
            if how == "word":
                types[name][row] = code(name, value)
            at[name][0][row] = len(text)
            text += _written(value, how)
            at[name][1][row] = len(text)
    return Spans(np.frombuffer(bytes(text + _MARGIN), np.uint8), at, types, np.array(lines))


def value_at(document: Document, path: str) -> Any:
    found: Any = document
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def type_of(gid: str) -> str:
    """OrderAgreement of "gid://shopify/OrderAgreement/12"."""
    return gid.rsplit("/", 2)[1]


def _written(value: Any, how: How) -> bytes:
    """A good value as most lines have it: no fraction of a second, four decimals at most."""
    if how == "flag":
        return b"true" if value is True else b"false"
    text = str(value)
    if how == "id":
        return text.rpartition("/")[2].encode()
    if how == "moment":
        return f"{text[:19]}Z".encode()
    if how == "amount" and "." in text:
        whole, _, part = text.partition(".")
        return f"{whole}.{part[:DECIMALS]}".encode()
    return orjson.dumps(text)[1:-1] if how in ("text", "word") else text.encode()
