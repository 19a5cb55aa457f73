"""Panels asked and shaped for paper, workbooks and pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from agent.errors import NotFound, Refused
from agent.metrics.frames import Frame
from agent.metrics.questions import Question, Scope, refund_words
from agent.sources.histories import begins
from agent.words import mark, t
from dashboard import histories
from dashboard.files.about import Pairs, span_text
from dashboard.files.panel import filed
from dashboard.goingon import gone_on
from dashboard.panels import Own, Panel, View
from dashboard.particulars import filter_words
from dashboard.rings import ringed
from dashboard.settled import settled
from dashboard.viewing import aimed, viewed
from reports.documents import Part, report_of

if TYPE_CHECKING:
    from datetime import date

    from agent.services import Services

NEEDS = {"traffic": mark("traffic"), "spend": mark("spend"), "inventory": mark("inventory")}
Parts = tuple[Part, ...]


@dataclass(frozen=True)
class Pictured:
    """A panel's view, and whose figures it shows of which days."""

    view: View
    source: str


def pictured(services: Services, name: str, panel_id: str, here: tuple[Scope, Own]) -> Pictured:
    """One panel of a page. Raises NotFound."""
    scope, own = here
    report = report_of(name, own)
    panel = next((panel for panel in report.panels if panel.id == panel_id), None)
    if panel is None:
        raise NotFound(
            t("{title} has no part called {name!r}.", title=t(report.title), name=panel_id)
        )
    first = begins(services, scope.shops)
    part = _part(services, panel, services.engine.comparable(scope), first)
    shop = services.shop(scope.shops[0] if scope.shops else None)
    money = [scope.currency] if scope.currency else []
    words = (
        shop.name,
        span_text(scope.start, scope.end),
        *map(filter_words, scope.filters),
        *money,
        refund_words(scope.refunds),
    )
    return Pictured(part.view, ". ".join(words))


def parts_of(
    services: Services, panels: tuple[Panel, ...], scope: Scope, first: date | None
) -> tuple[Parts, Pairs]:
    """The panels that can be answered; of each other one, why it is not there. `first` is the day
    at which a platform cuts the history."""
    parts, missing = [], []
    for panel in panels:
        try:
            parts.append(_part(services, panel, scope, first))
        except Refused as refused:
            missing.append((t("Not shown: {title}", title=t(panel.title)), str(refused)))
    return tuple(parts), tuple(missing)


def _part(services: Services, panel: Panel, page: Scope, first: date | None) -> Part:
    rows = cache(lambda: filed(services, panel, page))
    title, half = t(panel.title), panel.width <= 6
    if panel.listed is not None:
        return Part(panel.id, title, panel.listed(services, page).view, None, rows, half)
    if panel.needs and not services.warehouse.versions(page.shops).get(panel.needs):
        raise Refused(
            t("The shop has no {needs} yet.", needs=t(NEEDS.get(panel.needs, panel.needs))),
            hint=t("Import a file that has them."),
        )
    # Every panel is asked in its own scope: a longer history, or without its own filter.
    comparable = services.engine.comparable

    def answer(question: Question) -> Frame:
        return services.answer(replace(question, scope=comparable(question.scope)))

    found = viewed(answer, panel, comparable(panel.scope(page)), page)
    view = aimed(services, panel, found.view, page)
    view = gone_on(services, panel, view, page)
    view = ringed(services, panel, view, page)
    view = settled(services, panel, view, page)
    view = histories.told(view, first, panel.scope(page))
    return Part(panel.id, title, view, found.frame, rows, half)
