"""The benchmarks run, quickly and on small data, and write what `make bench` promises. How fast
anything is, no test says: machines differ."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.__main__ import BENCHMARKS
from benchmarks.measuring import Figure, lines, middle
from benchmarks.rooms import Room, write_orders

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """All of them in one process, which makes once what they work on, and loads libraries once: the
    folder, and what was said."""
    folder, room = tmp_path_factory.mktemp("figures"), tmp_path_factory.mktemp("room")
    call = ["--quick", "--out", str(folder), "--folder", str(room)]
    ended = _ran(*call)
    assert ended.returncode == 0, ended.stderr
    return folder, ended.stdout


def _ran(*words: str) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "benchmarks", *words]
    return subprocess.run(call, cwd=ROOT, capture_output=True, text=True)


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_quick_run_writes_its_figures(name: str, quick: tuple[Path, str]) -> None:
    folder, said = quick
    told: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
    assert told["benchmark"] == name
    assert told["quick"] is True
    assert told["machine"]["cores"] >= 1
    assert told["figures"]
    for figure in told["figures"]:
        assert figure["value"] > 0, figure
        assert (figure["ratio"] is None) == (figure["floor"] is None)
        assert (figure["met"] is None) == (figure["goal"] is None)
        assert figure["name"] in said


def test_each_has_a_process_of_its_own_and_leaves_its_figures(tmp_path: Path) -> None:
    ended = _ran("merging", "--quick", "--out", str(tmp_path))
    assert ended.returncode == 0, ended.stderr
    assert "cores, load" in ended.stdout
    assert json.loads((tmp_path / "merging.json").read_text())["figures"]


def test_an_unknown_name_is_refused_with_those_that_exist() -> None:
    ended = _ran("nothing")
    assert ended.returncode == 2
    assert "no benchmark called nothing" in ended.stderr
    assert "overview" in ended.stderr


def test_a_goal_is_a_ceiling_unless_more_is_better() -> None:
    assert Figure("time", 4.0, "s", goal=5.0).met is True
    assert Figure("time", 6.0, "s", goal=5.0).met is False
    assert Figure("speed", 6.0, "rows/s", goal=5.0, more=True).met is True
    assert Figure("speed", 4.0, "rows/s", goal=5.0, more=True).met is False
    assert Figure("alone", 4.0, "s").met is None


def test_a_line_shows_the_ratio_to_the_floor_and_the_goal() -> None:
    (line,) = lines([Figure("answer", 30.0, "ms", floor=10.0, floor_is="bare SQL", goal=20.0)])
    assert "3.00 x 10.00 (bare SQL)" in line
    assert "goal ≤ 20.00: 1.50 of it, MISSED" in line


def test_the_middle_is_of_one_go_and_leaves_preparing_out() -> None:
    prepared, done = [], []
    spent = middle(lambda: done.append(1), 3, before=lambda: prepared.append(1), times=4)
    assert (len(prepared), len(done)) == (3, 12)
    assert 0 <= spent.wall < 1


def test_a_generated_file_has_the_shape_of_online_retail(tmp_path: Path) -> None:
    write_orders(tmp_path / "a.csv.gz", 2000)
    write_orders(tmp_path / "b.csv.gz", 2000)
    with gzip.open(tmp_path / "a.csv.gz", "rt") as file:
        rows = file.read().splitlines()
    with gzip.open(tmp_path / "b.csv.gz", "rt") as file:
        assert file.read().splitlines() == rows
    assert (
        rows[0]
        == "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
    )
    fields = [row.split(",") for row in rows[1:]]
    assert len(fields) == 2000
    assert {len(row) for row in fields} == {8}
    assert all((int(row[3]) < 0) == row[0].startswith("C") for row in fields)
    assert fields[0][4].startswith("2010-12-01")


def test_a_quick_room_never_takes_the_real_file(tmp_path: Path) -> None:
    assert Room(tmp_path, quick=True).order_file().parent == tmp_path
