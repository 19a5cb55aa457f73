"""A Document as one workbook: numbers as numbers, dates as dates, and text that stays text."""

from __future__ import annotations

from typing import IO, Any

from agent.words import mark, t
from dashboard.files.book import Book, clean, made, write
from dashboard.files.frames import sheet_of
from dashboard.files.sheets import Heading, Sheet
from dashboard.files.tables import Placed, declare, pairs, put
from reports import native
from reports.documents import Document, KeyFigure, Part
from reports.words import compared

HEADS = (
    mark("Figure"),
    mark("Value"),
    mark("Before"),
    mark("Change"),
    mark("Change as shown"),
)
UNTOLD = mark(
    "Asked for the whole period, since rows of their own do not add up to it: {names}. "
    "A customer or an order that stands in two rows counts once."
)


def to_workbook(document: Document) -> bytes:
    """The document as XLSX: see `workbook_file`."""
    with workbook_file(document) as file:
        return file.read()


def workbook_file(document: Document) -> IO[bytes]:
    """A file on disk that is gone when it is closed: Summary, Series, a sheet a panel with a table
    and a chart, Definitions, About. Exact amounts, in the currency's own number format; rows are
    written as they come and never held.
    """
    return made(
        lambda book: _fill(book, document),
        document.currency,
        title=clean(f"{document.title}, {document.shop.name}"),
        subject=clean(document.headline),
        created=document.made_at.replace(tzinfo=None),
    )


def _fill(book: Book, document: Document) -> None:
    _summary(book, document)
    if document.series is not None and not _has_series(document):
        _rows(book, sheet_of(document.series, t("Series")))
    for part in document.parts:
        _part(book, part)
    pairs(book, t("Definitions"), (t("Figure"), t("Definition")), document.definitions)
    _about(book, document)


def _has_series(document: Document) -> bool:
    """Whether a panel's own sheet has the same figures."""
    series = document.series
    return series is not None and any(
        part.frame is not None and series.columns == part.frame.columns for part in document.parts
    )


def _summary(book: Book, document: Document) -> None:
    sheet = book.sheet(t("Summary"))
    write(sheet, (0, 0), document.headline, book.style("title"))
    scope = f"{document.shop.name}, {document.period}"
    write(
        sheet, (1, 0), f"{scope}{compared(document.against)}. {document.currency}. {document.terms}"
    )
    heads = tuple(t(words) for words in HEADS)
    for place, head in enumerate(heads):
        write(sheet, (3, place), head, book.style("heading"))
    for at, figure in enumerate(document.figures, start=4):
        _figure(book, sheet, at, figure)
    bottom = max(4, 3 + len(document.figures))
    declare(book, sheet, (3, bottom), [{"header": head} for head in heads])
    for place, width in enumerate((28, 18, 18, 12, 18)):
        sheet.set_column(place, place, width)
    sheet.set_landscape()


def _figure(book: Book, sheet: Any, at: int, figure: KeyFigure) -> None:
    row = (figure.label, figure.value, figure.before, figure.change.ratio, figure.change.text)
    units = ("text", figure.unit, figure.unit, "percent", "text")
    for place, (value, unit) in enumerate(zip(row, units, strict=True)):
        write(sheet, (at, place), value, book.style(unit))


def _part(book: Book, part: Part) -> None:
    rows = part.rows().sheet
    sheet, placed = _rows(book, rows)
    native.draw(native.Canvas(book, sheet, placed, rows), part)


def _rows(book: Book, rows: Sheet) -> tuple[Any, Placed]:
    """A sheet with its table; under it, which totals are not sums."""
    sheet = book.sheet(rows.title)
    placed = put(book, sheet, rows)
    asked = [heading.label for heading in rows.headings if _is_asked(heading)]
    if asked:
        text = t(UNTOLD, names=", ".join(asked))
        write(sheet, (placed.total + 2, 0), text, book.style("note"))
    return sheet, placed


def _is_asked(heading: Heading) -> bool:
    return heading.total is not None and not heading.formula and bool(heading.name)


def _about(book: Book, document: Document) -> None:
    statements = dict.fromkeys(sql for receipt in document.receipts for sql in receipt.sql)
    sql = [(f"SQL {number}", text) for number, text in enumerate(statements, start=1)]
    about = [(t("Report"), document.title), *document.notes]
    if document.link:
        about.append((t("Live page"), document.link))
    pairs(book, t("About"), (t("What"), t("How")), [*about, *sql])
