from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from agent.forecasting.forecaster import Forecasts, forecast
from agent.forecasting.series import Floats, Step
from tests.agent.forecasting.panels import WEEK, panel, weekly


@pytest.fixture(scope="module")
def made() -> Forecasts:
    """One forecast of several kinds of series, read by many tests."""
    values = weekly(4)
    values[1, 6::7] = 0.0
    values[2] = np.where(np.random.default_rng(0).random(140) < 0.8, 0, 5.0)
    values[3] -= 250.0
    return forecast(panel(values), 14)


def test_a_rhythm_is_foretold(made: Forecasts) -> None:
    wanted = 50 * WEEK[(140 + np.arange(14)) % 7] * 1.145
    assert np.abs(made.point[0] / wanted - 1).mean() < 0.06


def test_a_closed_day_is_exactly_zero(made: Forecasts) -> None:
    assert made.point[1, [6, 13]].tolist() == [0, 0]
    assert (made.point[1, :6] > 0).all()
    low, high = made.bounds[0.95]
    assert (low[1, 6], high[1, 6]) == (0, 0)


def test_below_zero_only_where_history_was(made: Forecasts) -> None:
    low, _ = made.bounds[0.95]
    assert (low[:3] >= 0).all()
    assert (low[3] < 0).any()


def test_bounds_hold_the_point_and_each_other(made: Forecasts) -> None:
    for level in (0.5, 0.8, 0.95):
        low, high = made.bounds[level]
        assert (low <= made.point + 1e-9).all()
        assert (high >= made.point - 1e-9).all()
    assert (made.bounds[0.95][1] >= made.bounds[0.8][1]).all()


def test_sums_rise_with_their_level_and_lie_about_the_line(made: Forecasts) -> None:
    total = made.point[0].sum()
    low, middle, high = (made.total(0, 14, level) for level in (0.1, 0.5, 0.9))
    assert low < middle < high
    assert abs(middle / total - 1) < 0.1
    widths = sum(
        high_ - low_
        for low_, high_ in zip(made.bounds[0.8][0][0], made.bounds[0.8][1][0], strict=True)
    )
    assert high - low < widths


def test_the_record_says_how_it_did(made: Forecasts) -> None:
    record = made.records[0]
    assert record.origins >= 3
    assert 0 < record.error < 0.1
    assert record.error < record.naive
    assert 0.5 <= record.within80 <= record.within95 <= 1
    assert "%" in made.methods[0]


def test_the_same_seed_gives_the_same_forecast(made: Forecasts) -> None:
    again = forecast(panel(weekly(2)), 7, seed=3)
    twice = forecast(panel(weekly(2)), 7, seed=3)
    np.testing.assert_array_equal(again.point, twice.point)
    np.testing.assert_array_equal(again.bounds[0.8][0], twice.bounds[0.8][0])


def test_size_changes_nothing() -> None:
    small = forecast(panel(weekly(2)), 7)
    for factor in (1e15, 1e-9, 1e300):
        large = forecast(panel(weekly(2) * factor), 7)
        np.testing.assert_allclose(large.point / factor, small.point, rtol=1e-6)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ([np.nan] * 60, "There is no value to go by."),
        ([np.nan] * 59 + [3.0], "Too little history: 1 values, 14 are needed."),
        ([np.nan] * 47 + [1.0, 2.0] * 6 + [3.0], "Too little history: 13 values, 14 are needed."),
        (list(range(1, 21)) + [np.nan] * 60, "Nothing has come for 60 days"),
    ],
)
def test_what_cannot_be_foretold_is_refused_in_words(row: list[float], said: str) -> None:
    made = forecast(panel(np.array([row])), 7)
    assert made.refusals[0].startswith(said)
    assert np.isnan(made.point).all()
    assert np.isnan(made.bounds[0.8][0]).all()


@pytest.mark.parametrize("value", [0.0, 7.5, -3.0])
def test_a_constant_series_stays_and_says_so(value: float) -> None:
    made = forecast(panel(np.full((1, 60), value)), 7)
    assert (made.point == value).all()
    assert made.methods == ("constant in all its history",)
    assert made.total(0, 7, 0.9) == pytest.approx(7 * value)


def test_infinite_values_are_unknown() -> None:
    values = weekly(2)
    spoilt = values.copy()
    spoilt[0, 20], spoilt[1, 90] = np.inf, -np.inf
    made = forecast(panel(spoilt), 7)
    clean = forecast(panel(values), 7)
    assert np.abs(made.point / clean.point - 1).max() < 0.1


def test_only_the_end_of_a_long_history_counts() -> None:
    values = np.tile(weekly(1, 140), (1, 720))[:, -100_000:]
    made = forecast(panel(values), 7)
    cut = forecast(panel(values[:, -1130:]), 7)
    np.testing.assert_allclose(made.point, cut.point)


def test_refused_and_foretold_keep_their_places() -> None:
    values = weekly(3)
    values[1] = np.nan
    made = forecast(panel(values), 7)
    assert [bool(why) for why in made.refusals] == [False, True, False]
    assert made.point[2].mean() > 2 * made.point[0].mean()


@pytest.mark.parametrize(
    ("step", "season", "length"),
    [
        (Step.MONTH, 12, 60),
        (Step.WEEK, 52, 120),
        (Step.NUMBER, 1, 30),
        (Step.HOUR, 24, 240),
        (Step.MONTH, 12, 13),
    ],
)
def test_every_step_is_foretold(step: Step, season: int, length: int) -> None:
    wave = 100 + 20 * np.sin(np.arange(length) * 2 * np.pi / max(season, 2))
    values: Floats = wave + np.random.default_rng(0).normal(size=(2, length))
    made = forecast(panel(values, step, season), 6)
    assert np.isfinite(made.point).all()
    assert (np.abs(made.point - 100) < 60).all()
    assert (made.bounds[0.95][1] > made.bounds[0.95][0]).all()


def test_what_is_known_ahead_is_used() -> None:
    chance = np.random.default_rng(0)
    promo = (chance.random((20, 112)) < 0.3).astype(float)
    values = weekly(20, 98, noise=0.02) * (1 + promo[:, :98])
    with_it = forecast(panel(values, known={"promo": promo}), 14).point
    wanted = weekly(20, 112, noise=0.0)[:, 98:] * (1 + promo[:, 98:])
    without = forecast(panel(values), 14).point
    assert np.abs(with_it - wanted).mean() < 0.5 * np.abs(without - wanted).mean()


def test_a_chunk_is_all_that_is_held_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from agent.forecasting import forecaster

    monkeypatch.setattr(forecaster, "CHUNK", 2)
    told: list[tuple[int, int, str]] = []
    made = forecast(panel(weekly(3, 60)), 7, watch=lambda *said: told.append(said))
    assert np.isfinite(made.point).all()
    assert {done for done, _, _ in told} == {0, 2, 3}
    assert told[-1] == (3, 3, "done")


def test_importing_loads_nothing_heavy() -> None:
    code = (
        "import sys, agent.forecasting.forecaster\n"
        "print([m for m in ('sklearn', 'lightgbm', 'statsmodels', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_horizon_of_nothing_is_a_wrong_call() -> None:
    with pytest.raises(ValueError, match="one step ahead"):
        forecast(panel(weekly(1)), 0)
