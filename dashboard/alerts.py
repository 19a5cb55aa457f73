"""Findings as a person reads them: gathered once for page, files and API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from agent.anomalies import said
from agent.anomalies.around import Around
from agent.anomalies.handling import (
    HANDLED_DAYS,
    STAYS,
    metric_of,
    open_count,
    tab_of,
    today_of,
    woken,
)
from agent.errors import NotFound
from agent.forecasting import settling
from agent.metrics import formats
from agent.metrics.metric import Metric
from agent.ports import Shop
from agent.records.events import KINDS, Event
from agent.records.findings import Finding
from agent.services import Services
from agent.words import t

LISTED = timedelta(days=90)
SIGNS: Mapping[str, tuple[str, str]] = {
    "critical": ("octagon-alert", "bad"),
    "warning": ("triangle-alert", "near"),
    "notice": ("info", "mutd"),
    "good": ("trending-up", "good"),
}
"""Severity -> its icon and its colour."""
WORST = tuple(SIGNS)
JOB = "watch"
RUNS_A_DAY = 150


@dataclass(frozen=True)
class Alert:
    """One finding: `tab` says where it is listed; texts are as shown."""

    finding: Finding
    metric: Metric
    shop: Shop
    tab: str
    today: date

    @property
    def title(self) -> str:
        return said.title(self.finding, self.metric, self.shop.currency)

    @property
    def facts(self) -> str:
        return said.facts(self.finding, self.metric, self.shop.currency)

    @property
    def severity(self) -> str:
        return t(said.SEVERITIES.get(self.finding.severity, said.SEVERITIES["notice"]))

    @property
    def sign(self) -> tuple[str, str]:
        return SIGNS.get(self.finding.severity, SIGNS["notice"])

    @property
    def when(self) -> str:
        return said.when(self.finding, self.today)

    @property
    def found(self) -> str:
        return said.found(self.finding, self.shop)

    @property
    def handled(self) -> str:
        return said.handled(self.finding, self.shop)

    @property
    def gap(self) -> str:
        return said.gap(self.finding, self.metric, self.shop.currency)

    @property
    def money(self) -> float | None:
        """What it is worth, in the shop's currency; None where nobody has said."""
        worth = self.finding.content.get("money")
        if isinstance(worth, int | float):
            return float(worth)
        if self.metric.unit != "money" or self.metric.ratio or self.finding.actual is None:
            return None
        return None if self.finding.expected is None else self._difference

    @property
    def _difference(self) -> float:
        return float(self.finding.actual or 0.0) - float(self.finding.expected or 0.0)

    @property
    def around(self) -> Around:
        return Around.of(self.finding)

    def number(self, value: float | None, style: formats.Style = "short") -> str:
        return formats.number(value, self.metric.unit, self.shop.currency, style)

    def to_json(self, metrics: Mapping[str, Metric]) -> dict[str, Any]:
        """As the API tells it; `metrics` name what else is part of the finding."""
        one = self.finding
        names = ("metric", "dimension", "member", "step", "kind", "severity", "first", "last")
        told: dict[str, Any] = {name: getattr(one, name) for name in names}
        more = ("over", "actual", "expected", "low", "high", "score", "state", "verdict")
        told |= {name: getattr(one, name) for name in more}
        times = {
            "found_at": one.found_at,
            "snoozed_until": one.snoozed_until,
            "handled_at": one.handled_at,
        }
        told |= {name: at.isoformat() if at else None for name, at in times.items()}
        return {
            "id": one.finding_id,
            "shop": one.shop_id,
            "tab": self.tab,
            "title": self.title,
            "facts": self.facts,
            "also": said.also(one, metrics),
            "money": self.money,
            **told,
            "handled_by": one.handled_by,
        }


@dataclass(frozen=True)
class Look:
    """The last time that the series were looked at, and how many there are; None: not yet."""

    at: datetime | None
    series: int


def alerts(services: Services, shop: Shop) -> tuple[Alert, ...]:
    """The findings of the last 90 days, and older ones that are still open; what is worst first in
    each tab, then the newest."""
    now, today = services.clock.now(), today_of(services, shop).date()
    found = []
    for one in services.records.findings.all(shop.shop_id):
        metric, tab = metric_of(services, one), tab_of(one, now)
        old = said.ends(one).date() < today - LISTED
        if metric is not None and (tab == "open" or not old):
            found.append(Alert(woken(one, now), metric, shop, tab, today))
    return tuple(sorted(found, key=_order))


def _order(alert: Alert) -> tuple[int, float]:
    """Open ones by severity; whatever is over with by time alone."""
    one = alert.finding
    rank = WORST.index(one.severity) if one.severity in WORST and alert.tab == "open" else 0
    return rank, -said.moment(one.last).timestamp()


def unsettled(services: Services, alert: Alert) -> str:
    """That sales of its days are not final while their refunds are coming; empty where they are,
    and of a part of the shop, of which nobody knows how much comes back."""
    one = alert.finding
    if one.dimension or not settling.refunded(alert.metric):
        return ""
    days = (said.moment(one.first).date(), (said.ends(one) - timedelta(hours=1)).date())
    return settling.note(services, alert.shop, days)


def one_of(services: Services, shop: Shop, finding_id: str) -> Alert:
    """One finding of a shop. Raises NotFound."""
    one, now = services.records.findings.get(finding_id), services.clock.now()
    metric = metric_of(services, one)
    if one.shop_id != shop.shop_id or metric is None:
        raise NotFound(t("There is no such finding; it may have been forgotten."))
    today = today_of(services, shop).date()
    return Alert(woken(one, now), metric, shop, tab_of(one, now), today)


def in_tab(found: tuple[Alert, ...], tab: str) -> tuple[Alert, ...]:
    """What a tab lists; of what was handled, what is of the last weeks."""
    listed = tuple(alert for alert in found if alert.tab == tab)
    return tuple(a for a in listed if _lately(a)) if tab == "handled" else listed


def _lately(alert: Alert) -> bool:
    handled = alert.finding.handled_at
    day = max(said.ends(alert.finding).date(), handled.date() if handled else date.min)
    return day >= alert.today - timedelta(days=HANDLED_DAYS)


def version(services: Services, shop: Shop) -> tuple[int, int]:
    """A number that changes when the findings of a shop do, and how many are open."""
    kept, now = services.records.findings, services.clock.now()
    longest = timedelta(days=max(STAYS.values()) + 2)
    opened = open_count(kept.waiting(shop.shop_id, str((now - longest).date())), now)
    at = kept.changed(shop.shop_id)
    return int((at.timestamp() if at else 0.0) * 1000) * 1000 + opened % 1000, opened


def last_look(services: Services, shop: Shop) -> Look:
    """From the runs of the job that watches."""
    runs = services.records.runs.recent(RUNS_A_DAY, f"{JOB}:{shop.shop_id}")
    at = next((run.finished_at for run in runs if run.finished_at and run.outcome == "ok"), None)
    return Look(at, max((run.total for run in runs), default=0))


def matched(services: Services, alert: Alert) -> tuple[Event, ...]:
    """What the shop's calendar says of its days and of the one before; what a person said of this
    very finding is no cause of it."""
    first = said.moment(alert.finding.first).date() - timedelta(days=1)
    last = (said.ends(alert.finding) - timedelta(hours=1)).date()
    found = services.records.events.between(alert.shop.shop_id, first, max(first, last))
    return tuple(
        event
        for event in found
        if event.event_id != alert.finding.finding_id and _touches(event, alert.finding)
    )


def _touches(event: Event, one: Finding) -> bool:
    """Whether an event is of all the shop, or of the finding's part of it, or may be within it."""
    value = event.part.get(one.dimension)
    return not one.dimension or value in (None, one.member)


def event_words(event: Event) -> str:
    days = formats.date_range(event.first, event.last)
    return t("{kind}: {name}, {days}", kind=t(KINDS[event.kind]), name=event.name, days=days)
