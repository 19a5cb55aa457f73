"""Rows as a workbook: one sheet with a real table, and one that says how it was made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from agent.words import t
from dashboard.files.book import Book, clean, made
from dashboard.files.sheets import LIMIT, Sheet

PIECE = 1 << 18


def xlsx_of(sheet: Sheet, limit: int = LIMIT) -> Iterator[bytes]:
    """The file in pieces. It is made, on disk, before the first piece is given: a failure is still
    an answer then, and no half file.
    """
    # XlsxWriter is loaded by the first workbook, not by the start.
    from dashboard.files.tables import pairs, put

    def fill(book: Book) -> None:
        put(book, book.sheet(sheet.title), sheet, limit)
        if sheet.about:
            pairs(book, t("About"), (t("What"), t("How")), sheet.about)

    return pieces(made(fill, sheet.currency, title=clean(sheet.title)))


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """A file from its start, piece by piece; it is closed after the last one."""
    with file:
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece
