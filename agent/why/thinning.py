"""Leaves so fine that most have something in one of both periods only say that something was there,
not how much: such leaves are rolled up, without the dimension of most values, until they speak."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agent.why.cube import Floats, Leaves, summed

THIN = 0.15
"""Leaves are too fine where this share has something only now, and as many only before."""


def bases(leaves: Leaves) -> list[tuple[int, ...]]:
    """Sets of dimensions to search, one after the other: all of them, or those by which leaves are
    full enough, and then those that were left out."""
    dims, out = tuple(range(len(leaves.names))), list[int]()
    while len(dims) > 1 and _thin(leaves, dims):
        widest = max(dims, key=lambda d: leaves.sizes[d])
        dims = tuple(d for d in dims if d != widest)
        out.append(widest)
    return [dims, *((d,) for d in out)]


def _thin(leaves: Leaves, dims: Sequence[int]) -> bool:
    place = places(leaves, dims)
    actual, expected = (summed(place, each) for each in (leaves.actual, leaves.expected))
    there = np.count_nonzero((actual != 0) | (expected != 0))
    only = [
        np.count_nonzero((one != 0) & (other == 0))
        for one, other in ((actual, expected), (expected, actual))
    ]
    return bool(min(only) > THIN * there)


def places(leaves: Leaves, dims: Sequence[int]) -> NDArray[np.intp]:
    """(n,) which rolled-up leaf each leaf is part of."""
    flat = np.zeros(leaves.actual.size, np.int64)
    for d in dims:
        flat = flat * leaves.sizes[d] + leaves.codes[d]
    return np.unique(flat, return_inverse=True)[1]


def rolled_up(leaves: Leaves, dims: Sequence[int], free: NDArray[np.bool_]) -> Leaves:
    """Leaves by some of their dimensions, summed over those that are free."""
    if len(dims) == len(leaves.names) and free.all():
        return leaves
    place = places(leaves, dims)
    first = np.zeros(int(place.max(initial=-1)) + 1, np.intp)
    first[place] = np.arange(place.size)

    def sums(column: Floats) -> Floats:
        return summed(place, column * free, first.size)

    return Leaves(
        tuple(leaves.names[d] for d in dims),
        tuple(leaves.values[d] for d in dims),
        tuple(leaves.codes[d][first] for d in dims),
        sums(leaves.actual),
        sums(leaves.expected),
    )
