"""People who may sign in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agent.errors import NotFound, Refused
from agent.records.passwords import Passwords, checked_email, checked_password, folded
from agent.records.roles import Role
from agent.records.schema import LINKS, USERS, VIEWS
from agent.records.store import Store, new_id, rows
from agent.records.throttle import Throttle
from agent.words import t


@dataclass(frozen=True)
class User:
    """`changed_at` moves with password, role and disabling: an older cookie is no longer good.

    `start_view` is the id of a saved view, `language` a locale; None stands for the usual ones.
    """

    user_id: str
    email: str
    name: str
    role: Role
    disabled: bool
    has_password: bool
    created_at: datetime
    changed_at: datetime
    start_view: str | None = None
    language: str | None = None


def user_of(row: sa.RowMapping) -> User:
    return User(
        user_id=row["user_id"],
        email=row["email"],
        name=row["name"],
        role=Role(row["role"]),
        disabled=row["disabled"],
        has_password=row["password_hash"] is not None,
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        start_view=row["start_view"],
        language=row["language"],
    )


@dataclass(frozen=True)
class Users:
    store: Store
    passwords: Passwords

    @property
    def throttle(self) -> Throttle:
        return Throttle(self.store)

    def add(self, email: str, name: str, role: Role, password: str | None = None) -> User:
        """A new user; raises Refused for a bad address or password, or one who exists already."""
        address = checked_email(email)
        now = self.store.now()
        user_id = new_id()
        values = {
            "user_id": user_id,
            "email": address,
            "name": " ".join(name.split()) or address.partition("@")[0],
            "role": role.value,
            "password_hash": None if password is None else self._hash(password, address),
            "disabled": False,
            "created_at": now,
            "changed_at": now,
        }
        try:
            with self.store.write() as connection:
                connection.execute(sa.insert(USERS).values(**values))
        except sa.exc.IntegrityError:
            raise Refused(t("There is already a user {address}.", address=address)) from None
        return self.get(user_id)

    def get(self, user_id: str) -> User:
        """Raises NotFound."""
        row = self._row(USERS.c.user_id == user_id)
        if row is None:
            raise NotFound(t("This user does not exist."))
        return user_of(row)

    def by_email(self, email: str) -> User | None:
        row = self._row(USERS.c.email == folded(email))
        return user_of(row) if row is not None else None

    def all(self) -> tuple[User, ...]:
        """Everybody, disabled or not, by address."""
        with self.store.read() as connection:
            found = rows(connection, sa.select(USERS).order_by(USERS.c.email))
        return tuple(user_of(row) for row in found)

    def count(self) -> int:
        """Users who can sign in."""
        with self.store.read() as connection:
            active = sa.select(sa.func.count()).select_from(USERS).where(~USERS.c.disabled)
            return connection.scalar(active) or 0

    def check_password(self, email: str, password: str) -> User | None:
        """The user; None for a wrong password or an address that may not sign in with one.

        Unknown, disabled and without a password take the same time as a wrong one.
        Raises Refused, with the wait, after too many attempts.
        """
        address = folded(email)
        self.throttle.enter(address)
        row = self._row(USERS.c.email == address)
        stored = row["password_hash"] if row is not None and not row["disabled"] else None
        if not self.passwords.matches(stored, password) or row is None or stored is None:
            return None
        self.throttle.succeeded(address)
        if self.passwords.outdated(stored):
            self._rehash(row["user_id"], stored, password)
        return user_of(row)

    def set_password(self, user_id: str, password: str) -> None:
        """Raises NotFound, or Refused for a password that is too short or the address."""
        self._change(user_id, password_hash=self._hash(password, self.get(user_id).email))

    def set_role(self, user_id: str, role: Role) -> None:
        self._change(user_id, role=role.value)

    def disable(self, user_id: str) -> None:
        """Shut somebody out; their open links end too. Raises NotFound."""
        self._change(user_id, disabled=True)
        with self.store.write() as connection:
            connection.execute(sa.delete(LINKS).where(LINKS.c.user_id == user_id))

    def enable(self, user_id: str) -> None:
        self._change(user_id, disabled=False)

    def set_start_view(self, user_id: str, view_id: str | None) -> None:
        """Where somebody arrives; None is Overview. Raises NotFound, also for a view that is
        neither theirs nor shared."""
        with self.store.write() as connection:
            seen = sa.or_(VIEWS.c.owner == user_id, VIEWS.c.shared)
            found = sa.select(sa.exists().where(VIEWS.c.view_id == view_id, seen))
            if view_id is not None and not connection.scalar(found):
                raise NotFound(t("This view does not exist, or is not shared."))
            _wish(connection, user_id, start_view=view_id)

    def set_language(self, user_id: str, language: str | None) -> None:
        """The locale that somebody reads; None is the product's own. Raises NotFound."""
        with self.store.write() as connection:
            _wish(connection, user_id, language=language)

    def _hash(self, password: str, email: str) -> str:
        return self.passwords.hash(checked_password(password, email))

    def _rehash(self, user_id: str, stored: str, password: str) -> None:
        """Keep the password under today's cost, unless it was changed meanwhile."""
        fresh = self.passwords.hash(password)
        same = sa.and_(USERS.c.user_id == user_id, USERS.c.password_hash == stored)
        with self.store.write() as connection:
            connection.execute(sa.update(USERS).where(same).values(password_hash=fresh))

    def _change(self, user_id: str, **values: Any) -> None:
        statement = sa.update(USERS).where(USERS.c.user_id == user_id)
        with self.store.write() as connection:
            changed = connection.execute(statement.values(changed_at=self.store.now(), **values))
            if changed.rowcount == 0:
                raise NotFound(t("This user does not exist."))

    def _row(self, condition: sa.ColumnElement[bool]) -> sa.RowMapping | None:
        with self.store.read() as connection:
            return connection.execute(sa.select(USERS).where(condition)).mappings().one_or_none()


def _wish(connection: sa.Connection, user_id: str, **values: Any) -> None:
    """A person's taste leaves `changed_at` alone: nobody is signed out for it."""
    mine = sa.update(USERS).where(USERS.c.user_id == user_id)
    if connection.execute(mine.values(**values)).rowcount == 0:
        raise NotFound(t("This user does not exist."))
