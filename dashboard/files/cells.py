"""Batches of Arrow as the rows of a worksheet's XML, a whole column at a time.

XlsxWriter takes one call a cell; for a sheet of two million cells that is twenty times the work.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
from xlsxwriter.utility import xl_col_to_name

from dashboard.files.sheets import Rows

LONGEST_TEXT = 32_767
EPOCH = 25_569
"""Excel's number of 1 January 1970."""
_DAY_MICROSECONDS = 86_400_000_000
_UNWRITABLE = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\ufffe\uffff]"
# Excel reads _x0041_ as the letter A; a line's return is written that way too, XML would drop it.
_ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "_x000D_"))


def rows_of(batch: Rows, first: int, styles: Sequence[int]) -> str:
    """<row> elements from row `first` on (0 is the sheet's first); `styles` are the cells' own."""
    numbers = pa.array(range(first + 1, first + 1 + batch.num_rows), pa.int32()).cast(pa.string())
    cells = [
        _cells(_whole(column), numbers, f'<c r="{xl_col_to_name(place)}', styles[place])
        for place, column in enumerate(batch.columns)
    ]
    rows = pc.binary_join_element_wise('<row r="', numbers, '">', *cells, "</row>", "")
    return "".join(rows.to_pylist())


def _whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column


def _cells(column: pa.Array, numbers: pa.Array, opening: str, style: int) -> pa.Array:
    """A null is an empty cell: the frame of the table stays whole."""
    join = pc.binary_join_element_wise
    value = _number(column)
    if value is not None:
        filled = join(opening, numbers, f'" s="{style}"><v>', value, "</v></c>", "")
    else:
        start = f'" s="{style}" t="inlineStr"><is><t xml:space="preserve">'
        filled = join(opening, numbers, start, _text(column), "</t></is></c>", "")
    if not filled.null_count:
        return filled
    return pc.coalesce(filled, join(opening, numbers, f'" s="{style}"/>', ""))


def _number(column: pa.Array) -> pa.Array | None:
    """A number's or a moment's text in the file; None for what is text."""
    kind = column.type
    if pa.types.is_date(kind):
        days = column.cast(pa.date32()).cast(pa.int32())
        return pc.add(days, EPOCH).cast(pa.string())
    if pa.types.is_timestamp(kind):
        moments = column.cast(pa.timestamp("us"), safe=False).cast(pa.int64())
        return pc.add(pc.divide(moments.cast(pa.float64()), _DAY_MICROSECONDS), EPOCH).cast(
            pa.string()
        )
    if pa.types.is_floating(kind):
        known = pc.if_else(pc.is_finite(column), column, pa.scalar(None, kind))
        return known.cast(pa.string())
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return column.cast(pa.string())
    return None


def _text(column: pa.Array) -> pa.Array:
    text = pc.utf8_slice_codeunits(column.cast(pa.string()), 0, LONGEST_TEXT)
    text = pc.replace_substring_regex(text, "_(x[0-9A-Fa-f]{4}_)", r"_x005F_\1")
    text = pc.replace_substring_regex(text, _UNWRITABLE, "\ufffd")
    for letter, written in _ESCAPES:
        text = pc.replace_substring(text, letter, written)
    return text
