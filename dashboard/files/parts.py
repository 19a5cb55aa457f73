"""Columns of a file, each with its heading, and the sheet that they make together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from agent.metrics.frames import Frame, Number
from agent.words import t
from dashboard.files.sheets import Heading, Kind, Rows, Sheet


@dataclass(frozen=True)
class Part:
    """One column: its heading, and its values for every row."""

    heading: Heading
    values: pa.Array | pa.ChunkedArray


def sheet_from(parts: Sequence[Part], title: str, currency: str, notice: str = "") -> Sheet:
    """A sheet of columns that are equally long."""
    data = pa.table([part.values for part in parts], names=[str(at) for at in range(len(parts))])
    headings = tuple(part.heading for part in parts)
    return Sheet(title, headings, _batches(data), currency, notice)


def _batches(data: pa.Table) -> list[Rows]:
    """Never none at all: a sheet without rows still has its columns."""
    return data.to_batches() or [data.slice(0, 0)]


def beside(sheet: Sheet, more: Sequence[Part]) -> Sheet:
    """The sheet with further columns; what has no row in them is unknown there."""
    if not more:
        return sheet
    data = whole(sheet)
    for at, part in enumerate(more, start=data.num_columns):
        data = data.append_column(str(at), as_long(part.values, data.num_rows))
    headings = (*sheet.headings, *(part.heading for part in more))
    return Sheet(sheet.title, headings, _batches(data), sheet.currency, sheet.notice)


def whole(sheet: Sheet) -> pa.Table:
    """Its rows as one table."""
    parts = [pa.table(rows.columns, names=rows.schema.names) for rows in sheet.batches]
    return pa.concat_tables(parts)


def of_groups(frame: Frame, further: Frame) -> list[Part]:
    """The metrics of another frame by the same first dimension, for each row of this one."""
    name = frame.dimensions[0].name
    known = one(further.data.column(name))
    # Neither the unnamed group nor what is gathered has a row over there.
    place = pc.index_in(one(frame.data.column(name)), known.drop_null())
    rows = pc.filter(further.data, pc.is_valid(known))
    return [
        Part(
            Heading(t(column.label), column.unit, name=column.name),
            one(rows.column(column.name)).take(place),
        )
        for column in further.metrics
    ]


def text(label: str, values: Sequence[str]) -> Part:
    return Part(Heading(label), pa.array(values, pa.string()))


def figures(label: str, name: str, values: Sequence[Number]) -> Part:
    """Figures that are each in the unit of their row."""
    return floats(Heading(label, "own", name=name), values)


def floats(heading: Heading, values: Sequence[Number]) -> Part:
    """Without the dust of binary fractions."""
    known = [None if value is None else round(float(value), 9) for value in values]
    return Part(heading, pa.array(known, pa.float64()))


def level(label: str, unit: Kind, name: str, value: float, rows: int) -> Part:
    """A column of one figure."""
    return Part(Heading(label, unit, name=name), pa.array([value] * rows, pa.float64()))


def one(column: Any) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def as_long(column: Any, rows: int) -> pa.Array:
    """Cut or filled up with unknowns."""
    whole = one(column).slice(0, rows)
    return pa.concat_arrays([whole, pa.nulls(rows - len(whole), whole.type)])
