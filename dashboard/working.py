"""The jobs as a person looks at them: each schedule with how its last runs went."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.records.runs import BY_HAND, STARTED, Run
from agent.records.schedules import Schedule
from agent.services import Services
from agent.words import mark, t

Times = Callable[[Schedule], datetime | None]
LAST = 12
BY_PEOPLE = 200
"""As many of the runs that people began are looked through."""
TITLES: Mapping[str, str] = {
    "agreement": mark("Compare with the shop's own reports"),
    "checkpoint": mark("Tidy the warehouse"),
    "demo_tick": mark("Let the demo shop go on"),
    "forecasts": mark("Make forecasts and score earlier ones"),
    "hooks": mark("Work on what shops called about"),
    "prune": mark("Remove what is old"),
    "quality": mark("Check the data"),
    "recover": mark("Ask sources again that were left alone"),
    "rebuild": mark("Rebuild a shop from its documents"),
    "report": mark("Send a report"),
    "retention": mark("Remove old rows"),
    "watch": mark("Look for what is out of the ordinary"),
    "subscriptions": mark("Check that shops still call"),
    "sync": mark("Sync a source"),
}
WORDS = {
    "running": mark("Running"),
    "ok": mark("Done"),
    "failed": mark("Failed"),
    "paused": mark("Paused"),
    "new": mark("Not run yet"),
}


@dataclass(frozen=True)
class Schedulings:
    """One schedule. `state` is running, ok, failed, paused or new, `word` the marked word for it,
    `at` when; `kinds` of the last runs, oldest first, are ok, retried, failed or stopped, and
    `told` says them; `seconds` the last one took; `subject` is whose it is."""

    label: str
    subject: str
    state: str
    at: datetime | None
    kinds: Sequence[str]
    seconds: float | None
    next_at: datetime | None
    message: str

    @property
    def word(self) -> str:
        return WORDS[self.state]

    @property
    def told(self) -> str:
        counts = {kind: self.kinds.count(kind) for kind in ("ok", "retried", "failed", "stopped")}
        return t(
            "{ok} done, {retried} retried, {failed} failed, {stopped} stopped",
            ok=counts["ok"],
            retried=counts["retried"],
            failed=counts["failed"],
            stopped=counts["stopped"],
        )


def schedulings(services: Services, times: Times) -> tuple[Schedulings, ...]:
    """Every schedule, those that failed last first; `times` says when each is due next."""
    names = {one.connection_id: one.name for one in services.records.connections.all()}
    names |= {shop.shop_id: shop.name for shop in services.warehouse.shops()}
    begun = services.records.runs.recent(BY_PEOPLE, BY_HAND)
    found = [
        _one(schedule, runs_of(services, schedule, begun), names, times)
        for schedule in services.records.schedules.all()
    ]
    order = ("failed", "running", "ok", "new", "paused")
    return tuple(sorted(found, key=lambda one: (order.index(one.state), one.label, one.subject)))


def runs_of(services: Services, schedule: Schedule, begun: Sequence[Run]) -> tuple[Run, ...]:
    """The last runs of a schedule, the newest first: those of the clock, and those that people have
    `begun` which did the same work."""
    own = services.records.runs.recent(LAST, schedule.schedule_id)
    asked = schedule.arguments.items()
    same = [run for run in begun if run.job == schedule.job and asked <= run.arguments.items()]
    return tuple(sorted((*own, *same), key=lambda run: run.claimed_at, reverse=True)[:LAST])


def _one(
    schedule: Schedule, runs: Sequence[Run], names: Mapping[str, str], times: Times
) -> Schedulings:
    last = runs[0] if runs else None
    over = next((run for run in runs if run.seconds is not None), None)
    subject = str(schedule.arguments.get("connection") or schedule.shop_id)
    return Schedulings(
        label=TITLES.get(schedule.job, schedule.job),
        subject=names.get(subject, subject),
        state=_state(schedule, last),
        at=(last.finished_at or last.claimed_at) if last else None,
        kinds=[_kind(run) for run in reversed(runs) if run.outcome != STARTED],
        seconds=over.seconds if over else None,
        next_at=times(schedule) if schedule.enabled else None,
        message=last.message if last else "",
    )


def _state(schedule: Schedule, last: Run | None) -> str:
    if last is not None and last.outcome == STARTED:
        return "running"
    if not schedule.enabled:
        return "paused"
    if last is None:
        return "new"
    return "ok" if last.outcome == "ok" else "failed"


def _kind(run: Run) -> str:
    if run.outcome == "ok":
        return "retried" if run.attempts > 1 else "ok"
    return "stopped" if run.outcome in ("stopped", "lost") else "failed"
