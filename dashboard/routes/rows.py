"""The rows under a number as a file: all of them, streamed."""

from __future__ import annotations

from flask import Blueprint, Response

from agent.errors import NotFound
from agent.metrics.questions import Ask, Question
from agent.services import Services
from agent.words import t
from dashboard import address
from dashboard.evidence import under
from dashboard.narrowing import narrowed
from dashboard.pages import PAGES
from dashboard.particulars import facts_of
from dashboard.routes.api import query_string
from dashboard.routes.attachments import sent

FORMS = ("csv", "xlsx")


def rows(services: Services) -> Blueprint:
    """GET /rows/PAGE/N.csv and .xlsx with the page's query string: the rows of the Nth table under
    the number that `receipt` names.
    """
    rooms = Blueprint("rows", __name__)

    @rooms.get("/rows/<page>/<int:place>.<form>")
    def file(page: str, place: int, form: str) -> Response:
        if form not in FORMS:
            raise NotFound(
                t("There are no {form} files of rows.", form=form[:20]), hint=t("Known: csv, xlsx.")
            )
        here = address.parse(services, _path(page), query_string())
        if "receipt" not in here.own:
            raise NotFound(t("The address names no number."), hint=t("Add receipt=net_sales."))
        return _file(services, here, place, form)

    return rooms


def _file(services: Services, here: address.Address, place: int, form: str) -> Response:
    scope = services.engine.comparable(narrowed(services, here))
    question = Question(Ask((here.own["receipt"],)), scope)
    found = under(services, question)
    if place >= len(found):
        raise NotFound(t("There are no such rows under this number."))
    frame = services.answer(question)
    sheet = found[place].sheet(services, t(frame.about[0].label), facts_of(services, frame, scope))
    words = (*scope.shops, here.own["receipt"], found[place].rows.table)
    return sent(sheet, form, *words, f"{scope.start}", f"{scope.end}", *scope.terms)


def _path(name: str) -> str:
    path = next((path for path, page in PAGES.items() if page.name == name), "")
    if not path:
        raise NotFound(t("There is no page {name!r}.", name=name[:80]))
    return path
