"""Letters on their way. The row is written before the letter leaves, so a crash leaves a trace.

started -> sent | failed (try again) | refused (never again).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agent.errors import Busy
from agent.records.runs import STARTED
from agent.records.schema import DELIVERIES, RUNS
from agent.records.store import Store, rows

SENT, FAILED, REFUSED = "sent", "failed", "refused"


@dataclass(frozen=True)
class Delivery:
    """`sent_where` is what the mailer said: a server or a file in the outbox."""

    delivery_id: str
    run_id: str
    message_id: str
    recipients: tuple[str, ...]
    subject: str
    state: str
    attempts: int
    sent_where: str
    message: str
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class Deliveries:
    store: Store

    def start(
        self, delivery_id: str, run_id: str, message_id: str, to: tuple[str, ...], subject: str
    ) -> bool:
        """True when the letter is the caller's to send; False when it was sent or refused for good.

        A letter that another run started and did not finish is sent again with the Message-ID it
        had, unless that run still works: then Busy.
        """
        values = {
            "delivery_id": delivery_id,
            "run_id": run_id,
            "message_id": message_id,
            "recipients": list(to),
            "subject": subject,
            "state": STARTED,
            "attempts": 1,
            "sent_where": "",
            "message": "",
            "started_at": self.store.now(),
        }
        with self.store.write() as connection:
            self.store.lock(connection, f"delivery {delivery_id}")
            before = self._find(connection, delivery_id)
            if before is None:
                connection.execute(sa.insert(DELIVERIES).values(**values))
                return True
            if before.state in (SENT, REFUSED):
                return False
            if before.run_id != run_id and _works(connection, before):
                raise Busy("This report is being sent by another run.")
            values |= {"attempts": before.attempts + 1, "message_id": before.message_id}
            mine = DELIVERIES.c.delivery_id == delivery_id
            connection.execute(sa.update(DELIVERIES).where(mine).values(**values))
            return True

    def finish(self, delivery_id: str, where: str) -> None:
        self._end(delivery_id, state=SENT, sent_where=where, message="")

    def fail(self, delivery_id: str, message: str, permanent: bool) -> None:
        self._end(delivery_id, state=REFUSED if permanent else FAILED, message=message)

    def get(self, delivery_id: str) -> Delivery | None:
        with self.store.read() as connection:
            return self._find(connection, delivery_id)

    def recent(self, limit: int = 50) -> tuple[Delivery, ...]:
        """The newest first."""
        newest = sa.select(DELIVERIES).order_by(DELIVERIES.c.started_at.desc()).limit(limit)
        with self.store.read() as connection:
            return tuple(_delivery(row) for row in rows(connection, newest))

    def _end(self, delivery_id: str, **values: Any) -> None:
        unsent = sa.and_(DELIVERIES.c.delivery_id == delivery_id, DELIVERIES.c.state != SENT)
        with self.store.write() as connection:
            connection.execute(
                sa.update(DELIVERIES).where(unsent).values(finished_at=self.store.now(), **values)
            )

    def _find(self, connection: sa.Connection, delivery_id: str) -> Delivery | None:
        mine = sa.select(DELIVERIES).where(DELIVERIES.c.delivery_id == delivery_id)
        row = connection.execute(mine).mappings().one_or_none()
        return _delivery(row) if row is not None else None


def _works(connection: sa.Connection, delivery: Delivery) -> bool:
    """Whether the run that started a letter is still open."""
    if delivery.state != STARTED:
        return False
    open_run = sa.and_(RUNS.c.run_id == delivery.run_id, RUNS.c.outcome == STARTED)
    return bool(connection.scalar(sa.select(sa.exists().where(open_run))))


def _delivery(row: sa.RowMapping) -> Delivery:
    return Delivery(**{**row, "recipients": tuple(row["recipients"])})
