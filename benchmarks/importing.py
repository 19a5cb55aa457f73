"""Order lines per second through the whole import, beside DuckDB's bare reading of the same CSV."""

from __future__ import annotations

import gzip
import resource
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from agent.sources import files
from agent.sources.online_retail import SOURCE
from benchmarks.measuring import Cost, Figure, middle
from benchmarks.rooms import Room, bring, opened

GOAL_LINES = 100_000


def run(room: Room) -> list[Figure]:
    packed = room.order_file()
    plain = _unpacked(packed, room.folder / "orders.csv")
    count = _count(plain)
    bare = middle(lambda: _bare(plain), room.runs)
    reading = middle(lambda: _read(plain), room.runs)
    whole = _import(room, plain)
    gzipped = _import(room, packed)
    after = max(whole.cpu - reading.cpu, 1e-9)
    return [
        Figure("bare read_csv, CPU", 1000 * bare.cpu, "ms"),
        Figure("our read once, CPU", 1000 * reading.cpu, "ms", 1000 * bare.cpu, "bare read_csv"),
        Figure("whole import, CPU", 1000 * whole.cpu, "ms", 1000 * bare.cpu, "bare read_csv"),
        Figure("whole import, time", 1000 * whole.wall, "ms", 1000 * bare.wall, "bare read_csv"),
        Figure("import of the .csv.gz, CPU", 1000 * gzipped.cpu, "ms", 1000 * whole.cpu, "plain"),
        Figure("lines per second and core, with reading", count / whole.cpu, "lines/s", more=True),
        Figure(
            "lines per second and core, after reading once",
            count / after,
            "lines/s",
            goal=GOAL_LINES,
            more=True,
        ),
        Figure("most memory held", _most_memory(), "MB"),
    ]


def _import(room: Room, path: Path) -> Cost:
    """Into an empty warehouse each time; opening it is not counted."""
    data = room.folder / "rooms" / "import"
    made: list[Any] = []

    def fresh() -> None:
        _close(made)
        shutil.rmtree(data, ignore_errors=True)
        made.append(opened(data))

    found = middle(lambda: bring(made[-1], path), min(room.runs, 3), before=fresh)
    _close(made)
    return found


def _close(made: list[Any]) -> None:
    if made:
        made.pop().close()


def _read(path: Path) -> None:
    files.read(files.Reading(path, SOURCE.text, SOURCE.recognise, 2**40, lambda _: None))


def _bare(path: Path) -> None:
    with duckdb.connect() as database:
        database.execute("CREATE TABLE lines AS FROM read_csv($1)", [str(path)])


def _unpacked(packed: Path, plain: Path) -> Path:
    with gzip.open(packed, "rb") as source, plain.open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
    return plain


def _count(path: Path) -> int:
    with path.open("rb") as file:
        chunks: Callable[[], bytes] = lambda: file.read(1 << 20)  # noqa: E731 (iter wants a call)
        return sum(chunk.count(b"\n") for chunk in iter(chunks, b"")) - 1


def _most_memory() -> float:
    """Of this process so far, in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)
