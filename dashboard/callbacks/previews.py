"""KPIs as they come out: the figure of the shown period, the formula as it was understood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from dash import dcc

from agent.errors import Refused
from agent.metrics import formats, periods
from agent.metrics import kpis as formulas
from agent.metrics.catalogue import METRICS
from agent.metrics.frames import Frame
from agent.metrics.kpis import Read
from agent.metrics.metric import Metric
from agent.metrics.questions import Ask
from agent.records.kpis import Kpi
from agent.words import t
from dashboard import components
from dashboard.callbacks.entering import Typed
from dashboard.callbacks.showing import Showing
from dashboard.components import forms, html
from dashboard.faults import guarded

DRAFT = "draft"


def waiting() -> Any:
    """Before anything is typed."""
    return html.Span(t("The KPI's figure appears here while you type its formula."))


def preview(showing: Showing, given: Typed, made: Callable[[Typed], Kpi]) -> Any:
    """What the fields come to: figure, change, line and formula; or why they come to nothing."""
    if not given["formula"]:
        return waiting()

    def draw() -> Any:
        return _preview(showing, _draft(made(given)), given["editing"])

    return guarded(draw, lambda fault: forms.problem(fault.message, fault.hint), t("The preview"))


def line(showing: Showing, kpi: Kpi, found: Read, acts: tuple[Any, ...]) -> html.Tr:
    """A KPI in the list; one that does not work says why in place of its figure."""
    metric = found.metrics.get(kpi.name)
    said = found.left_out.get(kpi.name, "") or _worth(showing, metric)
    label: Any = kpi.label
    if metric is not None:
        label = dcc.Link(kpi.label, href=showing.here.href(path="/explore", metrics=kpi.name))
    side = "" if kpi.good_up else t("Lower is better")
    cells = [
        html.Th([label, html.Span(kpi.name, className="note")], scope="row"),
        html.Td([html.Code(kpi.formula), *([html.Span(side, className="note")] if side else [])]),
        html.Td(kpi.definition, className="p3"),
        html.Td(said, className="n" if metric is not None else None),
    ]
    if acts:
        cells.append(html.Td(html.Div(list(acts), className="row-acts")))
    return html.Tr(cells)


def table(lines: Sequence[html.Tr], changes: bool) -> html.Div:
    heads = [
        html.Th(t("KPI"), scope="col"),
        html.Th(t("Formula"), scope="col"),
        html.Th(t("Description"), scope="col", className="p3"),
        html.Th(t("Shown period"), scope="col", className="n"),
    ]
    if changes:
        heads.append(html.Th(html.Span(t("Change"), className="unseen"), scope="col"))
    caption = html.Caption(t("Custom KPIs"), className="unseen")
    body = html.Tbody(list(lines))
    whole = html.Table([caption, html.Thead(html.Tr(heads)), body], className="dt goals")
    return html.Div(whole, className="scroll-x")


def _draft(kpi: Kpi) -> Kpi:
    """A KPI that has no name yet can be looked at all the same."""
    name = kpi.name or DRAFT
    return Kpi(name, kpi.label or t("This KPI"), kpi.unit, kpi.formula, kpi.good_up)


def _preview(showing: Showing, kpi: Kpi, editing: str) -> Any:
    rows = tuple(row for row in showing.services.records.kpis.all() if row.name != kpi.name)
    taken = not editing and len(rows) < len(showing.services.records.kpis.all())
    if taken:
        raise Refused(t("There is already a KPI called {name}.", name=kpi.name))
    metric = formulas.check((*rows, kpi), METRICS, kpi.name)
    grain = periods.grain_for(showing.scope.start, showing.scope.end)
    # Under words of our own: to type a name asks for nothing new, and takes no turn.
    plain = replace(metric, name=DRAFT, label=DRAFT, definition="", good_up=True)
    frame = showing.ask(Ask((DRAFT,), (grain,), defined=(plain,)))
    known = {**METRICS, **formulas.build((*rows, kpi), METRICS)}
    words = formulas.in_words(kpi.formula, known)
    return [*_figure(showing, frame, metric), *_reading(metric, words)]


def _figure(showing: Showing, frame: Frame, metric: Metric) -> list[Any]:
    now, before = frame.total(DRAFT), frame.before(DRAFT)
    moved = formats.change(now, before, metric.unit, metric.good_up)
    shown = [components.delta(moved)] if moved.ratio is not None else []
    said = formats.number(now, metric.unit, frame.receipt.currency)
    reason = t("Its divisor is zero or unknown in this period.") if now is None else ""
    span = formats.date_range(showing.scope.start, showing.scope.end)
    drawn = components.sparkline(tuple(frame.array(DRAFT)))
    return [
        html.Span(metric.label, className="small"),
        html.Span(said, className="value"),
        html.Span([*shown, " ", span], className="small"),
        *([html.Span(reason, className="small")] if reason else []),
        *([drawn] if drawn is not None else []),
    ]


def _reading(metric: Metric, words: str) -> list[Any]:
    return [
        html.Span(words, className="said"),
        html.Span(
            [t("In formulas and addresses:"), " ", html.Code(metric.name)], className="small"
        ),
        html.Span([t("Written out:"), " ", html.Code(metric.formula)], className="small"),
    ]


def _worth(showing: Showing, metric: Metric | None) -> str:
    """A KPI's figure in the shown period, or why it has none."""
    if metric is None:
        return formats.UNKNOWN
    try:
        frame = showing.ask(Ask((metric.name,), defined=(metric,)))
    except Refused as refused:
        return refused.message
    return formats.number(frame.total(metric.name), metric.unit, frame.receipt.currency, "full")
