"""A file of leaves, CSV or Parquet, and the rows in it that cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from agent.errors import BadFile
from agent.why.cube import Codes, Floats, Leaves, Text, encoded
from agent.words import t

LARGEST = 1e15
"""A million rows of it can be added up to the millionth."""
SHOWN = 40
MOST = 16
"""Dimensions at most: sets of three of them are all looked at."""


@dataclass(frozen=True)
class Columns:
    """Which columns are read: `dimensions`, and `figures`: actual, expected, and of a ratio what
    these two are per."""

    dimensions: tuple[str, ...]
    figures: tuple[str, ...]


@dataclass(frozen=True)
class BadRow:
    """`row` counts from 1, without the header."""

    row: int
    reason: str


def read_leaves(file: Path, columns: Columns) -> tuple[Leaves, list[BadRow]]:
    """The leaves of a file, and its bad rows by rising number, which are left out. Raises BadFile
    where it cannot be read, has no such columns, or has no row that can be used."""
    _check(columns)
    table = _table(file, columns)
    figures = [_figures(table.column(name), name) for name in columns.figures]
    wrong = dict(sorted((bad.row, bad) for _, bads in figures for bad in reversed(bads)))
    good = np.ones(table.num_rows, bool)
    good[[row - 1 for row in wrong]] = False
    if not good.any():
        reason = next(iter(wrong.values())).reason if wrong else t("It is empty.")
        raise BadFile(
            t("{file} has no row that can be used. {reason}", file=file.name, reason=reason)
        )
    texts = [_codes(table.column(name), good) for name in columns.dimensions]
    actual, expected, *per = (numbers[good] for numbers, _ in figures)
    pair = (per[0], per[1]) if per else None
    values, codes = tuple(each[0] for each in texts), tuple(each[1] for each in texts)
    return Leaves(columns.dimensions, values, codes, actual, expected, pair), list(wrong.values())


def _check(columns: Columns) -> None:
    names, figures = columns.dimensions, columns.figures
    if not 1 <= len(names) <= MOST:
        raise BadFile(t("Name one to {most} dimensions.", most=MOST))
    if len({*names, *figures}) < len(names) + len(figures):
        raise BadFile(t("A column is named twice."))
    if len(figures) not in (2, 4):
        raise BadFile(t("A ratio needs both: what the actual is per, and what the expected is."))


def _table(file: Path, columns: Columns) -> pa.Table:
    wanted = [*columns.dimensions, *columns.figures]
    if not file.is_file():
        raise BadFile(t("There is no file {file}.", file=str(file)))
    try:
        if file.suffix.lower() in (".parquet", ".pq"):
            known = pq.read_schema(file).names
            _check_known(file, wanted, known)
            return pq.read_table(file, columns=wanted)
        table = _csv(file, columns)
    except (pa.ArrowInvalid, OSError, UnicodeDecodeError) as failure:
        said = str(failure).splitlines()[0][:200]
        raise BadFile(
            t("{file} cannot be read: {reason}", file=file.name, reason=said)
        ) from failure
    _check_known(file, wanted, table.column_names)
    return table.select(wanted)


def _csv(file: Path, columns: Columns) -> pa.Table:
    """All as text: `01` is no number, and figures that are none are named by their rows."""
    wanted = dict.fromkeys((*columns.dimensions, *columns.figures), pa.string())
    return pa_csv.read_csv(
        file,
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(column_types=wanted, strings_can_be_null=False),
    )


def _check_known(file: Path, wanted: Sequence[str], known: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in known]
    if missing:
        raise BadFile(
            t("{file} has no column {name}.", file=file.name, name=missing[0]),
            hint=t("It has: {names}.", names=", ".join(known[:30])),
        )


def _figures(column: pa.ChunkedArray, name: str) -> tuple[Floats, list[BadRow]]:
    """Numbers, 0 in bad rows, and these."""
    try:
        numbers = np.array(pc.cast(column, pa.float64()).to_numpy(), np.float64)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        numbers = np.array([_number(text) for text in column.to_pylist()], np.float64)
    bad = np.flatnonzero(~(np.abs(numbers) <= LARGEST))
    texts = [str(value)[:SHOWN] for value in column.take(pa.array(bad)).to_pylist()]
    rows = [
        BadRow(int(row) + 1, _reason(name, text, numbers[row]))
        for row, text in zip(bad, texts, strict=True)
    ]
    numbers[bad] = 0
    return numbers, rows


def _reason(name: str, text: str, number: float) -> str:
    if np.isfinite(number):
        return t("{name} is {text}, more than can be added up.", name=name, text=text)
    return t("{name} is {text}, not a number.", name=name, text=repr(text))


def _number(text: object) -> float:
    try:
        return float(str(text))
    except ValueError:
        return float("nan")


def _codes(column: pa.ChunkedArray, good: NDArray[np.bool_]) -> tuple[tuple[Text, ...], Codes]:
    """The values of the good rows in sorted order, an empty text as not known, and each row's."""
    texts = pc.cast(column, pa.string()).combine_chunks().filter(pa.array(good))
    texts = pc.if_else(pc.equal(texts, ""), None, texts)
    return encoded(texts)
