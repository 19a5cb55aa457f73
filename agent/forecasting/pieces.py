"""A table that is too long to be held at once, as pieces of whole series in their order."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from agent.errors import BadFile
from agent.forecasting.reading import checked
from agent.words import t

ROWS = 200_000
"""So many rows are read at once; what is no longer is one piece."""
SERIES, MOST = 1000, 1_000_000
"""A piece has no more series and, unless one series alone is longer, no more rows."""
Watch = Callable[[int], None]


@dataclass(frozen=True)
class Pieces:
    """How many series there are (0: not known), the tables one after the other, and how many rows
    they have in all. The index of each numbers its rows as they stand in the file."""

    series: int
    tables: Iterator[pd.DataFrame]
    rows: int


@contextmanager
def pieces(path: Path, watch: Watch) -> Iterator[Pieces]:
    """A CSV (also .gz) or parquet file by at most `SERIES` series. What is longer than `ROWS` is
    read twice: to count, and to lay its rows by piece into a folder that is removed afterwards.

    watch is told how many rows were read. Raises BadFile where it is no such file.
    """
    reading = batches(path)
    first = next(reading, None)
    if first is None:
        raise BadFile(t("{name} has no rows.", name=path.name))
    checked(first)
    second = next(reading, None)
    if second is None:
        yield Pieces(0, iter([first]), len(first))
        return
    counts: Counter[str] = Counter()
    for batch in chain([first, second], reading):
        counts.update(_names(batch).value_counts().to_dict())
        watch(int(batch.index[-1]) + 1)
    del first, second
    place = _placed(counts)
    with TemporaryDirectory(prefix="forecast-") as folder:
        for number, batch in enumerate(batches(path)):
            _lay(batch, place, Path(folder) / f"{number:06}")
            watch(int(batch.index[-1]) + 1)
        tables = (_gathered(Path(folder), piece) for piece in range(max(place.values()) + 1))
        yield Pieces(len(counts), tables, counts.total())


def batches(path: Path) -> Iterator[pd.DataFrame]:
    """The file's rows, so many at a time, numbered from 0. Raises BadFile where it is none."""
    if not path.is_file():
        raise BadFile(t("There is no file {path}.", path=str(path)))
    done = 0
    try:
        for batch in _parts(path):
            batch.index = pd.RangeIndex(done, done + len(batch))
            done += len(batch)
            yield batch
    except (ValueError, OSError, EOFError, zlib.error) as error:
        said = str(error).splitlines()[0]
        raise BadFile(t("{name} cannot be read: {why}", name=path.name, why=said)) from None


def _parts(path: Path) -> Iterator[pd.DataFrame]:
    if path.suffix.lower() in (".parquet", ".pq"):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=ROWS):
                found = batch.to_pandas()
                yield found.reset_index(drop=found.index.names == [None])
    else:
        with pd.read_csv(
            path, dtype={"series_id": str}, low_memory=False, chunksize=ROWS
        ) as reader:
            yield from reader


def _names(batch: pd.DataFrame) -> pd.Series:
    return batch.series_id.astype("string").fillna("").astype(str)


def _placed(counts: Counter[str]) -> dict[str, int]:
    """Series -> its piece, by name."""
    place: dict[str, int] = {}
    piece = held = many = 0
    for name in sorted(counts):
        if many and (many >= SERIES or held + counts[name] > MOST):
            piece, held, many = piece + 1, 0, 0
        place[name], held, many = piece, held + counts[name], many + 1
    return place


def _lay(batch: pd.DataFrame, place: dict[str, int], folder: Path) -> None:
    """One file for each piece that has rows in the batch."""
    folder.mkdir()
    piece_of = _names(batch).map(place).to_numpy()
    for piece in np.unique(piece_of):
        batch[piece_of == piece].to_parquet(folder / f"{piece}.parquet", index=True)


def _gathered(folder: Path, piece: int) -> pd.DataFrame:
    found: Sequence[Path] = sorted(folder.glob(f"*/{piece}.parquet"))
    return pd.concat([pd.read_parquet(part) for part in found])
