"""The segments behind a change, from files of leaves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from benchmarks.why_cases import Kind, case, labels
from tests.commands.conftest import Run

WORDS = ("--dimensions", "a,b,c", "--actual", "real", "--expected", "predict")
KIND = Kind(sizes=(6, 5, 4), noise=(0.05, 0.1), causes=(1, 1), elements=(1, 1), depths=(2, 2))


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    one = case(np.random.default_rng(4), KIND)
    (cause,) = one.causes
    table = pa.table(labels(one))
    pa_csv.write_csv(table, tmp_path / "leaves.csv")
    pq.write_table(table, tmp_path / "leaves.parquet")
    return tmp_path, dict(cause)


def told(run: Run, file: Path, *words: str) -> dict[str, Any]:
    done = run("why", "--input", str(file), *WORDS, *words)
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_the_cause_is_named_and_parts_are_the_total(
    run: Run, made: tuple[Path, dict[str, str]]
) -> None:
    folder, cause = made
    found = told(run, folder / "leaves.csv")
    assert [segment["where"] for segment in found["segments"]] == [cause]
    parts = [*found["segments"], found["others"]]
    for key in ("actual", "expected", "change"):
        assert sum(part[key] for part in parts) == pytest.approx(found["total"][key], abs=1e-6)
    assert set(found["segments"][0]) >= {"share", "surprise", "verdict"}
    assert found["segments"][0]["verdict"] == "signal"
    assert found["left_out"] == {"rows": 0, "first": []}


def test_csv_and_parquet_say_the_same_every_time(
    run: Run, made: tuple[Path, dict[str, str]]
) -> None:
    folder, _ = made
    found = told(run, folder / "leaves.csv")
    assert found == told(run, folder / "leaves.parquet") == told(run, folder / "leaves.csv")
    output = folder / "out.json"
    done = run("why", "--input", str(folder / "leaves.csv"), *WORDS, "--output", str(output))
    assert done.out.startswith("120 leaves, 1 segments")
    assert json.loads(output.read_text()) == found


def test_bad_rows_are_named_and_left_out(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "leaves.csv"
    file.write_text("a,b,c,real,predict\nu,v,w,1,2\nu,,w,many,3\nx,v,w,inf,1\nx,,w,4,5\n")
    done = run("why", "--input", str(file), *WORDS)
    assert "Row 2 is left out: real is 'many', not a number." in done.err
    assert "Row 3 is left out" in done.err
    found = json.loads(done.out)
    assert found["left_out"]["rows"] == 2
    assert found["total"] == {"actual": 5, "expected": 7, "change": -2}


def test_a_rate_has_what_it_is_per(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "leaves.csv"
    rows = [
        f"a{n % 5},b{n % 7},c,{20 - 15 * (n % 5 == 1)},20,{100 + n},{100 + n}" for n in range(35)
    ]
    file.write_text("a,b,c,real,predict,now,then\n" + "\n".join(rows) + "\n")
    found = told(run, file, "--actual-per", "now", "--expected-per", "then")
    assert [segment["where"] for segment in found["segments"]] == [{"a": "a1"}]
    parts = [*found["segments"], found["others"]]
    assert sum(p["change"] for p in parts) == pytest.approx(found["total"]["change"], abs=1e-9)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b,real,predict\nu,v,1,2\n", "has no column c"),
        ("a,b,c,real,predict\n", "has no row that can be used"),
        ("a,b,c,real,predict\nu,v,w,x,2\n", "has no row that can be used"),
        ("", "cannot be read"),
    ],
)
def test_what_cannot_be_used_is_a_sentence(run: Run, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "leaves.csv"
    file.write_text(text)
    done = run("why", "--input", str(file), *WORDS)
    assert done.code == 1
    assert said in done.err


def test_a_file_that_is_not_there_is_a_sentence(run: Run, tmp_path: Path) -> None:
    done = run("why", "--input", str(tmp_path / "none.csv"), *WORDS)
    assert (done.code, "There is no file" in done.err) == (1, True)


def test_figures_beyond_what_adds_up_are_bad_rows(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "leaves.csv"
    rows = ["u,v,w,1e308,1", "u,v,w,1e15,1", "u,v,w,-1e400,1", "x,v,w,-5,2", "x,v,w,-5,2"]
    file.write_text("a,b,c,real,predict\n" + "\n".join(rows) + "\n")
    done = run("why", "--input", str(file), *WORDS)
    assert "Row 1 is left out: real is 1e308, more than can be added up." in done.err
    assert "Row 3 is left out" in done.err
    found = json.loads(done.out)
    # Leaves that are there twice are both counted.
    assert found["total"] == {"actual": 1e15 - 10, "expected": 5, "change": 1e15 - 15}


def test_it_tells_its_progress(run: Run, made: tuple[Path, dict[str, str]]) -> None:
    done = run("why", "--input", str(made[0] / "leaves.csv"), *WORDS)
    assert done.err.splitlines()[:2] == ["read …", "explain …"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--most", "0"), "--most is a number of segments"),
        (("--clear", "nan"), "--clear is a number of standard errors"),
        (("--change", "-1"), "--change is a share"),
        (("--output", "nowhere/at/all.json"), "There is no folder"),
        (("--output", "."), "cannot be written"),
    ],
)
def test_words_that_cannot_be_are_sentences(
    run: Run, made: tuple[Path, dict[str, str]], words: tuple[str, ...], said: str
) -> None:
    done = run("why", "--input", str(made[0] / "leaves.csv"), *WORDS, *words)
    assert (done.code, said in done.err) == (1, True), done.err
