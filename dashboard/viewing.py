"""A panel as it is read, on the screen and on paper: its answer, what else it asks, its target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from agent.errors import Refused
from agent.metrics.catalogue import METRICS
from agent.metrics.frames import Frame
from agent.metrics.questions import Question, Scope
from agent.records.targets import Plan
from agent.services import Services
from agent.targets import per_bucket
from dashboard.charts import Chart
from dashboard.gaps import Held, beside
from dashboard.panels import More, Panel, Table, View

Answer = Callable[[Question], Frame]


@dataclass(frozen=True)
class Viewed:
    """What a panel shows, and the frame whose rows those are."""

    view: View
    frame: Frame


def viewed(answer: Answer, panel: Panel, scope: Scope, page: Scope) -> Viewed:
    """`scope` is what the panel is asked in, `page` the page's own. Raises Refused; what `also`
    asks leaves the view as it is where it is refused.
    """
    frame = answer(panel.ask(scope).within(scope))
    found = Viewed(panel.view(frame, scope), frame)
    if panel.more is not None:
        # What a panel asks further is asked of the page's period, not of the panel's longer one.
        own = page.without(panel.selects) if panel.selects else page
        found = _with(answer, panel.more, found, (frame, own))
    for further in panel.also:
        try:
            found = _with(answer, further, found, (frame, scope))
        except Refused:
            continue
    return found


def _with(answer: Answer, more: More, found: Viewed, known: tuple[Frame, Scope]) -> Viewed:
    question = more.ask(*known)
    if question is None:
        return found
    frame = answer(question)
    return Viewed(more.add(found.view, frame), frame if more.instead else found.frame)


def aimed(
    services: Services, panel: Panel, view: View, page: Scope, plan: Plan | None = None
) -> View:
    """The view with the level of its target, a table with what each row is of it. Targets are the
    whole shop's: a filtered chart has none. `plan` spares reading them.
    """
    name = panel.aims(page) if panel.aims else ""
    if name and isinstance(view, Table):
        return beside(view, _held(services, name, page, plan))
    if not name or page.filters or not isinstance(view, Chart):
        return view
    held = _held(services, name, page, plan)
    return replace(view, target=per_bucket(held.plan, held.metric, page, view.grain))


def level_of(services: Services, name: str, page: Scope, grain: str) -> float | None:
    """What a metric's target is in each bucket of a period; None where it has none."""
    held = _held(services, name, page)
    return per_bucket(held.plan, held.metric, page, grain)


def _held(services: Services, name: str, page: Scope, plan: Plan | None = None) -> Held:
    shop = services.shop(page.shops[0])
    plan = plan or services.records.targets.of(shop.shop_id)
    metric = METRICS.get(name) or services.catalogue()[name]
    return Held(metric, plan, page, services.today(shop), shop.currency)
