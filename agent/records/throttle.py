"""Too many wrong passwords for one address: the next one waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

import sqlalchemy as sa

from agent.errors import Refused
from agent.records.schema import SIGN_IN_FAILURES as FAILURES
from agent.records.store import Store, digest, new_id
from agent.words import n, t

LIMIT = 5
WINDOW = timedelta(minutes=15)


@dataclass(frozen=True)
class Throttle:
    store: Store

    def enter(self, email: str) -> None:
        """Count an attempt before its password is looked at: a hundred at once do not slip by.

        Raises Refused, with the wait, after five attempts in a quarter of an hour that did not
        succeed, whether the address is known or not.
        """
        who, now = digest(email), self.store.now()
        with self.store.write() as connection:
            self.store.lock(connection, f"sign-in {who}")
            recent = self._recent(connection, who, now)
            if len(recent) >= LIMIT:
                raise _refused(recent[-LIMIT] + WINDOW - now)
            connection.execute(sa.insert(FAILURES).values(failure_id=new_id(), digest=who, at=now))

    def succeeded(self, email: str) -> None:
        with self.store.write() as connection:
            connection.execute(sa.delete(FAILURES).where(FAILURES.c.digest == digest(email)))

    def prune(self) -> int:
        """Forget attempts that no longer count; returns how many."""
        with self.store.write() as connection:
            old = FAILURES.c.at <= self.store.now() - WINDOW
            return connection.execute(sa.delete(FAILURES).where(old)).rowcount

    def _recent(self, connection: sa.Connection, who: str, now: datetime) -> list[datetime]:
        mine = sa.and_(FAILURES.c.digest == who, FAILURES.c.at > now - WINDOW)
        return list(
            connection.scalars(sa.select(FAILURES.c.at).where(mine).order_by(FAILURES.c.at))
        )


def _refused(wait: timedelta) -> Refused:
    minutes = max(1, ceil(wait.total_seconds() / 60))
    return Refused(
        t("Too many sign-ins with a wrong password for this address."),
        hint=n(
            "Try again in {minutes} minute, or use a sign-in link.",
            "Try again in {minutes} minutes, or use a sign-in link.",
            minutes,
            minutes=minutes,
        ),
    )
