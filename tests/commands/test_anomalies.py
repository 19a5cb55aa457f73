from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from agent.anomalies import judging, laying, shelf
from agent.forecasting import pieces
from tests.commands.conftest import Run

COLUMNS = ["series_id", "ds", "expected", "lo", "hi", "score", "is_anomaly", "kind"]
WAVE = np.tile([100.0, 110, 90, 120, 130, 70, 50], 30)


def table() -> pd.DataFrame:
    """Two daily series, one with a drop and one with days that are absent, and one by 5 minutes."""
    days = pd.date_range("2025-01-01", periods=210)
    one, two = WAVE.copy(), WAVE.copy()
    one[180] *= 0.3
    fine = pd.date_range("2025-01-01", periods=300, freq="5min")
    gone = np.delete(np.arange(210), [150, 151])
    parts = (
        pd.DataFrame({"series_id": "bags", "ds": days, "y": one}),
        pd.DataFrame({"series_id": "hats", "ds": days[gone], "y": two[gone]}),
        pd.DataFrame({"series_id": "load", "ds": fine, "y": 5.0 + np.arange(300) % 3}),
    )
    return pd.concat(parts, ignore_index=True)


def found(run: Run, given: Path, out: Path, *words: str) -> tuple[pd.DataFrame, str]:
    done = run("anomalies", "--input", str(given), "--output", str(out), *words)
    assert done.code == 0, done.err
    read = pd.read_parquet(out) if out.suffix == ".parquet" else pd.read_csv(out)
    return read, done.err


def test_every_row_has_its_verdict(run: Run, tmp_path: Path) -> None:
    rows = table().sample(frac=1.0, random_state=1).reset_index(drop=True)
    rows.to_parquet(tmp_path / "in.parquet")
    rows.to_csv(tmp_path / "in.csv", index=False)
    one, said = found(run, tmp_path / "in.parquet", tmp_path / "one.parquet")
    two, _ = found(run, tmp_path / "in.csv", tmp_path / "two.csv", "--seed", "3")
    assert list(one.columns) == COLUMNS and list(two.columns) == COLUMNS
    assert one.series_id.tolist() == rows.series_id.tolist()
    assert (pd.to_datetime(one.ds) == rows.ds).all()
    np.testing.assert_allclose(one.score, two.score)
    told = one[one.is_anomaly & (one.series_id != "load")]
    days = {(row.series_id, str(row.ds)[:10], row.kind) for row in told.itertuples()}
    assert days == {("bags", "2025-06-30", "drop"), ("hats", "2025-06-02", "missing")}
    assert "2 incidents in 3 series" in said


def test_bad_rows_are_named_and_keep_their_place(run: Run, tmp_path: Path) -> None:
    rows = table()[:210].astype({"ds": str, "y": object})
    rows.loc[5, "ds"] = "someday"
    rows.loc[6, "y"] = "much"
    rows = pd.concat([rows, rows.iloc[[9]]], ignore_index=True)
    rows.to_csv(tmp_path / "in.csv", index=False)
    read, said = found(run, tmp_path / "in.csv", tmp_path / "out.csv")
    assert len(read) == 211
    assert "Rows 7: the date cannot be read" in said
    assert "Rows 8: y is not a number" in said
    assert "Rows 11: the same date again" in said
    assert not read.is_anomaly[5]


DAYS = pd.date_range("2025-01-01", periods=210)
ODD: dict[str, np.ndarray] = {
    "constant": np.full(210, 7.0),
    "zero": np.zeros(210),
    "missing": np.full(210, np.nan),
    "point": np.array([5.0]),
    "infinite": np.where(np.arange(210) == 90, np.inf, WAVE),
    "huge": WAVE * 1e15,
    "plain": WAVE,
}


ANSWERED = {
    "constant": True,
    "zero": True,
    "missing": False,
    "point": False,
    "infinite": True,
    "huge": True,
    "plain": True,
    "unsorted": True,
    "twice": True,
}
"""Odd series -> whether there is a range at all."""


def test_odd_series_are_answered(run: Run, tmp_path: Path) -> None:
    """Every row keeps its place, what is endless is no value, and what cannot be judged has no
    range."""
    parts = [
        pd.DataFrame({"series_id": name, "ds": DAYS[: len(y)], "y": y}) for name, y in ODD.items()
    ]
    plain = parts[-1]
    twice = pd.concat([plain.assign(series_id="twice")] * 2)
    parts += [plain.assign(series_id="unsorted").iloc[::-1], twice]
    rows = pd.concat(parts, ignore_index=True)
    rows.to_parquet(tmp_path / "in.parquet")
    read, said = found(run, tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert read.series_id.tolist() == rows.series_id.tolist()
    told = read[read.is_anomaly]
    assert list(zip(told.series_id, told.kind, strict=True)) == [("infinite", "missing")]
    assert np.isfinite(read.score).all()
    known = read.expected.notna().groupby(read.series_id).any()
    assert known.to_dict() == ANSWERED
    sorted_, turned = (read[read.series_id == name].expected for name in ("plain", "unsorted"))
    np.testing.assert_allclose(turned.to_numpy()[::-1], sorted_.to_numpy())
    assert "the same date again" in said


def test_a_long_file_is_judged_in_pieces_and_keeps_its_order(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More rows than are read at once, series over several reads, more than one series' piece."""
    rows = table().sample(frac=1.0, random_state=2).reset_index(drop=True)
    rows.loc[40, "ds"] = pd.NaT
    rows.to_parquet(tmp_path / "in.parquet")
    apart = rows[rows.series_id != "hats"].reset_index(drop=True)  # judged side by side: no other
    apart.to_parquet(tmp_path / "apart.parquet")
    whole, _ = found(run, tmp_path / "apart.parquet", tmp_path / "whole.parquet")
    monkeypatch.setattr(pieces, "ROWS", 100)
    monkeypatch.setattr(pieces, "SERIES", 1)
    monkeypatch.setattr(shelf, "SPAN", 130)
    read, said = found(run, tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert read.series_id.tolist() == rows.series_id.tolist()
    pd.testing.assert_series_equal(read.ds, rows.ds)
    kept = read[read.series_id != "hats"].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, whole)
    assert (read.score[40], read.kind[40]) == (0.0, "")
    assert "Rows 42: the date cannot be read" in said
    assert f"{read.is_anomaly.sum()} incidents in 3 series" in said


def test_days_of_two_kinds_are_written_as_one(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers in the first rows that are read, words in the next."""
    monkeypatch.setattr(pieces, "ROWS", 210)
    days = [*(f"{day:%Y%m%d}" for day in DAYS), *(f"{day:%Y-%m-%d}" for day in DAYS)]
    names = np.repeat(["a", "b"], 210)
    rows = pd.DataFrame({"series_id": names, "ds": days, "y": np.tile(WAVE, 2)})
    rows.to_csv(tmp_path / "in.csv", index=False)
    read, _ = found(run, tmp_path / "in.csv", tmp_path / "out.parquet")
    assert read.ds.tolist() == days


def test_many_series_are_judged_a_part_at_a_time(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The memory of a panel is bounded: no more than so many series side by side."""
    rows = pd.concat([table().assign(series_id=lambda t, n=n: t.series_id + str(n)) for n in "abc"])
    rows.to_parquet(tmp_path / "in.parquet")
    sizes: list[int] = []
    judge = judging.judge

    def counted(panel: Any, **options: Any) -> Any:
        sizes.append(len(panel.ids))
        return judge(panel, **options)

    monkeypatch.setattr(judging, "judge", counted)
    monkeypatch.setattr(laying, "TOGETHER", 2)
    read, said = found(run, tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert sizes and max(sizes) == 2 and sum(sizes) == 9
    assert read.is_anomaly.sum() == 6
    assert "9 series" in said


def test_a_wrong_call_is_a_sentence(run: Run, tmp_path: Path) -> None:
    table().to_csv(tmp_path / "in.csv", index=False)
    given = ("--input", str(tmp_path / "in.csv"), "--output", str(tmp_path / "out.csv"))
    assert "--budget" in run("anomalies", *given, "--budget", "0").err
    assert "--season" in run("anomalies", *given, "--season", "0").err
    there = run("anomalies", *given[:2], "--output", str(tmp_path / "no" / "o.csv"))
    assert "There is no folder" in there.err
    table().drop(columns="y").to_csv(tmp_path / "no.csv", index=False)
    done = run("anomalies", "--input", str(tmp_path / "no.csv"), *given[2:])
    assert done.code == 1 and "The column y is missing." in done.err
