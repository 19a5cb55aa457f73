"""Secrets that a connection had until lately. Who changes an app's secret does so at two places,
and for a while the platform signs with either: the former one is believed for a day."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from agent.errors import Failure, NotConfigured
from agent.sources.connectors import REFERENCES, Connector, Link

if TYPE_CHECKING:
    from agent.records.connections import Connection
    from agent.services import Services

LASTS = timedelta(hours=24)
"""Shopify needs up to an hour, tries a call again for four, and people need their time as well."""
STREAM = "former"


def keep(
    services: Services, room: Connector, old: Connection, values: Mapping[str, str], who: str
) -> None:
    """Before a connection's secrets become those of `values`: seal what was there. The same secret
    typed once more, and a connection that moves to another place, end the time of a former one."""
    link = Link(services, old)
    moved = any(
        field.place and link.setting(field.name) != values[field.name] for field in room.fields
    )
    for field in room.fields:
        before, now = link.setting(field.name), values[field.name]
        if not field.lingers or not before or before == now:
            continue
        former = _value(services, before)
        if former and not moved and former != _value(services, now):
            services.secrets.put(_place(old.connection_id, field.name), former, who)
            until = services.clock.now() + LASTS
            link.save(STREAM, {**link.state(STREAM), field.name: until.isoformat()})
        else:
            _drop(link, field.name, who)


def find(link: Link, name: str) -> str:
    """The former secret of a field, "" where there is none or its time is over."""
    until = link.state(STREAM).get(name)
    if not until or link.services.clock.now() >= datetime.fromisoformat(until):
        return ""
    try:
        return link.services.secrets.resolve(
            f"sealed:{_place(link.connection.connection_id, name)}"
        )
    except NotConfigured:
        return ""


def prune(services: Services, who: str) -> int:
    """Forget those whose time is over; returns how many."""
    gone, now = 0, services.clock.now()
    for one in services.records.connections.all():
        link = Link(services, one)
        for name, until in link.state(STREAM).items():
            if now >= datetime.fromisoformat(until):
                _drop(link, name, who)
                gone += 1
    return gone


def _drop(link: Link, name: str, who: str) -> None:
    state = link.state(STREAM)
    if state.pop(name, None) is not None:
        with suppress(NotConfigured):
            link.services.secrets.remove(_place(link.connection.connection_id, name), who)
        link.save(STREAM, state)


def _value(services: Services, text: str) -> str:
    """What was typed, or what a reference names; "" where nobody can tell."""
    if not text.startswith(REFERENCES):
        return text
    try:
        return services.secrets.resolve(text)
    except Failure:
        return ""


def _place(connection_id: str, name: str) -> str:
    return f"{connection_id}.{name}.former"
