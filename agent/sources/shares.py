"""Amounts split over rows so that the parts add up to the last cent (largest remainder)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agent.sources.values import MONEY_SCALE

Ints = NDArray[np.int64]

NO_DECIMALS = (
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
    "VUV", "XAF", "XOF", "XPF",
)  # fmt: skip
THREE_DECIMALS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
SAFE = 2**62


def smallest_unit(currency: str) -> int:
    """The smallest coin in ten-thousandths: 100 for cents, 10,000 for yen, 10 for fils."""
    if currency in NO_DECIMALS:
        return MONEY_SCALE
    return 10 if currency in THREE_DECIMALS else 100


def per_group(values: Ints, group: Ints, count: int) -> Ints:
    """Sums by group, in integers."""
    totals = np.zeros(count, dtype=np.int64)
    np.add.at(totals, group, values)
    return totals


def portion(amount: Ints, part: Ints, whole: Ints, unit: int) -> Ints:
    """amount x part / whole, rounded half away from zero to a whole number of units; 0 where whole
    is 0.

    Where part = whole the result is the amount itself.
    """
    wide = _wide(amount, part)
    divisor = np.where(whole == 0, 1, whole).astype(wide.dtype)
    numerator = wide * part.astype(wide.dtype)
    sign = np.where((numerator < 0) ^ (divisor < 0), -1, 1)
    quotient = (2 * abs(numerator) + abs(divisor) * unit) // (2 * abs(divisor) * unit) * unit
    exact = np.where(part == whole, amount, (sign * quotient).astype(np.int64))
    return np.where(whole == 0, 0, exact).astype(np.int64)


def _wide(amount: Ints, weight: Ints) -> NDArray[np.int64]:
    """The amounts in integers wide enough for amount x weight: Python's own where 64 bits are too
    few.
    """
    largest = int(np.abs(amount).max(initial=0)) * int(np.abs(weight).max(initial=0)) * 4
    return amount if largest < SAFE else amount.astype(object)


def spread(total: Ints, weight: Ints, group: Ints, unit: int) -> Ints:
    """Each group's total over its rows by weight: whole units by largest remainder, ties to the
    earlier row.

    `group` is sorted; negative weights count as zero. What is finer than a unit goes to the group's
    heaviest row. A group whose weights are all zero gets nothing: compare the sums.
    """
    weight = np.maximum(weight, 0)
    sums = per_group(weight, group, len(total))
    sign, size = np.sign(total), np.abs(total)
    units = np.where(sums > 0, size // unit, 0)
    wide = _wide(units[group], weight)
    product = wide * weight.astype(wide.dtype)
    divisor = np.maximum(sums, 1)[group].astype(wide.dtype)
    share = (product // divisor).astype(np.int64)
    remainder = (product % divisor).astype(np.float64) / divisor.astype(np.float64)
    left = units - per_group(share, group, len(total))
    share += _rank(group, -remainder) < left[group]
    share *= unit
    fine = np.where(sums > 0, size % unit, 0)
    share += np.where(_rank(group, -weight.astype(np.float64)) == 0, fine[group], 0)
    return np.asarray(share * sign[group], dtype=np.int64)


def _rank(group: Ints, key: NDArray[np.float64]) -> Ints:
    """Place of each row within its group by key, 0 first."""
    order = np.lexsort((key, group))
    sorted_group = group[order]
    place = np.arange(len(group), dtype=np.int64)
    fresh = np.ones(len(group), dtype=np.bool_)
    fresh[1:] = sorted_group[1:] != sorted_group[:-1]
    start = np.maximum.accumulate(np.where(fresh, place, 0))
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = place - start
    return rank
