"""A Grid: measures by key, as they come from the warehouse, and the arithmetic that turns them into
metrics.

Everything stays columnar: keys are matched once through a dictionary, values move by Arrow's
`take`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from operator import eq
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agent.metrics import arithmetic
from agent.metrics.catalogue import MEASURES
from agent.metrics.frames import Number
from agent.metrics.metric import Metric
from agent.metrics.reading import Reading

Key = tuple[Any, ...]
_Part = tuple[list[Key], pa.Table, pa.Table]
MONEY = pa.decimal128(38, 4)
FRACTION = pa.decimal128(38, 12)
SINCE = "_since"
"""What stands behind a measure's name where a statement says since when it is known."""


@dataclass(frozen=True)
class Grid:
    """`keys[i]` are the dimension values of row i; `measures` holds one array per measure; `since`
    the moment of the first row of those that are unknown before it."""

    by: tuple[str, ...]
    keys: tuple[Key, ...]
    measures: Mapping[str, pa.Array]
    totals: Mapping[str, Number]
    since: Mapping[str, datetime] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def weight(self) -> int:
        """About how many bytes it takes."""
        arrays = sum(int(column.nbytes) for column in self.measures.values())
        return 500 + arrays + len(self) * (56 + 80 * len(self.by))

    def take(self, keys: Sequence[Key]) -> Grid:
        """The rows of these keys in this order; a key without a row counts zero."""
        index = _places(self.keys, keys)
        measures = {
            name: _filled(column, index, name, self.totals)
            for name, column in self.measures.items()
        }
        return replace(self, keys=tuple(keys), measures=measures)

    def at(self, places: np.ndarray[Any, np.dtype[np.int64]]) -> Grid:
        """The rows at these places, in this order."""
        index = pa.array(places, pa.int64())
        measures = {name: column.take(index) for name, column in self.measures.items()}
        return replace(self, keys=tuple(map(self.keys.__getitem__, places)), measures=measures)

    def joined(self, other: Grid) -> Grid:
        """This grid's rows, then the other's."""
        measures = {n: pa.concat_arrays([c, other.measures[n]]) for n, c in self.measures.items()}
        return Grid(self.by, self.keys + other.keys, measures, self.totals)

    def metric(self, metric: Metric) -> pa.Array:
        """A metric's column, null where a divisor is zero or a measure unknown."""
        return arithmetic.column(metric.parsed, self.measures)

    def total(self, metric: Metric) -> Number:
        return arithmetic.number(metric.parsed, self.totals)


def gather(reading: Reading, tables: Iterable[pa.Table]) -> Grid:
    """One grid out of the facts' tables: rows that any of them has, totals from the rows marked
    `is_total`."""
    parts = [_split(reading, _begun(reading, table)) for table in tables]
    keys = tuple(parts[0][0] if len(parts) == 1 else _all_keys(parts))
    measures: dict[str, pa.Array] = {}
    totals: dict[str, Number] = {}
    since: dict[str, datetime] = {}
    for own_keys, rows, total in parts:
        index = _places(own_keys, keys)
        names = [n for n in rows.column_names if n in MEASURES]
        totals |= {n: total.column(n)[0].as_py() for n in names if total.num_rows}
        since |= {n: moment for n, moment in _since(total).items() if moment is not None}
        if rows.num_rows or n_missing(names, measures):
            measures |= {n: _column(rows, n, index, totals) for n in names}
    for name in reading.measures:
        totals.setdefault(name, nothing(name))
        if name not in measures:
            measures[name] = pa.array([totals[name]] * len(keys), kind_of(name))
    return Grid(reading.by, keys, measures, totals, since)


@dataclass(frozen=True)
class Cells:
    """Rows of each fact as they come, by the same dimensions, and what they come to: a grid without
    rows."""

    tables: tuple[pa.Table, ...]
    total: Grid


def cells_of(reading: Reading, tables: Sequence[pa.Table]) -> Cells:
    """Tables that have the row that stands for everything, without it; one that is nothing but that
    row has no cells."""
    begun = [_begun(reading, table) for table in tables]
    whole = [table.filter(pc.equal(table.column("is_total"), 1)) for table in begun]
    full = [table for table in begun if set(reading.by) <= set(table.column_names)]
    rows = tuple(table.filter(pc.not_equal(table.column("is_total"), 1)) for table in full)
    return Cells(rows, gather(replace(reading, by=()), whole))


def _all_keys(parts: Sequence[_Part]) -> Iterable[Key]:
    return dict.fromkeys(key for part in parts for key in part[0])


def _places(own: Sequence[Key], keys: Sequence[Key]) -> pa.Array:
    """Where each key stands among our own; null where it does not."""
    if len(own) == len(keys) and all(map(eq, own, keys)):
        return pa.array(np.arange(len(own)), pa.int64())
    place = {key: i for i, key in enumerate(own)}
    places = np.fromiter((place.get(key, -1) for key in keys), np.int64, len(keys))
    return pa.array(places, mask=places < 0)


def _begun(reading: Reading, table: pa.Table) -> pa.Table:
    """Unknown, whatever its sum says, is what has not begun by the end."""
    for name, moment in _since(table).items():
        if moment is None or moment >= reading.window.stop:
            nulls = pa.nulls(table.num_rows, table.column(name).type)
            table = table.set_column(table.column_names.index(name), name, nulls)
    return table


def _since(table: pa.Table) -> dict[str, datetime | None]:
    """Since when measures are known; None: never yet. Every row says the same."""
    said = (name for name in table.column_names if name.endswith(SINCE) and table.num_rows)
    return {name.removesuffix(SINCE): table.column(name)[0].as_py() for name in said}


def nothing(name: str) -> Number:
    """What a measure is of which no row says anything."""
    measure = MEASURES[name]
    return None if measure.unknown else Decimal(0) if measure.money else 0


def kind_of(name: str) -> pa.DataType:
    measure = MEASURES[name]
    return MONEY if measure.money else FRACTION if measure.fraction else pa.int64()


def _filled(column: pa.Array, index: pa.Array, name: str, totals: Mapping[str, Number]) -> pa.Array:
    """Values by place; a key without a row counts zero, where anything at all is known."""
    found = column.take(index)
    if totals.get(name) is None or MEASURES[name].gaps:
        return found
    return pc.if_else(pc.is_null(index), pa.scalar(0, pa.int64()).cast(column.type), found)


def n_missing(names: Sequence[str], measures: Mapping[str, pa.Array]) -> bool:
    return any(name not in measures for name in names)


def _column(rows: pa.Table, name: str, index: pa.Array, totals: Mapping[str, Number]) -> pa.Array:
    return _filled(rows.column(name).combine_chunks().cast(kind_of(name)), index, name, totals)


def _split(reading: Reading, table: pa.Table) -> _Part:
    is_total = pc.equal(table.column("is_total"), 1)
    total = table.filter(is_total)
    if not reading.by:
        return [()], total, total
    rows = table.filter(pc.invert(is_total))
    if any(name not in rows.column_names for name in reading.by):
        return [], rows.slice(0, 0), total
    columns = [_shared(rows.column(name)) for name in reading.by]
    return list(zip(*columns, strict=True)), rows, total


def _shared(column: pa.ChunkedArray) -> Iterable[Any]:
    """Its values; equal ones are one and the same, for there may be 200,000 of a few."""
    coded = column.combine_chunks().dictionary_encode()
    known = [*coded.dictionary.to_pylist(), None]
    return (known[n] for n in pc.fill_null(coded.indices, len(known) - 1).to_numpy())


def accumulate(grid: Grid, names: Sequence[str], grain: str, buckets: Sequence[datetime]) -> Grid:
    """Running counts of some measures over time: the bucket None holds what came before the
    first."""
    at = grid.by.index(grain)
    groups = list(dict.fromkeys(key[:at] + key[at + 1 :] for key in grid.keys))
    keys = [(*g[:at], b, *g[at:]) for g in groups for b in (None, *buckets)]
    flat = grid.take(keys)
    shape = (len(groups), len(buckets) + 1)
    measures = {}
    for name in names:
        steps = flat.measures[name].to_numpy(zero_copy_only=False).reshape(shape)
        measures[name] = pa.array(np.cumsum(steps, axis=1).reshape(-1))
    return Grid(grid.by, tuple(keys), measures, grid.totals)
