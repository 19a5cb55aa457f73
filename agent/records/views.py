"""Saved views: an address under a name, its owner's alone or everybody's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from agent.errors import NotFound, Refused
from agent.records.schema import USERS, VIEWS
from agent.records.store import Store, new_id, rows
from agent.words import t

LONGEST = 32_000
MOST = 200


@dataclass(frozen=True)
class View:
    """`path` and `query` make its address: /explore and metrics=orders&by=country. `owner` is a
    user's id."""

    view_id: str
    owner: str
    name: str
    path: str
    query: str
    shared: bool
    created_at: datetime

    @property
    def address(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


@dataclass(frozen=True)
class Views:
    store: Store

    def save(
        self, owner: str, name: str, path: str, query: str = "", *, shared: bool = False
    ) -> View:
        """Keep an address; one of the same owner and name moves to it. Raises Refused for a name
        or address that cannot be, NotFound for an owner who is not there."""
        label, query = _named(name), _inside(path, query)
        mine = sa.and_(VIEWS.c.owner == owner, VIEWS.c.name == label)
        with self.store.write() as connection:
            self.store.lock(connection, f"views {owner}")
            old = connection.scalar(sa.select(VIEWS.c.view_id).where(mine))
            view_id = self._insert(connection, owner, label) if old is None else str(old)
            _change(connection, view_id, path=path, query=query, shared=shared)
            if not shared:
                _leave(connection, view_id, but=owner)
            return _get(connection, view_id)

    def rename(self, view_id: str, name: str, owner: str = "") -> View:
        """Raises NotFound (also where it is not this owner's), Refused for a name in use."""
        label = _named(name)
        try:
            with self.store.write() as connection:
                _of(connection, view_id, owner)
                _change(connection, view_id, name=label)
                return _get(connection, view_id)
        except sa.exc.IntegrityError:
            raise Refused(t("There is already a view called {label!r}.", label=label)) from None

    def share(self, view_id: str, shared: bool, owner: str = "") -> View:
        """Everybody's, or its owner's alone again: then it is nobody else's start. Raises
        NotFound."""
        with self.store.write() as connection:
            view = _of(connection, view_id, owner)
            _change(connection, view_id, shared=shared)
            if not shared:
                _leave(connection, view_id, but=view.owner)
            return _get(connection, view_id)

    def remove(self, view_id: str, owner: str = "") -> View:
        """What was removed; it is nobody's start any more. Raises NotFound."""
        with self.store.write() as connection:
            view = _of(connection, view_id, owner)
            _leave(connection, view_id)
            connection.execute(sa.delete(VIEWS).where(VIEWS.c.view_id == view_id))
        return view

    def all_for(self, user_id: str) -> tuple[View, ...]:
        """One's own and the shared ones, by name."""
        seen = sa.or_(VIEWS.c.owner == user_id, VIEWS.c.shared)
        ordered = sa.select(VIEWS).where(seen).order_by(VIEWS.c.name, VIEWS.c.view_id)
        with self.store.read() as connection:
            return tuple(View(**row) for row in rows(connection, ordered))

    def get(self, view_id: str) -> View:
        """Raises NotFound."""
        with self.store.read() as connection:
            return _get(connection, view_id)

    def _insert(self, connection: sa.Connection, owner: str, name: str) -> str:
        many = sa.select(sa.func.count()).select_from(VIEWS).where(VIEWS.c.owner == owner)
        if (connection.scalar(many) or 0) >= MOST:
            raise Refused(
                t("You have {count} views already.", count=MOST), hint=t("Remove one first.")
            )
        if not connection.scalar(sa.select(sa.exists().where(USERS.c.user_id == owner))):
            raise NotFound(t("This user does not exist."))
        row = {"view_id": new_id(), "owner": owner, "name": name, "path": "/", "query": ""}
        new = sa.insert(VIEWS).values(**row, shared=False, created_at=self.store.now())
        connection.execute(new)
        return row["view_id"]


def _named(name: str) -> str:
    label = " ".join(name.split())
    if not 1 <= len(label) <= 100:
        raise Refused(t("A view needs a name of 1 to 100 characters."))
    return label


def _inside(path: str, query: str) -> str:
    """The query without its question mark; raises Refused for what is no page of ours."""
    odd = any(ord(sign) < 33 for sign in path + query) or "\\" in path
    if odd or not path.startswith("/") or path.startswith("//") or set(path) & set("?#"):
        raise Refused(t("A view keeps the address of a page of this site."))
    if len(path) + len(query) > LONGEST:
        raise Refused(t("The address is too long to be kept."), hint=t("Take some filters out."))
    return query.removeprefix("?")


def _get(connection: sa.Connection, view_id: str) -> View:
    mine = sa.select(VIEWS).where(VIEWS.c.view_id == view_id)
    row = connection.execute(mine).mappings().one_or_none()
    if row is None:
        raise NotFound(t("This view does not exist."))
    return View(**row)


def _of(connection: sa.Connection, view_id: str, owner: str) -> View:
    """The view, where it is this owner's; no owner stands for whoever may do everything."""
    view = _get(connection, view_id)
    if owner and view.owner != owner:
        raise NotFound(
            t("This view is somebody else's."), hint=t("Save it under a name of your own.")
        )
    return view


def _change(connection: sa.Connection, view_id: str, **values: object) -> None:
    connection.execute(sa.update(VIEWS).where(VIEWS.c.view_id == view_id).values(**values))


def _leave(connection: sa.Connection, view_id: str, but: str = "") -> None:
    """Nobody starts at it any more, but one."""
    starting = sa.and_(USERS.c.start_view == view_id, USERS.c.user_id != but)
    connection.execute(sa.update(USERS).where(starting).values(start_view=None))
