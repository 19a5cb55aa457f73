"""Connections: sources that people connected or the settings name, and how far each was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agent.errors import NotFound, Refused
from agent.records.schema import AGREEMENTS, CONNECTIONS, STREAMS
from agent.records.store import Store, new_id, rows
from agent.words import t

LONGEST_NAME = 120
JSON = Mapping[str, Any]


@dataclass(frozen=True)
class Connection:
    """`kind` is a row of sources.connectors.CONNECTORS; `settings` its fields without secrets;
    `cron` when it is synced, in UTC. An empty `message` says that the last sync went well; `notes`
    are sentences that are true of it, such as where its history begins."""

    connection_id: str
    kind: str
    name: str
    shop_id: str
    settings: JSON = field(default_factory=dict)
    cron: str = ""
    enabled: bool = True
    created_by: str = ""
    created_at: datetime | None = None
    tried_at: datetime | None = None
    succeeded_at: datetime | None = None
    message: str = ""
    hint: str = ""
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Connections:
    store: Store

    def add(self, connection: Connection) -> Connection:
        """Keep a new one; an empty id is filled in. Raises Refused for a name that cannot be, and
        for an id in use."""
        named = replace(
            connection,
            connection_id=connection.connection_id or new_id(),
            name=_named(connection.name),
            created_at=self.store.now(),
        )
        try:
            with self.store.write() as database:
                database.execute(sa.insert(CONNECTIONS).values(**_values(named)))
        except sa.exc.IntegrityError:
            raise Refused(
                t("There is already a connection {name!r}.", name=named.connection_id)
            ) from None
        return named

    def change(self, connection_id: str, **values: Any) -> Connection:
        """Change name, shop_id, settings, cron, enabled or notes. Raises NotFound, Refused."""
        if "name" in values:
            values["name"] = _named(values["name"])
        with self.store.write() as database:
            self._change(database, connection_id, values)
        return self.get(connection_id)

    def note_sync(self, connection_id: str, message: str = "", hint: str = "") -> None:
        """How a sync went, now: well, or the sentence of what went wrong. Raises NotFound."""
        now = self.store.now()
        values: dict[str, Any] = {"tried_at": now, "message": message, "hint": hint}
        if not message:
            values["succeeded_at"] = now
        with self.store.write() as database:
            self._change(database, connection_id, values)

    def get(self, connection_id: str) -> Connection:
        """Raises NotFound."""
        chosen = sa.select(CONNECTIONS).where(CONNECTIONS.c.connection_id == connection_id)
        with self.store.read() as database:
            found = [Connection(**row) for row in rows(database, chosen)]
        if not found:
            raise _unknown(connection_id)
        return found[0]

    def has(self, connection_id: str) -> bool:
        chosen = CONNECTIONS.c.connection_id == connection_id
        with self.store.read() as database:
            return database.scalar(sa.select(sa.literal(1)).where(chosen)) is not None

    def all(self) -> tuple[Connection, ...]:
        """Oldest first."""
        ordered = sa.select(CONNECTIONS).order_by(
            CONNECTIONS.c.created_at, CONNECTIONS.c.connection_id
        )
        with self.store.read() as database:
            return tuple(Connection(**row) for row in rows(database, ordered))

    def remove(self, connection_id: str) -> Connection:
        """What was removed, with its streams, hooks, rejects and comparisons; its rows in the
        warehouse stay. Raises NotFound."""
        found = self.get(connection_id)
        with self.store.write() as database:
            theirs = AGREEMENTS.c.connection_id == connection_id
            database.execute(sa.delete(AGREEMENTS).where(theirs))
            database.execute(
                sa.delete(CONNECTIONS).where(CONNECTIONS.c.connection_id == connection_id)
            )
        return found

    def state(self, connection_id: str, stream: str) -> dict[str, Any]:
        """How far a stream was read; empty before its first sync."""
        mine = (STREAMS.c.connection_id == connection_id) & (STREAMS.c.stream == stream)
        with self.store.read() as database:
            return dict(database.scalar(sa.select(STREAMS.c.state).where(mine)) or {})

    def states(self, connection_id: str) -> dict[str, dict[str, Any]]:
        """Stream -> state."""
        mine = sa.select(STREAMS.c.stream, STREAMS.c.state).where(
            STREAMS.c.connection_id == connection_id
        )
        with self.store.read() as database:
            return {row["stream"]: dict(row["state"]) for row in rows(database, mine)}

    def save_state(self, connection_id: str, stream: str, state: JSON) -> None:
        """Remember how far a stream was read: only after its rows are committed. Raises NotFound
        where the connection was removed meanwhile."""
        row = {"connection_id": connection_id, "stream": stream, "state": dict(state)}
        try:
            with self.store.write() as database:
                self.store.upsert(database, STREAMS, row | {"changed_at": self.store.now()})
        except sa.exc.IntegrityError:
            raise _unknown(connection_id) from None

    def _change(
        self, database: sa.Connection, connection_id: str, values: Mapping[str, Any]
    ) -> None:
        chosen = CONNECTIONS.c.connection_id == connection_id
        changed = database.execute(sa.update(CONNECTIONS).where(chosen).values(**values))
        if not changed.rowcount:
            raise _unknown(connection_id)


def _values(connection: Connection) -> dict[str, Any]:
    found = {name: getattr(connection, name) for name in connection.__dataclass_fields__}
    return found | {"settings": dict(connection.settings), "notes": list(connection.notes)}


def _named(name: str) -> str:
    label = " ".join(name.split())
    if not label or len(label) > LONGEST_NAME or not label.isprintable():
        raise Refused(t("A connection needs a name of 1 to {most} characters.", most=LONGEST_NAME))
    return label


def _unknown(connection_id: str) -> NotFound:
    return NotFound(t("There is no connection {name!r}.", name=connection_id))
