"""Rows as CSV: numbers bare and exact, days as ISO text, text guarded."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
from babel.numbers import get_currency_precision

from agent.words import mark, t
from dashboard.files.guard import guarded, safe
from dashboard.files.sheets import LIMIT, Heading, Rows, Sheet, at_most

BOM = b"\xef\xbb\xbf"
"""Without it Excel reads UTF-8 as the letters of its own country."""
UNITS = {
    "percent": mark("share"),
    "change": mark("share"),
    "points": mark("percentage points"),
    "move": mark("share, of rates percentage points"),
}


def csv_of(sheet: Sheet, limit: int = LIMIT) -> Iterator[bytes]:
    """The file in pieces: its first line with the headings (after the notice, if any), then the
    rows. Shares stay shares (0.081); money has its currency's digits, or all that the ledger has.
    """
    from pyarrow.csv import WriteOptions, write_csv

    yield BOM + _opening(sheet)
    bare = WriteOptions(include_header=False, eol="\r\n", quoting_style="needed")
    names = [str(place) for place in range(len(sheet.headings))]
    for batch in at_most(sheet.batches, limit):
        out = io.BytesIO()
        write_csv(pa.table(_columns(batch, sheet), names=names), out, bare)
        yield out.getvalue()


def _opening(sheet: Sheet) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    if sheet.notice:
        writer.writerow([safe(sheet.notice)])
    writer.writerow([safe(_head(heading, sheet.currency)) for heading in sheet.headings])
    return out.getvalue().encode("utf-8", "replace")


def _head(heading: Heading, currency: str) -> str:
    """The label with its unit, which no cell can show: Net sales (EUR)."""
    unit = currency if heading.unit == "money" else UNITS.get(heading.unit, "")
    unit = t(unit) if heading.unit in UNITS else unit
    return f"{heading.label} ({unit})" if unit else heading.label


def _columns(batch: Rows, sheet: Sheet) -> list[pa.Array]:
    digits = get_currency_precision(sheet.currency)
    return [
        _money(column, digits) if heading.unit == "money" else _column(column)
        for column, heading in zip(batch.columns, sheet.headings, strict=True)
    ]


def _money(column: pa.Array, digits: int) -> pa.Array:
    """12.50 for 12.5000; fractions of a cent stay where there are any."""
    if not pa.types.is_decimal(column.type):
        return _column(column)
    try:
        return column.cast(pa.decimal128(38, digits))
    except pa.ArrowInvalid:
        return column


def _column(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _column(column.cast(kind.value_type))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return guarded(column)
    if pa.types.is_floating(kind):
        return pc.if_else(pc.is_finite(column), column, pa.scalar(None, kind))
    if pa.types.is_timestamp(kind):
        return pc.strftime(column.cast(pa.timestamp("s"), safe=False), "%Y-%m-%d %H:%M:%S")
    return column
