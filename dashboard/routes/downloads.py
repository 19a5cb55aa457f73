"""Files to keep: a page or a report as PDF or workbook, one panel as CSV, XLSX or picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, Response, request

from agent.errors import NotConfigured, NotFound
from agent.metrics.questions import Scope, named
from agent.services import Services
from agent.sources import histories
from agent.words import t
from dashboard import address
from dashboard.address import Address
from dashboard.files import file_name
from dashboard.files.about import about, warning
from dashboard.files.panel import filed
from dashboard.pages import PAGES
from dashboard.panels import Own
from dashboard.routes.api import query_string
from dashboard.routes.attachments import PDF, PNG, WORKBOOK, Turns, attachment, sent

FORMS = ("csv", "xlsx")
THEME = "theme"
CHARTS = "charts"


@dataclass(frozen=True)
class Wanted:
    """What is to be printed: a page or a report by name, within a scope; `own` are the page's own
    words.
    """

    name: str
    scope: Scope
    own: Own


class Reports(Protocol):
    """What the printing room offers; it is handed in, because this floor may not reach up to it."""

    def pdf(self, wanted: Wanted) -> bytes: ...

    def workbook(self, wanted: Wanted) -> Iterable[bytes]: ...

    def picture(self, wanted: Wanted, panel: str, theme: str) -> bytes: ...


def downloads(services: Services, reports: Reports | None) -> Blueprint:
    """GET /download/NAME.pdf and .xlsx of a page or a report, and /download/PAGE/PANEL.csv, .xlsx
    and .png, with the page's query string.
    """
    rooms = Blueprint("downloads", __name__)
    turns = Turns()

    def in_turn(make: Callable[[], Response]) -> Response:
        turn = turns.take()
        try:
            answer = make()
        except BaseException:
            turn.end()
            raise
        # What is made already needs no turn while it leaves.
        if answer.is_streamed:
            answer.call_on_close(turn.end)
        else:
            turn.end()
        return answer

    @rooms.get("/download/<name>.pdf")
    def pdf(name: str) -> Response:
        wanted = _wanted(services, name)
        services.limits.take(CHARTS)
        return in_turn(lambda: _file(_printed(reports).pdf(wanted), PDF, _words(wanted), "pdf"))

    @rooms.get("/download/<name>.xlsx")
    def workbook(name: str) -> Response:
        wanted = _wanted(services, name)
        make = lambda: _printed(reports).workbook(wanted)  # noqa: E731 (made in its turn)
        return in_turn(lambda: _file(make(), WORKBOOK, _words(wanted), "xlsx"))

    @rooms.get("/download/<page>/<panel>.png")
    def picture(page: str, panel: str) -> Response:
        wanted = _wanted(services, _known(page))
        theme = "dark" if request.args.get(THEME) == "dark" else "light"
        make = lambda: _printed(reports).picture(wanted, panel, theme)  # noqa: E731
        services.limits.take(CHARTS)
        return in_turn(lambda: _file(make(), PNG, _words(wanted, panel), "png"))

    @rooms.get("/download/<page>/<panel>.<form>")
    def sheet(page: str, panel: str, form: str) -> Response:
        if form not in FORMS:
            raise NotFound(
                t("There are no {form} files.", form=form[:20]), hint=t("Known: csv, xlsx, png.")
            )
        here = _here(services, _path(_known(page)))
        return in_turn(lambda: _sheet(services, here, panel, form))

    return rooms


def _sheet(services: Services, here: Address, panel_id: str, form: str) -> Response:
    """A panel's question in full, as its own file."""
    page = PAGES[here.path]
    panel = page.panel(panel_id, here.own)
    made = filed(services, panel, here.scope)
    # The panel's own scope, compared only where there was something to compare with.
    scope = services.engine.comparable(panel.scope(here.scope))
    receipts = (made.frame.receipt,) if made.frame is not None else ()
    first = histories.begins(services, scope.shops)
    told = about(services, scope, receipts, first) if form == "xlsx" else ()
    notice = f"{warning(services, scope, receipts, first)} {made.sheet.notice}".strip()
    rows = replace(made.sheet, about=(*told, *made.sheet.about), notice=notice)
    return sent(rows, form, *_words(Wanted(page.name, scope, here.own), panel.id))


def _wanted(services: Services, name: str) -> Wanted:
    path = _path(name)
    if not path:
        metrics = named(request.args.get("metrics", ""), services.catalogue())
        own = {"metrics": ",".join(metrics)} if metrics else {}
        return Wanted(name, services.scope(query_string()), own)
    here = _here(services, path)
    return Wanted(name, here.scope, here.own)


def _here(services: Services, path: str) -> Address:
    # A picture's theme is no word of the page's address.
    pairs = [pair for pair in parse_qsl(query_string()) if pair[0] != THEME]
    return address.parse(services, path, urlencode(pairs))


def _known(page: str) -> str:
    if not _path(page):
        raise NotFound(t("There is no page {name!r}.", name=page[:80]))
    return page


def _path(name: str) -> str:
    return next((path for path, page in PAGES.items() if page.name == name), "")


def _printed(reports: Reports | None) -> Reports:
    if reports is None:
        raise NotConfigured(t("Reports are not part of this server."))
    return reports


def _words(wanted: Wanted, panel: str = "") -> tuple[str, ...]:
    scope = wanted.scope
    return (
        *scope.shops,
        wanted.name,
        *([panel] if panel else []),
        f"{scope.start}",
        f"{scope.end}",
        *scope.terms,
    )


def _file(
    content: bytes | Iterable[bytes], media_type: str, words: tuple[str, ...], ending: str
) -> Response:
    return attachment(content, media_type, file_name(*words, ending=ending))
