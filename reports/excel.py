"""A Document as one workbook: numbers as numbers, dates as dates, and text that stays text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from babel.numbers import get_currency_precision, get_currency_symbol

from agent.metrics import formats
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.frames import Column, Frame
from reports.documents import Document, Part

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
    "remove_timezone": True,
}
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST_SHEET, LONGEST_TEXT = 31, 32_767


def to_workbook(document: Document) -> bytes:
    """The document as XLSX: Summary, Series, a sheet a breakdown, Definitions, About.

    Exact amounts, in the currency's own number format. XlsxWriter has no Excel tables in its
    row-by-row mode, so the book is held in memory: at most 10,000 rows a sheet.
    """
    from xlsxwriter import Workbook

    out = BytesIO()
    with Workbook(out, _OPTIONS) as workbook:
        # Without a date of its own the file would differ at every making.
        workbook.set_properties(
            {
                "title": f"{document.title}, {document.shop.name}",
                "subject": clean(document.headline),
                "author": "Royal Analytics",
                "created": document.made_at.replace(tzinfo=None),
            }
        )
        book = Book(workbook, document.shop.currency)
        _summary(book, document)
        _frame_sheet(book, "Series", document.series)
        for part in document.parts:
            _breakdown(book, part)
        _pairs(book, "Definitions", ("Figure", "Definition"), document.definitions)
        _about(book, document)
    return out.getvalue()


@dataclass
class Book:
    """A workbook being written: sheet and table names already used, and one cell format a unit."""

    workbook: Any
    currency: str
    sheets: set[str] = field(default_factory=set)
    _formats: dict[str, Any] = field(default_factory=dict)

    def sheet(self, name: str) -> Any:
        return self.workbook.add_worksheet(self._unique(sheet_name(name)))

    def _unique(self, name: str) -> str:
        chosen, turn = name, 2
        while chosen.lower() in self.sheets:
            ending = f" ({turn})"
            chosen, turn = name[: LONGEST_SHEET - len(ending)] + ending, turn + 1
        self.sheets.add(chosen.lower())
        return chosen

    def style(self, unit: str, strong: bool = False) -> Any:
        key = f"{unit}{strong}"
        if key not in self._formats:
            look: dict[str, Any] = {"bold": strong}
            if pattern := _pattern(unit, self.currency):
                look["num_format"] = pattern
            if unit in ("heading", "title"):
                look |= {"bold": True, "font_size": 14 if unit == "title" else 11}
            if unit == "wrapped":
                look |= {"text_wrap": True, "valign": "top"}
            self._formats[key] = self.workbook.add_format(look)
        return self._formats[key]


def _pattern(unit: str, currency: str) -> str:
    if unit == "money":
        symbol = get_currency_symbol(currency, locale="en_US").replace('"', "")
        digits = get_currency_precision(currency)
        number = "#,##0" + ("." + "0" * digits if digits else "")
        return f'"{symbol}"{number};[Red]-"{symbol}"{number}'
    return {
        "count": "#,##0",
        "percent": "0.0%",
        "number": "#,##0.00",
        "date": "yyyy-mm-dd",
        "datetime": "yyyy-mm-dd hh:mm",
    }.get(unit, "")


def sheet_name(text: str) -> str:
    """A legal sheet name: 31 letters, none that Excel forbids; it keeps History for itself."""
    name = _FORBIDDEN.sub(" ", text).strip().strip("'")[:LONGEST_SHEET].strip().strip("'")
    return "Sheet" if not name else f"{name} 1" if name.lower() == "history" else name


def clean(text: str) -> str:
    """Text as a cell can hold it."""
    return _UNWRITABLE.sub("\ufffd", text)[:LONGEST_TEXT]


def write(sheet: Any, place: tuple[int, int], value: Any, style: Any = None) -> None:
    """One cell, by the value's own type; text is written as text whatever it begins with."""
    row, column = place
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, bool | str):
        sheet.write_string(row, column, clean(str(value)), style)
    elif isinstance(value, datetime | date):
        sheet.write_datetime(row, column, _local(value), style)
    else:
        sheet.write_number(row, column, value, style)


def _local(value: date) -> date:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


@dataclass(frozen=True)
class Grid:
    """A table of a sheet: headings with units, rows of values beside them."""

    columns: tuple[tuple[str, str], ...]
    rows: Sequence[Sequence[Any]]
    units: Sequence[Sequence[str]] = ()


def _table(book: Book, sheet: Any, top: int, grid: Grid) -> int:
    """Write a real Excel table from row `top`; returns the first free row under it."""
    names = _headings(name for name, _ in grid.columns)
    for at, row in enumerate(grid.rows, start=top + 1):
        units = grid.units[at - top - 1] if grid.units else [unit for _, unit in grid.columns]
        for place, (value, unit) in enumerate(zip(row, units, strict=True)):
            write(sheet, (at, place), value, book.style(unit))
    # A table needs one row, filled or not.
    bottom = top + max(len(grid.rows), 1)
    sheet.add_table(
        top,
        0,
        bottom,
        len(names) - 1,
        {
            "columns": [{"header": name} for name in names],
            "style": "Table Style Light 1",
            "name": f"Table{len(book.sheets)}_{top}",
        },
    )
    for place, name in enumerate(names):
        longest = max((len(_shown(row[place])) for row in grid.rows), default=0)
        sheet.set_column(place, place, min(max(len(name) + 4, longest + 2), 60))
    return bottom + 1


def _shown(value: Any) -> str:
    return f"{value:,.2f}" if isinstance(value, int | float | Decimal) else str(value or "")


def _headings(names: Iterator[str]) -> list[str]:
    """Headings of a table must differ, whatever the case."""
    out: list[str] = []
    for name in names:
        chosen, turn = clean(name) or "Column", 2
        while chosen.lower() in {other.lower() for other in out}:
            chosen, turn = f"{name} {turn}", turn + 1
        out.append(chosen)
    return out


def _summary(book: Book, document: Document) -> None:
    sheet = book.sheet("Summary")
    write(sheet, (0, 0), document.headline, book.style("title"))
    scope = f"{document.shop.name}, {document.period}"
    write(sheet, (1, 0), f"{scope}, against {document.against}" if document.against else scope)
    rows = [(f.label, f.value, f.before, f.change.ratio, f.change.text) for f in document.figures]
    units = [("text", f.unit, f.unit, "percent", "text") for f in document.figures]
    heads = ("Figure", "Value", "Before", "Change", "Change as shown")
    grid = Grid(tuple((name, "text") for name in heads), rows, units)
    _table(book, sheet, 3, grid)
    sheet.set_landscape()


def _frame_sheet(book: Book, name: str, frame: Frame) -> None:
    sheet = book.sheet(name)
    bottom = _table(book, sheet, 0, _grid(frame))
    sheet.freeze_panes(1, 1)
    _totals(book, sheet, bottom + 1, frame)


def _grid(frame: Frame) -> Grid:
    """Dimensions as a person reads them, their keys beside, metrics with their former values."""
    columns: list[tuple[str, str]] = []
    values: list[list[Any]] = []
    for column in frame.dimensions:
        columns.append((DIMENSIONS[column.name].label, column.unit))
        values.append(_names(frame, column))
        if f"{column.name}_label" in frame.data.column_names:
            columns.append((f"{DIMENSIONS[column.name].label} key", "text"))
            values.append(frame.values(column.name))
    for column in frame.metrics:
        columns.append((column.label, column.unit))
        values.append(frame.values(column.name))
        if frame.previous is not None:
            columns.append((f"{column.label} before", column.unit))
            former = frame.previous.values(column.name)[: len(frame)]
            values.append([*former, *[None] * (len(frame) - len(former))])
    return Grid(tuple(columns), list(zip(*values, strict=True)))


def _names(frame: Frame, column: Column) -> list[Any]:
    if column.unit != "text":
        return frame.values(column.name)
    labels, keys = frame.labels(column.name), frame.values(column.name)
    names: list[Any] = [
        formats.value_label(column.name, label if label is not None else key)
        for label, key in zip(labels, keys, strict=True)
    ]
    for at in range(len(names) - frame.rest_rows, len(names)):
        names[at] = f"{frame.rest:,} other {DIMENSIONS[column.name].plural}"
    return names


def _totals(book: Book, sheet: Any, row: int, frame: Frame) -> None:
    """The totals stand apart from the table: they are asked, and a filter does not change them."""
    write(sheet, (row, 0), "Total of the period", book.style("heading"))
    place = sum(2 if f"{c.name}_label" in frame.data.column_names else 1 for c in frame.dimensions)
    for column in frame.metrics:
        write(sheet, (row, place), frame.total(column.name), book.style(column.unit, True))
        if frame.previous is not None:
            place += 1
            write(sheet, (row, place), frame.before(column.name), book.style(column.unit, True))
        place += 1


def _breakdown(book: Book, part: Part) -> None:
    if part.detail.dimensions:
        if part.chart is None:
            _frame_sheet(book, part.title, part.detail)
        return
    frame = part.detail
    heads = ("Step", "This period", "Before")
    rows = [(c.label, frame.total(c.name), frame.before(c.name)) for c in frame.metrics]
    units = [("text", c.unit, c.unit) for c in frame.metrics]
    grid = Grid(tuple((name, "text") for name in heads), rows, units)
    _table(book, book.sheet(part.title), 0, grid)


def _pairs(book: Book, name: str, heads: tuple[str, str], pairs: Sequence[tuple[str, Any]]) -> Any:
    sheet = book.sheet(name)
    _table(book, sheet, 0, Grid(tuple((h, "wrapped") for h in heads), pairs))
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100)
    return sheet


def _about(book: Book, document: Document) -> None:
    sql = [
        (f"SQL {number}", statement)
        for number, statement in enumerate(
            dict.fromkeys(s for receipt in document.receipts for s in receipt.sql), start=1
        )
    ]
    about = [("Report", document.title), *document.notes]
    if document.link:
        about.append(("Live page", document.link))
    _pairs(book, "About", ("What", "How"), [*about, *sql])
