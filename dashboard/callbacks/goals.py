"""The table of targets: how far each metric is, in the month's full days, from what is wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from agent.metrics import formats
from agent.metrics.catalogue import METRICS
from agent.metrics.frames import Number
from agent.metrics.metric import Metric
from agent.targets import Status
from agent.words import n, t
from dashboard import components
from dashboard.callbacks import entering
from dashboard.callbacks.showing import Showing
from dashboard.components import forms, goals, html
from dashboard.goals import Goal, Month, goals_of, month_of, next_month

EVERY = "every"


def listed(showing: Showing) -> Any:
    """Every target, the worst first."""
    month = month_of(showing.scope, showing.today)
    rows = goals_of(showing.services, showing.answer, showing.shop.shop_id, month)
    months = _months(showing, month)
    if not rows:
        text = t("Set one below: its month so far, and how it stands, appear here.")
        head = components.heading(_finding(rows), _measure(month), months)
        return cell([head, components.empty(t("No targets"), text, sign="target")])
    acts = [*months, components.exports.files()]
    head = components.heading(_finding(rows), _measure(month), acts)
    shown = [_goal(showing, row, month) for row in rows]
    caption = t("Targets of {month}", month=month.name)
    table = goals.goal_table(shown, caption, t("Target, {month}", month=month.name))
    return cell([head, table], "targets.goals")


def _goal(showing: Showing, row: Goal, month: Month) -> goals.Goal:
    metric, target = row.metric, row.target
    said = writer(showing, metric)
    untouched = t("From the KPI") if metric.name not in METRICS else t("Shipped default")
    origin = t("This month's own") if row.own else untouched if target.shipped else ""
    levels = [said(level) for level in (target.warning, target.critical) if level is not None]
    return goals.Goal(
        label=t(metric.label),
        href=showing.here.href(path="/explore", metrics=metric.name),
        month=said(target.target),
        levels=", ".join(levels) or formats.UNKNOWN,
        actual=said(row.value),
        so_far=said(row.so_far.target) if row.so_far else formats.UNKNOWN,
        status=row.status,
        reached=None if row.value is None else float(row.value),
        wanted=row.so_far.target if row.so_far else None,
        notes=(t("Lower is better") if not metric.good_up else "", origin, row.reason),
        acts=_acts(metric, month, row.own) if entering.may() else (),
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


def _finding(rows: Sequence[Goal]) -> str:
    """How many are not met, of those that can be judged."""
    judged = [row for row in rows if row.status is not Status.NONE]
    missed = sum(row.status is not Status.ON for row in judged)
    if not judged:
        return t("Targets")
    if not missed:
        return n(
            "The one target is met", "All {count} targets are met", len(judged), count=len(judged)
        )
    return n(
        "{count} of {all} targets is not met",
        "{count} of {all} targets are not met",
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


def writer(showing: Showing, metric: Metric) -> Callable[[Number], str]:
    """How a metric's figures are written in tables."""
    currency = showing.shop.currency
    return lambda value: formats.number(value, metric.unit, currency, "full")


def cell(content: Any, panel_id: str = "") -> Any:
    """A band of its own; with the panel's id its menu fetches that panel's files."""
    named = {"data-panel": panel_id} if panel_id else {}
    return html.Section(html.Div(content, className="cell w12", **named), className="band")
