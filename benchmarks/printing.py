"""The weekly report as PDF and as workbook, beside the same page laid out by WeasyPrint alone and
as many cells written by XlsxWriter alone."""

from __future__ import annotations

import io

from agent.errors import NotConfigured
from benchmarks.measuring import Figure, cost, middle
from benchmarks.rooms import Room, opened
from reports.compose import compose
from reports.documents import Document
from reports.excel import to_workbook
from reports.pdf import page_of, to_pdf

REPORT = "weekly-executive"


def run(room: Room) -> list[Figure]:
    services = opened(room.retail("printing"))
    try:
        scope = services.scope({"from": "2011-11-01", "to": "2011-11-30"})
        first = cost(lambda: compose(services, REPORT, scope)).cpu
        document = compose(services, REPORT, scope)
        again = middle(lambda: compose(services, REPORT, scope), room.runs).cpu
        out = [Figure("answers of the report, cold", first, "s CPU", again, "warm")]
        # The workbook asks for what the page leaves out.
        return [*out, *_pdf(room, document), *_workbook(room, document)]
    finally:
        services.close()


def _pdf(room: Room, document: Document) -> list[Figure]:
    try:
        first = cost(lambda: to_pdf(document)).cpu
    except NotConfigured as missing:
        print(f"no PDF here: {missing}")
        return []
    import weasyprint

    runs = min(room.runs, 3)
    page = page_of(document)
    bare = middle(lambda: weasyprint.HTML(string=page).write_pdf(), runs).cpu
    again = middle(lambda: to_pdf(document), runs).cpu
    return [
        Figure("PDF, the first", first, "s CPU", bare, "bare WeasyPrint"),
        Figure("PDF, then", again, "s CPU", bare, "bare WeasyPrint"),
    ]


def _workbook(room: Room, document: Document) -> list[Figure]:
    first = cost(lambda: to_workbook(document)).cpu
    again = middle(lambda: to_workbook(document), room.runs).cpu
    frames = (part.rows().frame for part in document.parts)
    cells = sum(len(frame) * len(frame.columns) for frame in (document.series, *frames) if frame)
    bare = middle(lambda: _cells(cells), room.runs).cpu
    return [
        Figure("workbook, the first", first, "s CPU", bare, f"bare sheet, {cells:,} cells"),
        Figure("workbook, then", again, "s CPU", bare, f"bare sheet, {cells:,} cells"),
    ]


def _cells(count: int) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(io.BytesIO(), {"in_memory": True})
    sheet = book.add_worksheet()
    for place in range(count):
        sheet.write_number(place // 8, place % 8, place / 8)
    book.close()
