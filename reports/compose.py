"""Composing a report: every figure is an answer of services.answer, none is made beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.errors import Refused
from agent.metrics import formats
from agent.metrics.frames import Frame
from agent.metrics.questions import Ask, Question, Scope
from agent.sources.histories import begins
from agent.words import t, tag
from dashboard.files.about import Pairs, cut, notes, span_text
from dashboard.panels import Own, Panel
from reports.choice import chosen, link
from reports.documents import Document, KeyFigure, Report, report_of
from reports.leads import lead_of
from reports.parts import parts_of
from reports.sections import grain_of
from reports.spans import period_scope as period_scope
from reports.words import against, definition

if TYPE_CHECKING:
    from agent.services import Services

MOST_FIGURES = 6


def compose(
    services: Services, name: str, scope: Scope, made_for: str = "", own: Own | None = None
) -> Document:
    """Ask for everything that a report or a page shows; `own` are the page's own words, of a report
    the `metrics` that head it. Raises NotFound (report, shop) or Refused (scope).
    """
    own = own or {}
    report, left_out = chosen(services, report_of(name, own), own)
    shop = services.shop(scope.shops[0] if scope.shops else None)
    asked = replace(scope, shops=(shop.shop_id,))
    scope = services.engine.comparable(asked)
    first = begins(services, scope.shops)
    parts, missing = parts_of(services, report.panels, scope, first)
    names = _names(services, report, scope)
    series = _series(services, names, scope)
    receipts = tuple(
        frame.receipt for frame in (series, *(part.frame for part in parts)) if frame is not None
    )
    spoken = report.says(services, scope) if report.says else None
    made_at = services.clock.now().astimezone(ZoneInfo(shop.timezone))
    return Document(
        name=report.name,
        title=t(report.title),
        lead=spoken.lead
        if spoken
        else lead_of(services, series, scope, shop) or (f"{t(report.title)}: {shop.name}",),
        shop=shop,
        scope=scope,
        period=spoken.period if spoken else span_text(scope.start, scope.end),
        against="" if spoken else against(scope),
        made_for=made_for,
        made_at=made_at,
        figures=_figures(services, names, series),
        series=series,
        parts=parts,
        definitions=_definitions((series, *(part.frame for part in parts))),
        notes=(*notes(shop, scope, receipts, made_at), *cut(first, scope), *left_out, *missing),
        receipts=receipts,
        link=link(services.settings.base_url, report, asked, own),
        language=tag().partition("-")[0],
    )


def _names(services: Services, report: Report, scope: Scope) -> tuple[str, ...]:
    """The headline numbers: those that the shop knows, those that are named, or the first that the
    panels ask for.
    """
    versions = services.warehouse.versions(scope.shops)
    known = report.known(lambda table: versions.get(table, 0) > 0) if report.known else ()
    return known or report.figures or _told(report.panels, scope)


def _told(panels: tuple[Panel, ...], scope: Scope) -> tuple[str, ...]:
    asks = (panel.ask(panel.scope(scope)) for panel in panels if panel.listed is None)
    names = dict.fromkeys(name for ask in asks for name in ask.metrics)
    return tuple(names)[:MOST_FIGURES]


def _series(services: Services, names: tuple[str, ...], scope: Scope) -> Frame | None:
    """The headline numbers through the period: together, or those that can be told over time."""
    by = (grain_of(scope),)
    kept = []
    try:
        return services.answer(Ask(names, by=by).within(scope)) if names else None
    except Refused:
        kept = [name for name in names if _answers(services, Ask((name,), by=by).within(scope))]
    return services.answer(Ask(tuple(kept), by=by).within(scope)) if kept else None


def _answers(services: Services, question: Question) -> bool:
    try:
        services.answer(question)
    except Refused:
        return False
    return True


def _figures(
    services: Services, names: tuple[str, ...], series: Frame | None
) -> tuple[KeyFigure, ...]:
    """Every headline number; one that has no answer under these filters is unknown."""
    known = [column.name for column in series.metrics] if series is not None else []
    return tuple(
        _figure(series, name)
        if series is not None and name in known
        else KeyFigure.unknown(services.catalogue()[name])
        for name in names
    )


def _figure(frame: Frame, metric: str) -> KeyFigure:
    row, currency = frame.metric(metric), frame.receipt.currency
    value, before = frame.total(metric), frame.before(metric)
    return KeyFigure(
        metric=metric,
        label=t(row.label),
        unit=row.unit,
        value=value,
        before=before,
        text=formats.number(value, row.unit, currency, "short"),
        text_before=formats.number(before, row.unit, currency, "short"),
        change=formats.change(value, before, row.unit, row.good_up),
        series=frame.array(metric),
        series_before=None if frame.previous is None else frame.previous.array(metric),
    )


def _definitions(frames: Iterable[Frame | None]) -> Pairs:
    """Every definition used, once, in the order of use."""
    rows = (row for frame in frames if frame is not None for row in frame.about)
    return tuple({t(row.label): definition(row) for row in rows}.items())
