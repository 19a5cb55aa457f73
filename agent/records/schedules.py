"""When which job is due, for which shop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agent.errors import NotFound
from agent.records.schema import SCHEDULES
from agent.records.store import Store, rows


@dataclass(frozen=True)
class Schedule:
    """`cron` has five fields (minute hour day month weekday) on the wall clock of `timezone`.

    `since`, set by the records unless a row that is provided names it, is when the row took its
    present form: nothing earlier is due.
    """

    schedule_id: str
    job: str
    shop_id: str
    cron: str
    timezone: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    enabled: bool = True
    since: datetime | None = None

    def timing(self) -> tuple[str, str, bool]:
        """What decides the slots; a change of anything else leaves `since` alone."""
        return self.cron, self.timezone, self.enabled


@dataclass(frozen=True)
class Schedules:
    store: Store

    def put(self, schedule: Schedule) -> Schedule:
        """Insert or replace by its id; returns what is stored."""
        with self.store.write() as connection:
            self.store.lock(connection, "schedules")
            before = self._find(connection, schedule.schedule_id)
            same = before is not None and before.timing() == schedule.timing()
            since = before.since if before is not None and same else self.store.now()
            self.store.upsert(connection, SCHEDULES, _values(schedule, since))
        return self.get(schedule.schedule_id)

    def provide(self, schedule: Schedule) -> bool:
        """Insert a row that does not exist yet; False when there is one, whatever it says."""
        with self.store.write() as connection:
            self.store.lock(connection, "schedules")
            if self._find(connection, schedule.schedule_id) is not None:
                return False
            since = schedule.since or self.store.now()
            connection.execute(sa.insert(SCHEDULES).values(_values(schedule, since)))
            return True

    def get(self, schedule_id: str) -> Schedule:
        """Raises NotFound."""
        with self.store.read() as connection:
            found = self._find(connection, schedule_id)
        if found is None:
            raise NotFound(f"There is no schedule {schedule_id!r}.")
        return found

    def all(self) -> tuple[Schedule, ...]:
        with self.store.read() as connection:
            found = rows(connection, sa.select(SCHEDULES).order_by(SCHEDULES.c.schedule_id))
        return tuple(Schedule(**row) for row in found)

    def remove(self, schedule_id: str) -> None:
        """Remove the row. A job's own default row comes back: disable that one instead."""
        with self.store.write() as connection:
            connection.execute(sa.delete(SCHEDULES).where(SCHEDULES.c.schedule_id == schedule_id))

    def _find(self, connection: sa.Connection, schedule_id: str) -> Schedule | None:
        mine = sa.select(SCHEDULES).where(SCHEDULES.c.schedule_id == schedule_id)
        row = connection.execute(mine).mappings().one_or_none()
        return Schedule(**row) if row is not None else None


def _values(schedule: Schedule, since: datetime | None) -> dict[str, Any]:
    return {
        "schedule_id": schedule.schedule_id,
        "job": schedule.job,
        "shop_id": schedule.shop_id,
        "cron": schedule.cron,
        "timezone": schedule.timezone,
        "arguments": dict(schedule.arguments),
        "enabled": schedule.enabled,
        "since": since,
    }
