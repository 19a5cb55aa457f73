"""A Grid: measures by key, as they come from the warehouse, and the arithmetic that turns them into
metrics.

Everything stays columnar: keys are matched once through a dictionary, values move by Arrow's
`take`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agent.metrics.catalogue import MEASURES, Metric
from agent.metrics.frames import Number
from agent.metrics.reading import Reading

Key = tuple[Any, ...]
MONEY = pa.decimal128(38, 4)


@dataclass(frozen=True)
class Grid:
    """`keys[i]` are the dimension values of row i; `measures` holds one array per measure."""

    by: tuple[str, ...]
    keys: tuple[Key, ...]
    measures: Mapping[str, pa.Array]
    totals: Mapping[str, Number]

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, keys: Sequence[Key]) -> Grid:
        """The rows of these keys in this order; a key without a row counts zero."""
        place = {key: i for i, key in enumerate(self.keys)}
        index = pa.array([place.get(key) for key in keys], pa.int64())
        measures = {
            name: pc.fill_null(column.take(index), 0) for name, column in self.measures.items()
        }
        return Grid(self.by, tuple(keys), measures, self.totals)

    def joined(self, other: Grid) -> Grid:
        """This grid's rows, then the other's."""
        measures = {n: pa.concat_arrays([c, other.measures[n]]) for n, c in self.measures.items()}
        return Grid(self.by, self.keys + other.keys, measures, self.totals)

    def metric(self, metric: Metric) -> pa.Array:
        """A metric's column: the measure itself, or the ratio as float64, null where its
        denominator is zero."""
        numerator = self.measures[metric.numerator]
        if not metric.denominator:
            return numerator
        below = self.measures[metric.denominator].cast(pa.float64())
        return pc.divide(
            numerator.cast(pa.float64()), pc.if_else(pc.equal(below, 0.0), None, below)
        )

    def total(self, metric: Metric) -> Number:
        return quotient(self.totals, metric)


def quotient(values: Mapping[str, Number], metric: Metric) -> Number:
    above = values[metric.numerator]
    if not metric.denominator:
        return above
    below = values[metric.denominator]
    return None if not below or above is None else float(above) / float(below)


def gather(reading: Reading, tables: Iterable[pa.Table]) -> Grid:
    """One grid out of the facts' tables: rows that any of them has, totals from the rows marked
    `is_total`."""
    parts = [_split(reading, table) for table in tables]
    keys = tuple(dict.fromkeys(key for part in parts for key in part[0]))
    measures: dict[str, pa.Array] = {}
    totals: dict[str, Number] = {}
    for own_keys, rows, total in parts:
        place = {key: i for i, key in enumerate(own_keys)}
        index = pa.array([place.get(key) for key in keys], pa.int64())
        names = [n for n in rows.column_names if n in MEASURES]
        totals |= {n: total.column(n)[0].as_py() for n in names if total.num_rows}
        if rows.num_rows or n_missing(names, measures):
            measures |= {n: _column(rows, n, index) for n in names}
    zero: dict[str, Number] = {n: Decimal(0) if MEASURES[n].money else 0 for n in reading.measures}
    measures = {
        n: measures.get(n, pa.nulls(len(keys), pa.int64()).fill_null(0)) for n in reading.measures
    }
    return Grid(reading.by, keys, measures, zero | totals)


def n_missing(names: Sequence[str], measures: Mapping[str, pa.Array]) -> bool:
    return any(name not in measures for name in names)


def _column(rows: pa.Table, name: str, index: pa.Array) -> pa.Array:
    column = rows.column(name).combine_chunks()
    if MEASURES[name].money:
        column = column.cast(MONEY)
    return pc.fill_null(column.take(index), 0)


def _split(reading: Reading, table: pa.Table) -> tuple[list[Key], pa.Table, pa.Table]:
    is_total = pc.equal(table.column("is_total"), 1)
    total = table.filter(is_total)
    if not reading.by:
        return [()], total, total
    rows = table.filter(pc.invert(is_total))
    if any(name not in rows.column_names for name in reading.by):
        return [], rows.slice(0, 0), total
    columns = [rows.column(name).to_pylist() for name in reading.by]
    return list(zip(*columns, strict=True)), rows, total


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
