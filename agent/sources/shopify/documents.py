"""Order documents to columns: lines of JSON, as a bulk export writes them, in bounded blocks.

A line is an order, one of its agreements (a dated change), or a sale of an agreement; children
name their parent and come anywhere behind it. Of each block, the lines that look alike are read as
columns at once (`shapes.py`); the others, and those in which a value is not as it should be, one by
one, to find what is wrong with which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from agent.sources.shopify import checks, shapes
from agent.sources.shopify.fields import (
    AGREEMENT,
    NAMES,
    ORDER,
    SALE,
    TYPED,
    WORDS,
    alike,
    fields,
    kind_of,
)
from agent.sources.shopify.shapes import Block, Odd, Shape
from agent.sources.shopify.spans import Spans, Values
from agent.sources.values import Ints
from agent.words import mark, t

Document = dict[str, Any]
ODD = mark("it cannot be read")
KINDS = 64
"""Types of documents that may share a number: a key is a number and a type."""

FEW = 64
"""Lines of a block that are read one by one at once: it takes as long to find their shapes."""

MOST_SHAPES, TRIES = 200, 16
"""Shapes that are known at most, and lines of a block that are tried for a new one."""


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
    words: dict[str, int] = field(default_factory=dict)
    shapes: list[Shape] = field(default_factory=list)
    lines: int = 0

    def key(self, gid: str) -> int:
        """A number for "gid://shopify/OrderAgreement/12": orders and agreements have one each."""
        _, kind, number = gid.rsplit("/", 2)
        return int(number) * KINDS + self.number(kind)

    def number(self, kind: str) -> int:
        """A number for a type of documents."""
        return self.kinds.setdefault(kind, len(self.kinds) % KINDS)

    def release(self) -> None:
        """Let the tables go: what was made of them is all that is needed."""
        for parts in (self.orders, self.agreements, self.sales):
            parts.clear()

    def code(self, name: str, text: str) -> int:
        """A number for a word of a field, or for the type of an id."""
        if name in WORDS:
            return self.words.setdefault(text, len(self.words))
        return self.number(text)


def read(blocks: Iterable[bytes], few: int = FEW) -> Read:
    """Blocks of whole lines, as columns; blocks of a `few` lines one by one."""
    found = Read()
    for content in blocks:
        _take(found, content, few)
    return found


def _take(found: Read, content: bytes, few: int) -> None:
    try:
        block = shapes.block(content)
    except Odd:
        lines = content.split(b"\n")
        made = _careful(found, dict(enumerate(lines)))
        found.lines += sum(1 for line in lines if line)
    else:
        found.lines += int(np.count_nonzero(block.quotes)) or len(block)
        made, rest = _alike(found, block, few)
        made += _careful(found, {int(place): block.line(int(place)) for place in rest})
    parts = {ORDER: found.orders, AGREEMENT: found.agreements, SALE: found.sales}
    for kind, kept in parts.items():
        tables = [(lines, table) for of, lines, table in made if of == kind and len(table)]
        if tables:
            kept.append(_in_order(tables))


Made = list[tuple[str, Ints, pa.Table]]
"""Kind, lines, and a row for each."""


def _in_order(tables: Sequence[tuple[Ints, pa.Table]]) -> pa.Table:
    if len(tables) == 1:
        return tables[0][1]
    order = np.argsort(np.concatenate([lines for lines, _ in tables]))
    whole = pa.concat_tables([table for _, table in tables]).unify_dictionaries()
    return whole.combine_chunks().take(pa.array(order))


def _alike(found: Read, block: Block, few: int) -> tuple[Made, Ints]:
    """Columns of the lines that look alike, and the lines that are left."""
    rest = np.arange(len(block))
    if len(rest) <= few:
        return [], rest
    taken: dict[str, list[Spans]] = {kind: [] for kind in COLUMNS}
    for shape in found.shapes:
        rest = _fitted(found, block, (shape, rest), taken)
    bad = [_learned(found, block, rest, taken)]
    made: Made = []
    for kind, spans in taken.items():
        if spans:
            whole = _joined(spans)
            table, ok = _table(found, kind, whole)
            bad.append(whole.lines[~ok])
            made.append((kind, whole.lines[ok], table))
    return made, np.sort(np.concatenate(bad))


def _learned(found: Read, block: Block, rest: Ints, taken: Mapping[str, list[Spans]]) -> Ints:
    """Learn shapes from the lines that fit none and take what fits them; returns the others."""
    given_up: list[int] = []
    for _ in range(TRIES):
        if not len(rest) or len(found.shapes) >= MOST_SHAPES:
            break
        shape = _shape(block.line(int(rest[0])))
        left = rest if shape is None else _fitted(found, block, (shape, rest), taken)
        if shape is not None and len(left) < len(rest):
            found.shapes.append(shape)
            rest = left
        else:
            given_up.append(int(rest[0]))
            rest = rest[1:]
    return np.concatenate([rest, np.array(given_up, np.int64)])


def _fitted(
    found: Read, block: Block, given: tuple[Shape, Ints], taken: Mapping[str, list[Spans]]
) -> Ints:
    """Take the lines that are of a shape; returns the others."""
    shape, lines = given
    likely = lines[block.quotes[lines] == shape.quotes]
    fits, at = shapes.fitting(block, shape, likely)
    if not len(fits):
        return lines
    types = {name: np.full(len(fits), found.code(name, of)) for name, of in shape.types.items()}
    taken[shape.kind].append(Spans(block.text, at, types, fits))
    return lines[~np.isin(lines, fits, assume_unique=True)]


def _shape(line: bytes) -> Shape | None:
    try:
        document = orjson.loads(line)
        if checks.fault(document):
            return None
        return shapes.learned(line, kind_of(document), fields(document))
    except (orjson.JSONDecodeError, Odd):
        return None


def _joined(spans: Sequence[Spans]) -> Spans:
    """Spans of several shapes in one block, in the order of their lines."""
    lines = np.concatenate([one.lines for one in spans])
    order = np.argsort(lines, kind="stable")
    names = {name: None for one in spans for name in one.at}

    def joined(name: str, end: int) -> Ints:
        parts = [one.at[name][end] if name in one.at else np.full(len(one), -1) for one in spans]
        return np.concatenate(parts)[order]

    types = {
        name: np.concatenate([one.types[name] for one in spans])[order]
        for name in TYPED
        if all(name in one.types for one in spans)
    }
    at = {name: (joined(name, 0), joined(name, 1)) for name in names}
    return Spans(spans[0].text, at, types, lines[order])


def _careful(found: Read, lines: Mapping[int, bytes]) -> Made:
    """Lines one by one; what cannot be used is noted with its reason."""
    good: dict[str, list[tuple[int, Document]]] = {kind: [] for kind in COLUMNS}
    for place, line in lines.items():
        document = _sound(found, line) if line else None
        if document is not None:
            good[kind_of(document)].append((place, document))
    made: Made = []
    for kind, pairs in good.items():
        if pairs:
            spans = alike([one for _, one in pairs], [at for at, _ in pairs], found.code)
            table, ok = _table(found, kind, spans)
            for row in np.flatnonzero(~ok):
                place, document = pairs[row]
                _blame(found, document, lines[place], t(ODD))
            made.append((kind, spans.lines[ok], table))
    return made


def _sound(found: Read, line: bytes) -> Document | None:
    try:
        document = orjson.loads(line)
    except orjson.JSONDecodeError:
        document = None
    reason = checks.fault(document)
    if reason:
        _blame(found, document, line, reason)
        return None
    return dict(document)


Column = tuple[str, Callable[[Values], pa.Array]]


COLUMNS: Mapping[str, Sequence[Column]] = {
    ORDER: (
        ("order", lambda v: v.key("id", KINDS)),
        ("order_id", lambda v: v.whole("id")),
        ("name", lambda v: v.texts("name")),
        ("customer_id", lambda v: v.whole("Customer", needed=False)),
        ("placed_at", lambda v: v.moments("placed_at")),
        ("revision", lambda v: pc.multiply(v.moments("revision"), 1_000)),
        ("cancelled_at", lambda v: v.moments("cancelled_at", needed=False)),
        ("test", lambda v: v.flags("test")),
        ("attributed", lambda v: v.flags("attributed", needed=False)),
        ("channel", lambda v: v.words("last", "first", "source")),
        *(
            (name, lambda v, name=name: v.words(name))
            for name in ("presentment_currency", "country", "region", "city")
        ),
    ),
    AGREEMENT: (
        ("agreement", lambda v: v.key("id", KINDS)),
        ("order", lambda v: v.key("parent", KINDS)),
        ("at", lambda v: v.moments("at")),
    ),
    SALE: (
        ("sale_id", lambda v: v.whole("id")),
        ("agreement", lambda v: v.key("parent", KINDS)),
        ("action", lambda v: v.code("action")),
        ("kind", lambda v: v.code("kind")),
        ("quantity", lambda v: v.pieces("quantity")),
        *(
            (name, lambda v, name=name: v.amounts(name))
            for name in ("total", "presented", "tax", "discount")
        ),
        ("line_id", lambda v: v.whole("LineItem", needed=False)),
        ("product_id", lambda v: v.whole("Product", needed=False)),
        ("variant_id", lambda v: v.whole("ProductVariant", needed=False)),
        ("variant", lambda v: v.words("title", "sku")),
    ),
}


def _table(found: Read, kind: str, spans: Spans) -> tuple[pa.Table, Any]:
    """A row for each document that is good, and which those are."""
    absent = np.full(len(spans), -1)
    at = {name: spans.at.get(name, (absent, absent)) for name in NAMES[kind]}
    values = Values(Spans(spans.text, at, spans.types, spans.lines), list(found.words))
    table = pa.table({name: make(values) for name, make in COLUMNS[kind]})
    # A copy in any case: what is kept lies apart from what was made on the way to it, so that the
    # memory of the latter goes back in one piece.
    return table.filter(pa.array(values.ok)), values.ok


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
