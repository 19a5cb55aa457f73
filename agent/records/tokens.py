"""Keys for programs that ask over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from agent.errors import NotFound, Refused
from agent.records.roles import Role
from agent.records.schema import TOKENS
from agent.records.store import Store, digest, new_id, new_secret, rows
from agent.words import t

PREFIX = "ra_"
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Token:
    token_id: str
    name: str
    role: Role
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class Tokens:
    store: Store

    def create(self, name: str, role: Role) -> str:
        """A fresh token, "ra_" and 43 characters; raises Refused for a name in use."""
        label = " ".join(name.split())
        if not label or len(label) > 100:
            raise Refused(t("A token needs a name of 1 to 100 characters."))
        text = PREFIX + new_secret()
        with self.store.write() as connection:
            self.store.lock(connection, "token names")
            same = sa.select(TOKENS).where(TOKENS.c.name == label, TOKENS.c.revoked_at.is_(None))
            if rows(connection, same):
                raise Refused(
                    t("There is already a token {label!r}.", label=label),
                    hint=t("Revoke it first."),
                )
            connection.execute(
                sa.insert(TOKENS).values(
                    token_id=new_id(),
                    name=label,
                    role=role.value,
                    digest=digest(text),
                    created_at=self.store.now(),
                )
            )
        return text

    def check(self, text: str) -> Token | None:
        """The token, unless it is unknown or revoked. Notes the use, at most once a minute."""
        if not text.startswith(PREFIX):
            return None
        mine = sa.and_(TOKENS.c.digest == digest(text), TOKENS.c.revoked_at.is_(None))
        with self.store.read() as connection:
            row = connection.execute(sa.select(TOKENS).where(mine)).mappings().one_or_none()
        if row is None:
            return None
        now, seen = self.store.now(), row["last_used_at"]
        if seen is None or now - seen >= _SEEN_EVERY:
            with self.store.write() as connection:
                connection.execute(sa.update(TOKENS).where(mine).values(last_used_at=now))
        return _token(row)

    def all(self) -> tuple[Token, ...]:
        """Every token, newest first, revoked ones too; never their text."""
        newest = sa.select(TOKENS).order_by(TOKENS.c.created_at.desc(), TOKENS.c.name)
        with self.store.read() as connection:
            return tuple(_token(row) for row in rows(connection, newest))

    def revoke(self, token_id: str) -> None:
        """From the next request on the token is refused. Raises NotFound."""
        mine = sa.and_(TOKENS.c.token_id == token_id, TOKENS.c.revoked_at.is_(None))
        with self.store.write() as connection:
            done = connection.execute(
                sa.update(TOKENS).where(mine).values(revoked_at=self.store.now())
            )
            if done.rowcount == 0:
                raise NotFound(t("This token does not exist or is revoked already."))


def _token(row: sa.RowMapping) -> Token:
    return Token(
        token_id=row["token_id"],
        name=row["name"],
        role=Role(row["role"]),
        created_at=row["created_at"],
        last_used_at=row["last_used_at"],
        revoked_at=row["revoked_at"],
    )
