"""What people do with findings: see to them, put them off, say that they were expected or wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.anomalies import said
from agent.errors import NotFound, Refused
from agent.metrics.metric import Metric
from agent.ports import Shop
from agent.records.events import LONGEST_DAYS, LONGEST_NAME, Event
from agent.records.findings import ACKNOWLEDGED, OPEN, SNOOZED, Finding, Handling
from agent.words import mark, n, t

if TYPE_CHECKING:
    from agent.services import Services

TOPIC = "findings"
"""The bus: what was found, or what somebody did with it, has changed."""
TABS: Mapping[str, str] = {
    "open": mark("Open"),
    "snoozed": mark("Snoozed"),
    "handled": mark("Handled"),
}
STAYS: Mapping[str, int] = {"critical": 28, "warning": 28, "notice": 7, "good": 7}
"""Days for which what is over and nobody has seen to stays open, by its severity."""
HANDLED_DAYS = 28
SNOOZES: Mapping[int, str] = {1: mark("For a day"), 7: mark("For a week")}
DEEDS: Mapping[str, tuple[str, str, str]] = {
    "acknowledge": (ACKNOWLEDGED, "real", "acknowledged a finding"),
    "snooze": (SNOOZED, "", "snoozed a finding"),
    "expected": (ACKNOWLEDGED, "expected", "marked a finding as expected"),
    "wrong": (ACKNOWLEDGED, "wrong", "dismissed a finding"),
    "reopen": (OPEN, "", "reopened a finding"),
}
"""Deed -> the state and the verdict that it leaves, and the words of the audit log."""


@dataclass(frozen=True)
class Verdicts:
    """How many of the findings that people judged were real."""

    real: int
    expected: int
    wrong: int

    @property
    def judged(self) -> int:
        return self.real + self.expected + self.wrong

    def sentence(self) -> str:
        """Of 23 findings that people judged, 19 were real."""
        if not self.judged:
            return t("Nobody has judged a finding yet.")
        if self.judged == 1:
            right = t("People have judged one finding; it was real.")
            return right if self.real else t("People have judged one finding; it was not real.")
        return n(
            "Of {count} findings that people judged, {real} was real.",
            "Of {count} findings that people judged, {real} were real.",
            self.real,
            count=self.judged,
            real=self.real,
        )


def tab_of(one: Finding, now: datetime) -> str:
    """Where a finding is listed: open, snoozed or handled. What is over, and nobody has seen to for
    long, has handled itself. `now` is aware."""
    if one.state == SNOOZED and one.snoozed_until is not None and one.snoozed_until > now:
        return "snoozed"
    if one.state == ACKNOWLEDGED:
        return "handled"
    stays = timedelta(days=STAYS.get(one.severity, 7))
    long_over = one.over and now.replace(tzinfo=None) - said.ends(one) > stays
    return "handled" if long_over else "open"


def open_count(findings: Iterable[Finding], now: datetime) -> int:
    return sum(tab_of(one, now) == "open" for one in findings)


def verdicts(services: Services, shop_id: str) -> Verdicts:
    counts = services.records.findings.verdicts(shop_id)
    return Verdicts(*(counts.get(name, 0) for name in ("real", "expected", "wrong")))


def handle(services: Services, finding_id: str, deed: str, by: str, days: int = 1) -> Finding:
    """Do one of DEEDS. Raises NotFound, and Refused for a deed or days that there are not."""
    if deed not in DEEDS:
        raise Refused(
            t("A finding cannot be asked to {deed!r}.", deed=deed[:60]),
            hint=t("It takes {names}.", names=", ".join(DEEDS)),
        )
    state, verdict, _ = DEEDS[deed]
    if state == SNOOZED and days not in SNOOZES:
        raise Refused(t("A finding is snoozed for a day or for a week."))
    until = services.clock.now() + timedelta(days=days) if state == SNOOZED else None
    return put(services, finding_id, Handling(state, by, verdict, until))


def put(services: Services, finding_id: str, handling: Handling) -> Finding:
    """Set what a person says of a finding, and keep the calendar to it: what was expected is an
    event of the shop, whose days no forecast learns from. Raises NotFound and Refused."""
    kept = services.records
    before = kept.findings.get(finding_id)
    shop = services.shop(before.shop_id)
    after = kept.findings.handle(finding_id, handling)
    if after.verdict == "expected" and before.verdict != "expected":
        kept.events.put(_event(services, after, shop, handling.by))
    elif before.verdict == "expected" and after.verdict != "expected":
        with suppress(NotFound):
            kept.events.remove(finding_id)
    services.bus.publish(TOPIC, {"shop": after.shop_id, "finding": finding_id})
    return after


def metric_of(services: Services, one: Finding) -> Metric | None:
    """The metric of a finding; None for one that people have removed since."""
    return services.catalogue().get(one.metric)


def _event(services: Services, one: Finding, shop: Shop, by: str) -> Event:
    """Its id is the finding's, so that taking the verdict back finds it."""
    metric = metric_of(services, one)
    name = said.title(one, metric, shop.currency) if metric else t("Marked as expected")
    last = (said.ends(one) - timedelta(hours=1)).date()
    # A drift may have gone on for longer than an event can.
    longest = last - timedelta(days=LONGEST_DAYS - 1)
    first = max(min(said.moment(one.first).date(), last), longest)
    part = {one.dimension: one.member} if one.dimension else {}
    return Event(
        one.shop_id,
        name[:LONGEST_NAME],
        "expected",
        first,
        last,
        part,
        made_by=by,
        event_id=one.finding_id,
    )


def today_of(services: Services, shop: Shop) -> datetime:
    """The time on the shop's wall."""
    return services.clock.now().astimezone(ZoneInfo(shop.timezone)).replace(tzinfo=None)


def woken(one: Finding, now: datetime) -> Finding:
    """As it is shown: what was snoozed until now is open again."""
    if one.state == SNOOZED and tab_of(one, now) != "snoozed":
        return replace(one, state=OPEN, snoozed_until=None)
    return one
