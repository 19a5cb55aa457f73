from __future__ import annotations

import numpy as np

from agent.anomalies.discovery import Budget, kept, usual_rate
from agent.forecasting.series import Step


def test_a_smaller_budget_needs_a_higher_score() -> None:
    needed = [Budget(budget, Step.DAY).needed for budget in (3.0, 1.0, 0.3, 0.05)]
    assert needed == sorted(needed) and needed[0] < needed[-1]
    assert usual_rate(np.array([needed[2]]))[0] <= 0.3


def test_a_panel_that_is_often_unusual_needs_more_and_a_quiet_one_less() -> None:
    noisy, quiet = (Budget(0.3, Step.DAY) for _ in range(2))
    begun = noisy.needed
    for _ in range(300):
        noisy.learn(np.array([5.0]), live=20)
        quiet.learn(np.array([]), live=20)
    assert noisy.needed > 5.0
    assert quiet.needed < begun


def test_false_discoveries_are_held_to_their_share() -> None:
    rng = np.random.default_rng(0)
    chances = np.concatenate([rng.random(900), rng.random(100) * 1e-4])
    chosen = kept(chances, 0.1)
    assert chosen[900:].sum() >= 95
    assert chosen[:900].sum() <= 0.2 * chosen.sum()
    assert not kept(np.array([]), 0.1).size
    assert not kept(np.array([0.5, 0.9]), 0.1).any()
