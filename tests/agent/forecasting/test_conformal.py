from __future__ import annotations

import numpy as np

from agent.forecasting import conformal


def test_bands_of_known_noise_hold_what_they_say() -> None:
    chance = np.random.default_rng(0)
    forecast = np.full((5, 200, 9), 10.0)
    spread = np.linspace(0.5, 4, 200)[:, None]
    truth = forecast + spread * chance.standard_normal(forecast.shape)
    errors = conformal.errors_of(forecast[:4], truth[:4], np.ones(200))
    for level, (low, high) in conformal.bands(errors, forecast[4]).items():
        share = ((truth[4] >= low) & (truth[4] <= high)).mean()
        assert abs(share - level) < 0.03
    wide = conformal.bands(errors, forecast[4])[0.8]
    assert np.corrcoef((wide[1] - wide[0])[:, 0], spread[:, 0])[0, 1] > 0.8


def test_bands_lie_within_each_other_and_around_the_point() -> None:
    chance = np.random.default_rng(1)
    forecast = np.abs(chance.normal(size=(3, 4, 6))) * 10
    errors = conformal.errors_of(
        forecast, forecast + chance.normal(size=forecast.shape), np.ones(4)
    )
    bands = conformal.bands(errors, forecast[0])
    assert (bands[0.95][0] <= bands[0.8][0]).all()
    assert (bands[0.8][0] <= bands[0.5][0]).all()
    assert (bands[0.5][0] <= forecast[0]).all()
    assert (bands[0.5][1] <= bands[0.8][1]).all()


def test_few_residuals_make_wider_bands() -> None:
    sample = np.random.default_rng(2).normal(size=30)
    assert conformal.quantile(sample, 0.9, 3) > conformal.quantile(sample, 0.9)
    assert conformal.quantile(np.array([]), 0.9) > 0


def test_the_sum_of_a_path_is_no_sum_of_bands() -> None:
    chance = np.random.default_rng(3)
    forecast = np.full((4, 50, 16), 10.0)
    truth = forecast + chance.standard_normal(forecast.shape)
    errors = conformal.errors_of(forecast, truth, np.ones(50))
    high = conformal.quantile(errors.sums[:, -1], 0.9) * errors.size[0]
    assert 0.7 * 1.28 * 4 < high < 1.4 * 1.28 * 4  # the square root of 16 steps, not 16


def test_bands_know_nothing_of_their_own_origin() -> None:
    forecast = np.zeros((1, 3, 4))
    errors = conformal.errors_of(forecast, np.full((1, 3, 4), np.nan), np.ones(3))
    low, high = conformal.bands(errors, forecast[0])[0.8]
    assert (high > 0).all()
    assert (low < 0).all()


def test_series_that_miss_together_are_hardly_more_than_one() -> None:
    chance = np.random.default_rng(4)
    alone = chance.standard_normal((5, 60, 7))
    shared = chance.standard_normal((5, 1, 1)) + 0.3 * alone
    assert conformal.independent(alone) > 100
    assert conformal.independent(shared) < 15
    assert conformal.independent(alone[:, :1]) == 5
    assert conformal.independent(np.full((2, 3, 4), np.nan)) == 1


def test_steps_that_no_origin_reached_have_wider_bands_still() -> None:
    chance = np.random.default_rng(5)
    forecast = np.full((4, 80, 12), 10.0)
    truth = forecast + np.cumsum(chance.standard_normal(forecast.shape), axis=2)
    truth[:, :, 6:] = np.nan
    errors = conformal.errors_of(forecast, truth, np.ones(80), conformal.MONTHLY)
    low, high = conformal.bands(errors, forecast[0])[0.8]
    wide = (high - low).mean(axis=0)
    assert wide[11] > 1.15 * wide[5] > 1.15 * wide[0]
    sums = conformal.quantile(errors.sums[:, 11], 0.9) / conformal.quantile(errors.sums[:, 5], 0.9)
    assert sums > 1.7  # twice the steps, and errors that hang together


def test_errors_swell_with_the_level_by_month() -> None:
    chance = np.random.default_rng(6)
    level = np.array([1.0, 0.9, 0.5, 0.4, 0.3])[:, None, None]
    forecast = np.broadcast_to(level, (5, 40, 6)).copy()
    truth = forecast * (1 + 0.1 * chance.standard_normal(forecast.shape))
    ahead = np.full((40, 6), 1.2)

    def width(habit: conformal.Habit) -> float:
        errors = conformal.errors_of(forecast, truth, np.ones(40), habit)
        low, high = conformal.bands(errors, ahead)[0.8]
        return float((high - low).mean())

    assert width(conformal.MONTHLY) > 1.2 * width(conformal.WEEKLY)
    assert abs(width(conformal.MONTHLY) / (2 * 1.28 * 0.12) - 1) < 0.3
