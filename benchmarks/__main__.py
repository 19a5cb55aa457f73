"""`python -m benchmarks [NAME ...]`: measure, print each figure beside its floor and goal, write
benchmarks/results/NAME.json.

Each benchmark runs in a process of its own, so that none pays for what another has loaded.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import lines, machine, write
from benchmarks.rooms import Room

BENCHMARKS = {
    "importing": "import of an order file",
    "merging": "orders into the ledger, many and one",
    "overview": "Overview's questions",
    "callbacks": "callbacks of the page",
    "starting": "start and idle memory",
    "ticking": "a live order",
    "printing": "PDF and workbook",
    "exporting": "many rows as files",
    "shopify": "a bulk export of Shopify",
    "calling": "a call of Shopify's, to the ledger",
    "filtering": "a filter on a million order lines",
    "loading": "Overview in a browser",
}
JUDGEMENT = {
    "judgement_forecasts": "forecasts of real series",
    "judgement_anomalies": "incidents put into real series, and NAB",
    "judgement_why": "causes of a change, found in made cases",
}
"""What `make bench-judgement` measures; it needs the real data and is no part of `make bench`."""
NAMES = BENCHMARKS | JUDGEMENT
RESULTS = Path(__file__).resolve().parent / "results"


def main(words: list[str]) -> int:
    given = _given(words)
    if given.folder is None:
        with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
            return _each(given, Path(folder))
    for name in given.names:
        _one(given, name)
    return 0


def _given(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--quick", action="store_true", help="small data, once: does it run?")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the JSON files")
    parser.add_argument("--folder", type=Path, help="work in this folder, in this process")
    given = parser.parse_args(words)
    unknown = [name for name in given.names if name not in NAMES]
    if unknown:
        parser.error(f"no benchmark called {unknown[0]}; there are {', '.join(NAMES)}")
    given.names = given.names or list(BENCHMARKS)
    return given


def _each(given: argparse.Namespace, folder: Path) -> int:
    """One process a benchmark; what they work on is made once. 1 when any failed."""
    here = machine()
    busy = ": the machine is busy, trust CPU and ratios" if here["busy"] else ""
    print(f"{here['cores']} cores, load {here['load']}{busy}", flush=True)
    failed = 0
    for name in given.names:
        call = [sys.executable, "-m", "benchmarks", name, "--folder", folder, "--out", given.out]
        ended = subprocess.run([*map(str, call), *(["--quick"] if given.quick else [])])
        failed += ended.returncode != 0
    return 1 if failed else 0


def _one(given: argparse.Namespace, name: str) -> None:
    figures = importlib.import_module(f"benchmarks.{name}").run(Room(given.folder, given.quick))
    if not figures:
        return
    path = write(given.out, name, figures, given.quick)
    print(f"\n{name}: {NAMES[name]}", *lines(figures), f"  {path}", sep="\n", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
