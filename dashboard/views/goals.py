"""Targets as tables and as rows of a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from agent.metrics import formats
from agent.metrics.frames import Number
from agent.metrics.metric import Metric
from agent.metrics.questions import Scope
from agent.services import Services
from agent.targets import Status
from agent.words import mark, t
from dashboard.files.parts import Part, figures, floats, sheet_from, text
from dashboard.files.sheets import Heading as Head
from dashboard.files.sheets import Line, Sheet
from dashboard.goals import Goal, Month, goals_of, month_of
from dashboard.goingon import foretold, landed
from dashboard.panels import Cell, Heading, Listed, Row, Table
from dashboard.views import wording
from dashboard.views.foretelling import lands

Lists = Callable[[Services, Scope], Listed]
UNITS = {
    "money": mark("Money"),
    "count": mark("Count"),
    "percent": mark("Percent"),
    "number": mark("Number"),
}
SIGNS: dict[Status, str] = {
    Status.ON: "check",
    Status.NEAR: "minus",
    Status.OFF: "triangle-alert",
    Status.WARNING: "triangle-alert",
    Status.CRITICAL: "octagon-alert",
    Status.NONE: "circle-dashed",
}
SHOWN = 5


def listed(services: Services, scope: Scope) -> Listed:
    """Every target of the month, with its levels, the figure so far and how it stands."""
    month, currency, goals = _asked(services, scope)
    return Listed(_whole(goals, month, currency), _sheet(goals, month, currency))


def standing(services: Services, scope: Scope) -> Listed:
    """How the month stands: what stands worst on paper, all of it in files."""
    month, currency, goals = _asked(services, scope)
    lands = landing_words(services, scope, goals, month)
    table = replace(standing_of(goals, month, currency), footer=lands)
    return Listed(table, _sheet(goals, month, currency))


def landing_words(services: Services, scope: Scope, goals: Sequence[Goal], month: Month) -> str:
    """Where the month of the first target lands whose forecast is kept, with the forecast's
    record; empty where none is, or the month is over."""
    shop = services.shop(scope.shops[0])
    if scope.filters or month.last < services.today(shop):
        return ""
    wanted = {goal.metric.name for goal in goals} & foretold(services, shop.shop_id)
    names = sorted(wanted, key=lambda name: (name != "net_sales", name))
    found = next(filter(None, (landed(services, shop.shop_id, name) for name in names)), None)
    return lands(*found) if found else ""


def standing_of(goals: Sequence[Goal], month: Month, currency: str) -> Table:
    """The targets that stand worst, each with its figure and its status."""
    return Table(
        title=t("Targets of {month}", month=month.name),
        measure=t("So far: {days}", days=month.days),
        headings=(
            Heading(t("Metric"), number=False),
            Heading(t("So far")),
            Heading(t("Status"), number=False),
        ),
        rows=tuple(_brief(goal, currency) for goal in goals[:SHOWN]),
    )


def _asked(services: Services, scope: Scope) -> tuple[Month, str, tuple[Goal, ...]]:
    shop = services.shop(scope.shops[0])
    month = month_of(scope, services.today(shop))
    return month, shop.currency, goals_of(services, services.answer, shop.shop_id, month)


def _brief(goal: Goal, currency: str) -> Row:
    def said(figure: Number) -> str:
        return formats.number(figure, goal.metric.unit, currency)

    note = t("of {target}", target=said(goal.so_far.target)) if goal.so_far else ""
    cells = (
        Cell(said(goal.value), wording.number(goal.value)),
        _stands(goal),
    )
    return Row(wording.spelled(t(goal.metric.label)), cells, note=note)


def _whole(goals: Sequence[Goal], month: Month, currency: str) -> Table:
    headings = (
        Heading(t("Metric"), number=False),
        Heading(t("Target, {month}", month=month.name)),
        Heading(t("Warning")),
        Heading(t("Critical")),
        Heading(t("So far")),
        Heading(t("Target so far")),
        Heading(t("Reached")),
        Heading(t("Status"), number=False),
    )
    rows = tuple(_row(goal, currency) for goal in goals)
    measure = t("So far: {days}", days=month.days) if month.until else ""
    return Table(t("Targets of {month}", month=month.name), measure, headings, rows)


def _row(goal: Goal, currency: str) -> Row:
    def cell(figure: Number) -> Cell:
        said = formats.number(figure, goal.metric.unit, currency, "full")
        return Cell(said, wording.number(figure))

    wanted = goal.so_far.target if goal.so_far else None
    reached = _reached(goal)
    cells = (
        *(cell(figure) for figure in _levels(goal)),
        cell(goal.value),
        cell(wanted),
        Cell(formats.number(reached, "percent"), reached),
        _stands(goal),
    )
    return Row(t(goal.metric.label), cells)


def _stands(goal: Goal) -> Cell:
    """A target that is missed has the sign of a warning, in red."""
    missed = goal.status is Status.OFF
    return Cell(t(goal.status.value), sign=SIGNS[goal.status], tone="neg" if missed else "")


def _levels(goal: Goal) -> tuple[float | None, float | None, float | None]:
    return goal.target.target, goal.target.warning, goal.target.critical


def _reached(goal: Goal) -> float | None:
    if goal.value is None or goal.so_far is None or goal.so_far.target <= 0:
        return None
    return float(goal.value) / goal.so_far.target


def _sheet(goals: Sequence[Goal], month: Month, currency: str) -> Sheet:
    metrics = [goal.metric for goal in goals]
    levels = [_levels(goal) for goal in goals]
    columns: tuple[tuple[str, str, list[Number]], ...] = (
        (t("Target, {month}", month=month.name), "target", [level[0] for level in levels]),
        (t("Warning"), "warning", [level[1] for level in levels]),
        (t("Critical"), "critical", [level[2] for level in levels]),
        (t("So far"), "value", [goal.value for goal in goals]),
        (t("Target so far"), "wanted", [g.so_far.target if g.so_far else None for g in goals]),
    )
    parts = [
        *_names(metrics, currency),
        *(figures(label, name, values) for label, name, values in columns),
        floats(
            Head(t("Reached"), "percent", formula='IF({wanted}=0,"",{value}/{wanted})'),
            [_reached(goal) for goal in goals],
        ),
        text(t("Status"), [t(goal.status.value) for goal in goals]),
        text(t("Note"), [goal.reason for goal in goals]),
    ]
    made = sheet_from(parts, t("Targets"), currency)
    return replace(made, lines=tuple(Line(metric.unit) for metric in metrics))


def _names(metrics: Sequence[Metric], currency: str) -> list[Part]:
    return [
        text(t("Metric"), [t(metric.label) for metric in metrics]),
        text(t("Name"), [metric.name for metric in metrics]),
        text(t("Unit"), [unit_of(metric.unit, currency) for metric in metrics]),
    ]


def unit_of(unit: str, currency: str) -> str:
    """What figures of a unit count, beside which a file says no sign."""
    if unit == "days":
        return t("Days")
    return currency if unit == "money" else t(UNITS.get(unit, UNITS["number"]))
