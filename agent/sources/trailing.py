"""The last days of a table brought anew by a connection, in place of what it brought before."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import pyarrow as pa

from agent.errors import Refused
from agent.ports import Batch, Shop
from agent.sources.connectors import Link
from agent.sources.restating import changes, restated
from agent.words import t

OWNED = {"spend": "channel", "costs": "kind"}
"""Table -> the column whose values are one connection's own: what others brought stays. Of visits
there is one source a shop: which stands last, stands."""


@dataclass(frozen=True)
class Trailing:
    """Days of a table that a connection restates. `owned` are the values of OWNED that it brings or
    brought: kept in its state, so that a campaign that ended can be taken back."""

    link: Link
    shop: Shop
    table: str
    owned: set[str] = field(default_factory=set)

    def put(self, rows: pa.Table, days: tuple[date, date], rejected: int = 0) -> tuple[int, bool]:
        """Rows changed, and whether the days were left as they are because a source that had rows
        of them has none now. Raises Refused where another connection brings the same."""
        self._own(rows)
        column = OWNED.get(self.table)
        batch = restated(
            self.shop,
            source_of(self.link),
            self.table,
            rows,
            first=days[0],
            last=days[1],
            where=[{column: value} for value in sorted(self.owned)] if column else (),
            revision=revision_of(self.link),
        )
        if not changes(self.link.services.warehouse, batch):
            return 0, False
        if not len(rows):
            return 0, True
        return write(self.link, replace(batch, rejected=rejected)), False

    def _own(self, rows: pa.Table) -> None:
        """Raises Refused where another connection brings the same: each would remove the
        other's."""
        column = OWNED.get(self.table)
        if column is None:
            return
        self.owned.update(rows[column].to_pylist())
        connections = self.link.services.records.connections
        for other in connections.all():
            if other.connection_id == self.link.connection.connection_id:
                continue
            states = connections.states(other.connection_id).values()
            theirs = {v for s in states if s.get("target") == self.table for v in s["owned"]}
            shared = sorted(self.owned & theirs)
            if shared and other.shop_id == self.shop.shop_id:
                raise Refused(
                    t("{name} brings {what} of this shop too.", name=other.name, what=shared[0]),
                    hint=t("Give this connection another channel, or remove the other one."),
                )


def write(link: Link, batch: Batch) -> int:
    """Merge a batch; returns how many rows changed."""
    merged = link.merge(batch)
    counts = (merged.inserted, merged.replaced, merged.removed)
    return sum(sum(count.values()) for count in counts)


def source_of(link: Link) -> str:
    """What batches of a connection are marked with."""
    return f"{link.connection.kind}:{link.connection.connection_id}"


def revision_of(link: Link) -> int:
    """Now, in milliseconds since 1970: what is said later stands."""
    return int(link.services.clock.now().timestamp() * 1000)


def dated(rows: pa.Table, revision: int) -> pa.Table:
    """The rows with a revision."""
    at = rows.schema.get_field_index("revision")
    column = pa.array([revision] * len(rows), pa.int64())
    return rows.set_column(at, rows.schema.field("revision"), column)


def keep(link: Link, stream: str, rejects: list[tuple[str, str]]) -> None:
    """Keep rejected rows that are not kept yet: the same days are read again and again."""
    known = {
        one.document for one in link.services.records.rejects.all(link.connection.connection_id)
    }
    link.reject(stream, [pair for pair in rejects if pair[0] not in known])
