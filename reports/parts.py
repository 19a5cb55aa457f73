"""Panels asked and shaped for paper, workbooks and pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from agent.errors import NotFound, Refused
from agent.metrics.frames import Frame
from agent.metrics.questions import Scope
from agent.words import mark, t
from dashboard.files.about import Pairs, span_text
from dashboard.files.whole import Whole, whole
from dashboard.panels import Own, Panel, View
from dashboard.particulars import filter_words
from reports.documents import Part, report_of

if TYPE_CHECKING:
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
    part = _part(services, panel, services.engine.comparable(scope))
    shop = services.shop(scope.shops[0] if scope.shops else None)
    words = (shop.name, span_text(scope.start, scope.end), *map(filter_words, scope.filters))
    return Pictured(part.view, ". ".join(words))


def parts_of(services: Services, panels: tuple[Panel, ...], scope: Scope) -> tuple[Parts, Pairs]:
    """The panels that can be answered; of each other one, why it is not there."""
    parts, missing = [], []
    for panel in panels:
        try:
            parts.append(_part(services, panel, scope))
        except Refused as refused:
            missing.append((t("Not shown: {title}", title=t(panel.title)), str(refused)))
    return tuple(parts), tuple(missing)


def _part(services: Services, panel: Panel, scope: Scope) -> Part:
    if panel.needs and not services.warehouse.versions(scope.shops).get(panel.needs):
        raise Refused(
            t("The shop has no {needs} yet.", needs=t(NEEDS.get(panel.needs, panel.needs))),
            hint=t("Import a file that has them."),
        )
    # Every panel is asked in its own scope: a longer history, or without its own filter.
    within = services.engine.comparable(panel.scope(scope))
    ask = panel.ask(within)
    frame = services.answer(ask.within(within))

    @cache
    def all_rows() -> Whole:
        return whole(services.answer, ask, within) if frame.rest else Whole(frame)

    view = _view(services, panel, frame, within)
    return Part(panel.id, t(panel.title), view, frame, all_rows, half=panel.width <= 6)


def _view(services: Services, panel: Panel, frame: Frame, scope: Scope) -> View:
    """What the panel shows; further questions that are refused leave it as it is."""
    view = panel.view(frame, scope)
    for more in panel.also:
        try:
            question = more.ask(frame, scope)
            view = more.add(view, services.answer(question)) if question else view
        except Refused:
            continue
    return view
