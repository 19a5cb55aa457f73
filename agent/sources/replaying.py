"""Documents that could not be read, read again once the reason is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.sources.connectors import Link, connector

if TYPE_CHECKING:
    from agent.services import Services


def replay(services: Services, connection_id: str) -> tuple[int, int]:
    """(how many are in now, how many are left). Raises Failure, and then forgets none."""
    link = Link(services, services.records.connections.get(connection_id))
    room = connector(link.connection.kind)
    rejects = services.records.rejects
    done: list[str] = []
    found = rejects.all(connection_id)
    for stream in dict.fromkeys(reject.stream for reject in found):
        of_stream = [reject for reject in found if reject.stream == stream]
        reasons = room.replay(link, stream, [reject.document for reject in of_stream])
        done += [
            reject.reject_id for reject, why in zip(of_stream, reasons, strict=True) if not why
        ]
    rejects.drop(done)
    return len(done), rejects.count(connection_id)
