"""Explore against the target: what each row should have reached, or its part of it, and the gap."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from agent import targets
from agent.metrics import formats
from agent.metrics.dimensions import GRAINS
from agent.metrics.metric import Metric
from agent.metrics.questions import Scope
from agent.records.targets import Plan
from agent.words import t
from dashboard.callbacks.showing import Showing
from dashboard.narrowing import during
from dashboard.pages.explore import metric_of
from dashboard.panels import Cell, Heading, Row, Table
from dashboard.views import wording


def target(showing: Showing, table: Table) -> Table:
    """The table with the target beside the main metric, where the page compares with it; else why
    there is none, in its foot."""
    if showing.scope.compare != "target":
        return table
    metric = showing.metric(metric_of(showing.here.own))
    reason = without(showing, metric)
    if reason:
        return replace(table, footer=reason)
    plan = showing.services.records.targets.of(showing.shop.shop_id)
    scope = targets.so_far(showing.scope, showing.today)
    if table.dimension in GRAINS or metric.ratio:
        return _row_by_row(showing, table, metric, plan)
    return _shares(table, metric, _level(plan, metric, scope), showing.shop.currency)


def without(showing: Showing, metric: Metric) -> str:
    """Why nothing can be held against a target here; empty where it can."""
    if showing.scope.filters:
        return t("Targets are kept for the whole shop: a part of it has none.")
    if showing.scope.currency and metric.unit == "money":
        return t("Targets are kept in {currency}.", currency=showing.shop.currency)
    plan = showing.services.records.targets.of(showing.shop.shop_id)
    if not _level(plan, metric, targets.so_far(showing.scope, showing.today)):
        return t("{metric} has no target in this period.", metric=t(metric.label))
    return ""


def _level(plan: Plan, metric: Metric, scope: Scope) -> float:
    found = targets.over(plan, metric, scope.start, scope.end)
    return found.target if found else 0.0


def _row_by_row(showing: Showing, table: Table, metric: Metric, plan: Plan) -> Table:
    """A time has its own days' target, a part of a rate the same as the whole."""

    def against(row: Row) -> Row:
        scope = showing.scope
        if row.key is not None and table.dimension in GRAINS:
            scope = during(scope, table.dimension, date.fromisoformat(row.key[:10]))
        level = _level(plan, metric, targets.so_far(scope, showing.today))
        hours = 24 if table.dimension == "hour" and row.kind != "total" and not metric.ratio else 1
        return replace(row, cells=(*row.cells, *_gap(row, level / hours, metric, showing)))

    headings = (*table.headings, Heading(t("Target"), priority=2), Heading(t("Gap")))
    return replace(table, headings=headings, rows=tuple(map(against, table.rows)))


def _gap(row: Row, level: float, metric: Metric, showing: Showing) -> tuple[Cell, Cell]:
    currency = showing.shop.currency
    wanted = Cell(formats.number(level, metric.unit, currency, "full"), level)
    value = row.cells[0].value if row.cells else None
    if value is None or not level:
        return wanted, Cell(formats.UNKNOWN)
    moved = formats.change(value, level, metric.unit, metric.good_up)
    return wanted, Cell(str(moved), value - level, moved.tone)


def _shares(table: Table, metric: Metric, level: float, currency: str) -> Table:
    """What each part brings of the target of all, and what is missing to it."""

    def against(row: Row) -> Row:
        value = row.cells[0].value if row.cells else None
        part = None if value is None else value / level
        text = formats.UNKNOWN if part is None else wording.share(part)
        note = _missing(value or 0.0, metric, level, currency) if row.kind == "total" else row.note
        return replace(row, cells=(*row.cells, Cell(text, part)), note=note)

    headings = (*table.headings, Heading(t("Share of target")))
    return replace(table, headings=headings, rows=tuple(map(against, table.rows)))


def _missing(value: float, metric: Metric, level: float, currency: str) -> str:
    wanted = formats.number(level, metric.unit, currency, "full")
    gap = formats.number(value - level, metric.unit, currency, "full")
    if value >= level:
        return t("Target {target}, {gap} above it", target=wanted, gap=gap.lstrip("+"))
    return t("Target {target}, gap {gap}", target=wanted, gap=gap)
