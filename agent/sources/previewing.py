"""The first rows of a file as they would land, and what would be rejected; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from agent.errors import BadFile
from agent.ports import Shop
from agent.sources import mapping as mappings
from agent.sources.base import Built, ImportOptions, Lines, Source, TextFormat
from agent.sources.headers import CURRENCY, currency_in, find
from agent.sources.ids import slug
from agent.sources.ingest import Receiver, setting_of
from agent.sources.registry import by_columns, source_for
from agent.sources.rejects import reasons
from agent.sources.sampling import beginning
from agent.sources.values import codes, one, texts
from agent.words import mark, t

FIRST = 10
NO_SHOP = Shop("preview", "", "EUR", "UTC")
"""Whom rows are shown for before a shop is named."""
ORDER = ("sales", "spend", "sessions", "costs", "products", "rates", "orders")
SHOWN: Mapping[str, Mapping[str, str]] = {
    "sales": {
        "local_at": mark("Day"),
        "order_id": mark("Order"),
        "line_type": mark("Kind of line"),
        "product_id": mark("Product"),
        "quantity": mark("Quantity"),
        "gross": mark("Gross"),
        "discount": mark("Discount"),
        "reversal": mark("Reversal"),
        "tax": mark("Tax"),
        "shipping": mark("Shipping"),
    },
    "spend": {
        "local_date": mark("Day"),
        "channel": mark("Channel"),
        "campaign": mark("Campaign"),
        "amount": mark("Spend"),
        "impressions": mark("Impressions"),
        "clicks": mark("Clicks"),
        "attributed_revenue": mark("Attributed revenue"),
    },
    "sessions": {
        "local_at": mark("Day"),
        "channel": mark("Channel"),
        "country": mark("Country"),
        "sessions": mark("Sessions"),
        "product_views": mark("Product views"),
        "add_to_cart": mark("Add to cart"),
        "reached_checkout": mark("Reached checkout"),
        "purchases": mark("Purchases"),
    },
    "costs": {
        "local_date": mark("Day"),
        "kind": mark("Kind"),
        "order_id": mark("Order"),
        "amount": mark("Amount"),
    },
    "products": {
        "product_id": mark("Product"),
        "title": mark("Title"),
        "product_type": mark("Product type"),
        "vendor": mark("Vendor"),
        "sku": mark("SKU"),
    },
    "rates": {
        "local_date": mark("Day"),
        "base": mark("Base"),
        "currency": mark("Currency"),
        "rate": mark("Rate"),
    },
    "targets": {
        "metric": mark("Metric"),
        "month": mark("Month"),
        "target": mark("Target"),
        "warning": mark("Warning"),
        "critical": mark("Critical"),
    },
    "events": {
        "name": mark("Event"),
        "kind": mark("Kind"),
        "first": mark("First day"),
        "last": mark("Last day"),
        "part": mark("Part"),
        "effect": mark("Effect"),
        "repeats": mark("Repeats"),
    },
}
"""Table -> the columns that a preview shows, and their headings."""


@dataclass(frozen=True)
class Rejected:
    """A line that would not be imported: its place in the file, why, and its beginning."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True)
class Preview:
    """`columns` are headings; `rows` the first ten as text. `lines` were looked at, all of the file
    where it is `whole`; `rejected` are the first ten that would be, `reasons` counts them all."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: int
    whole: bool
    rejected: tuple[Rejected, ...] = ()
    reasons: Mapping[str, int] | None = None
    warnings: tuple[str, ...] = ()


def preview(
    services: Receiver,
    path: Path,
    mapping: Mapping[str, Any] | None,
    options: ImportOptions,
    *,
    cut: bool = False,
) -> Preview:
    """Read the beginning of a file in the format of the options, or as a mapping's content says.
    Raises BadFile, for the mapping too."""
    named = mappings.parse(mapping, "mapping.toml") if mapping is not None else _named(options)
    recognise = named.recognise if named is not None else None
    text = named.text if named is not None else TextFormat()
    sample = beginning(path, options.max_bytes, text=text, recognise=recognise, cut=cut)
    source = named or by_columns(sample.lines.names)
    setting = setting_of(services, _shop(services, options, sample.lines))
    built = source.build(sample.lines, setting)
    columns, rows = _landing(built)
    return Preview(
        tuple(t(label) for label in columns.values()),
        rows,
        len(sample.lines.table) + len(sample.lines.unreadable),
        sample.whole,
        _rejected(sample.lines, built),
        reasons(built.checks, sample.lines.unreadable),
        (*sample.lines.notes, *built.warnings),
    )


def _named(options: ImportOptions) -> Source | None:
    return source_for(options.format) if options.format else None


def _shop(services: Receiver, options: ImportOptions, lines: Lines) -> Shop:
    """The shop named, as it is or will be; before one is named, one with the file's currency."""
    known = {shop.shop_id: shop for shop in services.warehouse.shops()}
    shop_id = slug(options.shop)
    if shop_id in known:
        return known[shop_id]
    currency = options.currency.strip().upper() or _currency(lines) or NO_SHOP.currency
    zone = options.timezone or NO_SHOP.timezone
    return Shop(shop_id or NO_SHOP.shop_id, options.shop, currency, zone)


def _currency(lines: Lines) -> str:
    """The first currency of a column of currencies, else the first in a column's name."""
    found = find(lines.names, {"currency": CURRENCY})
    if "currency" in found:
        words = codes(texts(lines.table[found["currency"]]))[1]
        return str(words[0].as_py()).upper() if len(words) else ""
    return next(filter(None, map(currency_in, lines.names)), "")


def _landing(built: Built) -> tuple[Mapping[str, str], tuple[tuple[str, ...], ...]]:
    """The table that shows best what lands, its columns, and its first rows as text."""
    for table, found in (("targets", built.targets), ("events", built.events)):
        if found:
            columns = SHOWN[table]
            listed = [[getattr(one, name) for name in columns] for one in found[:FIRST]]
            return columns, tuple(tuple(map(_text, row)) for row in listed)
    filled = [name for name in ORDER if len(built.tables.get(name, ())) and name in SHOWN]
    if not filled:
        raise BadFile(t("No line of this file can be used as it is read here."), hint=_why(built))
    columns = SHOWN[filled[0]]
    table = built.tables[filled[0]].slice(0, FIRST)
    cells = [[_text(value) for value in one(table[name]).to_pylist()] for name in columns]
    return columns, tuple(zip(*cells, strict=True))


def _why(built: Built) -> str:
    counts = built.checks.counts()
    return max(counts, key=lambda reason: counts[reason]) if counts else ""


def _text(value: object) -> str:
    """Money without idle zeros behind the second place, days without midnight."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_short(str(one))}" for name, one in value.items())
    return _short(str(value)).removesuffix(" 00:00:00")


def _short(text: str) -> str:
    head, point, tail = text.partition(".")
    if not point or not tail.isdigit() or len(tail) != 4:
        return text
    return f"{head}.{tail.rstrip('0').ljust(2, '0')}"


def _rejected(lines: Lines, built: Built) -> tuple[Rejected, ...]:
    found = built.checks.rows()[:FIRST]
    rows = lines.table.take(pa.array([at for at, _ in found], pa.int64())).to_pylist()
    marked = [
        Rejected(int(lines.number[at]), reason, _cells(list(row.values())))
        for (at, reason), row in zip(found, rows, strict=True)
    ]
    broken = [Rejected(one.line, one.reason, one.text[:200]) for one in lines.unreadable[:FIRST]]
    return tuple(sorted([*marked, *broken], key=lambda one: one.line)[:FIRST])


def _cells(values: Sequence[object]) -> str:
    return " | ".join(str(value) for value in values if value is not None)[:200]
