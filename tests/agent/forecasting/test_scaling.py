from __future__ import annotations

import numpy as np
import pytest

from agent.forecasting.scaling import begins, mean_of, phase_mean, rolling_mean, seasonal_change
from agent.forecasting.series import Floats


@pytest.fixture
def gappy() -> Floats:
    values = np.random.default_rng(1).normal(size=(3, 40))
    values[0, :5] = np.nan
    values[1, 7:20] = np.nan
    values[2, ::3] = np.nan
    return values


@pytest.mark.parametrize("window", [1, 4, 50])
def test_rolling_means_are_those_of_a_plain_loop(gappy: Floats, window: int) -> None:
    found = rolling_mean(gappy, window)
    for row in range(3):
        for column in range(40):
            part = gappy[row, max(column - window + 1, 0) : column + 1]
            known = part[np.isfinite(part)]
            wanted = known.mean() if len(known) else np.nan
            np.testing.assert_allclose(found[row, column], wanted, atol=1e-12)


def test_phase_means_are_those_of_a_plain_loop(gappy: Floats) -> None:
    found = phase_mean(gappy, 7, 3)
    for row in range(3):
        for column in range(40):
            part = np.array([gappy[row, c] for c in (column, column - 7, column - 14) if c >= 0])
            known = part[np.isfinite(part)]
            wanted = known.mean() if len(known) else np.nan
            np.testing.assert_allclose(found[row, column], wanted, atol=1e-12)


def test_the_seasonal_change_is_the_scale_of_mase(gappy: Floats) -> None:
    change = np.abs(gappy[:, 7:] - gappy[:, :-7])
    np.testing.assert_allclose(seasonal_change(gappy, 7), np.nanmean(change, axis=1))


def test_no_scale_is_zero_or_unknown() -> None:
    values = np.array([[5.0] * 20, [0.0] * 20, [np.nan] * 20])
    assert (seasonal_change(values, 7) > 0).all()


def test_means_and_beginnings_skip_what_is_unknown() -> None:
    values = np.array([[np.nan, 2.0, 4.0], [np.nan] * 3])
    assert mean_of(values)[0] == 3.0
    assert np.isnan(mean_of(values)[1])
    assert begins(values).tolist() == [1, 3]
