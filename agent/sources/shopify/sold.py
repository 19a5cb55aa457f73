"""Sales beside the orders that they belong to, let go in parts as they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from agent.sources.values import Flags, Ints, one


@dataclass(frozen=True)
class Sold:
    """Sales in the order of their orders: where each stands in all `parts` together, the number of
    its order, and when it happened. Part by part begins at one of `starts`, and the last sale that
    is in it is one of `lasts`."""

    parts: list[pa.Table]
    starts: Ints
    lasts: Ints
    place: Ints
    order: Ints
    at: Ints

    def of(self, low: int, high: int) -> Sold:
        """Those of a stretch of orders' numbers."""
        first, last = np.searchsorted(self.order, [low, high])
        mine = (own[first:last] for own in (self.place, self.order, self.at))
        return Sold(self.parts, self.starts, self.lasts, *mine)

    def rows(self) -> pa.Table:
        owner = self._owners()
        used = np.unique(owner)
        if not len(used):
            return pa.table({})
        parts = [self.parts[at] for at in used]
        begins = np.cumsum([0, *(len(part) for part in parts[:-1])])
        place = self.place - self.starts[owner] + begins[np.searchsorted(used, owner)]
        return plain(pa.concat_tables(parts).unify_dictionaries().take(pa.array(place)))

    def release(self, high: int) -> None:
        """Let parts go in which no order from this number on has a sale."""
        done = np.searchsorted(self.order, high)
        for at in np.flatnonzero(self.lasts < done):
            self.parts[at] = self.parts[at].schema.empty_table()

    def _owners(self) -> Ints:
        return np.searchsorted(self.starts, self.place, "right") - 1


def placed(parts: Sequence[pa.Table], place: Ints, order: Ints, at: Ints) -> Sold:
    """Sales at these places, which are sorted by their orders."""
    starts = np.cumsum([0, *(len(part) for part in parts)])[:-1]
    parts = [part.drop_columns("agreement") for part in parts]
    made = Sold(list(parts), starts, np.full(len(starts), -1), place, order, at)
    # Of several values for one part the last one stays.
    made.lasts[made._owners()] = np.arange(len(place))
    return made


def find(wanted: Ints, known: Ints) -> tuple[Ints, Flags]:
    """Where each number stands among sorted ones, and whether it does."""
    if not len(known):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.bool_)
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return place, known[place] == wanted


def plain(table: pa.Table) -> pa.Table:
    """Words as texts, ids as texts, every column in one piece."""
    columns = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        whole = one(column)
        if pa.types.is_dictionary(whole.type):
            whole = whole.dictionary_decode()
        columns.append(whole.cast(pa.string()) if name.endswith("_id") else whole)
    return pa.table(columns, names=table.column_names)
