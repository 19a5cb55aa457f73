"""Connections kept up to date: the one way in which a sync, a backfill or a try is run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from agent import quality
from agent.errors import Failure
from agent.sources.connectors import Connector, Link, Stopped, Synced, Watch, connector

if TYPE_CHECKING:
    from agent.services import Services

TOPIC = "connections"


def sync(services: Services, connection_id: str, watch: Watch | None = None) -> Synced:
    """Bring what is new. Raises Failure, after it was noted on the connection."""
    return _run(services, connection_id, watch, lambda room, link: room.sync(link))


def backfill(
    services: Services, connection_id: str, days: tuple[date, date], watch: Watch | None = None
) -> Synced:
    """Bring days again. Raises as `sync`."""
    return _run(services, connection_id, watch, lambda room, link: room.backfill(link, *days))


def _run(
    services: Services,
    connection_id: str,
    watch: Watch | None,
    work: Callable[[Connector, Link], Synced],
) -> Synced:
    connections = services.records.connections
    link = Link(services, connections.get(connection_id), watch or Watch())
    try:
        done = work(connector(link.connection.kind), link)
    except Stopped:
        raise
    except Failure as failure:
        # A library's sentence may quote what was sent with it.
        services.secrets.cleared(failure)
        connections.note_sync(connection_id, failure.message, failure.hint)
        services.bus.publish(TOPIC, {"connection": connection_id})
        raise
    if tuple(done.notes) != tuple(link.connection.notes):
        connections.change(connection_id, notes=list(done.notes))
    if done.changed:
        quality.after_load(services, connections.get(connection_id).shop_id)
    connections.note_sync(connection_id)
    services.bus.publish(TOPIC, {"connection": connection_id})
    return replace(done, notes=tuple(done.notes))
