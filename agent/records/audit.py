"""Who did what, newest first; nothing here is ever changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from agent.records.schema import AUDIT
from agent.records.store import Store, rows


@dataclass(frozen=True)
class Entry:
    at: datetime
    who: str
    what: str
    subject: str
    detail: str


@dataclass(frozen=True)
class Audit:
    store: Store

    def note(self, who: str, what: str, subject: str, detail: str = "") -> None:
        """Write down a deed: note("ana@example.com", "revoked a token", "nightly export")."""
        row = {"at": self.store.now(), "who": who, "what": what, "subject": subject}
        with self.store.write() as connection:
            connection.execute(sa.insert(AUDIT).values(**row, detail=detail))

    def recent(self, limit: int = 100) -> tuple[Entry, ...]:
        columns = (AUDIT.c.at, AUDIT.c.who, AUDIT.c.what, AUDIT.c.subject, AUDIT.c.detail)
        newest = sa.select(*columns).order_by(AUDIT.c.entry_id.desc()).limit(limit)
        with self.store.read() as connection:
            return tuple(Entry(**row) for row in rows(connection, newest))
