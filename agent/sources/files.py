"""Files to columns of text: CSV (plain or gzip), XLSX and Parquet, each with the line its rows
stand on.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agent.errors import BadFile
from agent.sources import streams
from agent.sources.base import Ints, Lines, Progress, TextFormat, Watch
from agent.sources.rejects import Unreadable
from agent.sources.values import one
from agent.words import t

BLOCK = 4 * 1024 * 1024
DELIMITERS = ",;\t|"
TITLES = 12
"""Lines that may stand above the header."""
Recognise = Callable[[tuple[str, ...]], None]


@dataclass(frozen=True)
class Reading:
    """What to read and how; `recognise` is asked as soon as the names of the columns are known."""

    path: Path
    text: TextFormat
    recognise: Recognise
    max_bytes: int
    watch: Watch


@dataclass(frozen=True)
class Read:
    """The columns of a file and the digest of its unpacked bytes."""

    lines: Lines
    digest: str


def read(reading: Reading) -> Read:
    """Read a file by what its first bytes say it is. Raises BadFile with one sentence."""
    path = reading.path
    streams.require_file(path)
    head = streams.first_bytes(path, 4)
    ending = path.suffix.lower()
    if ending in {".xlsx", ".parquet"}:
        return _read_packed(reading, ending, head)
    if head == b"PK\x03\x04" or head == b"PAR1":
        kind = t("an Excel workbook") if head[:2] == b"PK" else t("a Parquet file")
        raise BadFile(
            t("{name} is {kind} under another name.", name=path.name, kind=kind),
            hint=t("Rename it to say so."),
        )
    if not path.name.lower().endswith((".csv", ".csv.gz", ".txt", ".txt.gz", ".tsv")):
        raise BadFile(
            t(
                "{name} cannot be imported: files end in .csv, .csv.gz, .xlsx or .parquet.",
                name=path.name,
            )
        )
    return read_csv(reading)


def _read_packed(reading: Reading, ending: str, head: bytes) -> Read:
    from agent.sources import workbooks

    path, mark = reading.path, b"PK\x03\x04" if ending == ".xlsx" else b"PAR1"
    if not head:
        raise BadFile(t("{name} is empty.", name=path.name))
    if head != mark:
        raise BadFile(
            t(
                "{name} is no {ending} file, whatever its name says.",
                name=path.name,
                ending=ending[1:].upper(),
            )
        )
    if path.stat().st_size > reading.max_bytes:
        raise BadFile(
            t(
                "{name} is larger than {value:.3g} GB.",
                name=path.name,
                value=reading.max_bytes / 1024**3,
            )
        )
    lines = (
        workbooks.read_xlsx(reading.path, reading.recognise, reading.max_bytes)
        if ending == ".xlsx"
        else workbooks.read_parquet(reading.path, reading.recognise, reading.max_bytes)
    )
    with path.open("rb") as file:
        return Read(lines, hashlib.file_digest(file, "sha256").hexdigest())


@dataclass(frozen=True)
class _Header:
    names: tuple[str, ...]
    delimiter: str
    skip: int


def _header(head: bytes, encoding: str, wanted: str, recognise: Recognise) -> _Header:
    """The first line, or, where platforms write a title and the days above it, the first of a few
    lines that has the columns asked for. Raises the BadFile of the first line."""
    first, *later = _headers(head, encoding, wanted)
    try:
        recognise(first.names)
    except BadFile:
        found = next((one for one in later if _has(one, recognise)), None)
        if found is None:
            raise
        return found
    return first


def _has(header: _Header, recognise: Recognise) -> bool:
    try:
        recognise(header.names)
    except BadFile:
        return False
    return True


def _headers(head: bytes, encoding: str, wanted: str) -> list[_Header]:
    """The line that is the header, and those below that may be it: with three columns or more."""
    text = head.decode(encoding, errors="replace").lstrip("\ufeff")
    rows = text.splitlines()
    skip = next(i for i, row in enumerate(rows) if row.strip())
    row, delimiter = rows[skip], wanted
    if row.lower().startswith("sep=") and len(row.strip()) == 5 and skip + 1 < len(rows):
        delimiter, skip = wanted or row.strip()[4], skip + 1
        row = rows[skip]
    first = _named_in(row, delimiter, skip + 1)
    below = [_named_in(line, wanted, at) for at, line in enumerate(rows[: skip + TITLES], start=1)]
    return [first, *(one for one in below if one.skip > first.skip and len(one.names) > 2)]


def _named_in(row: str, delimiter: str, skip: int) -> _Header:
    delimiter = delimiter or max(DELIMITERS, key=row.count)
    names = next(csv.reader([row], delimiter=delimiter), [])
    return _Header(tuple(name.strip() for name in names), delimiter, skip)


@contextmanager
def _parsing(name: str) -> Any:
    try:
        yield
    except pa.ArrowInvalid as fault:
        if str(fault).startswith("Could not skip initial"):
            raise BadFile(t("{name} has a header but no rows.", name=name)) from fault
        raise BadFile(
            t(
                "{name} cannot be read as CSV: {value}",
                name=name,
                value=str(fault).splitlines()[0][:200],
            ),
            hint=t("A quote that never closes does this."),
        ) from fault


def read_csv(reading: Reading) -> Read:
    path = reading.path
    seen = streams.inspect(path, reading.text.encoding, reading.max_bytes)
    if seen.head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise BadFile(
            t("{name} is a web page, or XML: it has no table to read.", name=path.name),
            hint=t("Download it once more, as CSV; what was saved may be a page to sign in."),
        )
    header = _header(seen.head, seen.encoding, reading.text.delimiter, reading.recognise)
    refused: list[tuple[int, int, str]] = []
    with streams.unpacked(path) as file, _parsing(path.name):
        plain = seen.encoding == "utf-8" and not seen.notes
        source = file if plain else streams.Recoded(file, seen.encoding)
        table = _parse(source, header, seen, (refused, reading.watch))
    if not len(table) and not refused:
        raise BadFile(t("{name} has a header but no rows.", name=path.name))
    lines = _numbered(table, header, seen, refused)
    return Read(lines, seen.digest)


def _parse(
    source: Any,
    header: _Header,
    seen: streams.Inspection,
    out: tuple[list[tuple[int, int, str]], Watch],
) -> pa.Table:
    from pyarrow import csv as arrow_csv

    refused, watch = out
    keys = [str(i) for i in range(len(header.names))]

    def refuse(row: Any) -> str:
        refused.append((row.number, row.actual_columns, row.text))
        return "skip"

    reader = arrow_csv.open_csv(
        source,
        read_options=arrow_csv.ReadOptions(
            use_threads=False,  # only then do refused rows know their number
            block_size=max(BLOCK, 2 * seen.longest),
            column_names=keys,
            skip_rows=header.skip,
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=header.delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=refuse,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types={key: pa.string() for key in keys},
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            null_values=[""],
        ),
    )
    batches, done = [], 0
    for batch in reader:
        batches.append(batch)
        done += batch.nbytes
        watch(Progress("read", min(done, seen.size), seen.size))
    return pa.Table.from_batches(batches, schema=reader.schema)


def _numbered(
    table: pa.Table, header: _Header, seen: streams.Inspection, refused: list[tuple[int, int, str]]
) -> Lines:
    """Rows with their line in the file: blank rows dropped, line breaks inside quotes counted."""
    count = len(table) + len(refused)
    rows = np.arange(header.skip + 1, header.skip + 1 + count, dtype=np.int64)
    gone = np.array([number for number, _, _ in refused], dtype=np.int64)
    kept = rows[~np.isin(rows, gone)]
    wraps = np.zeros(len(kept), dtype=np.int64)
    if seen.newlines > header.skip + count:
        wraps = _breaks_before(table)
    elsewhere = (
        wraps[np.minimum(np.searchsorted(kept, gone), len(kept) - 1)] if len(kept) else gone * 0
    )
    unreadable = tuple(
        _unreadable(int(number + shift), (fields, len(header.names)), text)
        for (number, fields, text), shift in zip(refused, elsewhere, strict=True)
        if text.strip(f" \r\n{header.delimiter}")
    )
    blank = _blank(table)
    named = _named(table, header.names).filter(pa.array(~blank))
    number = (kept + wraps)[~blank]
    part = np.zeros(len(number), dtype=np.int64)
    return Lines(named, number, part, unreadable, seen.notes, header.delimiter)


def _breaks_before(table: pa.Table) -> Ints:
    """Line breaks inside the fields of all rows above each row."""
    inside = np.zeros(len(table), dtype=np.int64)
    for column in table.columns:
        inside += np.asarray(pc.fill_null(pc.count_substring(one(column), "\n"), 0), dtype=np.int64)
    return np.cumsum(inside) - inside


def _unreadable(line: int, fields: tuple[int, int], text: str) -> Unreadable:
    found, wanted = fields
    reason = f"The line has {found} fields where the header has {wanted}."
    if text.count("\n") > 20:
        reason = "A quote opens in this line and does not close in it."
    return Unreadable(line, reason, text[:10_000])


def _blank(table: pa.Table) -> np.ndarray[Any, np.dtype[np.bool_]]:
    blank = np.ones(len(table), dtype=np.bool_)
    for column in table.columns:
        blank &= np.asarray(pc.is_null(one(column)), dtype=np.bool_)
        if not blank.any():
            break
    return blank


def _named(table: pa.Table, names: tuple[str, ...]) -> pa.Table:
    """Columns under the file's names; of two with one name the first is kept."""
    first = {name: i for i, name in reversed(list(enumerate(names)))}
    keep = sorted(first.values())
    return pa.table([one(table.column(i)) for i in keep], names=[names[i] for i in keep])
