"""Lines that cannot be used: why, and a file of them that a person can repair and import again."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


@dataclass(frozen=True)
class Unreadable:
    """A line that has no columns to speak of: a wrong number of fields, an open quote."""

    line: int
    reason: str
    text: str


class Checks:
    """Which rows are rejected; the first reason found for a row stays."""

    def __init__(self, rows: int) -> None:
        self._code = np.zeros(rows, dtype=np.int32)
        self._reasons: list[str] = [""]

    @property
    def good(self) -> NDArray[np.bool_]:
        return np.equal(self._code, 0)

    def reject(self, where: NDArray[np.bool_], reason: str) -> None:
        fresh = where & (self._code == 0)
        if not fresh.any():
            return
        if reason not in self._reasons:
            self._reasons.append(reason)
        self._code[fresh] = self._reasons.index(reason)

    def counts(self) -> dict[str, int]:
        totals = np.bincount(self._code, minlength=len(self._reasons))
        return {r: int(n) for r, n in zip(self._reasons[1:], totals[1:], strict=True) if n}

    def rows(self) -> list[tuple[int, str]]:
        """(row index, reason) of every rejected row, in file order."""
        return [(int(i), self._reasons[self._code[i]]) for i in np.flatnonzero(self._code)]


def reasons(checks: Checks, unreadable: Sequence[Unreadable]) -> dict[str, int]:
    counts = checks.counts()
    for one in unreadable:
        counts[one.reason] = counts.get(one.reason, 0) + 1
    return counts


def _rows_of(
    table: pa.Table, number: NDArray[np.int64], checks: Checks
) -> list[tuple[int, list[str]]]:
    found = checks.rows()
    picked = table.take(pa.array([i for i, _ in found], pa.int64())).to_pydict()
    columns = [picked[name] for name in table.column_names]
    return [
        (int(number[i]), [str(number[i]), reason, *(column[k] or "" for column in columns)])
        for k, (i, reason) in enumerate(found)
    ]


def write(
    path: Path,
    table: pa.Table,
    number: NDArray[np.int64],
    found: tuple[Checks, Sequence[Unreadable]],
) -> None:
    """One CSV: line number, reason, and the row in its own columns (unreadable text stands in the
    first of them).
    """
    checks, unreadable = found
    rows = _rows_of(table, number, checks)
    rows += [(one.line, [str(one.line), one.reason, one.text]) for one in unreadable]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(["line", "reason", *table.column_names])
        sheet.writerows(cells for _, cells in sorted(rows, key=lambda row: row[0]))


def file_for(folder: Path, source_name: str, now: datetime, fingerprint: str) -> Path:
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", source_name).strip("-.") or "file"
    short = fingerprint[:8]
    return folder / "rejected" / f"{stem}-{now:%Y%m%dT%H%M%S}-{short}.csv"
