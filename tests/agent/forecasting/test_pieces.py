"""A long file comes in pieces of whole series, with the rows numbered as in the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from agent.errors import BadFile
from agent.forecasting import pieces as module
from agent.forecasting.pieces import pieces
from agent.forecasting.reading import Notes, series_of


def table(names: str = "dacb", days: int = 10) -> pd.DataFrame:
    """By day, so that each series lies in many batches."""
    dates = pd.date_range("2025-01-01", periods=days)
    rows = [(name, day, float(ord(name) + at)) for at, day in enumerate(dates) for name in names]
    return pd.DataFrame(rows, columns=["series_id", "ds", "y"])


def written(rows: pd.DataFrame, path: Path) -> Path:
    rows.to_parquet(path) if path.suffix == ".parquet" else rows.to_csv(path, index=False)
    return path


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROWS", 7)
    monkeypatch.setattr(module, "SERIES", 3)
    monkeypatch.setattr(module, "MOST", 25)


@pytest.mark.parametrize("name", ["in.csv", "in.csv.gz", "in.parquet"])
def test_pieces_are_whole_series_in_their_order(name: str, tmp_path: Path) -> None:
    path = written(table(), tmp_path / name)
    done: list[int] = []
    with pieces(path, done.append) as found:
        told = [(sorted(set(one.series_id)), len(one)) for one in found.tables]
    assert found.series == 4
    assert told == [(["a", "b"], 20), (["c", "d"], 20)]
    assert done[-1] == 40


def test_what_is_short_is_one_piece(tmp_path: Path) -> None:
    path = written(table("ab", 3), tmp_path / "in.csv")
    with pieces(path, lambda done: None) as found:
        (one,) = found.tables
    assert (found.series, one.series_id.tolist()) == (0, ["a", "b"] * 3)


def test_a_series_longer_than_a_piece_stays_whole(tmp_path: Path) -> None:
    path = written(table("ab", 60), tmp_path / "in.csv")
    with pieces(path, lambda done: None) as found:
        assert [len(one) for one in found.tables] == [60, 60]


def test_bad_rows_of_all_pieces_are_named_as_in_the_file(tmp_path: Path) -> None:
    rows = table().astype({"y": object, "series_id": object})
    rows.loc[[2, 30], "y"] = "many"
    rows.loc[5, "series_id"] = None
    notes = Notes()
    with pieces(written(rows, tmp_path / "in.csv"), lambda done: None) as found:
        values = {
            name: row
            for one in found.tables
            for made in (series_of(one, None, 3, notes).panel,)
            for name, row in zip(made.ids, made.values, strict=True)
        }
    assert sorted(notes.said()) == [
        "Rows 4, 32: y is not a number; taken as missing.",
        "Rows 7: there is no series_id; left out.",
    ]
    assert values["d"].tolist() == list(np.arange(100.0, 110.0))
    assert np.isnan(values["c"][[0, 7]]).all()


def test_a_file_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "cut.csv.gz").write_bytes(b"\x1f\x8b\x08\x00\x00")
    (tmp_path / "bad.parquet").write_text("no")
    table("a", 0).to_parquet(tmp_path / "empty.parquet")
    written(table().drop(columns="ds"), tmp_path / "less.csv")
    for name, said in (
        ("none.csv", "There is no file"),
        ("cut.csv.gz", "cannot be read"),
        ("bad.parquet", "cannot be read"),
        ("empty.parquet", "has no rows"),
        ("less.csv", "column ds is missing"),
    ):
        with pytest.raises(BadFile, match=said), pieces(tmp_path / name, lambda done: None):
            pytest.fail("read")
