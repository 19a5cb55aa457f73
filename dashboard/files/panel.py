"""A panel's rows as its own file and its sheet of a workbook have them: all of them, with what the
panel shows beside them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from agent.errors import Refused
from agent.metrics.dimensions import GRAINS
from agent.metrics.frames import Frame
from agent.metrics.questions import Scope
from agent.services import Services
from agent.words import t
from dashboard.files.frames import named, sheet_of
from dashboard.files.parts import Part, beside, level, of_groups
from dashboard.files.sheets import Sheet
from dashboard.files.whole import Whole, whole
from dashboard.panels import Panel
from dashboard.viewing import level_of


@dataclass(frozen=True)
class Filed:
    """`frame` has the rows of the sheet, None where they are no answer to one question."""

    sheet: Sheet
    frame: Frame | None = None


def filed(services: Services, panel: Panel, page: Scope) -> Filed:
    """`page` is the page's scope. Raises as `services.answer` does."""
    if panel.listed is not None:
        return Filed(panel.listed(services, page).sheet)
    scope = services.engine.comparable(panel.scope(page))
    found = _rows(services, panel, scope, page)
    # Its columns and those beside them are to have the same rows.
    frame, title = named(found.frame), t(panel.title)
    if panel.sheet is None:
        made = sheet_of(frame, title, found.notice)
    else:
        made = replace(panel.sheet(frame, scope), title=title, notice=found.notice)
    more = [*_further(services, panel, frame, scope), *_target(services, panel, frame, page)]
    return Filed(beside(made, more), frame)


def _rows(services: Services, panel: Panel, scope: Scope, page: Scope) -> Whole:
    ask = panel.ask(scope)
    if panel.more is None or not panel.more.instead:
        return whole(services.answer, ask, scope)
    first = services.answer(ask.within(scope))
    question = panel.more.ask(first, services.engine.comparable(page))
    if question is None:
        return Whole(replace(first, data=first.data.slice(0, 0), totals={}, previous=None))
    return whole(services.answer, question.ask, services.engine.comparable(question.scope))


def _further(services: Services, panel: Panel, frame: Frame, scope: Scope) -> list[Part]:
    """The columns of its further questions; one that is refused leaves the others."""
    more = (panel.more, *panel.also)
    out: list[Part] = []
    for question in (m.beside(scope) for m in more if m is not None and m.beside is not None):
        try:
            out += of_groups(frame, services.answer(question))
        except Refused:
            continue
    return out


def _target(services: Services, panel: Panel, frame: Frame, page: Scope) -> list[Part]:
    """The level of the line that the chart is held to, beside each bucket."""
    name = panel.aims(page) if panel.aims else ""
    grain = next((c.name for c in frame.dimensions if c.name in GRAINS), "")
    if not name or not grain or page.filters or name not in frame.data.column_names:
        return []
    wanted = level_of(services, name, page, grain)
    if wanted is None:
        return []
    row = frame.metric(name)
    said = t("{name} target", name=t(row.label))
    return [level(said, row.unit, f"{name}_target", round(wanted, 4), len(frame))]
