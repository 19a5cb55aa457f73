"""Connections at their times: what is new, or days that somebody asked for again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from agent.records.schedules import Schedule
from agent.scheduling.job import Job, JobContext, Outcome, Stopped
from agent.sources import connecting, connectors, syncing
from agent.sources.shopify import provided
from agent.words import n

if TYPE_CHECKING:
    from agent.services import Services

LONGEST = timedelta(hours=12)


def bring(services: Services, context: JobContext) -> Outcome:
    """What is new; or the days of the arguments `from` and `to`."""
    connection_id = str(context.arguments["connection"])
    days = [
        date.fromisoformat(context.arguments[w]) for w in ("from", "to") if w in context.arguments
    ]
    watch = connectors.Watch(context.report, context.stopping)
    try:
        if len(days) == 2:
            done = syncing.backfill(services, connection_id, (days[0], days[1]), watch)
        else:
            done = syncing.sync(services, connection_id, watch)
    except connectors.Stopped as stopped:
        raise Stopped(stopped.message) from stopped
    return Outcome(message=said(done))


def said(done: connectors.Synced) -> str:
    """What a sync brought, in words."""
    read = n("{count:,} row read", "{count:,} rows read", done.read, count=done.read)
    changed = n("{count:,} changed", "{count:,} changed", done.changed, count=done.changed)
    refused = n("{count:,} rejected", "{count:,} rejected", done.rejected, count=done.rejected)
    return ", ".join([read, changed, *([refused] if done.rejected else [])]) + "."


def rows(services: Services) -> Iterable[Schedule]:
    """One schedule a connection, that of the settings among them."""
    provided.provide(services)
    return [connecting.schedule(one) for one in services.records.connections.all() if one.cron]


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
