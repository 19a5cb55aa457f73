"""XLSX and Parquet files as columns of text."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from agent.errors import BadFile
from agent.sources.base import Lines

Recognise = Callable[[tuple[str, ...]], None]


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
        raise BadFile(f"{path.name} is no XLSX workbook that can be opened.") from fault
    found = [_sheet(name, sheet.iter_rows()) for name, sheet in sheets]
    return _joined(path, [one for one in found if one is not None], recognise)


def _check_zip(path: Path, max_bytes: int) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            known = "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError) as fault:
        raise BadFile(f"{path.name} is damaged: no XLSX workbook can be read from it.") from fault
    if not known:
        raise BadFile(f"{path.name} is a ZIP file but no XLSX workbook.")
    if size > max_bytes:
        raise BadFile(f"{path.name} holds more than {max_bytes / 1024**3:.3g} GB once unpacked.")


def _sheet(
    name: str, rows: Iterable[list[Any]]
) -> tuple[str, tuple[str, ...], pa.Table, Any] | None:
    """(name, header, columns, line numbers) of a sheet; None for one without any row."""
    cells: list[list[Any]] = []
    numbers: list[int] = []
    header: tuple[str, ...] = ()
    for number, row in enumerate(rows, start=1):
        if all(cell in ("", None) for cell in row):
            continue
        if not header:
            header = tuple((cell_text(cell) or "").strip() for cell in row)
        else:
            cells.append(row)
            numbers.append(number)
    if not header:
        return None
    columns = list(zip(*cells, strict=True)) if cells else [()] * len(header)
    keep = {label: i for i, label in reversed(list(enumerate(header)))}
    table = pa.table(
        {label: _column(columns[i]) for label, i in sorted(keep.items(), key=lambda kv: kv[1])}
    )
    return name, header, table, np.array(numbers, dtype=np.int64)


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


def _joined(path: Path, found: list[Any], recognise: Recognise) -> Lines:
    if not found:
        raise BadFile(f"{path.name} is empty.")
    header = found[0][1]
    recognise(header)
    same = [one for one in found if one[1] == header]
    other = [one[0] for one in found if one[1] != header]
    table = pa.concat_tables([one[2] for one in same])
    if not len(table):
        raise BadFile(f"{path.name} has a header but no rows.")
    part = np.repeat(np.arange(len(same)), [len(one[2]) for one in same])
    number = np.concatenate([one[3] for one in same])
    notes = (f"Sheets with other columns were left out: {', '.join(other)}.",) if other else ()
    return Lines(table, number, part.astype(np.int64), (), notes)


def read_parquet(path: Path, recognise: Recognise, max_bytes: int) -> Lines:
    """All columns as text; a row's line is its place, as in a CSV with a header."""
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
        size = sum(file.metadata.row_group(i).total_byte_size for i in range(file.num_row_groups))
        recognise(tuple(file.schema_arrow.names))
        if size > max_bytes:
            raise BadFile(
                f"{path.name} holds more than {max_bytes / 1024**3:.3g} GB once unpacked."
            )
        table = file.read()
    except (pa.ArrowException, OSError) as fault:
        raise BadFile(f"{path.name} is no Parquet file that can be read.") from fault
    if not len(table):
        raise BadFile(f"{path.name} has a header but no rows.")
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
        raise BadFile(f"{path.name}: the column {name} holds no plain values.") from fault
