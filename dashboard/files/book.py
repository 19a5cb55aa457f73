"""A workbook under way: sheets with names of their own, one cell format a unit, and tables whose
rows are never held.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import IO, Any

from babel.numbers import get_currency_precision

from agent.metrics import formats
from agent.words import locale, t

LONGEST_SHEET, LONGEST_TEXT = 31, 32_767
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
    "remove_timezone": True,
}
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PATTERNS = {
    "count": "#,##0",
    "percent": "0.0%",
    "number": "#,##0.00",
    "days": "#,##0.0",
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm",
    "change": "+0.0%;-0.0%;0.0%",
    "points": '+0.00" pp";-0.00" pp";0.00" pp"',
}


@dataclass
class Book:
    """`workbook` is XlsxWriter's, made with OPTIONS: every sheet is written row by row, downwards.

    `sheets` are the names in use, `tables` how many tables there are.
    """

    workbook: Any
    currency: str
    sheets: set[str] = field(default_factory=set)
    tables: int = 0
    _formats: dict[str, Any] = field(default_factory=dict)

    def sheet(self, name: str) -> Any:
        return self.workbook.add_worksheet(self._unique(sheet_name(name)))

    def table_name(self) -> str:
        self.tables += 1
        return f"Table{self.tables}_"

    def style(self, unit: str, strong: bool = False) -> Any:
        """The format of a unit's cells: money with the currency's sign and digits."""
        key = f"{unit}{strong}"
        if key not in self._formats:
            look: dict[str, Any] = {"bold": strong}
            if pattern := pattern_of(unit, self.currency):
                look["num_format"] = pattern
            if unit in ("heading", "title"):
                look |= {"bold": True, "font_size": 14 if unit == "title" else 11}
            if unit == "note":
                look |= {"italic": True, "font_color": "#656D7E"}
            if unit == "wrapped":
                look |= {"text_wrap": True, "valign": "top"}
            self._formats[key] = self.workbook.add_format(look)
        return self._formats[key]

    def _unique(self, name: str) -> str:
        chosen, turn = name, 2
        while chosen.lower() in self.sheets:
            ending = f" ({turn})"
            chosen, turn = name[: LONGEST_SHEET - len(ending)] + ending, turn + 1
        self.sheets.add(chosen.lower())
        return chosen


def made(fill: Callable[[Book], None], currency: str, **properties: Any) -> IO[bytes]:
    """A workbook filled and written: a file on disk, at its start, gone when it is closed. Without
    a `created` among the properties it would differ at every making.
    """
    from xlsxwriter import Workbook

    file = tempfile.TemporaryFile()  # noqa: SIM115 (whoever asked for it closes it)
    with ExitStack() as undo:
        undo.callback(file.close)
        # Sheets keep their rows in files of this folder until the book is put together.
        with tempfile.TemporaryDirectory(prefix="workbook-") as folder:
            workbook = Workbook(file, {**OPTIONS, "tmpdir": folder})
            workbook.set_properties({"author": "Royal Analytics", **properties})
            undo.callback(_let_go, workbook)
            fill(Book(workbook, currency))
            workbook.close()
        undo.pop_all()
    file.seek(0)
    return file


def _let_go(workbook: Any) -> None:
    """Close what a book that was not finished has open."""
    for sheet in workbook.worksheets():
        sheet._opt_close()


def pattern_of(unit: str, currency: str) -> str:
    """Excel's number format of a unit; empty for text."""
    if unit != "money":
        return _PATTERNS.get(unit, "")
    symbol, before, gap = formats.currency_place(currency, locale())
    symbol = symbol.replace('"', "")
    digits = get_currency_precision(currency)
    number = "#,##0" + ("." + "0" * digits if digits else "")
    amount = f'"{symbol}{gap}"{number}' if before else f'{number}"{gap}{symbol}"'
    return f"{amount};[Red]-{amount}"


def sheet_name(text: str) -> str:
    """A legal sheet name: 31 letters, none that Excel forbids; it keeps History for itself."""
    name = _FORBIDDEN.sub(" ", text).strip().strip("'")[:LONGEST_SHEET].strip().strip("'")
    return t("Sheet") if not name else f"{name} 1" if name.lower() == "history" else name


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


def distinct(names: Iterable[str]) -> list[str]:
    """Headings of a table must differ, whatever the case."""
    out: list[str] = []
    taken: set[str] = set()
    for name in names:
        chosen, turn = clean(name) or t("Column"), 2
        while chosen.lower() in taken:
            chosen, turn = f"{name} {turn}", turn + 1
        out.append(chosen)
        taken.add(chosen.lower())
    return out
