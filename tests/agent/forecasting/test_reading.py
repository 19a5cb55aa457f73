from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from agent.errors import BadFile
from agent.forecasting.reading import series_of
from agent.forecasting.series import Step


def rows(count: int, freq: str = "D", name: str = "a", **more: object) -> pd.DataFrame:
    dates = pd.date_range("2025-01-01", periods=count, freq=freq)
    return pd.DataFrame({"series_id": name, "ds": dates, "y": np.arange(1.0, count + 1), **more})


@pytest.mark.parametrize(
    ("freq", "step", "season", "following"),
    [
        ("h", Step.HOUR, 24, "2025-01-01T20:00"),
        ("D", Step.DAY, 7, "2025-01-21"),
        ("W-WED", Step.WEEK, 52, "2025-05-21"),
        ("MS", Step.MONTH, 12, "2026-09-01"),
        ("ME", Step.MONTH, 12, "2026-09-30"),
        ("QS", Step.NUMBER, 1, "2030-01-01"),
    ],
)
def test_the_step_is_read_from_the_dates(
    freq: str, step: Step, season: int, following: str
) -> None:
    read = series_of(rows(20, freq), None, 3)
    assert (read.panel.step, read.panel.season) == (step, season)
    assert read.panel.values[0].tolist() == list(range(1, 21))
    assert read.ahead(np.array([1]))[0, 0] == np.datetime64(following)


def test_numbered_steps_go_on_counting() -> None:
    table = rows(10).assign(ds=range(5, 15))
    read = series_of(table, 4, 2)
    assert (read.panel.step, read.panel.season) == (Step.NUMBER, 4)
    assert read.ahead(np.array([1, 2]))[0].tolist() == [15, 16]


def test_unsorted_and_doubled_rows_are_put_right_and_named() -> None:
    table = rows(20).sample(frac=1, random_state=0)
    table = pd.concat([table, table[table.y == 7].assign(y=70.0)])
    read = series_of(table, None, 3)
    assert read.panel.values[0, 6] == 70
    assert "the same date again" in read.notes[0]


def test_bad_rows_are_named_by_their_line() -> None:
    table = rows(20).astype({"ds": str, "y": object})
    table.loc[2, "ds"], table.loc[5, "y"], table.loc[6, "y"] = "soon", "many", np.inf
    read = series_of(table, None, 3)
    assert read.notes == (
        "Rows 4: the date cannot be read; left out.",
        "Rows 7: y is not a number; taken as missing.",
        "Rows 8: y is infinite; taken as missing.",
    )
    assert np.isnan(read.panel.values[0, [2, 5, 6]]).all()


def test_an_absent_day_is_zero_only_where_zeros_are_not_written() -> None:
    table = pd.concat([rows(20), rows(20, name="b")])
    gappy = table[~((table.series_id == "b") & (table.y == 9))]
    assert series_of(gappy, None, 3).panel.values[1, 8] == 0
    written = gappy.assign(y=gappy.y.where(gappy.y != 3, 0.0))
    assert np.isnan(series_of(written, None, 3).panel.values[1, 8])
    said = table.assign(y=table.y.where(table.y != 9))
    assert np.isnan(series_of(said, None, 3).panel.values[:, 8]).all()  # a row without a value
    closed = table[table.y != 9]  # no series has that day: nobody was asked
    assert np.isnan(series_of(closed, None, 3).panel.values[1, 8])


def test_rows_after_the_last_value_are_what_is_known_ahead() -> None:
    table = rows(23, promo=[0, 1] * 11 + [0], note="x")
    table.loc[20:, "y"] = np.nan
    read = series_of(table, None, 3)
    assert read.panel.values.shape == (1, 20)
    assert read.panel.known["promo"][0, 18:].tolist() == [0, 1, 0, 1, 0]
    alone = series_of(table.drop(columns=["promo", "note"]), None, 3)
    assert alone.panel.values.shape == (1, 23)  # nothing is known: the values are missing


def test_series_of_different_ends_stand_side_by_side() -> None:
    table = pd.concat([rows(20), rows(12, name="b")])
    read = series_of(table, None, 3)
    assert read.panel.values[:, -1].tolist() == [20, 12]
    assert np.isnan(read.panel.values[1, :8]).all()
    assert read.ahead(np.array([1]))[:, 0].tolist() == [
        np.datetime64("2025-01-21", "ns").item(),
        np.datetime64("2025-01-13", "ns").item(),
    ]


def test_a_table_without_a_column_is_said_so() -> None:
    with pytest.raises(BadFile, match="The column ds is missing"):
        series_of(pd.DataFrame({"series_id": ["a"], "y": [1]}), None, 3)
    with pytest.raises(BadFile, match="No row can be used"):
        series_of(pd.DataFrame({"series_id": ["a"], "ds": ["soon"], "y": [1]}), None, 3)


@pytest.mark.parametrize(
    "ds",
    [
        pd.date_range("2025-03-25", periods=20).strftime("%Y%m%d").astype(int),
        pd.date_range("2025-03-25", periods=20, tz="Europe/Berlin"),
        pd.date_range("2025-03-25", periods=20, tz="Europe/Berlin").astype(str),  # two offsets
        pd.date_range("2025-03-25", periods=20).astype(object),
    ],
)
def test_dates_are_read_however_they_are_written(ds: object) -> None:
    read = series_of(rows(20).assign(ds=ds), None, 3)
    assert (read.panel.step, read.panel.values.shape) == (Step.DAY, (1, 20))
    assert read.ahead(np.array([1]))[0, 0] == np.datetime64("2025-04-14")


def test_a_second_row_of_a_day_is_named() -> None:
    twice = rows(20).tail(2)
    table = pd.concat([rows(20), twice.assign(ds=twice.ds + pd.Timedelta(hours=5), y=99.0)])
    read = series_of(table, None, 3)
    assert read.panel.values[0, -2:].tolist() == [99, 99]
    assert "another row of the same step" in read.notes[0]


def test_a_long_series_says_what_is_looked_at() -> None:
    table = pd.DataFrame({"series_id": "a", "ds": range(100_000), "y": np.arange(100_000.0)})
    read = series_of(table.assign(ds=table.ds.astype(float)), 7, 3)
    assert read.panel.values.shape == (1, 1130)
    assert read.notes == ("1 series is longer: only its last 1,130 steps are looked at.",)
    endless = table.head(20).astype({"ds": float}).assign(ds=lambda t: t.ds.replace(3, np.inf))
    assert series_of(endless, 7, 3).notes == ("Rows 5: the date cannot be read; left out.",)
