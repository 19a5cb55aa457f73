"""Forecasts from origins of the past are made as they would have been made then."""

from __future__ import annotations

import numpy as np
import pytest

from agent.forecasting import backtesting
from agent.forecasting.backtesting import trials
from agent.forecasting.history import history_of
from agent.forecasting.series import Step
from tests.agent.forecasting.panels import panel, weekly


def silent(step: str) -> None:
    """Nobody watches."""


def test_nothing_after_an_origin_moves_its_forecasts() -> None:
    values = weekly(2, 200)
    first = trials(history_of(panel(values)), 7, 0, silent)
    last = first.backs[-1]
    later = values.copy()
    later[:, -last:] = values[:, -last:][:, ::-1]  # the same size of the whole: the same units
    second = trials(history_of(panel(later)), 7, 0, silent)
    assert second.backs == first.backs
    assert {"trees", "theta", "ets"} <= set(first.members)
    for name, paths in first.members.items():
        np.testing.assert_allclose(paths[-1], second.members[name][-1], rtol=1e-9, err_msg=name)
        assert not np.allclose(paths[0], second.members[name][0]), name


@pytest.mark.parametrize(("step", "season", "length"), [(Step.DAY, 7, 210), (Step.MONTH, 12, 72)])
def test_all_origins_at_once_are_each_by_itself(
    step: Step, season: int, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = weekly(2, length, noise=0.1)
    history = history_of(panel(values, step, season))
    at_once = trials(history, 6, 0, silent).members
    monkeypatch.setattr(backtesting, "AT_ONCE", 0)
    alone = trials(history, 6, 0, silent).members
    for name in ("theta", "damped"):
        # Where a table begins the first half season has no middle; within a table it has.
        np.testing.assert_allclose(at_once[name], alone[name], rtol=0.04, err_msg=name)
        np.testing.assert_allclose(at_once[name][0], alone[name][0], err_msg=name)


def test_a_season_not_yet_shown_twice_does_not_count_against_a_method() -> None:
    season = 10 + 3 * np.tile(np.random.default_rng(3).normal(size=52), 3)[:118]
    values = season * np.array([[1.0], [2.0]]) + np.random.default_rng(4).normal(size=(2, 118))
    found = trials(history_of(panel(values, Step.WEEK, 52)), 8, 0, silent)
    short = np.array([118 - back < 105 for back in found.backs])
    assert short.any() and not short.all()
    for name in ("theta", "damped", "level"):
        off = found.members[name] - found.members["ets"]
        assert np.abs(off[short]).max() == 0, name
        assert np.abs(off[~short]).max() > 0.01, name


def test_values_below_zero_are_smoothed_as_they_are() -> None:
    values = weekly(2, 120)
    values[1] -= values[1].mean()
    found = trials(history_of(panel(values)), 7, 0, silent).members
    assert not np.allclose(found["ets"][:, 0], found["log ets"][:, 0])
    np.testing.assert_array_equal(found["ets"][:, 1], found["log ets"][:, 1])
