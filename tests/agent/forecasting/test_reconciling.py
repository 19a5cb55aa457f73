"""Parts add up to their whole by the smallest change, weighed by how uncertain each is."""

from __future__ import annotations

import numpy as np
import pytest

from agent.forecasting.reconciling import narrowed, parts_to_whole, reconciled

RULE = np.array([[1.0, -1.0, -1.0]])


def test_it_is_the_minimum_trace_of_the_textbook() -> None:
    chance = np.random.default_rng(1)
    base = chance.normal(100, 20, (3, 5))
    variance = chance.uniform(1, 9, (3, 5))
    found = reconciled(base, RULE, variance)
    built = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    for step in range(5):
        weight = np.diag(1 / variance[:, step])
        inner = np.linalg.solve(built.T @ weight @ built, built.T @ weight @ base[:, step])
        assert found[:, step].tolist() == pytest.approx((built @ inner).tolist())


def test_two_rules_hold_at_once() -> None:
    rules = np.array([[1.0, -1.0, -1.0, 0.0, 0.0], [1.0, 0.0, 0.0, -1.0, -1.0]])
    base = np.array([[10.0], [4.0], [4.0], [7.0], [7.0]])
    found = reconciled(base, rules, np.ones((5, 1)))
    assert (rules @ found)[:, 0].tolist() == pytest.approx([0.0, 0.0])


def test_what_is_held_stays_and_the_uncertain_part_moves_more() -> None:
    base = np.array([[10.0], [3.0], [5.0]])
    found = reconciled(base, RULE, np.array([[0.0], [1.0], [3.0]]))
    assert found[:, 0].tolist() == pytest.approx([10.0, 3.5, 6.5])


def test_a_rule_of_held_series_only_is_left() -> None:
    base = np.array([[10.0], [3.0], [5.0]])
    assert reconciled(base, RULE, np.zeros((3, 1))).tolist() == base.tolist()


def test_no_part_becomes_negative() -> None:
    whole, parts = np.array([2.0, 0.0]), np.array([[1.0, 1.0], [9.0, 3.0]])
    found = parts_to_whole(whole, parts, np.array([[5.0, 5.0], [1.0, 1.0]]))
    assert (found >= 0).all()
    assert found.sum(axis=0).tolist() == pytest.approx(whole.tolist())


def test_parts_that_were_negative_may_be() -> None:
    found = parts_to_whole(np.array([1.0]), np.array([[-3.0], [5.0]]), np.ones((2, 1)))
    assert found[:, 0].tolist() == pytest.approx([-3.5, 4.5])


def test_a_part_beside_a_well_known_whole_is_known_better() -> None:
    spread = np.array([[4.0], [1.0]])
    assert (narrowed(np.array([0.5]), spread) < 1)[0, 0]
    assert (narrowed(np.array([50.0]), spread) > 1)[0, 0]
