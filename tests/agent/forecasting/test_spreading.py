"""The spread of a sum: by paths of residuals, and never less than single steps bring."""

from __future__ import annotations

import numpy as np
import pytest

from agent.forecasting.forecaster import NO_RECORD, Forecasts, Residuals
from agent.forecasting.spreading import QUANTILES, TO_SPREAD, grid, spread

STEPS = grid(4)
LOW, HIGH = QUANTILES.index(0.1), QUANTILES.index(0.9)


def found(paths: np.ndarray, half: float = 10.0, refusal: str = "") -> Forecasts:
    point = np.full((1, 4), 100.0)
    band = (point - half, point + half)
    sums = (Residuals(paths, 1.0),)
    return Forecasts(
        ("a",), point, dict.fromkeys((0.5, 0.8, 0.95), band), ("",), (NO_RECORD,), (refusal,), sums
    )


def test_where_to_look() -> None:
    assert grid(3).tolist() == [1, 2, 3]
    assert grid(60)[-7:].tolist() == [21, 28, 35, 42, 49, 56, 60]


def test_without_a_past_it_comes_from_the_bands() -> None:
    told = spread(found(np.zeros((0, 4))), STEPS)[0]
    # Between ten times the root of the steps and ten times the steps.
    assert told[HIGH].tolist() == pytest.approx(
        [10.0, 10 * 2**0.75, 10 * 3**0.75, 10 * 4**0.75], 1e-3
    )
    assert told[LOW].tolist() == pytest.approx((-told[HIGH]).tolist())
    assert (np.diff(told, axis=0) > 0).all()


def test_few_paths_that_lie_together_are_not_believed() -> None:
    near = np.cumsum(np.linspace(-0.1, 0.1, 5)[:, None] * np.ones(4), axis=1)
    told = spread(found(near), STEPS)[0]
    half = (told[HIGH] - told[LOW]) / 2
    assert half.tolist() == pytest.approx([10.0, 10 * 2**0.5, 10 * 3**0.5, 20.0], 1e-3)
    far = spread(found(near * 1e4), STEPS)[0]
    assert ((far[HIGH] - far[LOW]) / 2).tolist() == pytest.approx([10.0, 20.0, 30.0, 40.0], 1e-3)


def test_what_is_constant_or_refused_has_none() -> None:
    assert not spread(found(np.zeros((1, 4)), 0.0), STEPS).any()
    assert not spread(found(np.ones((3, 4)), refusal="Too little."), STEPS).any()
    assert pytest.approx(1.2816) == TO_SPREAD
