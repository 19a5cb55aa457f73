"""Connections at their times: what is new, or days that somebody asked for again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from agent.errors import Failure
from agent.records.schedules import Schedule
from agent.scheduling.job import Job, JobContext, Outcome, Stopped
from agent.sources import connecting, connectors, syncing
from agent.sources.shopify import provided
from agent.words import n, t

if TYPE_CHECKING:
    from agent.records.connections import Connection
    from agent.records.runs import Run
    from agent.services import Services

LONGEST = timedelta(hours=12)
AT_ONCE = timedelta(days=1)
WATCHED, LOOK = timedelta(seconds=56), timedelta(seconds=2)
"""Of the minute between two strikes, and how often: whoever is back is asked within one pause."""


def bring(services: Services, context: JobContext) -> Outcome:
    """What is new; or the days of the arguments `from` and `to`. Nothing while another run brings
    from the same source, or where its clock strikes though it is paused."""
    connection_id = str(context.arguments["connection"])
    if reason := _idle(services, context, connection_id):
        return Outcome(message=reason)
    days = [
        date.fromisoformat(context.arguments[w]) for w in ("from", "to") if w in context.arguments
    ]
    watch = connectors.Watch(context.report, context.stopping)
    if len(days) == 2:
        done = syncing.backfill(services, connection_id, (days[0], days[1]), watch)
    else:
        done = syncing.sync(services, connection_id, watch)
    return Outcome(message=said(done))


def _idle(services: Services, context: JobContext, connection_id: str) -> str:
    """Why there is nothing to do now."""
    one = services.records.connections.get(connection_id)
    if not one.enabled and context.schedule_id == connecting.schedule_id(connection_id):
        return t("{name} is paused.", name=one.name)
    others = [run for run in _open(services, connection_id) if run.run_id != context.run_id]
    return t("Another run is at work on {name}.", name=one.name) if others else ""


def _open(services: Services, connection_id: str) -> list[Run]:
    found = services.records.runs.open(JOB.name)
    return [run for run in found if run.arguments.get("connection") == connection_id]


def recover(services: Services, context: JobContext) -> Outcome:
    """Sources that did not answer are asked again as soon as their breaker has rested, not only at
    their own times: one short question, and a run of its own for what whoever answers has to bring.
    While one of them is silent, this takes the minute until the next strike."""
    until, back = services.clock.now() + WATCHED, []
    while True:
        found = _silent(services)
        now = services.clock.now()
        rested = [one for one, again_at in found if again_at is not None and again_at <= now]
        back += [one.name for one in rested if _begun(services, one, context)]
        if not found or now + LOOK > until:
            return Outcome(
                message=t("{names} answers again.", names=", ".join(back)) if back else ""
            )
        context.stopping.wait(LOOK.total_seconds())
        context.check()


def _silent(services: Services) -> list[tuple[Connection, datetime | None]]:
    """Connections whose last call found nobody; and when their breaker lets one through, None where
    it is not open yet."""
    standings = {one.name: one for one in services.upstreams.standings()}
    found: list[tuple[Connection, datetime | None]] = []
    for one in services.records.connections.all():
        standing = standings.get(f"{one.kind}:{one.connection_id}")
        if one.enabled and one.message and standing and standing.reason:
            found.append((one, standing.again_at))
    return found


def _begun(services: Services, one: Connection, context: JobContext) -> bool:
    """Whether a sync was begun, as the source answers. A run that is open asks by itself."""
    context.check()
    if _open(services, one.connection_id):
        return False
    watch = connectors.Watch(stopping=context.stopping)
    try:
        connectors.connector(one.kind).probe(connectors.Link(services, one, watch))
    except Failure as failure:
        if isinstance(failure, Stopped):
            raise
        if not failure.permanent:
            return False
        # Somebody answers, and refuses: the sync notes it on the source's own page.
    arguments = {"connection": one.connection_id}
    context.begin(JOB.name, connecting.schedule_id(one.connection_id), arguments)
    return True


def said(done: connectors.Synced) -> str:
    """What a sync brought, in words."""
    read = n("{count:,} row read", "{count:,} rows read", done.read, count=done.read)
    changed = n("{count:,} changed", "{count:,} changed", done.changed, count=done.changed)
    refused = n("{count:,} rejected", "{count:,} rejected", done.rejected, count=done.rejected)
    return ", ".join([read, changed, *([refused] if done.rejected else [])]) + "."


def rows(services: Services) -> Iterable[Schedule]:
    """One schedule a connection, that of the settings among them, which nobody else begins: its
    first sync is due at once."""
    provided.provide(services)
    ago = services.clock.now() - AT_ONCE
    return [
        replace(connecting.schedule(one), since=ago if one.tried_at is None else None)
        for one in services.records.connections.all()
        if one.cron
    ]


JOB = Job(
    "sync",
    "Sync a source",
    bring,
    retries=2,
    backoff=20.0,
    deadline=LONGEST,
    again=True,
    alone=True,
    rows=rows,
)
RECOVER = Job(
    "recover",
    "Ask sources again that did not answer",
    recover,
    cron="* * * * *",
    retries=0,
    deadline=timedelta(minutes=30),
    alone=True,
    wanted=lambda services: any(one.message for one in services.records.connections.all()),
)
