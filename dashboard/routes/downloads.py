"""Files to keep: a report as PDF or workbook, one panel's figures as CSV."""

from __future__ import annotations

import csv
import io
import re
from typing import Protocol

from flask import Blueprint, Response

from agent.errors import NotConfigured, NotFound
from agent.metrics.frames import Frame, plain
from agent.metrics.questions import Scope
from agent.services import Services
from dashboard import address
from dashboard.pages import PAGES
from dashboard.routes.api import query_string

PDF = "application/pdf"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A spreadsheet runs a cell that begins like this as a formula, also after blanks.
FORMULA = re.compile(r"^\s*[=+\-@\t\r\n|%]|^[\t\r\n]")


class Reports(Protocol):
    """What the printing room offers; it is handed in, because this floor may not reach up to it."""

    def pdf(self, name: str, scope: Scope) -> bytes: ...

    def workbook(self, name: str, scope: Scope) -> bytes: ...


def downloads(services: Services, reports: Reports | None) -> Blueprint:
    """GET /download/REPORT.pdf, /download/REPORT.xlsx and /download/PAGE/PANEL.csv, with the page's
    query string.
    """
    rooms = Blueprint("downloads", __name__)

    @rooms.get("/download/<name>.pdf")
    def pdf(name: str) -> Response:
        scope = services.scope(query_string())
        return _file(_printed(reports).pdf(name, scope), PDF, f"{_stem(name, scope)}.pdf")

    @rooms.get("/download/<name>.xlsx")
    def workbook(name: str) -> Response:
        scope = services.scope(query_string())
        content = _printed(reports).workbook(name, scope)
        return _file(content, WORKBOOK, f"{_stem(name, scope)}.xlsx")

    @rooms.get("/download/<page>/<panel>.csv")
    def sheet(page: str, panel: str) -> Response:
        path = next((p for p in PAGES if PAGES[p].name == page), "")
        if not path:
            raise NotFound(f"There is no page {page!r}.")
        here = address.parse(services, path, query_string())
        shown = PAGES[path].panel(panel, here.own)
        frame = services.answer(shown.ask(here.scope).within(here.scope))
        name = f"{_stem(f'{page}-{panel}', here.scope)}.csv"
        return _file(as_csv(frame).encode("utf-8-sig"), "text/csv; charset=utf-8", name)

    return rooms


def as_csv(frame: Frame) -> str:
    """The frame's rows under its column labels, comparison beside each metric, numbers bare and
    exact.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    dimensions = [c for c in frame.columns if c.role != "metric"]
    previous = [] if frame.previous is None else [f"{c.label}, before" for c in frame.metrics]
    writer.writerow([*(c.label for c in dimensions + list(frame.metrics)), *previous])
    before = frame.previous.rows() if frame.previous is not None else []
    for place, row in enumerate(frame.rows()):
        rest = frame.rest and place == len(frame) - 1
        keys = [_key(row[c.name], bool(rest)) for c in dimensions]
        now = [_figure(row[c.name]) for c in frame.metrics]
        was = before[place] if place < len(before) else {}
        writer.writerow([*keys, *now, *(_figure(was.get(c.name)) for c in frame.metrics if before)])
    return out.getvalue()


def safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if FORMULA.match(text) else text


def _key(value: object, rest: bool) -> str:
    return "Other" if rest else "(none)" if value is None else safe(str(plain(value)))


def _figure(value: object) -> str:
    return "" if value is None else str(value)


def _printed(reports: Reports | None) -> Reports:
    if reports is None:
        raise NotConfigured("Reports are not part of this server.")
    return reports


def _stem(name: str, scope: Scope) -> str:
    return "-".join((*scope.shops, name, str(scope.start), str(scope.end)))


def _file(content: bytes, media_type: str, name: str) -> Response:
    plain_name = re.sub(r"[^A-Za-z0-9._-]+", "-", name)
    headers = {"Content-Disposition": f'attachment; filename="{plain_name}"'}
    return Response(content, content_type=media_type, headers=headers)
