"""Parts add up to the change: to the cent, whatever the figures, in any order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from agent.why.bridges import Bridge, Goods, by_funnel, by_goods, by_kind, of_groups, of_ratio
from agent.why.cube import Leaves
from agent.why.parts import explained
from agent.why.shapley import Ratio, product_parts, rate_and_mix, to_cents

SEEDS = range(60)


def cents(dice: random.Random, least: int, most: int) -> Decimal:
    return Decimal(dice.randint(least, most)) / 100


def adds_up(bridge: Bridge) -> bool:
    return bridge.before + sum((step.change for step in bridge.steps), Decimal(0)) == bridge.after


def figures(dice: random.Random) -> dict[str, Decimal | int | None]:
    gross, discounts = cents(dice, 0, 10**7), cents(dice, -(10**5), 0)
    return {
        "gross_sales": gross,
        "discounts": discounts,
        "placed_sales": gross + discounts,
        "sales_reversals": Decimal(dice.randint(-(10**9), 0)) / 10_000,
        "orders": dice.choice([0, dice.randint(0, 900)]),
        "sessions": dice.choice([None, 0, dice.randint(1, 90_000)]),
    }


def goods(dice: random.Random) -> dict[str, Goods]:
    return {
        str(name): Goods(Decimal(dice.randint(-2, 40)), cents(dice, -500, 90_000))
        for name in dice.sample(range(9), dice.randint(0, 8))
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_bridges_add_up(seed: int) -> None:
    dice = random.Random(seed)
    sides = figures(dice), figures(dice)
    funnel, own = by_funnel(*sides), by_goods(goods(dice), goods(dice), sides)
    assert adds_up(funnel)
    assert adds_up(own)
    net = [
        sum(
            (Decimal(str(side[n])) for n in ("gross_sales", "discounts", "sales_reversals")),
            Decimal(0),
        ).quantize(Decimal("0.01"))
        for side in sides
    ]
    assert [own.before, own.after] == net == [funnel.before, funnel.after]


def test_the_funnel_says_what_did_it() -> None:
    before = {"placed_sales": 1000, "orders": 10, "sessions": 100, "sales_reversals": -10}
    after = {"placed_sales": 1200, "orders": 12, "sessions": 90, "sales_reversals": -30}
    steps = {step.name: float(step.change) for step in by_funnel(before, after).steps}
    # A tenth fewer sessions at the mean of 10 % and 13.3 %, and so on: no order of them matters.
    assert steps == {
        "sessions": -116.67,
        "conversion": 316.67,
        "order_value": 0,
        "sales_reversals": -20,
    }


def test_without_sessions_the_funnel_begins_with_orders() -> None:
    side = {"placed_sales": 100, "orders": 4, "sessions": None}
    other = {"placed_sales": 100, "orders": 5, "sessions": 60}
    names = [step.name for step in by_funnel(side, other).steps]
    assert names == ["orders", "order_value", "sales_reversals"]


def test_price_volume_and_mix_are_told_apart() -> None:
    def of(units: int, gross: int) -> Goods:
        return Goods(Decimal(units), Decimal(gross))

    def steps(before: dict[str, Goods], after: dict[str, Goods]) -> dict[str, float]:
        sides = tuple(
            {"gross_sales": sum((g.gross for g in each.values()), Decimal(0))}
            for each in (before, after)
        )
        bridge = by_goods(before, after, (sides[0], sides[1]))
        return {step.name: float(step.change) for step in bridge.steps[:3]}

    base = {"tea": of(10, 100), "pot": of(10, 300)}
    more = steps(base, {"tea": of(20, 200), "pot": of(20, 600)})
    assert more == {"volume": 400, "mix": 0, "price": 0}
    dearer = steps(base, {"tea": of(10, 120), "pot": of(10, 360)})
    assert dearer == {"volume": 0, "mix": 0, "price": 80}
    shifted = steps(base, {"tea": of(5, 50), "pot": of(15, 450)})
    assert shifted == {"volume": 0, "mix": 100, "price": 0}
    new = steps(base, {**base, "cup": of(20, 400)})
    assert new["price"] == 0


def test_customers_add_up() -> None:
    bridge = by_kind(
        {"new": Decimal(5), "returning": Decimal(7)},
        {"new": Decimal(6), "returning": Decimal(3), "": Decimal(1)},
    )
    assert adds_up(bridge)
    assert [step.name for step in bridge.steps] == ["new", "returning", "others"]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_product_is_split_exactly_and_symmetrically(seed: int) -> None:
    dice = random.Random(seed)
    count = dice.randint(1, 4)
    old, new = (
        [Fraction(dice.randint(-9, 9), dice.randint(1, 5)) for _ in range(count)] for _ in range(2)
    )
    parts = product_parts(old, new)
    assert sum(parts) == np.prod([*new, Fraction(1)]) - np.prod([*old, Fraction(1)])
    turned = product_parts(old[::-1], new[::-1])
    assert turned == parts[::-1]
    assert product_parts(new, old) == [-part for part in parts]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_ratio_is_split_exactly(seed: int) -> None:
    dice = random.Random(seed)

    def side() -> list[Ratio]:
        return [Ratio(dice.randint(-9, 99), dice.choice([0, dice.randint(1, 400)])) for _ in "abcd"]

    before, after = side(), side()
    effects = rate_and_mix(before, after)
    whole = [Ratio(sum(r.top for r in x), sum(r.per for r in x)).value for x in (before, after)]
    assert sum(map(sum, effects)) == pytest.approx(whole[1] - whole[0], abs=1e-9)
    turned = rate_and_mix(before[::-1], after[::-1])
    assert np.allclose(turned, effects[::-1])


@pytest.mark.parametrize("seed", SEEDS)
def test_bridges_of_ratios_add_up(seed: int) -> None:
    dice = random.Random(seed)

    def pairs() -> dict[str, tuple[int, int]]:
        names = dice.sample("abcdef", dice.randint(0, 5))
        return {n: (dice.randint(-5, 99), dice.choice([0, dice.randint(0, 500)])) for n in names}

    assert adds_up(of_groups(pairs(), pairs()))
    one, other = ((dice.randint(-9, 9), dice.randint(0, 9)) for _ in range(2))
    assert adds_up(of_ratio(one, other))


def test_a_rate_and_a_weight_have_their_own_parts() -> None:
    before = [Ratio(10, 100), Ratio(40, 100)]
    assert rate_and_mix(before, [Ratio(20, 100), Ratio(40, 100)]) == [(0.05, 0), (0, 0)]
    rates, mixes = zip(*rate_and_mix(before, [Ratio(5, 50), Ratio(60, 150)]), strict=True)
    assert rates == pytest.approx((0, 0), abs=1e-12)
    assert sum(mixes) == pytest.approx(0.075)


@pytest.mark.parametrize("seed", SEEDS)
def test_cents_add_up_and_none_is_far_off(seed: int) -> None:
    dice = random.Random(seed)
    parts = [Fraction(dice.randint(-(10**6), 10**6), 700) for _ in range(dice.randint(1, 9))]
    total = Decimal(round(sum(parts) * 100)) / 100
    made = to_cents(parts, total, Decimal("0.01"))
    assert sum(made) == total
    assert all(
        abs(Fraction(cent) - part) < Fraction(2, 100)
        for cent, part in zip(made, parts, strict=True)
    )


@pytest.mark.parametrize("ratio", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_segments_and_others_are_the_total(seed: int, *, ratio: bool) -> None:
    dice = np.random.default_rng(seed)
    codes = tuple(grid.ravel() for grid in np.indices((5, 4, 3)))
    values = tuple(tuple("abcde"[:n]) for n in (5, 4, 3))
    expected = np.round(dice.gamma(1, 100, 60), 2)
    actual = np.round(expected * np.where(codes[0] == 1, 0.3, 1) * dice.normal(1, 0.05, 60), 2)
    per = (np.round(dice.gamma(9, 100, 60)), np.round(dice.gamma(9, 100, 60))) if ratio else None
    told = explained(Leaves(("x", "y", "z"), values, codes, actual, expected, per))
    names = ("change",) if ratio else ("change", "actual", "expected")
    for name in names:
        parts: Sequence[Decimal] = [getattr(p, name) for p in (*told.segments, told.others)]
        assert sum(parts, Decimal(0)) == getattr(told.total, name)
    if not ratio:
        assert float(told.total.actual) == pytest.approx(actual.sum())
        assert told.segments
