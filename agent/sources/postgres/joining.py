"""Orders, their lines and refunds as flat order lines: one row a line, a refund as a line back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

import numpy as np
import pyarrow as pa

from agent.sources.base import Lines
from agent.sources.plain import as_text
from agent.sources.postgres.mapping import DatabaseMapping

FINEST = Decimal("0.0001")
PER_ORDER = ("shipping", "tax")
Row = Mapping[str, Any]
_WIDE = (
    *("order_id", "line_id", "placed_at", "sku", "title", "variant", "quantity", "amount"),
    *("discount", "tax", "shipping", "customer", "country", "region", "city", "channel"),
    *("vendor", "product_type", "type", "currency"),
)


@dataclass(frozen=True)
class Chunk:
    """Rows of some orders."""

    orders: Sequence[Row]
    lines: Sequence[Row]
    refunds: Sequence[Row]


def flat(chunk: Chunk, mapping: DatabaseMapping) -> tuple[Lines, Mapping[str, Any]]:
    """Flat lines, and how the mapping of files reads them. An order's shipping and tax stand on
    each of its lines and count once; an order without lines keeps one of nothing."""
    heads = mapping.tables["orders"].columns
    split = "lines" in mapping.tables
    options = dict(mapping.options)
    if split:
        options["per_order"] = [name for name in PER_ORDER if name in heads]
        rows = _joined(chunk)
    else:
        rows = [_priced(row) for row in chunk.orders]
    rows += _backwards(chunk)
    used = _used(mapping, split)
    columns = {
        name: as_text(pa.array([row.get(name) for row in rows], pa.string())) for name in used
    }
    count = len(rows)
    number = np.arange(1, count + 1, dtype=np.int64)
    return Lines(pa.table(columns), number, np.zeros(count, dtype=np.int64)), options


def _used(mapping: DatabaseMapping, split: bool) -> tuple[str, ...]:
    """The columns that the rows may have: those mapped, and what every line needs."""
    tables = [mapping.tables[n] for n in ("orders", "lines", "refunds") if n in mapping.tables]
    given = {name for table in tables for name in table.columns}
    always = {"order_id", "placed_at", "amount", "quantity", "line_id"}
    if not split and "line_id" not in given and "refunds" not in mapping.tables:
        always.discard("line_id")
    more = ("refund_amount", "refund_quantity", "refund_at") if not split else ()
    return tuple(name for name in (*_WIDE, *more) if name in given | always)


def _joined(chunk: Chunk) -> list[dict[str, Any]]:
    lines: dict[str, list[Row]] = defaultdict(list)
    for line in chunk.lines:
        lines[line["order_id"]].append(line)
    rows: list[dict[str, Any]] = []
    for order in chunk.orders:
        own = lines.get(order["order_id"]) or [{"line_id": "-", "amount": "0", "quantity": "0"}]
        for at, line in enumerate(own, start=1):
            named = {"line_id": str(at), **line} if "line_id" not in line else dict(line)
            # What the order says stands, but for the tax of a line.
            rows.append({**_priced(named), **_head(order, named)})
    return rows


def _head(order: Row, line: Row) -> dict[str, Any]:
    head = {name: value for name, value in order.items() if value is not None}
    return {**head, "currency": line.get("currency") or head.get("currency")}


def _priced(line: Row) -> dict[str, Any]:
    """With the line's amount, where the price of one is given."""
    row = dict(line)
    if "unit_price" not in row:
        row.setdefault("quantity", None)
        if row["quantity"] is None and row.get("amount"):
            row["quantity"] = "-1" if str(row["amount"]).startswith("-") else "1"
        return row
    price, quantity = _number(row.pop("unit_price")), _number(row.get("quantity"))
    # What is no number is left to be refused, in the words of the columns.
    row["amount"] = None if price is None or quantity is None else _exact(price * quantity)
    return row


def _backwards(chunk: Chunk) -> list[dict[str, Any]]:
    """Refunds as lines with an amount below zero, on the refund's day."""
    heads = {order["order_id"]: order for order in chunk.orders}
    rows: list[dict[str, Any]] = []
    for refund in chunk.refunds:
        order = heads.get(refund["order_id"])
        if order is None:
            continue
        row = {name: refund.get(name) for name in ("sku", "title", "variant", "type")}
        row |= {
            "order_id": refund["order_id"],
            "line_id": f"refund-{refund['refund_id']}",
            "placed_at": refund.get("refunded_at") or order["placed_at"],
            "amount": _below(refund["amount"]),
            "tax": _below(refund.get("tax")),
            "quantity": _below(refund.get("quantity")) or "0",
            "currency": order.get("currency"),
            "customer": order.get("customer"),
        }
        rows.append(row)
    return rows


def _below(text: str | None) -> str | None:
    """A number as one below zero; another text as it is, to be refused."""
    found = _number(text)
    return text if found is None else _exact(-abs(found))


def _number(text: str | None) -> Decimal | None:
    try:
        found = Decimal((text or "").strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < 10**15 else None


def _exact(found: Decimal) -> str:
    return f"{found.quantize(FINEST, ROUND_HALF_EVEN).normalize():f}"
