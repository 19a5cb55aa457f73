"""What a file of rows is made of: headings with units, and batches of Arrow that are read once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import pyarrow as pa

from agent.metrics import formats
from agent.metrics.frames import Unit
from agent.words import t

LIMIT = 200_000
"""Rows of one file. What lies beyond is left out, and the file's first line says so."""
CHUNK = 4_096

Rows: TypeAlias = pa.Table | pa.RecordBatch
Kind = Unit | Literal["change", "points", "own", "move"]


@dataclass(frozen=True)
class Heading:
    """A column of a file. `unit` as in a Frame; besides, a relative `change` (0.081 is +8.1 %), a
    difference in percentage `points` (0.2 is +0.2 pp), and each row's `own` where rows differ:
    then a `move` is a change, of a rate in points.

    `total` stands under the column in a workbook, exact; `formula` is what Excel recomputes it by,
    written over the names in braces of other columns' totals, "sum" for the column's own sum, ""
    where it is asked and not computed.
    """

    label: str
    unit: Kind = "text"
    total: object = None
    formula: str = ""
    name: str = ""


@dataclass(frozen=True)
class Line:
    """A row with figures of its own unit. `parts` are the places of the rows that it adds up."""

    unit: Unit = "number"
    parts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """Rows to write, in as many columns of Arrow as there are headings, by their place.

    `batches` is iterated once, by whichever writer. `notice` is the file's first line where it is
    not empty. `about` are pairs of words and sentences for a sheet of their own in a workbook.
    `lines` say of each row what it is, where rows are not alike: a heading's formula is then over
    the cells of its own row.
    """

    title: str
    headings: tuple[Heading, ...]
    batches: Iterable[Rows]
    currency: str = "USD"
    notice: str = ""
    about: tuple[tuple[str, str], ...] = field(default=())
    lines: tuple[Line, ...] = ()


def cut(rows: int, limit: int = LIMIT) -> str:
    """What a file says that cannot hold all rows; empty when it can."""
    if rows <= limit:
        return ""
    return t(
        "This file holds the first {limit} of {rows} rows. Choose a shorter period or a filter "
        "for the others.",
        limit=formats.number(limit, "count", style="full"),
        rows=formats.number(rows, "count", style="full"),
    )


def at_most(batches: Iterable[Rows], limit: int = LIMIT) -> Iterator[Rows]:
    """The first rows, in batches that are small enough to write one after the other."""
    left = limit
    for batch in batches:
        for start in range(0, min(batch.num_rows, left), CHUNK):
            yield batch.slice(start, min(CHUNK, left - start))
        left -= batch.num_rows
        if left <= 0:
            return
