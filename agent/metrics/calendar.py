"""The calendar of an answer over time: every bucket of the period has its row, zero where nothing
happened, unknown before a fact begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from agent.errors import Refused
from agent.metrics import periods
from agent.metrics.catalogue import MEASURES
from agent.metrics.grid import Grid, accumulate
from agent.metrics.reading import Reading
from agent.words import t

MAX_ROWS = 200_000


def without_holes(reading: Reading, grid: Grid, buckets: Sequence[datetime]) -> Grid:
    at = reading.by.index(reading.grain)
    groups = list(dict.fromkeys(key[:at] + key[at + 1 :] for key in grid.keys))
    if not reading.attributes:
        groups = [()]
    if len(groups) * len(buckets) > MAX_ROWS:
        raise Refused(
            t("The answer would have more than {count:,} rows.", count=MAX_ROWS),
            hint=t("Ask for a coarser grain, a shorter period or the top few."),
        )
    keys = tuple((*group[:at], bucket, *group[at:]) for bucket in buckets for group in groups)
    flat = _begun(reading, grid.take(keys))
    running = [n for n in reading.measures if MEASURES[n].fact == "history"]
    if not running:
        return flat
    summed = accumulate(grid, running, reading.grain, buckets).take(keys)
    return replace(flat, measures={**flat.measures, **{n: summed.measures[n] for n in running}})


def _begun(reading: Reading, grid: Grid) -> Grid:
    """Unknown, not zero, in the buckets before the one in which a fact begins."""
    at = reading.by.index(reading.grain)
    measures = dict(grid.measures)
    for since in set(grid.since.values()):
        begins = _bucket(since, reading.grain)
        known = pa.array([key[at] >= begins for key in grid.keys], pa.bool_())
        for name in (n for n, moment in grid.since.items() if moment == since):
            measures[name] = pc.if_else(known, measures[name], None)
    return replace(grid, measures=measures)


def _bucket(moment: datetime, grain: str) -> datetime:
    """The first moment of the bucket that holds it."""
    starts: list[datetime] = periods.buckets(moment.date(), moment.date(), grain).tolist()
    return max(start for start in starts if start <= moment)
