"""Real Excel tables (list objects) in a book: headings, rows as they come, totals that Excel
recomputes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from xlsxwriter.sharedstrings import SharedStringTable
from xlsxwriter.utility import xl_range, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from agent.words import t
from dashboard.files.book import Book, clean, distinct, write
from dashboard.files.cells import rows_of
from dashboard.files.lines import by_line
from dashboard.files.sheets import LIMIT, Heading, Rows, Sheet, at_most

NARROWEST, WIDEST = 10, 60


@dataclass(frozen=True)
class Placed:
    """Where a table stands: rows of its headings, its first and its last line, its totals (-1
    without); zero is the sheet's first row.
    """

    top: int
    first: int
    last: int
    total: int = -1


def put(book: Book, sheet: Any, rows: Sheet, limit: int = LIMIT) -> Placed:
    """Write the notice, a table with the rows, and under it the totals. The sheet is empty yet."""
    top = 0
    if rows.notice:
        write(sheet, (0, 0), rows.notice, book.style("heading"))
        top = 2
    names = distinct(heading.label for heading in rows.headings)
    for place, name in enumerate(names):
        write(sheet, (top, place), name, book.style("heading"))
    pour = by_line if rows.lines else _pour
    bottom = pour(book, sheet, top + 1, (rows, limit))
    first, last = top + 1, max(bottom, top + 1)
    columns: list[dict[str, Any]] = [{"header": name} for name in names]
    sheet.freeze_panes(top + 1, 1)
    if all(heading.total is None for heading in rows.headings):
        declare(book, sheet, (top, last), columns)
        return Placed(top, first, last)
    placed = Placed(top, first, last, last + 1)
    declare(book, sheet, (top, last + 1), _totals(book, sheet, placed, (rows.headings, names)))
    return placed


def _pour(book: Book, sheet: Any, at: int, source: tuple[Sheet, int]) -> int:
    """The rows, from row `at` on; returns the last one's place."""
    rows, limit = source
    styles = [book.style(heading.unit)._get_xf_index() for heading in rows.headings]
    # What was written cell by cell goes out first: the file's rows stand in their order.
    sheet._write_single_row(at)
    widths = [len(heading.label) + 4 for heading in rows.headings]
    start = at
    for batch in at_most(rows.batches, limit):
        if at == start:
            widths = [max(pair) for pair in zip(widths, _widths(batch), strict=True)]
        sheet.row_data_fh.write(rows_of(batch, at, styles))
        at += batch.num_rows
    for place, width in enumerate(widths):
        sheet.set_column(place, place, min(max(width, NARROWEST), WIDEST))
    sheet._check_dimensions(max(at - 1, start), max(len(widths) - 1, 0))
    sheet.previous_row = max(at, start + 1)
    return at - 1


def _widths(batch: Rows) -> list[int]:
    found = []
    for column in batch.columns:
        text = pa.types.is_string(column.type)
        longest = pc.max(pc.utf8_length(column)).as_py() if text else 12
        found.append((longest or 0) + 2)
    return found


def _totals(
    book: Book, sheet: Any, placed: Placed, columns: tuple[Sequence[Heading], list[str]]
) -> list[dict[str, Any]]:
    """Write the row of totals; returns the table's columns with what recomputes each."""
    headings, names = columns
    table = f"Table{book.tables + 1}_"
    places = {h.name: xl_rowcol_to_cell(placed.total, n) for n, h in enumerate(headings) if h.name}
    out: list[dict[str, Any]] = []
    for place, (heading, name) in enumerate(zip(headings, names, strict=True)):
        column: dict[str, Any] = {"header": name}
        if place == 0:
            column["total_string"] = t("Total")
            write(sheet, (placed.total, 0), t("Total"), book.style("heading"))
        elif heading.total is not None:
            formula = _formula(heading, places)
            column["total_function"] = "sum" if heading.formula == "sum" else formula
            said = (
                f"SUBTOTAL(109,{table}[{_escaped(name)}])" if heading.formula == "sum" else formula
            )
            style = book.style(heading.unit, strong=True)
            sheet.write_formula(placed.total, place, f"={said}", style, heading.total)
        out.append(column)
    return out


def _formula(heading: Heading, places: dict[str, str]) -> str:
    """Over the totals of other columns; what cannot be computed from the sheet is its own value."""
    if heading.formula in ("", "sum"):
        return str(heading.total)
    return re.sub(r"\{(\w+)\}", lambda found: places[found[1]], heading.formula)


def _escaped(name: str) -> str:
    """A heading inside a formula's brackets."""
    return re.sub(r"(['\[\]#@])", r"'\1", name)


def declare(
    book: Book, sheet: Any, rows: tuple[int, int], columns: Sequence[dict[str, Any]]
) -> None:
    """Make a range of a sheet a table; its cells are written by others.

    XlsxWriter notes every cell of a table, and refuses to where rows are not held: a small twin
    of the table is declared elsewhere and given its true range.
    """
    totals = any("total_function" in column for column in columns)
    elsewhere = Worksheet()
    elsewhere.str_table = SharedStringTable()
    top, bottom = rows
    elsewhere.add_table(
        0,
        0,
        2 if totals else 1,
        len(columns) - 1,
        {
            "columns": list(columns),
            "style": "Table Style Light 1",
            "name": book.table_name(),
            "total_row": totals,
        },
    )
    table = elsewhere.tables[0]
    table["range"] = xl_range(top, 0, bottom, len(columns) - 1)
    filtered = xl_range(top, 0, bottom - totals, len(columns) - 1)
    table["a_range"] = table["autofilter"] = filtered
    sheet.tables.append(table)


def pairs(book: Book, name: str, heads: tuple[str, str], rows: Sequence[tuple[str, Any]]) -> None:
    """A sheet of words and sentences, a real table too."""
    sheet = book.sheet(name)
    for at, row in enumerate((heads, *rows)):
        for place, value in enumerate(row):
            write(sheet, (at, place), value, book.style("wrapped" if at else "heading"))
    declare(book, sheet, (0, max(len(rows), 1)), [{"header": clean(head)} for head in heads])
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100)
