"""Connections kept up to date: the one way in which a sync, a backfill or a try is run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from agent import quality
from agent.errors import Failure
from agent.resilience.breaker import Resting
from agent.sources import leaving
from agent.sources.connectors import Connector, Link, Stopped, Synced, Watch, connector
from agent.words import t

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
    with _noted(services, connection_id), leaving.swept(services, link.connection):
        done = work(connector(link.connection.kind), link)
    if tuple(done.notes) != tuple(link.connection.notes):
        connections.change(connection_id, notes=list(done.notes))
    if done.changed:
        quality.after_load(services, connections.get(connection_id).shop_id)
    connections.note_sync(connection_id)
    services.bus.publish(TOPIC, {"connection": connection_id})
    return replace(done, notes=tuple(done.notes))


@contextmanager
def _noted(services: Services, connection_id: str) -> Iterator[None]:
    """What goes wrong within is told beside the connection; a bug too, which would else look as if
    all were well."""
    known = False
    try:
        yield
        known = True
    except Stopped:
        known = True
        raise
    except Failure as failure:
        known = True
        # A library's sentence may quote what was sent with it.
        services.secrets.cleared(failure)
        # In how many seconds is true for a moment only; the page counts them itself.
        hint = t("It is asked again by itself.") if isinstance(failure, Resting) else failure.hint
        _note(services, connection_id, failure.message, hint)
        raise
    finally:
        if not known:
            said = t("The sync ended in an error of this program; what was brought before stays.")
            _note(services, connection_id, said, t("Report it: the log says what happened."))


def _note(services: Services, connection_id: str, message: str, hint: str) -> None:
    services.records.connections.note_sync(connection_id, message, hint)
    services.bus.publish(TOPIC, {"connection": connection_id})
