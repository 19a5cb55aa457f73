"""How far each metric is, in a month's full days, from what is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from agent import targets
from agent.errors import Refused
from agent.metrics import formats
from agent.metrics.frames import Frame, Number
from agent.metrics.metric import Metric
from agent.metrics.questions import Ask, Question, Scope
from agent.records.targets import Plan, Target
from agent.services import Services
from agent.targets import Status
from agent.words import t

Answer = Callable[[Question], Frame]
Found = tuple[Number, str]
WORST = (
    *(Status.CRITICAL, Status.WARNING, Status.OFF),
    *(Status.NEAR, Status.ON, Status.NONE),
)


@dataclass(frozen=True)
class Month:
    """A month and its days that are over: none on its first day."""

    first: date
    last: date
    until: date | None

    @property
    def name(self) -> str:
        return formats.bucket(self.first, "month")

    @property
    def days(self) -> str:
        """The days that are over, as people read them."""
        return formats.date_range(self.first, self.until) if self.until else ""


@dataclass(frozen=True)
class Goal:
    """A metric's target of a month and `so_far`, the figure of its full days, or in `reason` why
    there is none; `own` where the month has a target of its own.
    """

    metric: Metric
    target: Target
    so_far: Target | None
    value: Number
    status: Status
    reason: str = ""
    own: bool = False


def month_of(scope: Scope, today: date) -> Month:
    """This month; where the scope looks back, the month in which its period ends."""
    day = today if scope.end >= today - timedelta(days=1) else scope.end
    first = day.replace(day=1)
    last = next_month(first) - timedelta(days=1)
    # A day that has hardly begun would count as a day without sales.
    until = last if last < today else today - timedelta(days=1)
    return Month(first, last, until if until >= first else None)


def next_month(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)


def goals_of(services: Services, answer: Answer, shop_id: str, month: Month) -> tuple[Goal, ...]:
    """Every target of the month, the worst first."""
    plan = services.records.targets.of(shop_id)
    catalogue = services.catalogue()
    wanted = {name: plan.of_month(name, month.first) for name in plan.metrics if name in catalogue}
    known = {name: target for name, target in wanted.items() if target is not None}
    found = _actuals(answer, shop_id, tuple(known), month)
    rows = (_goal(plan, (catalogue[n], target), month, found[n]) for n, target in known.items())
    return tuple(sorted(rows, key=lambda row: WORST.index(row.status)))


def _goal(plan: Plan, row: tuple[Metric, Target], month: Month, found: Found) -> Goal:
    (metric, target), (value, reason) = row, found
    so_far = targets.over(plan, metric, month.first, month.until) if month.until else None
    status = targets.status(so_far, value, metric.good_up)
    own = (metric.name, month.first) in plan.months
    return Goal(metric, target, so_far, value, status, reason, own)


def _actuals(
    answer: Answer, shop_id: str, names: tuple[str, ...], month: Month
) -> Mapping[str, Found]:
    """Each metric's figure of the month's full days, or why it has none."""
    if month.until is None:
        return dict.fromkeys(names, (None, t("Judged from the month's second day on")))
    scope = Scope((shop_id,), month.first, month.until, "none")
    try:
        frame = answer(Ask(names).within(scope)) if names else None
    except Refused:
        return {name: _actual(answer, name, scope) for name in names}
    return {name: _known(frame.total(name) if frame else None) for name in names}


def _actual(answer: Answer, name: str, scope: Scope) -> Found:
    """One metric by itself: another that cannot be answered does not take it along."""
    try:
        return _known(answer(Ask((name,)).within(scope)).total(name))
    except Refused as refused:
        return None, refused.message


def _known(value: Number) -> Found:
    return value, t("Nothing to judge in these days") if value is None else ""
