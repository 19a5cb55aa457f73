"""What was found out of the ordinary since the last report, and nobody has dealt with yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from agent.anomalies import said
from agent.errors import Refused
from agent.metrics import formats
from agent.metrics.questions import Scope
from agent.ports import Shop
from agent.scheduling.job import OK
from agent.services import Services
from agent.words import mark, n, t
from dashboard.alerts import Alert, alerts
from dashboard.panels import Cell, Heading, Listed, Panel, Row, Table, a_list
from dashboard.views import wording
from dashboard.views.findings import sheet_of

TITLE = mark("Alerts")
MOST = 8
"""The worst; a line says how many others there are."""
RUNS = 50
LATE = timedelta(days=7)
"""A report of days that ended longer ago is of these days, whenever the last one was sent."""


def since_last(report: str) -> Panel:
    """A report's alerts: the open ones since it was sent the last time."""
    return a_list("alerts", TITLE, partial(unusual, report=report))


def unusual(services: Services, scope: Scope, report: str) -> Listed:
    """Open alerts that were found since the last report, or in the period where there was none.
    Raises Refused where nothing is open."""
    shop = services.shop(scope.shops[0])
    last = _last(services, shop, report)
    if last is not None and not scope.start <= last.date() <= scope.end + LATE:
        last = None
    every = [one for one in alerts(services, shop) if one.tab == "open" and _until(one, scope.end)]
    found = [one for one in every if _since(one, last, scope.start)]
    if not found:
        raise Refused(t("Nothing out of the ordinary is open."))
    since = scope.start if last is None else last.date()
    return Listed(_table(found, since, len(every) - len(found)), sheet_of(found, shop.currency))


def _last(services: Services, shop: Shop, report: str) -> datetime | None:
    """When the report was sent the last time, on the shop's wall."""
    runs = services.records.runs.recent(RUNS, f"{report}:{shop.shop_id}")
    ended = (run.finished_at for run in runs if run.outcome == OK and run.finished_at)
    last = next(ended, None)
    return None if last is None else last.astimezone(ZoneInfo(shop.timezone))


def _until(alert: Alert, end: date) -> bool:
    return said.moment(alert.finding.first).date() <= end


def _since(alert: Alert, last: datetime | None, start: date) -> bool:
    found = alert.finding.found_at
    if last is not None and found is not None:
        return found >= last
    return said.ends(alert.finding).date() > start


def _table(found: Sequence[Alert], since: date, older: int) -> Table:
    rest = len(found) - MOST
    said_too = [
        n("{count} other alert is open.", "{count} other alerts are open.", rest, count=rest)
        if rest > 0
        else "",
        n("{count} older one is open too.", "{count} older ones are open too.", older, count=older)
        if older
        else "",
    ]
    return Table(
        t("Alerts"),
        t("Open ones, since {day}", day=formats.day(since)),
        (
            Heading(t("Alert"), number=False),
            Heading(t("When"), number=False),
            Heading(t("Actual")),
            Heading(t("Expected")),
            Heading(t("Difference"), sorted=True),
        ),
        tuple(map(_row, found[:MOST])),
        footer=" ".join(filter(None, said_too)),
    )


def _row(alert: Alert) -> Row:
    one, gap = alert.finding, alert.gap
    moved = 0.0 if one.actual is None or one.expected is None else one.actual - one.expected
    tone = "pos" if (moved > 0) == alert.metric.good_up else "neg"
    cells = (
        Cell(alert.when),
        Cell(alert.number(one.actual), one.actual),
        Cell(alert.number(one.expected), one.expected),
        Cell(gap or formats.UNKNOWN, moved, tone if moved else "mut"),  # type: ignore[arg-type]
    )
    return Row(wording.spelled(alert.title), cells, note=f"{alert.severity}. {alert.when}")
