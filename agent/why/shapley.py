"""Exact splits of a change: a product of factors, and a ratio over groups. Any sign, any zero; the
order of factors and groups does not matter, and parts add up.

A product's split is Shapley's: each factor's part is its change times the others' mean over all
orders in which the factors could have changed. For two factors that is the change of one times the
mean of the other. LMDI, which is as symmetric, divides by logarithms and knows no zero and no
negative; that is why it is not used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from math import factorial

Number = int | float | Decimal | Fraction


@dataclass(frozen=True)
class Ratio:
    """A numerator and what it is per; of nothing per nothing the value is 0."""

    top: float
    per: float

    @property
    def value(self) -> float:
        return self.top / self.per if self.per else 0.0


def product_parts(before: Sequence[Number], after: Sequence[Number]) -> list[Fraction]:
    """What each factor's change adds to the change of their product: exact fractions, whose sum is
    the change. Up to some six factors: the work doubles with each."""
    old, new = [Fraction(x) for x in before], [Fraction(x) for x in after]
    count = len(old)
    parts = []
    for own in range(count):
        rest = [n for n in range(count) if n != own]
        held = Fraction(0)
        for size in range(count):
            weight = Fraction(factorial(size) * factorial(count - size - 1), factorial(count))
            for changed in combinations(rest, size):
                held += weight * _product(new[n] if n in changed else old[n] for n in rest)
        parts.append((new[own] - old[own]) * held)
    return parts


def _product(factors: object) -> Fraction:
    result = Fraction(1)
    for factor in factors:  # type: ignore[attr-defined]
        result *= factor
    return result


def rate_and_mix(before: Sequence[Ratio], after: Sequence[Ratio]) -> list[tuple[float, float]]:
    """What each group adds to the change of the whole's ratio, by its own rate and by its weight in
    the whole; what both did together is shared equally. All of them sum to the whole's change.

    A group without anything in one period has no rate there: it is taken to have had the other's,
    so that its coming and going is its weight's doing.
    """
    whole0, whole1 = (sum(each.per for each in side) for side in (before, after))
    value0, value1 = (
        sum(each.top for each in side) / whole if whole else 0.0
        for side, whole in ((before, whole0), (after, whole1))
    )
    level = (value0 + value1) / 2
    if not whole0 or not whole1:
        return _without_a_whole(before, after, value1 - value0)
    effects = []
    for old, new in zip(before, after, strict=True):
        w0, w1 = old.per / whole0, new.per / whole1
        r0, r1 = _rates(old, new)
        # What stands on no denominator at all moves the ratio too: by its own size.
        loose = (new.top / whole1 - w1 * r1) - (old.top / whole0 - w0 * r0)
        effects.append(((w0 + w1) / 2 * (r1 - r0) + loose, (w1 - w0) * ((r0 + r1) / 2 - level)))
    return effects


def _rates(old: Ratio, new: Ratio) -> tuple[float, float]:
    r0 = old.value if old.per else new.value
    return r0, new.value if new.per else r0


def _without_a_whole(
    before: Sequence[Ratio], after: Sequence[Ratio], change: float
) -> list[tuple[float, float]]:
    """Where one period has nothing, each group's part is its share of what there is."""
    side = after if sum(each.per for each in after) else before
    tops = [each.top for each in side]
    whole = sum(tops)
    return [(change * top / whole if whole else 0.0, 0.0) for top in tops]


def to_cents(parts: Sequence[Fraction], total: Decimal, cent: Decimal) -> list[Decimal]:
    """Parts as whole multiples of `cent` that add up to `total`, itself such a multiple: each is
    rounded down, and those that lost most get what is missing. None is off by a cent or more where
    the parts do add up to the total."""
    unit = Fraction(cent)
    whole = [part // unit for part in parts]
    missing = int(Fraction(total) / unit) - sum(whole)
    lost = sorted(range(len(parts)), key=lambda n: (whole[n] - parts[n] / unit, n))
    each, more = divmod(missing, len(parts)) if parts else (0, 0)
    for place, n in enumerate(lost):
        whole[n] += each + (place < more)
    return [int(number) * cent for number in whole]
