from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from agent.forecasting.members.lagged import lagged
from agent.forecasting.members.last_year import last_year
from agent.forecasting.members.season import seasonal_index
from agent.forecasting.members.seasonal import repeated, usual
from agent.forecasting.members.smoothing import Ask, smoothed
from agent.forecasting.members.theta import damped, level, theta
from agent.forecasting.series import Floats, Step
from tests.agent.forecasting.panels import WEEK, weekly


def test_the_last_season_is_repeated_and_gaps_are_bridged() -> None:
    values = np.array([np.arange(14.0), np.arange(14.0)])
    values[1, 13] = np.nan
    found = repeated(values, 7, (0, 3), 10)
    assert found[0, 0].tolist() == [7, 8, 9, 10, 11, 12, 13, 7, 8, 9]
    assert found[0, 1, 6] == 6  # the same weekday a week earlier
    assert found[1, 0].tolist()[:7] == [4, 5, 6, 7, 8, 9, 10]


def test_the_usual_season_is_a_mean_of_the_same_phase() -> None:
    values = np.arange(28.0)[None, :]
    assert usual(values, 7, 2, ((0,), 3))[0, 0].tolist() == [17.5, 18.5, 19.5]


@pytest.mark.parametrize("member", ["smoothed", "theta", "damped"])
def test_a_clear_rhythm_is_found(member: str) -> None:
    values = weekly(noise=0.0)
    if member == "smoothed":
        found = smoothed(values, 7, Ask((0,), 14, 0))[0]
    else:
        found = {"theta": theta, "damped": damped}[member](values, 7, (0,), 14)[0]
    size = 50.0 * (1 + np.arange(3))[:, None]
    wanted = size * WEEK[(140 + np.arange(14)) % 7] * 1.14
    assert np.abs(found / wanted - 1).max() < 0.05


@pytest.mark.parametrize(
    "member", ["smoothed", "theta", "damped", "repeated", "level", "lagged", "last year"]
)
def test_nothing_after_an_origin_is_used(member: str) -> None:
    values = weekly(days=500)
    broken = values.copy()
    broken[:, -21:] *= 100
    half = np.ones((1, 3, 14))
    members: dict[str, Callable[[Floats], Floats | None]] = {
        "smoothed": lambda v: smoothed(v, 7, Ask((21,), 14, 21)),
        "theta": lambda v: theta(v, 7, (21,), 14),
        "damped": lambda v: damped(v, 7, (21,), 14),
        "repeated": lambda v: repeated(v, 7, (21,), 14),
        "level": lambda v: level(v, 7, (21,), 14),
        "lagged": lambda v: lagged(v, 7, Step.WEEK, ((21,), 14)),
        "last year": lambda v: last_year(v, Step.DAY, (21,), half),
    }
    before, after = members[member](values), members[member](broken)
    assert before is not None
    assert after is not None
    np.testing.assert_array_equal(before, after)


def test_the_state_of_an_origin_is_what_a_shorter_history_gives() -> None:
    values = weekly()
    from_then = smoothed(values, 7, Ask((0, 21), 14, 21))[1]
    shorter = smoothed(values[:, :-21], 7, Ask((0,), 14, 0))[0]
    np.testing.assert_allclose(from_then, shorter, rtol=1e-9)


def test_one_spike_moves_the_smoothing_little_and_a_new_level_is_learnt() -> None:
    values = weekly(1, noise=0.02)
    calm = smoothed(values, 7, Ask((0,), 7, 0))[0]
    spiked = values.copy()
    spiked[:, -5] *= 20
    assert np.abs(smoothed(spiked, 7, Ask((0,), 7, 0))[0] / calm - 1).max() < 0.25
    shifted = values.copy()
    shifted[:, -40:] *= 2
    assert np.abs(smoothed(shifted, 7, Ask((0,), 7, 0))[0] / (2 * calm) - 1).mean() < 0.15


def test_chance_is_hardly_a_season() -> None:
    noise = 10 + np.random.default_rng(5).normal(size=(4, 60))
    index, times = seasonal_index(noise, 12)
    assert times.all()
    # The mean of each of five Januaries strays by 0.04 by chance alone.
    assert np.abs(index - 1).mean() < 0.02


def test_a_season_that_is_plain_is_kept() -> None:
    year = 1 + 0.4 * np.sin(2 * np.pi * np.arange(60) / 12)
    noise = np.random.default_rng(5).normal(0, 0.02, size=(4, 60))
    index, _ = seasonal_index(10 * year + noise, 12)
    assert np.abs(index - year[:12]).max() < 0.02


def test_series_of_one_season_tell_one_another() -> None:
    random = np.random.default_rng(6)
    year = 1 + 0.2 * np.sin(2 * np.pi * np.arange(48) / 12)
    shop = 10 * year * np.exp(random.normal(0, 0.2, size=(30, 48)))
    alone = np.concatenate([seasonal_index(row[None], 12)[0] for row in shop])
    together, _ = seasonal_index(shop, 12)
    off = np.abs(alone - year[:12]).mean()
    assert np.abs(together - year[:12]).mean() < 0.7 * off


def test_the_level_is_the_last_value_in_its_season() -> None:
    values = weekly(noise=0.0)
    values[:, -1] *= 2
    found = level(values, 7, (0,), 14)[0]
    size = 2 * 50.0 * (1 + np.arange(3))[:, None] * 1.14
    assert np.abs(found / (size * WEEK[(140 + np.arange(14)) % 7]) - 1).max() < 0.1


def test_a_rhythm_that_is_no_season_is_found_by_lags() -> None:
    chance = np.random.default_rng(0)
    values = 100.0 * (1 + np.arange(4))[:, None] * (1 + 0.3 * (-1.0) ** np.arange(110))
    values *= 1 + 0.02 * chance.standard_normal(values.shape)
    found = lagged(values, 52, Step.WEEK, ((0, 7), 6))
    assert found is not None
    for place, back in enumerate((0, 7)):
        wanted = 1 + 0.3 * (-1.0) ** (110 - back + np.arange(6))
        size = 100.0 * (1 + np.arange(4))[:, None]
        assert np.abs(found[place] / (size * wanted) - 1).max() < 0.15
    assert lagged(values, 7, Step.DAY, ((0,), 6)) is None
    assert lagged(values[:1, :12], 52, Step.WEEK, ((0,), 6)) is None  # too few to learn from


def test_last_year_comes_again_at_todays_level() -> None:
    values = np.full((2, 500), 10.0)
    values[:, 500 - 364 + 3] = 50.0
    values[:, 300:] *= 2
    values[1, :200] = np.nan
    smooth = np.full((2, 2, 7), 20.0)
    found = last_year(values, Step.DAY, (0, 450), smooth)
    assert found is not None
    assert found[0, 0, 3] == pytest.approx((20 + 50 * 2) / 2, rel=0.2)
    assert found[0, 0, [0, 1, 6]] == pytest.approx(20, rel=0.2)
    assert found[0, 1].tolist() == [20] * 7  # there was no year ago
    assert found[1].tolist() == smooth[1].tolist()
    assert last_year(values[:, -400:], Step.DAY, (0,), smooth) is None
