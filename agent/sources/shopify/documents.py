"""Order documents to columns: lines of JSON, as a bulk export writes them, in bounded blocks.

A line is an order, one of its agreements (a dated change), or a sale of an agreement; children
name their parent and come anywhere behind it. Each line is let go before the next is read, and
whole columns are made of each block; a block that holds a document of another shape is read once
more, to find which and why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from agent.sources.shopify import checks
from agent.sources.values import codes, money
from agent.words import mark, t

Document = dict[str, Any]
Row = tuple[Any, ...]
NOTHING: Document = {}
ODD = mark("it cannot be read")
FIRST, LAST = (int(datetime(y, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000 for y in (1990, 2100))
KINDS = 64
"""Types of documents that may share a number: a key is a number and a type."""


@dataclass
class Read:
    """What was read so far: tables in parts, orders that cannot be used with the reason, and lines
    that belong to no order."""

    orders: list[pa.Table] = field(default_factory=list)
    agreements: list[pa.Table] = field(default_factory=list)
    sales: list[pa.Table] = field(default_factory=list)
    bad_orders: dict[int, str] = field(default_factory=dict)
    bad_agreements: dict[int, str] = field(default_factory=dict)
    loose: list[tuple[str, str]] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)
    lines: int = 0

    def key(self, gid: str) -> int:
        """A number for "gid://shopify/OrderAgreement/12": orders and agreements have one each."""
        _, kind, number = gid.rsplit("/", 2)
        return int(number) * KINDS + self.kinds.setdefault(kind, len(self.kinds) % KINDS)

    def keys(self, gids: pa.Array) -> pa.Array:
        index, words = codes(gids)
        known = np.array([self.key(gid) for gid in words.to_pylist()], np.int64)
        return pa.array(known[index])


def read(blocks: Iterable[bytes]) -> Read:
    """Blocks of whole lines, as columns."""
    found = Read()
    for block in blocks:
        lines = [line for line in block.split(b"\n") if line]
        found.lines += len(lines)
        # A NUL can be written in no other way in JSON.
        if b"\\u0000" in block or not _taken(found, lines):
            _sound(found, lines)
    return found


def _taken(found: Read, lines: Sequence[bytes]) -> bool:
    """Whether all lines were of the right shape; nothing is kept of them where one is not."""
    try:
        _take(found, map(orjson.loads, lines))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return False
    return True


def _sound(found: Read, lines: Sequence[bytes]) -> None:
    """Take the lines that can be used; the others are noted with their reason."""
    good = [line for line in lines if not _blamed(found, line)]
    if not _taken(found, good):
        for line in good:
            if not _taken(found, [line]):
                _blame(found, orjson.loads(line), line, t(ODD))


def _blamed(found: Read, line: bytes) -> bool:
    try:
        document = orjson.loads(line)
    except orjson.JSONDecodeError:
        document = None
    reason = checks.fault(document)
    if reason:
        _blame(found, document, line, reason)
    return bool(reason)


def _take(found: Read, documents: Iterable[Document]) -> None:
    orders: list[Row] = []
    agreements: list[Row] = []
    sales: list[Row] = []
    for document in documents:
        kind = document["__typename"]
        if kind.endswith("Sale"):
            sales.append(_sale(document))
        elif kind == "Order":
            orders.append(_order(document))
        elif kind.endswith("Agreement"):
            agreements.append((document["id"], document["__parentId"], document["happenedAt"]))
        else:
            raise ValueError("a document of another kind")
    # All columns first: one that fails must leave nothing behind.
    made = (
        (found.orders, _table(found, ORDERS, orders)),
        (found.agreements, _table(found, AGREEMENTS, agreements)),
        (found.sales, _table(found, SALES, sales)),
    )
    for parts, table in made:
        if table is not None:
            parts.append(table)


def _sale(d: Document) -> Row:
    own, total = d["id"], d["totalAmount"]
    shop, shown = total["shopMoney"], total["presentmentMoney"]
    line = d.get("lineItem") or NOTHING
    product, variant = line.get("product"), line.get("variant")
    return (
        int(own[own.rindex("/") + 1 :]),
        d["__parentId"],
        d["actionType"],
        d["lineType"],
        d["quantity"],
        shop["amount"],
        shown["amount"],
        d["totalTaxAmount"]["shopMoney"]["amount"],
        d["totalDiscountAmountBeforeTaxes"]["shopMoney"]["amount"],
        line.get("id"),
        product and product["id"],
        variant and variant["id"],
        line.get("variantTitle") or line.get("sku"),
    )


def _order(d: Document) -> Row:
    place = d.get("shippingAddress") or d.get("billingAddress") or NOTHING
    own, customer = d["id"], d.get("customer")
    journey = d.get("customerJourneySummary") or NOTHING
    return (
        own,
        int(own[own.rindex("/") + 1 :]),
        d["name"],
        customer and customer["id"],
        d["processedAt"],
        d["updatedAt"],
        d.get("cancelledAt"),
        d["test"],
        journey.get("ready") is True,
        _channel(journey) or d.get("sourceName"),
        d.get("presentmentCurrencyCode"),
        place.get("countryCodeV2"),
        place.get("provinceCode"),
        place.get("city"),
    )


def _channel(journey: Document) -> str | None:
    """The campaign source of the last visit that had one."""
    for name in ("lastVisit", "firstVisit"):
        found = ((journey.get(name) or NOTHING).get("utmParameters") or NOTHING).get("source")
        if found:
            return str(found)
    return None


def _texts(_: Read, values: Sequence[Any]) -> pa.Array:
    """Raises ValueError for one that is too long to be a name."""
    made = pa.array(values, pa.string())
    if (pc.max(pc.utf8_length(made)).as_py() or 0) > checks.LONGEST:
        raise ValueError("a text that is too long")
    return made


def _words(found: Read, values: Sequence[Any]) -> pa.Array:
    """Texts of which there are few."""
    return _texts(found, values).dictionary_encode()


def _keys(found: Read, values: Sequence[Any]) -> pa.Array:
    return found.keys(pa.array(values, pa.string()))


def _numbers(_: Read, values: Sequence[Any]) -> pa.Array:
    return pa.array(values, pa.int64())


def _pieces(_: Read, values: Sequence[Any]) -> pa.Array:
    """As many as the warehouse counts. Raises ArrowInvalid for more."""
    return pc.fill_null(pa.array(values, pa.int64()).cast(pa.int32()), 0).cast(pa.int64())


def _flags(_: Read, values: Sequence[Any]) -> pa.Array:
    return pa.array(values, pa.bool_())


def _moments(values: Sequence[Any]) -> pa.Array:
    """Microseconds since 1970 of "2026-11-18T09:12:40Z", NULL for NULL. Raises ArrowInvalid, and
    ValueError for another age."""
    read = pa.array(values, pa.string()).cast(pa.timestamp("us", "UTC")).cast(pa.int64())
    ends = pc.min_max(read).as_py()
    if ends["min"] is not None and not FIRST <= ends["min"] <= ends["max"] <= LAST:
        raise ValueError("a moment of another age")
    return read


def _seconds(_: Read, values: Sequence[Any]) -> pa.Array:
    return pc.divide(_moments(values), 1_000_000)


def _milliseconds(_: Read, values: Sequence[Any]) -> pa.Array:
    return pc.divide(_moments(values), 1_000)


def _amounts(_: Read, values: Sequence[Any]) -> pa.Array:
    """Ten-thousandths of decimal texts. Raises ValueError for what is none."""
    read = money(pa.array(values, pa.string()))
    if not read.valid.all():
        raise ValueError("an amount that is none")
    return pa.array(read.value)


def _tails(kind: str) -> Callable[[Read, Sequence[Any]], pa.Array]:
    """The numbers behind ids of one type. Raises ValueError for other ids."""
    head = f"gid://shopify/{kind}/"

    def made(_: Read, values: Sequence[Any]) -> pa.Array:
        gids = pa.array(values, pa.string())
        if not pc.all(pc.fill_null(pc.starts_with(gids, head), True)).as_py():
            raise ValueError("an id of another type")
        return pc.utf8_slice_codeunits(gids, len(head)).cast(pa.int64())

    return made


Column = tuple[str, Callable[[Read, Sequence[Any]], pa.Array]]
ORDERS: Sequence[Column] = (
    ("order", _keys),
    ("order_id", _numbers),
    ("name", _texts),
    ("customer_id", _tails("Customer")),
    ("placed_at", _seconds),
    ("revision", _milliseconds),
    ("cancelled_at", _seconds),
    ("test", _flags),
    ("attributed", _flags),
    ("channel", _words),
    ("presentment_currency", _words),
    ("country", _words),
    ("region", _words),
    ("city", _words),
)
AGREEMENTS: Sequence[Column] = (("agreement", _keys), ("order", _keys), ("at", _seconds))
SALES: Sequence[Column] = (
    ("sale_id", _numbers),
    ("agreement", _keys),
    ("action", _words),
    ("kind", _words),
    ("quantity", _pieces),
    ("total", _amounts),
    ("presented", _amounts),
    ("tax", _amounts),
    ("discount", _amounts),
    ("line_id", _tails("LineItem")),
    ("product_id", _tails("Product")),
    ("variant_id", _tails("ProductVariant")),
    ("variant", _words),
)


def _table(found: Read, columns: Sequence[Column], rows: list[Row]) -> pa.Table | None:
    if not rows:
        return None
    given = zip(columns, zip(*rows, strict=True), strict=True)
    return pa.table({name: make(found, values) for (name, make), values in given})


def _blame(found: Read, document: Any, line: bytes, reason: str) -> None:
    """A document that cannot be used takes its whole order along, where it names one."""
    parent = document.get("__parentId") if isinstance(document, dict) else None
    own = document.get("id") if isinstance(document, dict) else None
    if checks.is_gid(parent, "Order"):
        found.bad_orders.setdefault(found.key(str(parent)), reason)
    elif checks.is_gid(parent):
        found.bad_agreements.setdefault(found.key(str(parent)), reason)
    elif checks.is_gid(own, "Order"):
        found.bad_orders.setdefault(found.key(str(own)), reason)
    else:
        found.loose.append((checks.shown(line), reason))
