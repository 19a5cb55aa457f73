from __future__ import annotations

import numpy as np

from agent.forecasting.closed import closed_days
from agent.forecasting.history import history_of
from tests.agent.forecasting.panels import panel, weekly


def test_a_weekday_that_is_always_empty_is_closed() -> None:
    values = weekly(2)
    values[0, 6::7] = 0.0
    values[1, 6::7] = np.nan
    was, phases = closed_days(panel(values))
    assert phases[:, -1].tolist() == [[False] * 6 + [True]] * 2
    assert was[:, -1].all()
    assert not was[:, :28].any()  # nobody can know it after so few weeks


def test_a_sale_on_a_closed_day_is_a_fact() -> None:
    values = weekly(1)
    values[0, 6::7] = 0.0
    values[0, 132] = 30.0
    was, _ = closed_days(panel(values))
    assert not was[0, 132]


def test_an_intermittent_series_has_no_closed_days() -> None:
    values = np.zeros((1, 140))
    values[0, ::9] = 3.0
    was, phases = closed_days(panel(values))
    assert not was.any()
    assert not phases.any()


def test_the_next_closed_days_are_known_from_each_origin() -> None:
    values = weekly(1)
    values[0, 6::7] = 0.0
    history = history_of(panel(values))
    assert history.shut(0, 14)[0].tolist() == ([False] * 6 + [True]) * 2
    assert history.shut(1, 3)[0].tolist() == [True, False, False]


def test_a_day_on_which_all_stood_still_counts_as_no_error() -> None:
    values = weekly(12)
    values[:9, 130] = 0.0
    history = history_of(panel(values))
    assert np.isnan(history.truth(14, 14)[:9, 4]).all()
    assert np.isfinite(history.truth(14, 14)[9:, 4]).all()
    alone = history_of(panel(values[:3]))
    assert (alone.truth(14, 14)[:, 4] == 0).all()  # three say nothing of all
