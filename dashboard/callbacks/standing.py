"""How the month stands to its targets, on Overview."""

from __future__ import annotations

from typing import Any

from agent import targets
from agent.metrics import formats
from agent.metrics.frames import Number
from agent.metrics.metric import Metric
from agent.metrics.questions import Ask, Scope
from agent.records.targets import Plan
from agent.targets import Status
from agent.words import t
from dashboard import components
from dashboard.callbacks import goals
from dashboard.callbacks.showing import Showing
from dashboard.components.goals import SIGNS
from dashboard.panels import Cell, Heading, Row, Table
from dashboard.views import wording

SHOWN = 5


def draw(showing: Showing) -> Any:
    """The targets of the month so far, each with its figure and its status."""
    month = goals.month_of(showing)
    plan = showing.services.records.targets.of(showing.shop.shop_id)
    catalogue = showing.services.catalogue()
    wanted = [
        catalogue[name]
        for name in plan.metrics
        if name in catalogue and plan.of_month(name, month.first) is not None
    ]
    if not wanted or month.until is None:
        return _nothing(showing, bool(wanted))
    scope = Scope((showing.shop.shop_id,), month.first, month.until, "none")
    rows = [_row(showing, metric, plan, scope) for metric in wanted]
    rows.sort(key=lambda row: goals.WORST.index(row[0]))
    table = Table(
        title=t("Targets of {month}", month=month.name),
        measure=t("So far: {days}", days=formats.date_range(month.first, month.until)),
        headings=(
            Heading(t("Metric"), number=False),
            Heading(t("So far")),
            Heading(t("Status"), number=False),
        ),
        rows=tuple(row for _, row in rows[:SHOWN]),
    )
    section = components.table_section(table, f"{showing.page.name}.standing", files=False)
    return [section, components.foot(_way(showing))]


def _way(showing: Showing) -> Any:
    return components.link(t("All targets"), showing.here.href(path="/targets"))


def _nothing(showing: Showing, some: bool) -> Any:
    words = (
        t("They are judged from the month's second day on.")
        if some
        else t("A target for a metric and a month appears here with how it stands.")
    )
    way = (t("Targets"), showing.here.href(path="/targets"))
    title = t("The month has just begun") if some else t("No targets yet")
    return components.empty(title, words, way, sign="target")


def _row(showing: Showing, metric: Metric, plan: Plan, scope: Scope) -> tuple[Status, Row]:
    frame = showing.attempt(Ask((metric.name,)), scope)
    value: Number = frame.total(metric.name) if frame else None
    target = targets.over(plan, metric, scope.start, scope.end)
    status = targets.status(target, value, metric.good_up)

    def said(figure: Number) -> str:
        return formats.number(figure, metric.unit, showing.shop.currency)

    note = t("of {target}", target=said(target.target)) if target else ""
    cells = (
        Cell(said(value), None if value is None else float(value)),
        Cell(t(status.value), sign=SIGNS[status][0]),
    )
    return status, Row(wording.spelled(t(metric.label)), cells, note=note)
