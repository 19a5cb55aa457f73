"""Findings as a chart, as a table on paper and as rows of a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.metrics import formats
from agent.metrics.frames import Number
from agent.metrics.questions import Scope
from agent.records.findings import VERDICTS
from agent.services import Services
from agent.words import mark, t
from dashboard.alerts import Alert, alerts
from dashboard.charts import Band, Chart, Mark, Series
from dashboard.files.parts import figures, sheet_from, text
from dashboard.files.sheets import Line, Sheet
from dashboard.panels import Cell, Heading, Listed, Row, Table
from dashboard.views import wording
from dashboard.views.goals import unit_of
from dashboard.views.trends import PER

USUAL = 0.95
STATES = {
    "open": mark("Open"),
    "snoozed": mark("Snoozed"),
    "handled": mark("Handled"),
}
STEPS = {"hour": mark("Hour"), "day": mark("Day"), "week": mark("Week")}
TITLE = mark("Alerts")


def chart_of(alert: Alert) -> Chart:
    """What was, in ink, what was expected, dashed, over the grey range that is usual; the finding's
    farthest step is ringed."""
    around, one = alert.around, alert.finding
    per = t(PER[one.step], metric=wording.brief(t(alert.metric.label)))
    money = f", {alert.shop.currency}" if alert.metric.unit == "money" else ""
    return Chart(
        kind="line",
        title=alert.title,
        measure=f"{per}{money}. {t('Grey: 95% range.')}",
        unit=alert.metric.unit,
        currency=alert.shop.currency,
        x=around.dates.astype("datetime64[ms]"),
        series=(
            Series("now", t("Actual"), around.values, "past"),
            Series("expected", t("Expected"), around.expected, "previous"),
        ),
        grain=one.step,
        bands=(Band(USUAL, around.low, around.high, "usual"),),
        marks=_marks(alert),
    )


def _marks(alert: Alert) -> tuple[Mark, ...]:
    around = alert.around
    at = around.peak(alert.finding)
    if at is None:
        return ()
    expected = around.expected[at]
    note = t("expected {value}", value=alert.number(expected)) if expected == expected else ""
    x = around.dates[at].astype("datetime64[ms]")
    return (Mark(x, alert.number(around.values[at]), note, "anomaly"),)


def listed(services: Services, scope: Scope) -> Listed:
    """Every finding that the page lists, and older ones that are open."""
    shop = services.shop(scope.shops[0])
    found = alerts(services, shop)
    return Listed(_table(found), sheet_of(found, shop.currency))


def _table(found: Sequence[Alert]) -> Table:
    headings = (
        Heading(t("Alert"), number=False),
        Heading(t("Severity"), number=False),
        Heading(t("When"), number=False),
        Heading(t("Actual")),
        Heading(t("Expected")),
        Heading(t("Status"), number=False),
    )
    return Table(t(TITLE), t("Of the last 90 days"), headings, tuple(map(_row, found)))


def _row(alert: Alert) -> Row:
    one = alert.finding
    critical = one.severity == "critical"
    cells = (
        Cell(alert.severity, sign=alert.sign[0], tone="neg" if critical else ""),
        Cell(alert.when),
        Cell(alert.number(one.actual), one.actual),
        Cell(alert.number(one.expected), one.expected),
        Cell(t(STATES[alert.tab])),
    )
    return Row(wording.spelled(alert.title), cells, note=alert.handled)


def sheet_of(found: Sequence[Alert], currency: str) -> Sheet:
    """Findings as rows of a file."""
    columns: tuple[tuple[str, str, list[Number]], ...] = (
        (t("Actual"), "actual", [a.finding.actual for a in found]),
        (t("Expected"), "expected", [a.finding.expected for a in found]),
        (t("Usual from"), "low", [a.finding.low for a in found]),
        (t("Usual to"), "high", [a.finding.high for a in found]),
    )
    parts = [
        text(t("Alert"), [a.title for a in found]),
        text(t("Severity"), [a.severity for a in found]),
        text(t("Step"), [t(STEPS.get(a.finding.step, a.finding.step)) for a in found]),
        text(t("From"), [a.finding.first for a in found]),
        text(t("To"), [a.finding.last for a in found]),
        text(t("Metric"), [t(a.metric.label) for a in found]),
        text(t("Part"), [_part(a) for a in found]),
        text(t("Unit"), [unit_of(a.metric.unit, currency) for a in found]),
        *(figures(label, name, values) for label, name, values in columns),
        text(t("Status"), [t(STATES[a.tab]) for a in found]),
        text(t("Verdict"), [_verdict(a) for a in found]),
        text(t("Note"), [a.handled for a in found]),
    ]
    made = sheet_from(parts, t(TITLE), currency)
    return replace(made, lines=tuple(Line(a.metric.unit) for a in found))


def _part(alert: Alert) -> str:
    one = alert.finding
    return formats.value_label(one.dimension, one.member) if one.dimension else ""


def _verdict(alert: Alert) -> str:
    said = VERDICTS.get(alert.finding.verdict, "")
    return t(said) if said else ""
