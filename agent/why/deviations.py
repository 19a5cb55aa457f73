"""How far each leaf is from what was expected, and how much that says.

A leaf's deviation is 2 (actual - expected) / (|actual| + |expected|), which lies in -2 ... 2 and is
the same for a thing that halves as for one that doubles, turned round. How much deviations scatter
where nothing happened is measured among the leaves themselves, by their size: small leaves scatter
more, and weigh less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agent.why.cube import Codes, Floats, summed

BINS = 8
FLOOR = 0.01
"""No leaf is thought to be more exact than one percent."""
FAR = 5.0
"""A leaf counts as at most so many times its usual scatter: no single one makes a segment."""
ALONE = 12.0
"""The same where each leaf is looked at by itself."""
NORMAL = 1.4826
FULL = 0.7


@dataclass(frozen=True)
class Deviations:
    """(n,) each: `size` of leaves, their `deviation`, its usual scatter `sigma`; a leaf that has
    nothing weighs nothing. `weight` is 1 / sigma², `pull` is weight times the deviation, cut at so
    many sigma."""

    size: Floats
    deviation: Floats
    sigma: Floats
    weight: Floats
    pull: Floats


def deviations(actual: Floats, expected: Floats, far: float = FAR) -> Deviations:
    """`far` is how many times its usual scatter a leaf counts at most."""
    size = np.abs(actual) + np.abs(expected)
    there = size > 0
    deviation = np.divide(2 * (actual - expected), size, out=np.zeros_like(size), where=there)
    sigma = _scatter(size, deviation, there)
    weight = there / sigma**2
    cut = far * sigma
    return Deviations(size, deviation, sigma, weight, weight * np.clip(deviation, -cut, cut))


def ratios(actual: Floats, expected: Floats, coarse: Codes) -> tuple[Floats, Floats]:
    """Ratios of actual to expected, rising, and what each weighs: of leaves, or, where many leaves
    have only one of the two, of the `coarse` cells that they lie in. Empty where there are none."""
    there, known = (actual != 0) | (expected != 0), (actual > 0) & (expected > 0)
    if known.sum() < FULL * there.sum():
        actual, expected = summed(coarse, actual), summed(coarse, expected)
        known = (actual > 0) & (expected > 0)
    found, weight = actual[known] / expected[known], np.sqrt(actual[known] * expected[known])
    order = np.argsort(found)
    return found[order], weight[order]


def middle(ratio: Floats, weight: Floats) -> float:
    """The middle of rising ratios; 1 of none."""
    reached = np.cumsum(weight)
    return float(ratio[np.searchsorted(reached, reached[-1] / 2)]) if ratio.size else 1.0


def commonest(ratio: Floats) -> float:
    """Where rising ratios lie closest together: the middle of their densest third, of its densest
    third, and so on. 1 of none."""
    while ratio.size > 8 and ratio[0] < ratio[-1]:
        third = ratio.size // 3
        place = int(np.argmin(np.log(ratio[third:] / ratio[: ratio.size - third])))
        ratio = ratio[place : place + third + 1]
    return float(np.median(ratio)) if ratio.size else 1.0


def _scatter(size: Floats, deviation: Floats, there: np.ndarray) -> Floats:
    """The usual scatter of each leaf's deviation, by its size."""
    sigma = np.ones_like(size)
    if not there.any():
        return sigma
    known = size[there]
    count = min(BINS, max(1, known.size // 200))
    edges = np.quantile(known, np.linspace(0, 1, count + 1)[1:-1])
    bins = np.searchsorted(edges, known, side="right")
    own = deviation[there]
    by_bin = np.array([_quiet_side(own[bins == number]) for number in range(count)])
    sigma[there] = np.maximum(by_bin, FLOOR)[bins]
    return sigma


def _quiet_side(deviation: Floats) -> float:
    """The scatter around nothing, from the side on which less happened: a cause moves its leaves to
    one side, noise to both."""
    if deviation.size == 0:
        return 1.0
    up, down = deviation[deviation > 0], -deviation[deviation < 0]
    still = (deviation.size - up.size - down.size) // 2
    least = max(8, deviation.size // 20)
    sides = [_median_with(side, still) for side in (up, down) if side.size + still >= least]
    return NORMAL * (min(sides) if sides else float(np.median(np.abs(deviation))))


def _median_with(side: Floats, still: int) -> float:
    """The median of a side and so many leaves that did not move."""
    place = (side.size + still) // 2 - still
    return float(np.partition(side, place)[place]) if place >= 0 and side.size else 0.0
