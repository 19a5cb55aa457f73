"""From readings to grids: what a question has read, and what questions of one page share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import pyarrow as pa

from agent.metrics import periods
from agent.metrics.calendar import without_holes
from agent.metrics.compiler import by_fact, statements, titles
from agent.metrics.grid import Cells as Cells
from agent.metrics.grid import Grid, cells_of, gather
from agent.metrics.pairs import Windows, around, paired, parted
from agent.metrics.reading import Reading, Terms, Window
from agent.ports import Shop, Warehouse
from agent.sharing import Shared

GRIDS, TITLES = 16 * 2**20, 20_000
"""Bytes of grids and number of titles that are kept."""
Titles = Mapping[str | None, str]


@dataclass(frozen=True)
class Read:
    """A grid, and the readings whose own statements, whole, give it: what is shown for a number
    holds neither another window nor rows that a warehouse keeps."""

    grid: Grid
    readings: tuple[Reading, ...]


def _weight(found: Mapping[Window, Read]) -> int:
    return sum(read.grid.weight for read in found.values())


@dataclass(frozen=True)
class Known:
    """What was read of late: parts of a page that ask different questions read much the same."""

    grids: Shared[Mapping[Window, Read]]
    titles: Shared[Titles]

    @classmethod
    def empty(cls, *, keeps: bool = True) -> Known:
        """Without `keeps` only those share who ask at the same time."""
        return cls(
            Shared(GRIDS * keeps, _weight), Shared(TITLES * keeps, lambda found: 1 + len(found))
        )


@dataclass
class Reader:
    """Reads grids over a question's windows, all at once; where it `tells`, it notes every
    statement for the receipt, which takes as long as making those that run."""

    warehouse: Warehouse
    shops: tuple[Shop, ...]
    versions: Mapping[str, int]
    asked_at: datetime
    windows: Windows
    terms: Terms = field(default_factory=Terms)
    last_sync: datetime | None = None
    known: Known = field(default_factory=Known.empty)
    tells: bool = True
    ran: list[str] = field(default_factory=list)

    def read(self, reading: Reading) -> Grid:
        key = (replace(reading, window=self.windows[0]), self.windows, self._stand)
        found = self.known.grids.of(key, lambda: self._all(reading))[reading.window]
        if self.tells:
            own = (statement for part in found.readings for statement in statements(part))
            self.ran += map(self.warehouse.sql, own)
        return found.grid

    def titles(self, dimension: str, values: Sequence[str | None]) -> Titles:
        """What a person reads for these values."""
        if dimension == "shop":
            return {shop.shop_id: shop.name for shop in self.shops}
        wanted = tuple(sorted({value for value in values if value is not None}))
        shops = tuple(shop.shop_id for shop in self.shops)
        return self.known.titles.of(
            (dimension, shops, wanted, self._stand), lambda: self._titles(shops, wanted)
        )

    def _titles(self, shops: tuple[str, ...], wanted: tuple[str, ...]) -> Titles:
        if not wanted:
            return {}
        found = self.warehouse.read(titles(shops, wanted))
        return dict(zip(*(found.column(i).to_pylist() for i in (0, 1)), strict=True))

    @property
    def _stand(self) -> tuple[tuple[str, int], ...]:
        return tuple(sorted(self.versions.items()))

    def cells(self, reading: Reading) -> Mapping[Window, Cells]:
        """What the statements bring over each window, as it comes. Nothing of it is kept."""
        return {
            window: cells_of(
                replace(reading, window=window), [table for _, own in parts for table in own]
            )
            for window, parts in self._parts(reading).items()
        }

    def _parts(self, reading: Reading) -> dict[Window, list[tuple[Reading, list[pa.Table]]]]:
        """Over each window, the readings of one fact each, and their tables."""
        found: dict[Window, list[tuple[Reading, list[pa.Table]]]] = {
            window: [] for window in self.windows
        }
        for part in by_fact(reading):
            pair = paired(part, self.windows)
            both = parted(self.windows, self._ran(pair)) if pair else {}
            for window in self.windows:
                own = replace(part, window=window, around=around(window, self.windows))
                found[window].append((own, both[window] if both else self._ran(own)))
        return found

    def _all(self, reading: Reading) -> Mapping[Window, Read]:
        """The reading over each window."""
        return {
            window: Read(
                self._grid(replace(reading, window=window), [t for _, own in parts for t in own]),
                tuple(part for part, _ in parts),
            )
            for window, parts in self._parts(reading).items()
        }

    def _ran(self, reading: Reading) -> list[pa.Table]:
        kept = self.warehouse.kept
        made = statements(replace(reading, keep=kept) if kept else reading)
        return [self.warehouse.read(statement) for statement in made]

    def _grid(self, reading: Reading, tables: Sequence[pa.Table]) -> Grid:
        grid = gather(reading, tables)
        if not reading.grain:
            return grid
        window = reading.window
        buckets = periods.buckets(window.start, window.end, reading.grain).tolist()
        return without_holes(reading, grid, buckets)
