"""Secrets that people typed, as sealed texts; who may open them is agent.secrets' business."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from agent.records.schema import SEALED
from agent.records.store import Store


@dataclass(frozen=True)
class SealedTexts:
    store: Store

    def put(self, name: str, value: str, who: str) -> None:
        row = {"name": name, "value": value, "changed_by": who, "changed_at": self.store.now()}
        with self.store.write() as database:
            self.store.upsert(database, SEALED, row)

    def get(self, name: str) -> str | None:
        with self.store.read() as database:
            found = database.scalar(sa.select(SEALED.c.value).where(SEALED.c.name == name))
        return None if found is None else str(found)

    def swap(self, name: str, old: str, new: str) -> bool:
        """Put a new text in the place of an old one, unless another stands there by now."""
        same = sa.and_(SEALED.c.name == name, SEALED.c.value == old)
        with self.store.write() as database:
            done = database.execute(sa.update(SEALED).where(same).values(value=new))
        return done.rowcount == 1

    def names(self) -> tuple[str, ...]:
        with self.store.read() as database:
            return tuple(database.scalars(sa.select(SEALED.c.name).order_by(SEALED.c.name)))

    def remove(self, name: str) -> None:
        with self.store.write() as database:
            database.execute(sa.delete(SEALED).where(SEALED.c.name == name))
