from __future__ import annotations

import numpy as np
import pytest

from agent.forecasting.backtesting import Trials, trials
from agent.forecasting.combining import Taste, combined, honest, taste_of, weights
from agent.forecasting.history import history_of, origins
from agent.forecasting.intermittent import settled
from agent.forecasting.series import Step
from tests.agent.forecasting.panels import panel, weekly


def tried(*errors: float, n: int = 3) -> Trials:
    """Members that are off by so much at three origins."""
    truth = np.full((3, n, 4), 10.0)
    members = {f"m{at}": np.full((4, n, 4), 10.0 + off) for at, off in enumerate(errors)}
    return Trials((0, 4, 8, 12), members, truth)


def test_the_better_member_counts_more_and_weights_sum_to_one() -> None:
    weight = weights(tried(1.0, 1.1, 3.0), np.ones(3))
    assert weight.sum(axis=0) == pytest.approx(1)
    assert (weight[0] > weight[1]).all()
    assert (weight[2] == 0).all()
    gentle = weights(tried(1.0, 1.1, 3.0), np.ones(3), Taste(5.0))
    assert (gentle[1] > weight[1]).all()


def test_what_was_best_of_late_counts_more() -> None:
    given = tried(1.0, 1.0)
    given.members["m0"][3] = 14.0  # off by four, long ago
    given.members["m1"][1] = 14.0
    weight = weights(given, np.ones(3))
    assert (weight[0] > weight[1]).all()


def test_a_doubted_member_counts_less() -> None:
    given = tried(1.0, 1.0)
    doubted = weights(given, np.ones(3), Taste(4.0, {"m1": 1.3}))
    assert (doubted[1] < doubted[0]).all()
    assert taste_of(Step.WEEK).doubts
    assert not taste_of(Step.DAY).doubts
    assert taste_of(Step.MONTH).apart
    assert not taste_of(Step.DAY).apart
    assert taste_of(Step.MONTH).power < taste_of(Step.DAY).power


def test_the_residuals_of_an_origin_do_not_choose_its_weights() -> None:
    given = tried(1.0, 1.0)
    given.members["m0"][1] = 10.0  # right at the last origin, by chance
    plain = combined(given, weights(given, np.ones(3)))
    found = honest(given, np.ones(3), Taste(apart=True))
    assert np.abs(plain[1] - 10).max() < 0.3
    assert found[1] == pytest.approx(10.5)  # by the others both are equal
    np.testing.assert_array_equal(found[0], plain[0])
    once = Trials((0, 4), {n: p[:2] for n, p in given.members.items()}, given.truth[:1])
    assert honest(once, np.ones(3), Taste(apart=True))[1] == pytest.approx(10.5)
    np.testing.assert_array_equal(honest(given, np.ones(3), Taste()), plain)


def test_nothing_tried_is_nothing_preferred() -> None:
    given = tried(1.0, 2.0)
    empty = Trials((0,), given.members, np.empty((0, 3, 4)))
    none = {name: paths[:1] for name, paths in given.members.items()}
    assert weights(Trials((0,), none, empty.truth), np.ones(3)).tolist() == [[0.5] * 3] * 2
    assert combined(given, np.full((2, 3), 0.5))[0, 0, 0] == 11.5


@pytest.mark.parametrize(
    ("step", "season", "size"), [(Step.DAY, 7, 140), (Step.DAY, 7, 500), (Step.MONTH, 12, 110)]
)
def test_the_trials_of_an_origin_know_nothing_of_what_came_after(
    step: Step, season: int, size: int
) -> None:
    values = weekly(2, size)
    spoilt = values.copy()
    past = origins(history_of(panel(values, step, season)), 7)
    back = max(past)
    spoilt[:, -back:] = spoilt[:, -back:][:, ::-1] * 3
    at = (0, *past).index(back)
    found = []
    for table in (values, spoilt):
        history = history_of(panel(table, step, season))
        made = trials(history, 7, 0, lambda _: None)
        found.append({name: p[at] * history.unit[:, None] for name, p in made.members.items()})
    for name, paths in found[0].items():
        # Trees split otherwise where a last digit differs, which the series' unit lets happen.
        near = 0.02 if "trees" in name else 1e-6
        np.testing.assert_allclose(found[1][name], paths, rtol=near, err_msg=name)


def test_short_histories_have_fewer_origins() -> None:
    long = origins(history_of(panel(weekly(1, 400))), 14)
    assert long == (14, 28, 42, 56, 70)
    short = origins(history_of(panel(weekly(1, 30))), 14)
    assert 0 < len(short) < 5
    assert max(short) <= 16
    assert origins(history_of(panel(weekly(1, 14))), 14) == ()


def test_a_little_of_a_sale_is_none() -> None:
    values = np.zeros((2, 70))
    values[:, ::3] = 6.0
    values[1] += 4.0
    paths = np.full((1, 2, 3), 0.5)
    found = settled(paths, values, 7, (0,))
    assert found[0, 0].tolist() == [0, 0, 0]
    assert found[0, 1].tolist() == [0.5] * 3  # never zero: a small number is one
