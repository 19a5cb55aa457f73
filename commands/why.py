"""The segments behind a change, from a file of leaves."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from agent.errors import BadFile
from agent.settings import Settings
from agent.sources.base import Progress
from agent.why.files import BadRow, Columns, read_leaves
from agent.why.parts import explained
from agent.why.segments import Search
from agent.words import t
from commands.progress import Bar

TOLD = 20
"""So many bad rows are named; the others are counted."""


def add(parser: argparse.ArgumentParser) -> None:
    usual = Search()
    parser.add_argument("--input", type=Path, required=True, help="leaves, as .csv or .parquet")
    parser.add_argument("--dimensions", required=True, help="columns, with commas between")
    parser.add_argument("--actual", required=True, help="the column of what was")
    parser.add_argument("--expected", required=True, help="the column of what was to be")
    parser.add_argument("--actual-per", default="", help="of a ratio: what the actual is per")
    parser.add_argument("--expected-per", default="", help="of a ratio: what the expected is per")
    parser.add_argument("--output", type=Path, help="a file for the JSON; else it is printed")
    parser.add_argument("--most", type=int, default=usual.most, help="segments at most")
    parser.add_argument("--clear", type=float, default=usual.clear, help="standard errors at least")
    parser.add_argument("--change", type=float, default=usual.change, help="0.05: 5 %% at least")
    parser.add_argument(
        "--as-expected",
        action="store_true",
        help="take no common change of everything out before segments are looked for",
    )


def run(given: argparse.Namespace, settings: Settings) -> int:
    search = _search(given)
    if given.output and not given.output.absolute().parent.is_dir():
        raise BadFile(t("There is no folder {path}.", path=str(given.output.parent)))
    leaves, wrong, told = _explained(given, search)
    for bad in wrong[:TOLD]:
        print(f"Row {bad.row} is left out: {bad.reason}", file=sys.stderr)
    if len(wrong) > TOLD:
        print(f"{len(wrong) - TOLD:,} more rows are left out.", file=sys.stderr)
    text = json.dumps(told, ensure_ascii=False, indent=2, allow_nan=False)
    if given.output:
        _write(given.output, text)
        print(f"{leaves:,} leaves, {len(told['segments'])} segments: {given.output}")  # type: ignore[arg-type]
    else:
        print(text)
    return 0


def _search(given: argparse.Namespace) -> Search:
    if given.most < 1:
        raise BadFile(t("--most is a number of segments, one at least."))
    if not 0 < given.clear < float("inf"):
        raise BadFile(t("--clear is a number of standard errors above zero."))
    if not 0 <= given.change < float("inf"):
        raise BadFile(t("--change is a share, 0.05 for 5 %."))
    return Search(given.most, given.clear, given.change, moved=not given.as_expected)


def _explained(
    given: argparse.Namespace, search: Search
) -> tuple[int, list[BadRow], dict[str, object]]:
    """How many leaves there are, the bad rows, and what is told."""
    dimensions = tuple(name.strip() for name in given.dimensions.split(",") if name.strip())
    per = tuple(name for name in (given.actual_per, given.expected_per) if name)
    columns = Columns(dimensions, (given.actual, given.expected, *per))
    with Bar() as bar:
        bar.show(Progress(t("read"), 0, 1))
        leaves, wrong = read_leaves(given.input, columns)
        count = len(leaves.actual)
        bar.show(Progress(t("explain"), 0, count))
        told = explained(leaves, search).to_json()
    told["left_out"] = {
        "rows": len(wrong),
        "first": [{"row": bad.row, "reason": bad.reason} for bad in wrong[:TOLD]],
    }
    return count, wrong, told


def _write(output: Path, text: str) -> None:
    try:
        output.write_text(text + "\n", encoding="utf-8")
    except OSError as failure:
        raise BadFile(
            t("{file} cannot be written: {why}", file=str(output), why=str(failure.strerror))
        ) from failure
