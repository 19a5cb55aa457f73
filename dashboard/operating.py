"""How the connections are doing, as a person reads it: gathered once for page and API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from agent.errors import NotConfigured, NotFound
from agent.records.connections import Connection
from agent.records.runs import BY_HAND, STARTED, Run
from agent.resilience import Standing
from agent.services import Services
from agent.sources import connecting
from agent.sources.connectors import CONNECTORS, Connector, connector
from agent.words import t
from dashboard.working import TITLES

State = Literal["syncing", "well", "failing", "paused", "new"]
OTHERS = ("warehouse", "mail")
LATELY = timedelta(hours=6)
LOOKED_AT, SHOWN = 50, 5
UPKEEP = ("sync", "rebuild", "retention", "checkpoint", "quality", "agreement")
JUDGING = ("quality", "agreement", "rebuild")


@dataclass(frozen=True)
class Line:
    """One connection. `standing` is its breaker and rate, None before it was asked for the first
    time; `run` the sync that is at work, or the last one."""

    connection: Connection
    label: str
    icon: str
    state: State
    standing: Standing | None
    run: Run | None
    rejects: int

    @property
    def kindless(self) -> bool:
        """Whether this installation cannot run it: it can only be removed."""
        return not self.label

    @property
    def flows(self) -> bool:
        """Whether it brings data: neither failed, nor paused, nor left alone by its breaker."""
        shut = self.standing is None or self.standing.state == "closed"
        return shut and self.state in ("well", "syncing")

    @property
    def share(self) -> float | None:
        """How far the sync at work is, from 0 to 1; None where nobody knows."""
        if self.run is None or self.state != "syncing" or not self.run.total:
            return None
        return min(1.0, self.run.done / self.run.total)

    def to_json(self) -> dict[str, Any]:
        """As the API tells it."""
        one, run = self.connection, self.run
        return {
            "id": one.connection_id,
            "kind": one.kind,
            "name": one.name,
            "shop": one.shop_id,
            "state": self.state,
            "succeeded_at": _text(one.succeeded_at),
            "tried_at": _text(one.tried_at),
            "message": one.message,
            "hint": one.hint,
            "notes": list(one.notes),
            "rejected": self.rejects,
            "progress": _progress(run) if run is not None and self.state == "syncing" else None,
            "upstream": told(self.standing) if self.standing else None,
        }


@dataclass(frozen=True)
class Doing:
    """A job at work: what it is, what it does now, how far it is (0 to 1, None: unknown)."""

    label: str
    step: str
    share: float | None


@dataclass(frozen=True)
class Ended:
    """A job that somebody began and that is over: whether well, what it says, and when."""

    label: str
    well: bool
    message: str
    at: datetime


def lines(services: Services) -> tuple[Line, ...]:
    """Every connection, oldest first."""
    known = {standing.name: standing for standing in services.upstreams.standings()}
    newest = _newest(services)
    return tuple(
        _line(services, one, known, newest.get(one.connection_id))
        for one in services.records.connections.all()
    )


def at_work(services: Services, connection_id: str) -> bool:
    """Whether a connection is being synced, by whomever."""
    return connection_id in _working(services)


def at_work_on(services: Services, job: str, whose: str) -> Doing | None:
    """The run of a job for a connection or a shop, or for all, while it is at work."""
    for run in services.records.runs.open(job):
        if whose in (*run.arguments.values(), run.shop_id) or not {*run.arguments.values()}:
            return _doing(services, run)
    return None


def upkeep(services: Services) -> tuple[Doing, ...]:
    """What of the work on the warehouse runs now."""
    found = [run for job in UPKEEP for run in services.records.runs.open(job)]
    return tuple(_doing(services, run) for run in found)


def ended(services: Services) -> tuple[Ended, ...]:
    """How the work that people began within the last hours has ended, the newest first."""
    since = services.clock.now() - LATELY
    found = []
    for run in services.records.runs.recent(LOOKED_AT, BY_HAND):
        if run.job in UPKEEP and run.finished_at is not None and run.finished_at > since:
            doing = _doing(services, run)
            found.append(Ended(doing.label, run.outcome == "ok", run.message, run.finished_at))
    return tuple(found[:SHOWN])


def title(services: Services, standing: Standing) -> str:
    """An upstream by the name of its connection, or by what it is."""
    whose = standing.name.partition(":")[2]
    found = [one for one in services.records.connections.all() if one.connection_id == whose]
    return found[0].name if found else t(standing.title)


def _doing(services: Services, run: Run) -> Doing:
    whose = str(run.arguments.get("connection") or run.arguments.get("shop") or run.shop_id)
    names = {one.connection_id: one.name for one in services.records.connections.all()}
    names |= {shop.shop_id: shop.name for shop in services.warehouse.shops()}
    label = t(TITLES.get(run.job, run.job))
    label = f"{label}, {names.get(whose, whose)}" if whose else label
    return Doing(label, run.step, min(1.0, run.done / run.total) if run.total else None)


def _working(services: Services) -> dict[str, Run]:
    """Connection -> the sync at work, whether the clock or a person began it."""
    found = services.records.runs.open(connecting.JOB)
    return {str(run.arguments.get("connection")): run for run in reversed(found)}


def _newest(services: Services) -> dict[str, Run]:
    """Connection -> its newest sync that a person began; rather the one that is at work."""
    begun = services.records.runs.recent(LOOKED_AT, BY_HAND)
    found = {str(run.arguments.get("connection")): run for run in reversed(begun) if _syncs(run)}
    return found | _working(services)


def _syncs(run: Run) -> bool:
    return run.job == connecting.JOB


def _weight(run: Run) -> tuple[bool, datetime]:
    return run.outcome == STARTED, run.claimed_at


def others(services: Services) -> tuple[Standing, ...]:
    """What else is asked behind a breaker: the warehouse, the mail server."""
    return tuple(
        one for one in services.upstreams.standings() if one.name.partition(":")[0] in OTHERS
    )


def names(services: Services) -> dict[str, str]:
    """Connections by id, and kinds of sources, as people know them."""
    found = {kind: t(room.label) for kind, room in offered()}
    found["demo"] = t("The demo shop")
    return found | {one.connection_id: one.name for one in services.records.connections.all()}


def asked(services: Services) -> tuple[Standing, ...]:
    """What is asked outside; not what was only tried, or is removed since."""
    known = {one.connection_id for one in services.records.connections.all()}
    return tuple(
        one
        for one in services.upstreams.standings()
        if one.name.partition(":")[0] not in CONNECTORS or one.name.partition(":")[2] in known
    )


def offered() -> tuple[tuple[str, Connector], ...]:
    """The kinds that can be connected here, with their connectors."""
    found = []
    for kind in CONNECTORS:
        try:
            found.append((kind, connector(kind)))
        except NotConfigured:
            continue
    return tuple(found)


def told(standing: Standing) -> dict[str, Any]:
    """An upstream as the API tells it."""
    return {
        "state": standing.state,
        "since": _text(standing.since),
        "reason": standing.reason,
        "again_at": _text(standing.again_at),
        "rate": standing.rate,
        "used": standing.used,
        "waiting": standing.waiting,
        "calls": standing.calls,
        "failures": standing.failures,
        "last_ms": standing.last_ms,
    }


def _line(
    services: Services, one: Connection, known: dict[str, Standing], begun: Run | None
) -> Line:
    label, icon = "", "plug"
    try:
        room = connector(one.kind)
        label, icon = room.label, room.icon
    except (NotFound, NotConfigured):
        pass  # a kind that this installation cannot run is still listed, under its bare name
    runs = services.records.runs.recent(1, connecting.schedule_id(one.connection_id))
    run = max([*runs, *([begun] if begun else [])], key=_weight, default=None)
    standing = known.get(f"{one.kind}:{one.connection_id}")
    rejects = services.records.rejects.count(one.connection_id)
    return Line(one, label, icon, _state(one, run), standing, run, rejects)


def _state(one: Connection, run: Run | None) -> State:
    if run is not None and run.outcome == STARTED:
        return "syncing"
    if not one.enabled:
        return "paused"
    if one.message:
        return "failing"
    return "well" if one.succeeded_at else "new"


def _progress(run: Run) -> dict[str, Any]:
    return {"step": run.step, "done": run.done, "total": run.total}


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
