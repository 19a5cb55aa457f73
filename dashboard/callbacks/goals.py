"""The table of targets: how far each metric is, in the month's full days, from what is wanted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from agent import targets
from agent.errors import Refused
from agent.metrics import formats
from agent.metrics.catalogue import METRICS
from agent.metrics.frames import Number
from agent.metrics.metric import Metric
from agent.metrics.questions import Ask, Scope
from agent.records.targets import Plan, Target
from agent.words import n, t
from dashboard import components
from dashboard.callbacks import entering
from dashboard.callbacks.showing import Showing
from dashboard.components import forms, goals, html

EVERY = "every"
WORST = (
    targets.Status.CRITICAL,
    targets.Status.WARNING,
    targets.Status.OFF,
    targets.Status.ON,
    targets.Status.NONE,
)


@dataclass(frozen=True)
class Month:
    """The month that the page shows, and its days that are over: none on its first day."""

    first: date
    last: date
    until: date | None

    @property
    def name(self) -> str:
        return formats.bucket(self.first, "month")


def listed(showing: Showing) -> Any:
    """Every target, the worst first."""
    month = month_of(showing)
    plan = showing.services.records.targets.of(showing.shop.shop_id)
    rows = sorted(_goals(showing, plan, month), key=lambda row: WORST.index(row.status))
    head = components.heading(_finding(rows), _measure(month), _months(showing, month))
    if not rows:
        text = t("Set one below: its month so far, and how it stands, appear here.")
        return cell([head, components.empty(t("No targets"), text, sign="target")])
    caption = t("Targets of {month}", month=month.name)
    return cell([head, goals.goal_table(rows, caption, t("Target, {month}", month=month.name))])


def month_of(showing: Showing) -> Month:
    """This month; where the address looks back, the month in which its period ends."""
    today, end = showing.today, showing.scope.end
    day = today if end >= today - timedelta(days=1) else end
    first = day.replace(day=1)
    last = next_month(first) - timedelta(days=1)
    # A day that has hardly begun would count as a day without sales.
    until = last if last < today else today - timedelta(days=1)
    return Month(first, last, until if until >= first else None)


def _goals(showing: Showing, plan: Plan, month: Month) -> list[goals.Goal]:
    catalogue = showing.services.catalogue()
    wanted = {name: plan.of_month(name, month.first) for name in plan.metrics if name in catalogue}
    known = {name: target for name, target in wanted.items() if target is not None}
    found = _actuals(showing, tuple(known), month)
    may = entering.may()
    return [
        _goal(showing, (catalogue[name], target), (plan, month, may), found[name])
        for name, target in known.items()
    ]


def _goal(
    showing: Showing,
    row: tuple[Metric, Target],
    around: tuple[Plan, Month, bool],
    found: tuple[Number, str],
) -> goals.Goal:
    (metric, target), (plan, month, may), (value, reason) = row, around, found
    said = writer(showing, metric)
    so_far = targets.over(plan, metric, month.first, month.until) if month.until else None
    own = (metric.name, month.first) in plan.months
    untouched = t("From the KPI") if metric.name not in METRICS else t("Shipped default")
    origin = t("This month's own") if own else untouched if target.shipped else ""
    acts = _acts(metric, month, own) if may else ()
    levels = [said(level) for level in (target.warning, target.critical) if level is not None]
    return goals.Goal(
        label=t(metric.label),
        href=showing.here.href(path="/explore", metrics=metric.name),
        month=said(target.target),
        levels=", ".join(levels) or formats.UNKNOWN,
        actual=said(value),
        so_far=said(so_far.target) if so_far else formats.UNKNOWN,
        status=targets.status(so_far, value, metric.good_up),
        reached=None if value is None else float(value),
        wanted=so_far.target if so_far else None,
        notes=(t("Lower is better") if not metric.good_up else "", origin, reason),
        acts=acts,
    )


def _acts(metric: Metric, month: Month, own: bool) -> tuple[Any, ...]:
    which = f"{month.first:%Y-%m}" if own else EVERY
    row = {"metric": metric.name, "month": which}
    name = t(metric.label)
    edit = forms.small_button(
        {"type": "target-edit", **row}, "pencil", t("Change the target of {metric}", metric=name)
    )
    remove = forms.small_button(
        {"type": "target-remove", **row}, "trash-2", t("Remove the target of {metric}", metric=name)
    )
    return edit, remove


def _actuals(
    showing: Showing, names: tuple[str, ...], month: Month
) -> dict[str, tuple[Number, str]]:
    """Each metric's figure of the month's full days, or why it has none."""
    if month.until is None:
        return dict.fromkeys(names, (None, t("Judged from the month's second day on")))
    scope = Scope((showing.shop.shop_id,), month.first, month.until, "none")
    try:
        frame = showing.ask(Ask(names), scope) if names else None
    except Refused:
        return {name: _actual(showing, name, scope) for name in names}
    return {name: _known(frame.total(name) if frame else None) for name in names}


def _actual(showing: Showing, name: str, scope: Scope) -> tuple[Number, str]:
    """One metric by itself: another that cannot be answered does not take it along."""
    try:
        return _known(showing.ask(Ask((name,)), scope).total(name))
    except Refused as refused:
        return None, refused.message


def _known(value: Number) -> tuple[Number, str]:
    return value, t("Nothing to judge in these days") if value is None else ""


def _finding(rows: list[goals.Goal]) -> str:
    """How many are missed, of those that can be judged."""
    judged = [row for row in rows if row.status is not targets.Status.NONE]
    missed = sum(row.status is not targets.Status.ON for row in judged)
    if not judged:
        return t("Targets")
    if not missed:
        return n(
            "The one target is met", "All {count} targets are met", len(judged), count=len(judged)
        )
    return n(
        "{count} of {all} targets is missed",
        "{count} of {all} targets are missed",
        missed,
        count=missed,
        all=len(judged),
    )


def _measure(month: Month) -> str:
    if month.until is None:
        return t("{month} begins today", month=month.name)
    days, length = month.until.day, month.last.day
    if days == length:
        return t("{month}, the whole month", month=month.name)
    return t(
        "{span}, full days. A sum is judged by its target pro-rated to {days} of {length} days",
        span=formats.date_range(month.first, month.until),
        days=days,
        length=length,
    )


def _months(showing: Showing, month: Month) -> Any:
    """To the month before and the one after, as far as today's."""
    before = month.first - timedelta(days=1)
    links = [_month_link(showing, before, "chevron-left", t("The month before"))]
    if next_month(month.first) <= showing.today:
        after = next_month(next_month(month.first)) - timedelta(days=1)
        links.append(_month_link(showing, after, "chevron-right", t("The month after")))
    return links


def _month_link(showing: Showing, last: date, sign: str, label: str) -> Any:
    scope = showing.scope.during(last.replace(day=1), min(last, showing.today))
    return html.A(
        components.icon(sign, 14),
        href=showing.here.href(scope),
        className="btn btn-sm btn-ico",
        title=label,
        **{"aria-label": label},
    )


def next_month(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)


def writer(showing: Showing, metric: Metric) -> Callable[[Number], str]:
    """How a metric's figures are written in tables."""
    currency = showing.shop.currency
    return lambda value: formats.number(value, metric.unit, currency, "full")


def cell(content: Any) -> Any:
    return html.Section(html.Div(content, className="cell w12"), className="band")
