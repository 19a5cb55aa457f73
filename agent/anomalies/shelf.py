"""What is said of a table's rows, kept on disk until all of them are judged: series are judged
together, and rows are written in their own order."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd

SPAN = 200_000
"""Rows of one folder: what is written together is near together."""
BLANK = {
    "expected": np.nan,
    "lo": np.nan,
    "hi": np.nan,
    "score": 0.0,
    "is_anomaly": False,
    "kind": "",
}
"""What is said of a row that nothing can be said of."""


class Shelf:
    """Verdicts by the number of their row."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = count()

    def put(self, found: pd.DataFrame) -> None:
        """Verdicts with the numbers of their rows as index, and columns as in BLANK."""
        for block, part in found.groupby(found.index.to_numpy() // SPAN):
            place = self._folder / str(block)
            place.mkdir(exist_ok=True)
            part.to_parquet(place / f"{next(self._number):06}.parquet", index=True)

    def of(self, rows: pd.RangeIndex) -> pd.DataFrame:
        """The verdicts of these rows, all of them, in this order."""
        blocks = range(rows.start // SPAN, (rows.stop - 1) // SPAN + 1)
        files = [one for block in blocks for one in (self._folder / str(block)).glob("*.parquet")]
        columns = {name: np.full(len(rows), blank) for name, blank in BLANK.items()}
        columns["kind"] = columns["kind"].astype(object)
        for file in sorted(files):
            part = pd.read_parquet(file)
            part = part[(part.index >= rows.start) & (part.index < rows.stop)]
            for name, values in columns.items():
                values[part.index.to_numpy() - rows.start] = part[name].to_numpy()
        return pd.DataFrame(columns, index=rows)
