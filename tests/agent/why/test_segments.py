"""Causes that were put into made leaves are found, exactly, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agent.why.cube import Leaves
from agent.why.deviations import commonest, deviations, middle, ratios
from agent.why.parts import explained
from agent.why.segments import Search, segments
from benchmarks.judgement_why import leaves_of
from benchmarks.why_cases import Kind, case

SIZES = (6, 5, 4)


def calm(noise: float = 0.1, sizes: tuple[int, ...] = SIZES, seed: int = 1) -> Leaves:
    dice = np.random.default_rng(seed)
    codes = tuple(grid.ravel() for grid in np.indices(sizes))
    values = dice.weibull(0.8, codes[0].size) * 100
    names = tuple("abcdef"[: len(sizes)])
    texts = tuple(
        tuple(f"{n}{k}" for k in range(size)) for n, size in zip(names, sizes, strict=True)
    )
    actual = values * np.maximum(1 + dice.normal(0, noise, values.size), 0)
    return Leaves(names, texts, codes, actual, values)


def moved(leaves: Leaves, ratio: float, **where: str) -> Leaves:
    inside = leaves.inside(cell(leaves, **where))
    return replace(leaves, actual=np.where(inside, leaves.actual * ratio, leaves.actual))


def cell(leaves: Leaves, **where: str) -> tuple[tuple[int, int], ...]:
    dims = [(leaves.names.index(n), v) for n, v in where.items()]
    return tuple(sorted((d, leaves.values[d].index(v)) for d, v in dims))


def found(leaves: Leaves, search: Search | None = None) -> set[frozenset[tuple[str, str | None]]]:
    told = segments(leaves, search or Search()).found
    return {frozenset(leaves.where(each.cell).items()) for each in told}


def of(**where: str) -> frozenset[tuple[str, str]]:
    return frozenset(where.items())


def test_nothing_is_found_where_nothing_happened() -> None:
    assert found(calm()) == set()


@pytest.mark.parametrize(
    "where", [{"a": "a2"}, {"a": "a2", "c": "c1"}, {"b": "b0"}, {"a": "a5", "b": "b4"}]
)
@pytest.mark.parametrize("ratio", [0.4, 1.9])
def test_one_cause_is_found_exactly(where: dict[str, str], ratio: float) -> None:
    assert found(moved(calm(0.05), ratio, **where)) == {of(**where)}


def test_parts_are_told_apart_from_a_whole_of_which_others_stood_still() -> None:
    leaves = calm(0.05)
    for b in ("b0", "b2", "b3"):
        leaves = moved(leaves, 0.5, a="a1", b=b)
    assert found(leaves) == {of(a="a1", b=b) for b in ("b0", "b2", "b3")}


def test_a_whole_is_no_list_of_its_parts() -> None:
    leaves = moved(moved(calm(0.05), 0.5, a="a1"), 0.2, b="b3")
    assert found(leaves) == {of(a="a1"), of(b="b3")}


def test_a_common_change_is_no_segment() -> None:
    leaves = moved(calm(0.02), 0.4, a="a2", c="c1")
    everything = replace(leaves, actual=leaves.actual * 1.3)
    told = segments(everything)
    assert found(everything) == {of(a="a2", c="c1")}
    assert told.level == pytest.approx(1.3, rel=0.02)


def test_against_a_forecast_a_common_change_can_stand() -> None:
    leaves = replace(calm(0.02), actual=calm(0.02).actual * 1.3)
    assert segments(leaves).level == pytest.approx(1.3, rel=0.02)
    assert segments(leaves, Search(moved=False)).level == 1.0


def test_the_order_of_leaves_does_not_matter() -> None:
    leaves = moved(calm(), 0.5, a="a2", c="c1")
    order = np.random.default_rng(3).permutation(leaves.actual.size)
    turned = Leaves(
        leaves.names,
        leaves.values,
        tuple(codes[order] for codes in leaves.codes),
        leaves.actual[order],
        leaves.expected[order],
    )
    assert explained(turned).to_json() == explained(leaves).to_json()


def test_the_order_of_dimensions_does_not_matter() -> None:
    leaves = moved(calm(), 0.5, a="a2", c="c1")
    turned = replace(
        leaves, names=leaves.names[::-1], values=leaves.values[::-1], codes=leaves.codes[::-1]
    )
    assert found(turned) == found(leaves) == {of(a="a2", c="c1")}


def test_one_large_leaf_is_no_segment_of_its_own() -> None:
    leaves = calm(0.1)
    actual = leaves.actual.copy()
    actual[17] = 1e9
    assert found(replace(leaves, actual=actual)) == set()


def test_thin_leaves_are_rolled_up_before_they_are_asked() -> None:
    dice = np.random.default_rng(5)
    sizes = (4, 3, 900)
    count = 9_000
    codes = [tuple(dice.integers(0, size, count) for size in sizes) for _ in range(2)]
    amounts = dice.gamma(2, 50, (2, count))
    # Goods of a country became a third cheaper; as many were sold.
    amounts[0][codes[0][0] == 1] *= 0.6
    names = ("country", "channel", "product")
    values = tuple(tuple(f"{n}{k}" for k in range(s)) for n, s in zip(names, sizes, strict=True))
    both = tuple(np.concatenate([codes[0][d], codes[1][d]]) for d in range(3))
    zero = np.zeros(count)
    leaves = Leaves(
        names,
        values,
        both,
        np.concatenate([amounts[0], zero]),
        np.concatenate([zero, amounts[1]]),
    )
    assert found(leaves) == {of(country="country1")}


def test_cases_as_published_are_solved() -> None:
    """Seeds that no choice was made on; 100 larger cases are `make bench-judgement`'s."""
    kind = Kind(sizes=(8, 7, 6, 5))
    right = said = there = 0
    for number in range(12):
        made = case(np.random.default_rng([99, number]), kind)
        told = found(leaves_of(made))
        right += len(told & made.causes)
        said, there = said + len(told), there + len(made.causes)
    assert 2 * right / (said + there) >= 0.85


@pytest.mark.parametrize("actual", [np.zeros(24), np.full(24, -5.0), np.full(24, 1e15)])
def test_odd_figures_have_an_answer(actual: np.ndarray) -> None:
    codes = tuple(grid.ravel() for grid in np.indices((4, 3, 2)))
    values = (("p", "q", "r", None), ("u", "v", "w"), ("x", "y"))
    leaves = Leaves(("a", "b", "c"), values, codes, actual, np.ones(24))
    told = explained(leaves)
    assert told.total.change == told.others.change + sum(part.change for part in told.segments)


def test_no_leaves_and_one_value_have_an_answer() -> None:
    nothing = np.zeros(0)
    empty = Leaves(("a",), ((),), (np.zeros(0, np.int64),), nothing, nothing)
    assert explained(empty).segments == ()
    one = Leaves(("a",), (("x",),), (np.zeros(1, np.int64),), np.ones(1), np.ones(1) * 2)
    assert float(explained(one).others.change) == -1


def test_a_deviation_is_the_same_turned_round() -> None:
    up = deviations(np.array([10.0]), np.array([5.0])).deviation
    down = deviations(np.array([5.0]), np.array([10.0])).deviation
    assert up.tolist() == pytest.approx((-down).tolist())
    assert up.tolist() == pytest.approx([2 / 3])


def test_levels_are_the_middle_and_the_commonest_ratio() -> None:
    actual = np.array([1.1, 1.1, 1.1, 2.0, 3.0, 4.0, 5.0, 1.1, 1.1, 1.1])
    pairs = ratios(actual, np.ones(10), np.zeros(10, np.int64))
    assert middle(*pairs) == pytest.approx(1.1) or middle(*pairs) == pytest.approx(2.0)
    assert commonest(pairs[0]) == pytest.approx(1.1)
    assert middle(np.zeros(0), np.zeros(0)) == commonest(np.zeros(0)) == 1.0
