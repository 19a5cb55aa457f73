"""People's own metrics, with their figures in a period, as a table and as rows of a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.errors import Refused
from agent.metrics import formats
from agent.metrics import kpis as formulas
from agent.metrics.catalogue import METRICS
from agent.metrics.frames import Frame, Number
from agent.metrics.questions import Ask, Scope
from agent.records.kpis import Kpi
from agent.services import Services
from agent.words import t
from dashboard.files.moves import change_formula, moved
from dashboard.files.parts import Part, figures, floats, sheet_from, text
from dashboard.files.sheets import Heading as Head
from dashboard.files.sheets import Line, Sheet
from dashboard.panels import Cell, Heading, Listed, Row, Table
from dashboard.views import wording
from dashboard.views.goals import unit_of


@dataclass(frozen=True)
class Worth:
    """A KPI and its figures; in `reason` why it has none."""

    kpi: Kpi
    value: Number = None
    before: Number = None
    reason: str = ""


def listed(services: Services, scope: Scope) -> Listed:
    """Every KPI with its formula and its figure in the period, whatever the filters are."""
    whole = services.engine.comparable(replace(scope, filters=()))
    found = formulas.read(services.records.kpis.all(), METRICS)
    rows = [_worth(services, kpi, found, whole) for kpi in services.records.kpis.all()]
    currency = scope.currency or services.shop(scope.shops[0]).currency
    compared = whole.previous() is not None
    return Listed(_table(rows, currency, compared), _sheet(rows, currency, compared))


def _worth(services: Services, kpi: Kpi, found: formulas.Read, scope: Scope) -> Worth:
    if kpi.name not in found.metrics:
        return Worth(kpi, reason=found.left_out.get(kpi.name, ""))
    try:
        frame: Frame = services.answer(Ask((kpi.name,)).within(scope))
    except Refused as refused:
        return Worth(kpi, reason=refused.message)
    return Worth(kpi, frame.total(kpi.name), frame.before(kpi.name))


def _table(rows: Sequence[Worth], currency: str, compared: bool) -> Table:
    headings = (
        Heading(t("KPI"), number=False),
        Heading(t("Formula"), number=False),
        Heading(t("Shown period")),
        *([Heading(t("Before")), Heading(t("Change"))] if compared else []),
    )
    measure = t("A KPI is a formula over metrics; it stands wherever a metric does")
    body = tuple(_row(row, currency, compared) for row in rows)
    return Table(t("Custom KPIs"), measure, headings, body)


def _row(row: Worth, currency: str, compared: bool) -> Row:
    def cell(figure: Number) -> Cell:
        said = formats.number(figure, row.kpi.unit, currency, "full")
        return Cell(said, wording.number(figure))

    change = formats.change(row.value, row.before, row.kpi.unit, row.kpi.good_up)
    moves = [cell(row.before), Cell(str(change), change.ratio, change.tone)] if compared else []
    cells = (Cell(row.kpi.formula), cell(row.value), *moves)
    return Row(row.kpi.label, cells, note=row.reason)


def _sheet(rows: Sequence[Worth], currency: str, compared: bool) -> Sheet:
    parts = [
        text(t("KPI"), [row.kpi.label for row in rows]),
        text(t("Name"), [row.kpi.name for row in rows]),
        text(t("Unit"), [unit_of(row.kpi.unit, currency) for row in rows]),
        text(t("Formula"), [row.kpi.formula for row in rows]),
        text(t("Description"), [row.kpi.definition for row in rows]),
        figures(t("Shown period"), "now", [row.value for row in rows]),
        *(_moves(rows) if compared else []),
        text(t("Note"), [row.reason for row in rows]),
    ]
    lines = tuple(Line(row.kpi.unit) for row in rows)
    return replace(sheet_from(parts, t("Custom KPIs"), currency), lines=lines)


def _moves(rows: Sequence[Worth]) -> list[Part]:
    change = Head(t("Change"), "move", formula=change_formula("now", False))
    steps = [moved(row.value, row.before, row.kpi.unit == "percent") for row in rows]
    return [
        figures(t("Before"), "now_before", [row.before for row in rows]),
        floats(change, steps),
    ]
