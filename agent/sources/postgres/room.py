"""What all parts of a mapping share while a database is read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa

from agent.errors import Refused
from agent.ports import Batch, Shop
from agent.sources.connectors import Link
from agent.sources.landing import Reject
from agent.sources.postgres.database import Catalogue, Database
from agent.sources.postgres.mapping import DatabaseMapping
from agent.sources.postgres.reading import Source, source
from agent.sources.trailing import keep, revision_of, source_of, write
from agent.words import n, t


@dataclass
class Brought:
    """What was brought so far."""

    read: int = 0
    changed: int = 0
    rejected: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Room:
    """A database that is read into one shop."""

    link: Link
    shop: Shop
    database: Database
    catalogue: Catalogue
    mapping: DatabaseMapping
    done: Brought

    def source(self, part: str) -> Source:
        """A mapped table that is there. Raises Refused."""
        return source(self.mapping.tables[part], self.catalogue)

    def write(self, tables: Mapping[str, pa.Table], *, whole: bool = False) -> int:
        rows = {name: table for name, table in tables.items() if len(table)}
        digest = hashlib.sha256(repr((source_of(self.link), revision_of(self.link))).encode())
        for name in sorted(rows):
            digest.update(repr(rows[name].to_pydict()).encode())
        batch = Batch(self.shop, source_of(self.link), digest.hexdigest(), rows)
        return write(self.link, replace(batch, whole_orders=whole))

    def refuse_all(self, part: str, count: int, rejects: Sequence[Reject], landed: int) -> None:
        """Raises Refused where rows are there and none can be used: the mapping is wrong."""
        if rejects and not landed:
            raise Refused(
                n(
                    "The one row of {part} cannot be used: {why}",
                    "None of {count:,} rows of {part} can be used: {why}",
                    count,
                    count=count,
                    part=self.mapping.tables[part].title,
                    why=rejects[0][1],
                ),
                hint=t("Compare the mapping with the table; nothing of these rows was written."),
            )

    def count(self, part: str, counts: tuple[int, int], rejects: Sequence[Reject]) -> None:
        self.done.read += counts[0]
        self.done.changed += counts[1]
        self.done.rejected += len(rejects)
        keep(self.link, part, list(rejects))

    def step(self, step: str) -> None:
        self.link.watch.progress(self.done.read, 0, step)
        self.link.watch.check()
