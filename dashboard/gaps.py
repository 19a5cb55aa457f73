"""A breakdown against the target: what each row should have reached, or its part of it, and the
gap.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from agent import targets
from agent.metrics import formats
from agent.metrics.dimensions import GRAINS
from agent.metrics.metric import Metric
from agent.metrics.questions import Scope
from agent.records.targets import Plan
from agent.words import t
from dashboard.narrowing import during
from dashboard.panels import Cell, Heading, Row, Table
from dashboard.views import wording


@dataclass(frozen=True)
class Held:
    """What a table's main metric is held to: the shop's plan within the page's scope, read on a
    day, in the shop's own currency."""

    metric: Metric
    plan: Plan
    scope: Scope
    today: date
    currency: str


def beside(table: Table, held: Held) -> Table:
    """The table with the target beside its main metric; else why there is none, in its foot."""
    reason = without(held)
    if reason:
        return replace(table, footer=reason)
    if table.dimension in GRAINS or held.metric.ratio:
        return _row_by_row(table, held)
    return _shares(table, held)


def without(held: Held) -> str:
    """Why nothing can be held against a target here; empty where it can."""
    if held.scope.filters:
        return t("Targets are kept for the whole shop: a part of it has none.")
    if held.scope.currency and held.metric.unit == "money":
        return t("Targets are kept in {currency}.", currency=held.currency)
    if not _level(held, held.scope):
        return t("{metric} has no target in this period.", metric=t(held.metric.label))
    return ""


def _level(held: Held, scope: Scope) -> float:
    until = targets.so_far(scope, held.today)
    found = targets.over(held.plan, held.metric, until.start, until.end)
    return found.target if found else 0.0


def _row_by_row(table: Table, held: Held) -> Table:
    """A time has its own days' target, a part of a rate the same as the whole."""

    def against(row: Row) -> Row:
        scope = held.scope
        if row.key is not None and table.dimension in GRAINS:
            scope = during(scope, table.dimension, date.fromisoformat(row.key[:10]))
        whole = row.kind == "total" or held.metric.ratio
        hours = 24 if table.dimension == "hour" and not whole else 1
        return replace(row, cells=(*row.cells, *_gap(row, _level(held, scope) / hours, held)))

    headings = (*table.headings, Heading(t("Target"), priority=2), Heading(t("Gap")))
    return replace(table, headings=headings, rows=tuple(map(against, table.rows)))


def _gap(row: Row, level: float, held: Held) -> tuple[Cell, Cell]:
    metric = held.metric
    wanted = Cell(formats.number(level, metric.unit, held.currency, "full"), level)
    value = row.cells[0].value if row.cells else None
    if value is None or not level:
        return wanted, Cell(formats.UNKNOWN)
    moved = formats.change(value, level, metric.unit, metric.good_up)
    return wanted, Cell(str(moved), value - level, moved.tone)


def _shares(table: Table, held: Held) -> Table:
    """What each part brings of the target of all, and what is missing to it."""
    level = _level(held, held.scope)

    def against(row: Row) -> Row:
        value = row.cells[0].value if row.cells else None
        part = None if value is None else value / level
        text = formats.UNKNOWN if part is None else wording.share(part)
        note = _missing(value or 0.0, level, held) if row.kind == "total" else row.note
        return replace(row, cells=(*row.cells, Cell(text, part)), note=note)

    headings = (*table.headings, Heading(t("Share of target")))
    return replace(table, headings=headings, rows=tuple(map(against, table.rows)))


def _missing(value: float, level: float, held: Held) -> str:
    wanted = formats.number(level, held.metric.unit, held.currency, "full")
    gap = formats.number(value - level, held.metric.unit, held.currency, "full")
    if value >= level:
        return t("Target {target}, {gap} above it", target=wanted, gap=gap.lstrip("+"))
    return t("Target {target}, gap {gap}", target=wanted, gap=gap)
