"""What is left of a connection that somebody removes: documents, secrets, access. All of it goes,
also where a sync was at work meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from agent.errors import NotConfigured, NotFound, Unavailable
from agent.sources.connectors import Keeping, Link, connector

if TYPE_CHECKING:
    from agent.records.connections import Connection
    from agent.services import Services


def documents(link: Link) -> int:
    """Delete what a connection keeps outside of the records; returns how many files there were.
    Raises Refused where that is not possible."""
    try:
        room = connector(link.connection.kind)
    except (NotConfigured, NotFound):
        return 0
    return room.discard(link) if isinstance(room, Keeping) else 0


def secrets(services: Services, connection_id: str, who: str) -> int:
    """Forget every secret that was typed for a connection, former ones too; returns how many."""
    own = [name for name in services.secrets.typed() if name.startswith(f"{connection_id}.")]
    for name in own:
        # Another process may have forgotten it a moment ago.
        with suppress(NotConfigured):
            services.secrets.remove(name, who)
    return len(own)


@contextmanager
def swept(services: Services, connection: Connection) -> Iterator[None]:
    """Work on a connection: where it is removed meanwhile, what the work kept since goes too."""
    try:
        yield
    finally:
        # The records are away: nobody can tell, and the work says so by itself.
        with suppress(Unavailable):
            if not services.records.connections.has(connection.connection_id):
                documents(Link(services, connection))
