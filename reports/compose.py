"""Composing a report: every figure is an answer of services.answer, none is made beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent import insights
from agent.errors import NotFound, Refused
from agent.metrics import formats, periods
from agent.metrics.catalogue import METRICS
from agent.metrics.frames import Frame, Receipt
from agent.metrics.questions import MAX_TOP, Ask, Scope
from agent.ports import Shop
from dashboard.panels import Panel
from reports.documents import REPORTS, Document, KeyFigure, Part, Report
from reports.sections import grain_of
from reports.words import against, span_text

if TYPE_CHECKING:
    from agent.services import Services

_FORMS = (
    "Write a month (2011-11), a week (2026-W46), a quarter (2026-Q3), a year (2026), "
    "two days (2026-10-01..2026-10-28) or a name such as last_week."
)
_ROWS_IN_WORKBOOK = MAX_TOP


def report_of(name: str) -> Report:
    """The row of a report. Raises NotFound naming those that exist."""
    if name not in REPORTS:
        raise NotFound(f"There is no report called {name!r}.", hint=f"Known: {', '.join(REPORTS)}.")
    return REPORTS[name]


def compose(services: Services, name: str, scope: Scope, made_for: str = "") -> Document:
    """Ask for everything a report shows. Raises NotFound (report, shop) or Refused (scope)."""
    report = report_of(name)
    shop = services.shop(scope.shops[0] if scope.shops else None)
    asked = replace(scope, shops=(shop.shop_id,))
    scope = services.engine.comparable(asked)
    series = services.answer(Ask(report.figures, by=(grain_of(scope),)).within(scope))
    parts = tuple(_part(services, panel, scope) for panel in report.panels)
    receipts = (series.receipt, *(part.frame.receipt for part in parts))
    made_at = services.clock.now().astimezone(ZoneInfo(shop.timezone))
    lead = tuple(s.text for s in insights.lead(services.answer, scope, shop))
    return Document(
        name=report.name,
        title=report.title,
        lead=lead or (f"{report.title}: {shop.name}",),
        shop=shop,
        scope=scope,
        period=span_text(scope.start, scope.end),
        against=against(scope),
        made_for=made_for,
        made_at=made_at,
        figures=tuple(_figure(series, metric, shop.currency) for metric in report.figures),
        series=series,
        parts=parts,
        definitions=_definitions(receipts),
        notes=_notes(shop, scope, receipts, made_at),
        receipts=receipts,
        link=_link(services.settings.base_url, asked),
    )


def _link(base_url: str, scope: Scope) -> str:
    """The live page with these very days, whenever it is opened."""
    return f"{base_url.rstrip('/')}/?{scope.during(scope.start, scope.end).query_string()}"


def _figure(frame: Frame, metric: str, currency: str) -> KeyFigure:
    row = frame.metric(metric)
    value, before = frame.total(metric), frame.before(metric)
    return KeyFigure(
        metric=metric,
        label=row.label,
        unit=row.unit,
        value=value,
        before=before,
        text=formats.number(value, row.unit, currency, "short"),
        text_before=formats.number(before, row.unit, currency, "short"),
        change=formats.change(value, before, row.unit, row.good_up),
        series=frame.array(metric),
        series_before=None if frame.previous is None else frame.previous.array(metric),
    )


def _part(services: Services, panel: Panel, scope: Scope) -> Part:
    ask = panel.ask(scope)
    frame = services.answer(ask.within(scope))
    cut = ask.top and frame.rest
    whole = replace(ask, top=_ROWS_IN_WORKBOOK).within(scope)
    return Part(
        panel.id,
        panel.title,
        panel.view(frame, scope),
        frame,
        services.answer(whole) if cut else frame,
        half=panel.width <= 6,
    )


def _definitions(receipts: tuple[Receipt, ...]) -> tuple[tuple[str, str], ...]:
    """Every definition used, once, in the order of use."""
    found: dict[str, str] = {}
    for receipt in receipts:
        for name, sentence in receipt.definitions.items():
            found.setdefault(METRICS[name].label if name in METRICS else name, sentence)
    return tuple(found.items())


def _notes(
    shop: Shop, scope: Scope, receipts: tuple[Receipt, ...], made_at: datetime
) -> tuple[tuple[str, str], ...]:
    versions: dict[str, int] = {}
    for receipt in receipts:
        versions |= receipt.tables
    until = max((r.last_sync for r in receipts if r.last_sync), default=None)
    previous, period = scope.previous(), span_text(scope.start, scope.end)
    notes = [
        ("Shop", shop.name),
        ("Period", period + (", both days included" if " to " in period else "")),
        ("Compared with", span_text(*previous) if previous else "Nothing"),
        ("Filters", "; ".join(receipts[0].filters) or "None: all sales of the shop"),
        ("Currency", f"{shop.currency}, the shop's own; exact amounts, rounded only where shown"),
        ("Time zone", f"{shop.timezone}; a day is the shop's day"),
        (
            "Data versions",
            ", ".join(f"{t} {v}" for t, v in sorted(versions.items()) if v) or "None",
        ),
    ]
    if until is not None:
        notes.append(("Data until", f"{until.day} {until:%b %Y %H:%M}"))
    notes.append(("Made", f"{made_at.day} {made_at:%b %Y %H:%M} ({shop.timezone})"))
    return tuple(notes)


def period_scope(
    services: Services, shop: Shop, period_text: str, today: date | None = None
) -> Scope:
    """The scope of a period written by a person. Raises Refused with the forms that work.

    One still running ends today, so that it is compared with as many days. `today` may be an
    earlier day, for a report that is late.
    """
    text = period_text.strip()
    start, end = span_of(text, min(today or date.max, services.today(shop)))
    preset = text if text in periods.PRESETS else ""
    return Scope((shop.shop_id,), start, end, preset=preset)


def span_of(period_text: str, today: date) -> tuple[date, date]:
    """First and last day of a period written by a person, not after today. Raises Refused."""
    text = period_text.strip()
    if text in periods.PRESETS:
        return periods.PRESETS[text].span(today)
    start, end = _span(text)
    if not 1970 <= start.year <= end.year <= 2199:
        raise Refused(f"The period {text!r} is outside 1970 to 2199.")
    if start > end:
        raise Refused(f"The period {text!r} ends before it starts.", hint="Swap the two days.")
    if start > today:
        raise Refused(f"The period {text!r} has not begun; today is {today}.")
    return start, min(end, today)


def _span(text: str) -> tuple[date, date]:
    for pattern, span in _READ:
        found = re.fullmatch(pattern, text, re.ASCII)
        if found:
            try:
                return span(*found.groups())
            except (ValueError, OverflowError) as error:
                raise Refused(
                    f"The period {text!r} is not in the calendar.", hint=_FORMS
                ) from error
    raise Refused(f"The period {text!r} cannot be read.", hint=_FORMS)


def _months(year: str, first: int, count: int) -> tuple[date, date]:
    start = date(int(year), first, 1)
    months = start.year * 12 + start.month - 1 + count
    return start, date(months // 12, months % 12 + 1, 1) - timedelta(days=1)


def _week(year: str, week: str) -> tuple[date, date]:
    return date.fromisocalendar(int(year), int(week), 1), date.fromisocalendar(
        int(year), int(week), 7
    )


_DAY = r"(\d{4}-\d{2}-\d{2})"
_READ: tuple[tuple[str, Callable[..., tuple[date, date]]], ...] = (
    (r"(\d{4})", lambda y: _months(y, 1, 12)),
    (r"(\d{4})-(\d{2})", lambda y, m: _months(y, int(m), 1)),
    (r"(\d{4})-Q([1-4])", lambda y, q: _months(y, 3 * int(q) - 2, 3)),
    (r"(\d{4})-W(\d{2})", _week),
    (_DAY, lambda d: (date.fromisoformat(d), date.fromisoformat(d))),
    (rf"{_DAY}\.\.{_DAY}", lambda a, b: (date.fromisoformat(a), date.fromisoformat(b))),
)
