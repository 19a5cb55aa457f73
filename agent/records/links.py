"""Sign-in links that work once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from agent.errors import NotFound
from agent.records.schema import LINKS, USERS
from agent.records.store import Store, digest, new_secret
from agent.records.users import User, user_of
from agent.words import t


@dataclass(frozen=True)
class Links:
    store: Store

    def create(self, user_id: str, minutes: float = 30) -> str:
        """A fresh token for one sign-in; only its digest is kept. Raises NotFound."""
        token, now = new_secret(), self.store.now()
        row = {
            "digest": digest(token),
            "user_id": user_id,
            "created_at": now,
            "expires_at": now + timedelta(minutes=minutes),
        }
        try:
            with self.store.write() as connection:
                connection.execute(sa.insert(LINKS).values(**row))
        except sa.exc.IntegrityError:
            raise NotFound(t("This user does not exist.")) from None
        return token

    def use(self, token: str) -> User | None:
        """Whose link this is, once; None when it is unknown, used, too old or its user is disabled.

        The update decides: of any number of callers at the same time exactly one changes the row.
        """
        now, mine = self.store.now(), LINKS.c.digest == digest(token)
        open_link = sa.and_(mine, LINKS.c.used_at.is_(None), LINKS.c.expires_at > now)
        with self.store.write() as connection:
            if (
                connection.execute(sa.update(LINKS).where(open_link).values(used_at=now)).rowcount
                != 1
            ):
                return None
            owner = sa.select(USERS).join(LINKS, LINKS.c.user_id == USERS.c.user_id)
            row = connection.execute(owner.where(mine, ~USERS.c.disabled)).mappings().one_or_none()
        return user_of(row) if row is not None else None

    def prune(self) -> int:
        """Forget links that can no longer be used; returns how many."""
        over = sa.or_(LINKS.c.expires_at <= self.store.now(), LINKS.c.used_at.is_not(None))
        with self.store.write() as connection:
            return connection.execute(sa.delete(LINKS).where(over)).rowcount
