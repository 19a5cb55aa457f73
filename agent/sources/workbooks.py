"""XLSX and Parquet files as columns of text."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from agent.errors import BadFile
from agent.sources.base import Ints, Lines
from agent.words import t

Recognise = Callable[[tuple[str, ...]], None]
SLAB = 20_000


def cell_text(value: Any) -> str | None:
    """A cell as the text that a CSV would hold: whole floats without a point, times as ISO."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def read_xlsx(path: Path, recognise: Recognise, max_bytes: int) -> Lines:
    """Every sheet that has the right columns, one below the other; `part` is the number of the
    sheet.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    _check_zip(path, max_bytes)
    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = [(name, book.get_sheet_by_name(name)) for name in book.sheet_names]
    except (CalamineError, OSError, ValueError) as fault:
        raise BadFile(
            t("{name} is no XLSX workbook that can be opened.", name=path.name)
        ) from fault
    found = [_sheet(name, sheet.iter_rows()) for name, sheet in sheets]
    return _joined(path, [one for one in found if one is not None], recognise)


def _check_zip(path: Path, max_bytes: int) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            known = "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError) as fault:
        raise BadFile(
            t("{name} is damaged: no XLSX workbook can be read from it.", name=path.name)
        ) from fault
    if not known:
        raise BadFile(t("{name} is a ZIP file but no XLSX workbook.", name=path.name))
    if size > max_bytes:
        raise BadFile(
            t(
                "{name} holds more than {value:.3g} GB once unpacked.",
                name=path.name,
                value=max_bytes / 1024**3,
            )
        )


@dataclass(frozen=True)
class _Sheet:
    name: str
    header: tuple[str, ...]
    table: pa.Table
    number: Ints


def _sheet(name: str, rows: Iterator[list[Any]]) -> _Sheet | None:
    """A sheet's columns and the line of each row; None for a sheet without any row.

    Cells become text slab by slab: a cell as an object takes ten times the room of its text.
    """
    numbered = (
        (n, row) for n, row in enumerate(rows, start=1) if any(c not in ("", None) for c in row)
    )
    first = next(numbered, None)
    if first is None:
        return None
    header = tuple((cell_text(cell) or "").strip() for cell in first[1])
    keep = {label: i for i, label in reversed(list(enumerate(header)))}
    places = dict(sorted(keep.items(), key=lambda item: item[1]))
    empty = pa.table({label: pa.array([], pa.string()) for label in places})
    slabs, numbers = [empty], [np.array([], dtype=np.int64)]
    while slab := list(islice(numbered, SLAB)):
        columns = list(zip(*(row for _, row in slab), strict=True))
        slabs.append(pa.table({label: _column(columns[i]) for label, i in places.items()}))
        numbers.append(np.array([n for n, _ in slab], dtype=np.int64))
    return _Sheet(name, header, pa.concat_tables(slabs), np.concatenate(numbers))


def _column(cells: tuple[Any, ...]) -> pa.Array:
    """Repeated cells are turned into text once: a long sheet has few distinct ones."""
    known: dict[tuple[type, Any], str | None] = {}
    out = []
    for cell in cells:
        key = (type(cell), cell)
        if key not in known:
            known[key] = cell_text(cell)
        out.append(known[key])
    return pa.array(out, pa.string())


def _joined(path: Path, found: list[_Sheet], recognise: Recognise) -> Lines:
    if not found:
        raise BadFile(t("{name} is empty.", name=path.name))
    header = found[0].header
    recognise(header)
    same = [one for one in found if one.header == header]
    other = [one.name for one in found if one.header != header]
    table = pa.concat_tables([one.table for one in same])
    if not len(table):
        raise BadFile(t("{name} has a header but no rows.", name=path.name))
    part = np.repeat(np.arange(len(same), dtype=np.int64), [len(one.table) for one in same])
    number = np.concatenate([one.number for one in same])
    notes = (f"Sheets with other columns were left out: {', '.join(other)}.",) if other else ()
    return Lines(table, number, part, (), notes)


def read_parquet(path: Path, recognise: Recognise, max_bytes: int) -> Lines:
    """All columns as text; a row's line is its place, as in a CSV with a header."""
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
        size = sum(file.metadata.row_group(i).total_byte_size for i in range(file.num_row_groups))
        recognise(tuple(file.schema_arrow.names))
        if size > max_bytes:
            raise BadFile(
                t(
                    "{name} holds more than {value:.3g} GB once unpacked.",
                    name=path.name,
                    value=max_bytes / 1024**3,
                )
            )
        table = file.read()
    except (pa.ArrowException, OSError) as fault:
        raise BadFile(t("{name} is no Parquet file that can be read.", name=path.name)) from fault
    if not len(table):
        raise BadFile(t("{name} has a header but no rows.", name=path.name))
    columns = {name: _as_text(path, table.column(name), name) for name in table.column_names}
    number = np.arange(2, len(table) + 2, dtype=np.int64)
    return Lines(pa.table(columns), number, np.zeros(len(table), dtype=np.int64))


def _as_text(path: Path, column: pa.ChunkedArray, name: str) -> pa.Array:
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.tz:
        column = column.cast(pa.timestamp("us", "UTC"))
    try:
        return column.cast(pa.string()).combine_chunks()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as fault:
        raise BadFile(
            t("{name}: the column {column} holds no plain values.", name=path.name, column=name)
        ) from fault
