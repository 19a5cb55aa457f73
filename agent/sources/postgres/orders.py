"""Orders of which anything moved, whole: with every line and refund."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa
import sqlalchemy as sa

from agent.sources.differing import differing_orders
from agent.sources.landing import Reject, whole_orders
from agent.sources.postgres import reading
from agent.sources.postgres.joining import Chunk, flat
from agent.sources.postgres.reading import Mark, Source
from agent.sources.postgres.room import Room
from agent.sources.trailing import dated, revision_of
from agent.words import n, t

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MERGED = ("orders", "sales")
PARTS = ("orders", "lines", "refunds")


@dataclass(frozen=True)
class Orders:
    """The orders, lines and refunds of a mapping."""

    room: Room

    @property
    def parts(self) -> list[str]:
        return [part for part in PARTS if part in self.room.mapping.tables]

    def new(self) -> None:
        """What moved since the marks, oldest first; all of it where orders have no mark. Raises
        Failure."""
        room = self.room
        if not room.mapping.tables["orders"].updated_at:
            for keys in reading.all_keys(room.database, room.source("orders"), "order_id"):
                self.bring(keys, strict=True)
            return
        for part in self.parts:
            if room.mapping.tables[part].updated_at:
                self._moved(part)

    def _moved(self, part: str) -> None:
        room = self.room
        before = str(room.link.state(part).get("mark", ""))
        found = room.source(part)
        if not before:
            self._unmarked(found)
        reach = (Mark(before), room.mapping.overlap if before else 0)
        for keys, mark in reading.changed(room.database, found, "order_id", reach):
            self.bring(keys, strict=part == "orders" and not before)
            room.link.save(part, {"mark": self._capped(found, mark.text, before)})

    def _capped(self, found: Source, text: str, before: str) -> str:
        """A mark, but none of the time to come: a row of tomorrow must not hide those of today. And
        none before the last: the overlap reads rows that are older."""
        kind = found.types[found.mapped.updated_at]
        if reading.MARKS[kind][1] == "number":
            return text if not before or float(text) > float(before) else before
        ahead = HOUR if kind == "timestamp with time zone" else DAY
        limit = self.room.link.services.clock.now() + ahead
        return max(before, min(text, f"{limit:%Y-%m-%d %H:%M:%S}"))

    def _unmarked(self, found: Source) -> None:
        asked = sa.select(sa.func.count()).select_from(found.table).where(found.mark().is_(None))
        count = int(self.room.database.read(lambda c: c.execute(asked).scalar_one()))
        if count:
            self.room.done.notes.append(
                n(
                    "{count:,} row of {name} has no {column}, and is not read.",
                    "{count:,} rows of {name} have no {column}, and are not read.",
                    count,
                    count=count,
                    name=found.mapped.title,
                    column=found.mapped.updated_at,
                )
            )

    def bring(self, keys: Sequence[str], *, strict: bool = False) -> Sequence[Reject]:
        """These orders, merged where they differ; returns the rows that cannot be used: `strict`
        where one at least must be usable, or the mapping is wrong. Raises Failure."""
        room, link = self.room, self.room.link
        room.step(t("orders"))
        lines, tables, rejects = self.ledger(self.chunk(keys))
        if strict:
            room.refuse_all("orders", lines, rejects, len(tables["orders"]))
        tables = differing_orders(link.services.warehouse, room.shop.shop_id, tables)
        changed = 0
        if len(tables["orders"]):
            revision = revision_of(link)
            now = {p: dated(r, revision) if p in MERGED else r for p, r in tables.items()}
            changed = room.write(now, whole=True)
        room.count("orders", (lines, changed), rejects)
        return rejects

    def placed(self, first: date, last: date) -> None:
        """The orders placed on some days, again. Raises Failure."""
        found = self.room.source("orders")
        day = sa.cast(found.table.c[found.mapped.columns["placed_at"]], sa.Date)
        key = sa.cast(found.table.c[found.mapped.columns["order_id"]], sa.Text)
        # A day of the shop may begin the evening before, where the database counts in UTC.
        asked = sa.select(key).where(day.between(first - DAY, last + DAY)).distinct()
        keys = self.room.database.read(lambda c: list(c.execute(asked).scalars()))
        for start in range(0, len(keys), reading.CHUNK):
            self.bring([str(one) for one in keys[start : start + reading.CHUNK]])

    def again(self, keys: Sequence[str]) -> Mapping[str, str]:
        """These orders again; for those that still have rows that cannot be used, why. Raises
        Failure."""
        found: dict[str, str] = {}
        for start in range(0, len(keys), reading.CHUNK):
            for document, reason in self.bring(keys[start : start + reading.CHUNK]):
                found.setdefault(order_of(document), reason)
        return found

    def first(self, count: int) -> tuple[pa.Table, Sequence[Reject]]:
        """The first ledger rows, as they would land. Raises Failure."""
        found = self.room.source("orders")
        key = sa.cast(found.table.c[found.mapped.columns["order_id"]], sa.Text)
        asked = sa.select(key).where(key.is_not(None)).limit(count)
        keys = self.room.database.read(lambda c: list(c.execute(asked).scalars()))
        _, tables, rejects = self.ledger(self.chunk([str(one) for one in keys]))
        return tables["sales"].slice(0, count), rejects

    def chunk(self, keys: Sequence[str]) -> Chunk:
        """Everything of some orders, as it was at one moment."""
        sources = {part: self.room.source(part) for part in self.parts}

        def read(connection: sa.Connection) -> Chunk:
            found = {
                part: reading.rows_of(connection, sources[part], "order_id", keys)
                for part in self.parts
            }
            return Chunk(found["orders"], found.get("lines", []), found.get("refunds", []))

        return self.room.database.read(read)

    def ledger(self, chunk: Chunk) -> tuple[int, Mapping[str, pa.Table], Sequence[Reject]]:
        """How many rows there were, the ledger's tables of them, and what cannot be used."""
        lines, options = flat(chunk, self.room.mapping)
        now = self.room.link.services.clock.now()
        tables, rejects = whole_orders(self.room.shop, lines, options, now)
        return len(lines.table), tables, rejects


def order_of(document: str) -> str:
    """The order of a rejected row, "" where it names none."""
    for part in document.split("; "):
        name, _, value = part.partition("=")
        if name == "order_id":
            return value
    return ""
