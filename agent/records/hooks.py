"""What platforms called about (webhooks): kept before it is answered, worked on afterwards."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agent.records.schema import HOOKS
from agent.records.store import Store, rows

WAITING, DONE, FAILED = "waiting", "done", "failed"


@dataclass(frozen=True)
class Hook:
    """`content` is the id and time of what changed; `hook_id` is the platform's delivery id, with
    the connection's in front."""

    hook_id: str
    connection_id: str
    topic: str
    content: Mapping[str, Any]
    received_at: datetime
    state: str
    attempts: int
    message: str
    done_at: datetime | None


@dataclass(frozen=True)
class Hooks:
    store: Store

    def keep(
        self, hook_id: str, connection_id: str, topic: str, content: Mapping[str, Any]
    ) -> bool:
        """Whether it is new: a delivery that came before changes nothing."""
        row = {
            "hook_id": hook_id, "connection_id": connection_id, "topic": topic,
            "content": dict(content), "received_at": self.store.now(), "state": WAITING,
            "attempts": 0, "message": "", "done_at": None,
        }  # fmt: skip
        try:
            with self.store.write() as database:
                database.execute(sa.insert(HOOKS).values(**row))
        except sa.exc.IntegrityError:
            return False
        return True

    def waiting(
        self, connection_id: str = "", limit: int = 500, topics: Collection[str] = ()
    ) -> tuple[Hook, ...]:
        """The oldest that nobody has worked on yet, of all topics or of these."""
        chosen = HOOKS.c.state == WAITING
        if connection_id:
            chosen &= HOOKS.c.connection_id == connection_id
        if topics:
            chosen &= HOOKS.c.topic.in_(list(topics))
        ordered = sa.select(HOOKS).where(chosen).order_by(HOOKS.c.received_at, HOOKS.c.hook_id)
        with self.store.read() as database:
            return tuple(Hook(**row) for row in rows(database, ordered.limit(limit)))

    def called(self, topics: Collection[str] = ()) -> frozenset[str]:
        """The connections that have deliveries nobody has worked on yet, of all topics or of
        these."""
        chosen = HOOKS.c.state == WAITING
        if topics:
            chosen &= HOOKS.c.topic.in_(list(topics))
        with self.store.read() as database:
            ids = sa.select(HOOKS.c.connection_id).where(chosen).distinct()
            return frozenset(database.scalars(ids))

    def finish(self, hook_ids: Iterable[str], state: str = DONE, message: str = "") -> None:
        """Say what became of deliveries; `state` WAITING puts them back, one attempt richer."""
        chosen = HOOKS.c.hook_id.in_(list(hook_ids))
        values = {"state": state, "message": message, "attempts": HOOKS.c.attempts + 1}
        done = None if state == WAITING else self.store.now()
        with self.store.write() as database:
            database.execute(sa.update(HOOKS).where(chosen).values(**values, done_at=done))

    def blank(self, hook_ids: Iterable[str]) -> None:
        """Forget what deliveries said; that they came stays known."""
        chosen = HOOKS.c.hook_id.in_(list(hook_ids))
        with self.store.write() as database:
            database.execute(sa.update(HOOKS).where(chosen).values(content={}))

    def counts(self, connection_id: str, since: datetime) -> dict[str, int]:
        """State -> deliveries since a moment."""
        mine = (HOOKS.c.connection_id == connection_id) & (HOOKS.c.received_at >= since)
        grouped = sa.select(HOOKS.c.state, sa.func.count().label("found")).where(mine)
        with self.store.read() as database:
            found = rows(database, grouped.group_by(HOOKS.c.state))
            return {row["state"]: int(row["found"]) for row in found}

    def prune(self, before: datetime) -> int:
        """Forget deliveries that were worked on before a moment; returns how many."""
        old = (HOOKS.c.state != WAITING) & (HOOKS.c.received_at < before)
        with self.store.write() as database:
            return int(database.execute(sa.delete(HOOKS).where(old)).rowcount)
