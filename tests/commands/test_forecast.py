from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.commands.conftest import Run

COLUMNS = ["series_id", "ds", "yhat", "lo50", "hi50", "lo80", "hi80", "lo95", "hi95"]


def write(path: Path) -> None:
    days = pd.date_range("2025-01-01", periods=84)
    wave = 100 + 30 * np.sin(np.arange(84) * 2 * np.pi / 7)
    table = pd.concat(
        [
            pd.DataFrame({"series_id": "bags", "ds": days, "y": wave}),
            pd.DataFrame({"series_id": "new", "ds": days[-2:], "y": [1.0, 2.0]}),
        ]
    )
    table.to_parquet(path) if path.suffix == ".parquet" else table.to_csv(path, index=False)


def test_a_file_is_foretold(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "in.csv")
    words = ("--horizon", "7", "--season", "7", "--seed", "3")
    for name in ("one.csv", "two.parquet"):
        done = run(
            "forecast",
            "--input",
            str(tmp_path / "in.csv"),
            "--output",
            str(tmp_path / name),
            *words,
        )
        assert done.code == 0, done.err
    one, two = pd.read_csv(tmp_path / "one.csv"), pd.read_parquet(tmp_path / "two.parquet")
    assert list(one.columns) == COLUMNS
    assert one.series_id.tolist() == ["bags"] * 7
    assert one.ds.tolist()[0] == "2025-03-26"
    wave = 100 + 30 * np.sin(np.arange(84, 91) * 2 * np.pi / 7)
    assert np.abs(one.yhat - wave).max() < 10
    np.testing.assert_allclose(one.yhat, two.yhat)
    assert "new: Too little history: 2 values, 14 are needed." in done.err
    assert "1 series foretold" in done.err
    assert "trees" in done.err


def test_a_wrong_call_is_a_sentence(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "in.csv")
    given = ("--input", str(tmp_path / "in.csv"), "--output", str(tmp_path / "out.csv"))
    assert "from 1 to" in run("forecast", *given, "--horizon", "0").err
    done = run("forecast", "--input", "none.csv", "--horizon", "7", *given[2:])
    assert (done.code, done.err.splitlines()[-1]) == (1, "There is no file none.csv.")
    done = run("forecast", *given[:2], "--horizon", "7", "--output", str(tmp_path / "no" / "o.csv"))
    assert "There is no folder" in done.err


def test_bad_series_are_each_an_answer_or_a_sentence(run: Run, tmp_path: Path) -> None:
    days = pd.date_range("2025-01-01", periods=84)
    wave = 100 + 30 * np.sin(np.arange(84) * 2 * np.pi / 7)
    gaps = np.where(np.arange(84) % 20 == 5, np.inf, wave)
    rows = {
        "constant": np.full(84, 7.0),
        "zero": np.zeros(84),
        "nothing": np.full(84, np.nan),
        "endless": np.full(84, -np.inf),
        "gappy": gaps,
        "huge": wave * 1e13,
    }
    whole = [pd.DataFrame({"series_id": name, "ds": days, "y": y}) for name, y in rows.items()]
    whole.append(pd.DataFrame({"series_id": "one", "ds": days[:1], "y": [3.0]}))
    mixed = pd.concat([*whole, whole[4]]).sample(frac=1, random_state=0)
    for name in ("in.csv", "in.parquet"):
        path = tmp_path / name
        mixed.to_csv(path, index=False) if name == "in.csv" else mixed.to_parquet(path)
        out = tmp_path / "out.csv"
        done = run("forecast", "--input", str(path), "--output", str(out), "--horizon", "7")
        assert done.code == 0, done.err
        made = pd.read_csv(out).groupby("series_id").yhat
        assert set(made.groups) == {"constant", "zero", "gappy", "huge"}
        assert made.get_group("constant").eq(7).all()
        assert made.get_group("zero").eq(0).all()
        assert made.get_group("gappy").between(60, 140).all()
        assert made.get_group("huge").between(60e13, 140e13).all()
        for said in (
            "nothing: There is no value to go by.",
            "endless: There is no value to go by.",
            "one: Too little history: 1 values, 14 are needed.",
            "y is infinite; taken as missing.",
            "the same date again; the last one counts.",
            "2 series never changed: their forecast is that value, with no band.",
            "4 series foretold",
        ):
            assert said in done.err


def test_a_long_file_is_foretold_in_pieces(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "in.csv")
    given = ("--input", str(tmp_path / "in.csv"), "--horizon", "7")
    assert run("forecast", *given, "--output", str(tmp_path / "whole.csv")).code == 0
    monkeypatch.setattr("agent.forecasting.pieces.ROWS", 20)
    monkeypatch.setattr("agent.forecasting.pieces.SERIES", 1)
    for name in ("out.csv", "out.parquet"):
        done = run("forecast", *given, "--output", str(tmp_path / name))
        assert (done.code, done.err.count("1 series foretold")) == (0, 1)
        assert "1 of 2 series" in done.err
        assert "new: Too little history" in done.err
    whole = (tmp_path / "whole.csv").read_text()
    assert (tmp_path / "out.csv").read_text() == whole
    assert len(pd.read_parquet(tmp_path / "out.parquet")) == 7


def test_nothing_half_done_is_left(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("series_id,ds,y\na,soon,1\n")
    given = ("--input", str(tmp_path / "in.csv"), "--horizon", "7")
    done = run("forecast", *given, "--output", str(tmp_path / "out.csv"))
    assert done.code == 1
    assert "No row can be used." in done.err
    assert "Rows 2: the date cannot be read; left out." in done.err
    assert [path.name for path in tmp_path.glob("*out*")] == []
    assert "is a folder" in run("forecast", *given, "--output", str(tmp_path)).err
    assert "--season" in run("forecast", *given, "--season", "0", "--output", "o.csv").err
