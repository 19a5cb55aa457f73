"""What jobs did. A row is claimed before the work; its outcome is written once.

started -> ok | failed | gave up | stopped | lost. Whoever is told False or None here was not the
one that changed the row, and leaves the work alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from agent.errors import NotFound
from agent.records.schema import RUNS, SCHEDULES
from agent.records.store import Store, new_id, rows

BY_HAND = "manual"
"""Stands in the schedule's place where a person began a run."""
STARTED, STOPPED, LOST = "started", "stopped", "lost"
DEADLINE = timedelta(minutes=30)
KEEP = 1_000


@dataclass(frozen=True)
class Ticket:
    """What a run is to do, why it starts (`cause`), where, and how long it may take."""

    job: str
    shop_id: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    cause: str = "on time"
    worker: str = ""
    deadline: timedelta = DEADLINE


@dataclass(frozen=True)
class Run:
    """`cause` is one of: on time, caught up, by hand, again. `done` of `total` steps."""

    run_id: str
    schedule_id: str
    slot: str
    job: str
    shop_id: str
    arguments: Mapping[str, Any]
    cause: str
    worker: str
    outcome: str
    message: str
    attempts: int
    step: str
    done: int
    total: int
    claimed_at: datetime
    started_at: datetime | None
    deadline_at: datetime
    finished_at: datetime | None
    successor: str | None

    @property
    def seconds(self) -> float | None:
        """How long the work took; None while it is not over or never began."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()

    @property
    def moment(self) -> str:
        """The slot that this run is for, the same for all its repetitions."""
        return self.slot.partition("#")[0]

    @property
    def turn(self) -> int:
        """1 for the first run of a slot, 2 for its first repetition."""
        return int(self.slot.partition("#")[2] or 1)


@dataclass(frozen=True)
class Runs:
    store: Store

    def claim(self, schedule_id: str, slot: str, ticket: Ticket | None = None) -> Run | None:
        """The run, for one caller per (schedule, slot) in all processes; None for the others.

        Without a ticket the schedule's row says what to do; raises NotFound when there is none.
        """
        with self.store.write() as connection:
            return self._insert(
                connection, schedule_id, slot, ticket or _ticket_of(connection, schedule_id)
            )

    def begin(self, run_id: str, deadline: timedelta = DEADLINE) -> bool:
        """The work starts now, after a wait for room; False when the run is no longer open."""
        now = self.store.now()
        return self._change(run_id, started_at=now, deadline_at=now + deadline, attempts=1)

    def attempt(self, run_id: str, number: int) -> bool:
        """Note which attempt runs; False when the run is no longer open."""
        return self._change(run_id, attempts=number)

    def progress(self, run_id: str, done: int, total: int, step: str) -> bool:
        """Note how far it is; False when the run is no longer open."""
        return self._change(run_id, done=done, total=total, step=step)

    def finish(self, run_id: str, outcome: str, message: str = "") -> bool:
        """Write the outcome, once; False when the run has one already."""
        return self._change(run_id, outcome=outcome, message=message, finished_at=self.store.now())

    def abandoned(self, before: datetime) -> tuple[Run, ...]:
        """Runs late or stopped since before a moment that nobody took over."""
        late = sa.and_(RUNS.c.outcome == STARTED, RUNS.c.deadline_at < before)
        stopped = sa.and_(RUNS.c.outcome == STOPPED, RUNS.c.finished_at < before)
        open_runs = sa.and_(RUNS.c.successor.is_(None), sa.or_(late, stopped))
        with self.store.read() as connection:
            found = rows(connection, sa.select(RUNS).where(open_runs).order_by(RUNS.c.claimed_at))
        return tuple(Run(**row) for row in found)

    def take_over(self, run: Run, ticket: Ticket | None = None) -> Run | None:
        """Close an abandoned run and, with a ticket, claim its repetition in the same transaction.

        None when there is nothing to repeat or another process was quicker.
        """
        same = sa.and_(
            RUNS.c.run_id == run.run_id,
            RUNS.c.outcome == run.outcome,
            RUNS.c.deadline_at == run.deadline_at,
            RUNS.c.successor.is_(None),
        )
        closing: dict[str, Any] = {"successor": ""}
        if run.outcome == STARTED:
            message = "The program ended before the job did."
            closing |= {"outcome": LOST, "message": message, "finished_at": self.store.now()}
        with self.store.write() as connection:
            if connection.execute(sa.update(RUNS).where(same).values(**closing)).rowcount != 1:
                return None
            if ticket is None:
                return None
            slot = f"{run.moment}#{run.turn + 1}"
            again = self._insert(connection, run.schedule_id, slot, ticket)
            if again is not None:
                mine = RUNS.c.run_id == run.run_id
                connection.execute(sa.update(RUNS).where(mine).values(successor=again.run_id))
            return again

    def get(self, run_id: str) -> Run:
        """Raises NotFound."""
        with self.store.read() as connection:
            found = rows(connection, sa.select(RUNS).where(RUNS.c.run_id == run_id))
        if not found:
            raise NotFound("This run does not exist; old runs are removed after 90 days.")
        return Run(**found[0])

    def known(self, schedule_id: str, slot: str) -> bool:
        """Whether the slot is claimed already: a cheap look before trying."""
        mine = sa.and_(RUNS.c.schedule_id == schedule_id, RUNS.c.slot == slot)
        return self._any(mine)

    def running(self, schedule_id: str) -> bool:
        """Whether a run of the schedule is open, in any process."""
        return self._any(sa.and_(RUNS.c.schedule_id == schedule_id, RUNS.c.outcome == STARTED))

    def open(self, job: str) -> tuple[Run, ...]:
        """The runs of a job that are not over, in any process and whoever began them; the newest
        first."""
        mine = sa.and_(RUNS.c.job == job, RUNS.c.outcome == STARTED)
        newest = sa.select(RUNS).where(mine).order_by(RUNS.c.claimed_at.desc(), RUNS.c.slot.desc())
        with self.store.read() as connection:
            return tuple(Run(**row) for row in rows(connection, newest))

    def counts(self, since: datetime) -> dict[str, int]:
        """Outcome -> runs claimed since a moment; under "retried" those that took more than one
        attempt."""
        lately = RUNS.c.claimed_at >= since
        grouped = sa.select(RUNS.c.outcome, sa.func.count().label("found")).where(lately)
        retried = sa.select(sa.func.count()).where(lately, RUNS.c.attempts > 1)
        with self.store.read() as connection:
            found = rows(connection, grouped.group_by(RUNS.c.outcome))
            again = int(connection.scalar(retried) or 0)
        return {row["outcome"]: int(row["found"]) for row in found} | {"retried": again}

    def recent(self, limit: int = 50, schedule_id: str | None = None) -> tuple[Run, ...]:
        """The newest runs first, of one schedule or all."""
        newest = sa.select(RUNS).order_by(RUNS.c.claimed_at.desc(), RUNS.c.slot.desc()).limit(limit)
        if schedule_id is not None:
            newest = newest.where(RUNS.c.schedule_id == schedule_id)
        with self.store.read() as connection:
            return tuple(Run(**row) for row in rows(connection, newest))

    def prune(self, before: datetime, keep: int = KEEP) -> int:
        """Forget runs claimed before a moment, and all but the newest `keep` of a schedule.

        Returns how many. Open runs stay, and so do the newest slots: no claim asks for older ones.
        """
        newest = sa.func.row_number().over(
            partition_by=RUNS.c.schedule_id, order_by=RUNS.c.claimed_at.desc()
        )
        ranked = sa.select(RUNS.c.run_id, newest.label("place")).subquery()
        surplus = sa.select(ranked.c.run_id).where(ranked.c.place > keep)
        old = sa.and_(
            sa.or_(RUNS.c.claimed_at < before, RUNS.c.run_id.in_(surplus)),
            RUNS.c.outcome != STARTED,
        )
        with self.store.write() as connection:
            return connection.execute(sa.delete(RUNS).where(old)).rowcount

    def _any(self, condition: sa.ColumnElement[bool]) -> bool:
        with self.store.read() as connection:
            return bool(connection.scalar(sa.select(sa.exists().where(condition))))

    def _change(self, run_id: str, **values: Any) -> bool:
        mine = sa.and_(RUNS.c.run_id == run_id, RUNS.c.outcome == STARTED)
        with self.store.write() as connection:
            return connection.execute(sa.update(RUNS).where(mine).values(**values)).rowcount == 1

    def _insert(
        self, connection: sa.Connection, schedule_id: str, slot: str, ticket: Ticket
    ) -> Run | None:
        now = self.store.now()
        run = Run(
            run_id=new_id(),
            schedule_id=schedule_id,
            slot=slot,
            job=ticket.job,
            shop_id=ticket.shop_id,
            arguments=dict(ticket.arguments),
            cause=ticket.cause,
            worker=ticket.worker,
            outcome=STARTED,
            message="",
            attempts=0,
            step="",
            done=0,
            total=0,
            claimed_at=now,
            started_at=None,
            deadline_at=now + ticket.deadline,
            finished_at=None,
            successor=None,
        )
        insert = sqlite.insert if self.store.embedded else postgresql.insert
        claim = insert(RUNS).values(**vars(run)).on_conflict_do_nothing()
        return run if connection.execute(claim).rowcount == 1 else None


def _ticket_of(connection: sa.Connection, schedule_id: str) -> Ticket:
    mine = sa.select(SCHEDULES).where(SCHEDULES.c.schedule_id == schedule_id)
    row = connection.execute(mine).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no schedule {schedule_id!r}.")
    return Ticket(job=row["job"], shop_id=row["shop_id"], arguments=row["arguments"])
