from __future__ import annotations

import numpy as np

from agent.forecasting.summing import sums

FLAT = np.ones(12)


def test_many_paths_are_run_up_as_they_are() -> None:
    units = np.random.default_rng(0).standard_normal((4, 50, 12))
    found = sums(units, FLAT, 200.0)
    np.testing.assert_allclose(found, np.cumsum(units.reshape(-1, 12), axis=1))


def test_few_paths_tell_no_side() -> None:
    found = sums(np.full((3, 1, 12), 1.0), FLAT, 3.0)
    assert abs(found.mean(axis=0)).max() < 1e-9
    assert (found[:, -1] == 12).sum() == 3
    assert (found[:, -1] == -12).sum() == 3


def test_no_path_is_no_certainty() -> None:
    found = sums(np.full((1, 2, 12), np.nan), FLAT, 1.0)
    assert (np.diff(np.quantile(found, 0.9, axis=0)) > 0).all()


def test_beyond_what_is_known_sums_grow_as_they_did() -> None:
    same = np.random.default_rng(1).standard_normal((5, 60, 1)) * np.ones(12)
    same[:, :, 6:] = np.nan
    found = sums(same, FLAT, 300.0)
    np.testing.assert_allclose(found[:, 11], 12 * found[:, 0])
    chance = np.random.default_rng(2).standard_normal((5, 60, 12))
    chance[:, :, 6:] = np.nan
    found = sums(chance, FLAT, 300.0)
    assert 1.2 < np.abs(found[:, 11]).mean() / np.abs(found[:, 5]).mean() < 1.7
