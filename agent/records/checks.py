"""What was checked of a shop's rows: quality, agreement with the platform, rejected documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agent.errors import NotFound
from agent.records.schema import AGREEMENTS, CHECKS, REJECTS
from agent.records.store import Store, new_id, rows
from agent.words import t

PASSED, WARNED, FAILED = "passed", "warned", "failed"
AT_ONCE = 500


@dataclass(frozen=True)
class Check:
    """`subject` is what of the table was checked, often empty; `outcome` is passed, warned or
    failed; `measured` the figures behind the sentence."""

    shop_id: str
    check_name: str
    subject: str
    table_name: str
    outcome: str
    message: str
    measured: Mapping[str, Any]
    at: datetime
    since: datetime


@dataclass(frozen=True)
class Finding:
    """What a check found, before it is kept."""

    check_name: str
    table_name: str
    outcome: str
    message: str
    subject: str = ""
    measured: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Checks:
    store: Store

    def keep(self, shop_id: str, findings: Iterable[Finding]) -> None:
        """The newest state of each check; `since` stays while the outcome does."""
        now = self.store.now()
        with self.store.write() as database:
            mine = sa.select(CHECKS).where(CHECKS.c.shop_id == shop_id)
            old = {(r["check_name"], r["subject"]): r for r in rows(database, mine)}
            for one in findings:
                before = old.get((one.check_name, one.subject))
                same = before is not None and before["outcome"] == one.outcome
                row = {name: getattr(one, name) for name in one.__dataclass_fields__}
                row |= {"shop_id": shop_id, "at": now, "measured": dict(one.measured or {})}
                since = before["since"] if before is not None and same else now
                self.store.upsert(database, CHECKS, row | {"since": since})

    def newest(self, shop_id: str) -> datetime | None:
        """When a shop was checked last."""
        mine = sa.select(sa.func.max(CHECKS.c.at)).where(CHECKS.c.shop_id == shop_id)
        with self.store.read() as database:
            newest: datetime | None = database.scalar(mine)
        return newest

    def all(self, shops: tuple[str, ...]) -> tuple[Check, ...]:
        """The checks of these shops, those that failed first."""
        rank = sa.case((CHECKS.c.outcome == FAILED, 0), (CHECKS.c.outcome == WARNED, 1), else_=2)
        ordered = (
            sa.select(CHECKS)
            .where(CHECKS.c.shop_id.in_(shops))
            .order_by(rank, CHECKS.c.shop_id, CHECKS.c.check_name, CHECKS.c.subject)
        )
        with self.store.read() as database:
            return tuple(Check(**row) for row in rows(database, ordered))


@dataclass(frozen=True)
class Agreement:
    """One component of one day: our ledger's sum and the platform's, as decimal texts. `reason`
    says why they differ, or why they did until the day was read again."""

    connection_id: str
    local_date: str
    component: str
    ours: str
    theirs: str
    reason: str
    at: datetime | None = None


@dataclass(frozen=True)
class Agreements:
    store: Store

    def keep(self, compared: Iterable[Agreement]) -> None:
        """Replace what was known of the same days and components."""
        now = self.store.now()
        with self.store.write() as database:
            for one in compared:
                row = {name: getattr(one, name) for name in one.__dataclass_fields__}
                self.store.upsert(database, AGREEMENTS, row | {"at": now})

    def all(self, connection_id: str) -> tuple[Agreement, ...]:
        """Newest day first."""
        mine = sa.select(AGREEMENTS).where(AGREEMENTS.c.connection_id == connection_id)
        ordered = mine.order_by(AGREEMENTS.c.local_date.desc(), AGREEMENTS.c.component)
        with self.store.read() as database:
            return tuple(Agreement(**row) for row in rows(database, ordered))


@dataclass(frozen=True)
class Reject:
    reject_id: str
    connection_id: str
    stream: str
    document: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Rejects:
    store: Store

    def keep(self, connection_id: str, stream: str, found: Iterable[tuple[str, str]]) -> int:
        """Keep (document, reason) pairs; returns how many. Raises NotFound where the connection
        was removed meanwhile."""
        made = [
            {
                "reject_id": new_id(), "connection_id": connection_id, "stream": stream,
                "document": document, "reason": reason, "at": self.store.now(),
            }
            for document, reason in found
        ]  # fmt: skip
        if not made:
            return 0
        try:
            with self.store.write() as database:
                database.execute(sa.insert(REJECTS), made)
        except sa.exc.IntegrityError:
            raise NotFound(t("There is no connection {name!r}.", name=connection_id)) from None
        return len(made)

    def all(self, connection_id: str, limit: int = 1_000) -> tuple[Reject, ...]:
        """Oldest first."""
        mine = sa.select(REJECTS).where(REJECTS.c.connection_id == connection_id)
        ordered = mine.order_by(REJECTS.c.at, REJECTS.c.reject_id).limit(limit)
        with self.store.read() as database:
            return tuple(Reject(**row) for row in rows(database, ordered))

    def each(self, connection_id: str) -> Iterator[Reject]:
        """All of them, some at a time."""
        mine = sa.select(REJECTS).where(REJECTS.c.connection_id == connection_id)
        with self.store.read() as database:
            found = database.execution_options(yield_per=AT_ONCE).execute(mine)
            for row in found.mappings():
                yield Reject(**row)

    def count(self, connection_id: str) -> int:
        mine = REJECTS.c.connection_id == connection_id
        with self.store.read() as database:
            return int(database.scalar(sa.select(sa.func.count()).where(mine)) or 0)

    def drop(self, reject_ids: Iterable[str]) -> None:
        """Forget documents: they were read after all."""
        with self.store.write() as database:
            database.execute(sa.delete(REJECTS).where(REJECTS.c.reject_id.in_(list(reject_ids))))

    def drop_naming(self, connection_id: str, words: Iterable[str]) -> int:
        """Forget a connection's documents that hold one of these texts; returns how many."""
        named = sa.or_(*(REJECTS.c.document.contains(word, autoescape=True) for word in words))
        mine = (REJECTS.c.connection_id == connection_id) & named
        with self.store.write() as database:
            return int(database.execute(sa.delete(REJECTS).where(mine)).rowcount)

    def prune(self, before: datetime) -> int:
        """Forget documents that nobody could use for so long; returns how many."""
        with self.store.write() as database:
            return int(database.execute(sa.delete(REJECTS).where(REJECTS.c.at < before)).rowcount)
