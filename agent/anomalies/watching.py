"""Looking at a shop's series: what is due, what is found, and what becomes of earlier findings."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from agent.anomalies import fitted
from agent.anomalies.handling import TOPIC, open_count
from agent.anomalies.naming import RECENT, Naming
from agent.anomalies.series import Watched, watched
from agent.forecasting.asking import known_until
from agent.forecasting.series import Step
from agent.ports import Shop
from agent.records.findings import Finding
from agent.words import n, t

if TYPE_CHECKING:
    from agent.services import Services

BUDGET: Mapping[Step, float] = {Step.HOUR: 0.3, Step.DAY: 0.5, Step.WEEK: 0.3}
"""Incidents that a series may bring a month by chance. Of days more are looked at: what several
figures show at once is no chance, and what one shows alone is left out (choosing.py)."""
STEPS = (Step.HOUR, Step.DAY, Step.WEEK)
PAUSE = timedelta(hours=1)
REMEMBERED = 8 * 24 * 3600
Report = Callable[[int, int, str], None]


def _untold(done: int, total: int, step: str) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True)
class Watch:
    """Who looks on, and what may break it off."""

    report: Report = _untold
    stopping: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Looked:
    """What a look at a shop brought: how many series it read, and how many findings are new and are
    open now."""

    series: int = 0
    new: int = 0
    open: int = 0

    def sentence(self) -> str:
        if not self.series:
            return t("Nothing new has arrived since the last look.")
        seen = n("{count} series seen", "{count} series seen", self.series, count=self.series)
        fresh = n("{count} new finding", "{count} new findings", self.new, count=self.new)
        return f"{seen}, {fresh}."


@dataclass(frozen=True)
class _Stamp:
    """What a step was last looked at with, and when."""

    text: str
    at: datetime


def look(services: Services, shop: Shop, watch: Watch | None = None) -> Looked:
    """Judge what has changed of a shop's series since the last look, and keep what is found. Raises
    Unavailable, and Stopped where the program stops."""
    watch = watch or Watch()
    services.records.findings.wake()
    due = [(step, stamp) for step in STEPS if (stamp := _due(services, shop, step)) is not None]
    found = [(step, watched(services, shop, step)) for step, _ in due]
    names = {row.name for _, seen in found if seen is not None for row in seen.rows}
    new = 0
    for place, (step, seen) in enumerate(found):
        watch.report(place * len(names) // len(found), len(names), _label(step))
        if seen is not None:
            new += _look(services, seen, watch)
    for step, stamp in due:
        _remember(services, shop, step, stamp)
    watch.report(len(names), len(names), "")
    kept = services.records.findings.briefly(shop.shop_id)
    return Looked(len(names), new, open_count(kept, services.clock.now()))


def _label(step: Step) -> str:
    labels = {Step.HOUR: t("Hours"), Step.DAY: t("Days"), Step.WEEK: t("Weeks")}
    return labels[step]


def _look(services: Services, seen: Watched, watch: Watch) -> int:
    """Judge and keep one step's series; how many findings are new."""
    asked = fitted.packed(seen, BUDGET[seen.panel.step], _mixed(seen))
    told = services.fitting.run(fitted.NAME, asked, stopping=watch.stopping)
    judged, mixed = fitted.unpacked(told)
    every = _lately(services, seen)
    step = seen.panel.step
    before = tuple(one for one in every if one.step == step.value)
    shorter = [finer.value for finer in STEPS[: STEPS.index(step)]]
    finer = tuple(one for one in every if one.step in shorter)
    found = Naming(seen, judged, mixed, before, BUDGET[step], finer).findings()
    kept = [*found, *_closed(before, found)]
    changed = [one for one in kept if not _same(one, before)]
    services.records.findings.keep(changed)
    if changed:
        services.bus.publish(TOPIC, {"shop": seen.shop.shop_id})
    return sum(not one.finding_id for one in found)


def _mixed(seen: Watched) -> list[int]:
    """The rows of a day's key figures of all of the shop: how they go together is usual too."""
    if seen.panel.step is not Step.DAY:
        return []
    return [place for place, row in enumerate(seen.rows) if not row.dimension]


def _lately(services: Services, seen: Watched) -> tuple[Finding, ...]:
    """The findings that may go on, or say the same of shorter steps: those that ended no longer ago
    than is judged."""
    since = str(seen.dates[max(0, seen.dates.size - RECENT[seen.panel.step])])
    return services.records.findings.all(seen.shop.shop_id, since)


def _closed(before: Iterable[Finding], found: Sequence[Finding]) -> list[Finding]:
    """Earlier findings that are not found any more: late figures have come, or somebody has said
    that the days were expected."""
    still = {one.finding_id for one in found}
    return [
        replace(one, over=True) for one in before if one.finding_id not in still and not one.over
    ]


def _same(one: Finding, before: Iterable[Finding]) -> bool:
    """Whether a finding says what it has said before."""
    old = next((other for other in before if other.finding_id == one.finding_id), None)
    names = ("kind", "severity", "first", "last", "over", "actual", "expected", "low", "high")
    return old is not None and all(getattr(one, name) == getattr(old, name) for name in names)


# ---- what is due ----


def _due(services: Services, shop: Shop, step: Step) -> str | None:
    """The stamp of what there is to look at now; None where it was looked at, or, of days, less
    than an hour ago."""
    now = services.clock.now()
    stamp = _stamp(services, shop, step)
    last = _remembered(services, shop, step)
    if last is not None and last.text == stamp:
        return None
    if last is not None and step is not Step.HOUR and now - last.at < PAUSE:
        return None
    return stamp


def _stamp(services: Services, shop: Shop, step: Step) -> str:
    """Of hours and weeks, the last that is whole and has arrived. Of days also what has arrived
    since, and what the calendar says."""
    until = known_until(services, shop)
    if step is Step.HOUR:
        return f"{until:%Y-%m-%dT%H}"
    day = until.date()
    if step is Step.WEEK:
        return str(day - timedelta(days=day.weekday()))
    versions = sorted(services.warehouse.versions((shop.shop_id,)).items())
    events = sorted(one.event_id for one in services.records.events.all(shop.shop_id))
    return json.dumps([str(day), versions, events])


def _key(shop: Shop, step: Step) -> str:
    return f"watch:{shop.shop_id}:{step.value}"


def _remembered(services: Services, shop: Shop, step: Step) -> _Stamp | None:
    kept = services.cache.get(_key(shop, step))
    if kept is None:
        return None
    text, at = json.loads(kept)
    return _Stamp(text, datetime.fromisoformat(at))


def _remember(services: Services, shop: Shop, step: Step, stamp: str) -> None:
    value = json.dumps([stamp, services.clock.now().isoformat()]).encode()
    services.cache.set(_key(shop, step), value, REMEMBERED)
