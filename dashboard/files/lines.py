"""Rows that are not alike: each figure in its row's own unit, sums and changes as formulas."""

from __future__ import annotations

import re
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from dashboard.files.book import Book, write
from dashboard.files.moves import change_formula
from dashboard.files.parts import whole
from dashboard.files.sheets import Heading, Line, Sheet

WIDTH, NAMES = 18, 28


def by_line(book: Book, sheet: Any, at: int, source: tuple[Sheet, int]) -> int:
    """Write the rows cell by cell from row `at` on; returns the last one's place."""
    rows, limit = source
    table = whole(rows).slice(0, limit)
    columns = [column.to_pylist() for column in table.columns]
    for place, line in enumerate(rows.lines[: table.num_rows]):
        for column, heading in enumerate(rows.headings):
            value, here = columns[column][place], (at + place, column)
            style = book.style(_unit(heading, line))
            formula = _formula(rows, line, here, at)
            if formula and value is not None:
                sheet.write_formula(*here, f"={formula}", style, value)
            else:
                write(sheet, here, value, style)
    for column in range(len(rows.headings)):
        sheet.set_column(column, column, WIDTH if column else NAMES)
    return at + len(columns[0]) - 1


def _unit(heading: Heading, line: Line) -> str:
    if heading.unit == "move":
        return "points" if line.unit == "percent" else "change"
    return line.unit if heading.unit == "own" else heading.unit


def _formula(rows: Sheet, line: Line, here: tuple[int, int], first: int) -> str:
    """What recomputes a cell: of a sum the rows above, of a change the figures beside it."""
    row, column = here
    heading = rows.headings[column]
    if heading.formula:
        words = heading.formula
        if heading.unit == "move" and line.unit == "percent":
            words = change_formula("now", True)
        places = {h.name: xl_rowcol_to_cell(row, n) for n, h in enumerate(rows.headings) if h.name}
        return re.sub(r"\{(\w+)\}", lambda found: places[found[1]], words)
    if not line.parts or not heading.name:
        return ""
    return "+".join(xl_rowcol_to_cell(first + place, column) for place in line.parts)
