"""Roll-ups of leaves: for every set of up to three dimensions, what its cells weigh and how hard
they pull; leaves that are explained are taken out of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from agent.why.cube import Cell, Codes, Floats, Leaves, Rows, summed

DEPTH = 3
WIDE = 300
"""A dimension of more values than this, such as products, stands in sets of two at most."""
SPARSE = 4
"""A roll-up with more places than so many times the leaves holds only the cells that exist."""


@dataclass(frozen=True)
class Cuboid:
    """Cells of one set of dimensions. `flat` numbers each leaf's cell; `kept` are the place numbers
    of the cells that exist, None where all do. `weight`, `pull` and `count` are of the leaves that
    are still unexplained, and change in place."""

    dims: tuple[int, ...]
    shape: tuple[int, ...]
    flat: Codes
    kept: Codes | None
    weight: Floats
    pull: Floats
    count: Floats

    def cell(self, number: int) -> Cell:
        place = number if self.kept is None else int(self.kept[number])
        return tuple(
            (d, int(code))
            for d, code in zip(self.dims, np.unravel_index(place, self.shape), strict=True)
        )

    def put(self, rows: Rows, weight: Floats, pull: Floats, sign: int) -> None:
        """Take leaves out (-1), or put them back (1)."""
        flat, size = self.flat[rows], self.weight.size
        self.weight[:] += sign * np.bincount(flat, weight[rows], size)
        self.pull[:] += sign * np.bincount(flat, pull[rows], size)
        self.count[:] += sign * np.bincount(flat, minlength=size)


def cuboids(leaves: Leaves, weight: Floats, pull: Floats) -> list[Cuboid]:
    """Every set of one to three dimensions, of those that tell leaves apart."""
    there = (weight > 0).astype(np.float64)
    useful = [d for d, size in enumerate(leaves.sizes) if size > 1]
    made: dict[tuple[int, ...], Cuboid] = {}
    for depth in range(min(DEPTH, len(useful)), 0, -1):
        for dims in combinations(useful, depth):
            if depth > 2 and max(leaves.sizes[d] for d in dims) > WIDE:
                continue
            finer = _finer(made, dims, useful)
            made[dims] = (
                _rolled_up(leaves, dims, finer)
                if finer
                else _counted(leaves, dims, (weight, pull, there))
            )
    return list(reversed(made.values()))


def _finer(
    made: dict[tuple[int, ...], Cuboid], dims: tuple[int, ...], useful: list[int]
) -> Cuboid | None:
    """A full roll-up with one dimension more."""
    for d in useful:
        found = made.get(tuple(sorted({*dims, d}))) if d not in dims else None
        if found is not None and found.kept is None:
            return found
    return None


def _rolled_up(leaves: Leaves, dims: tuple[int, ...], finer: Cuboid) -> Cuboid:
    axis = next(n for n, d in enumerate(finer.dims) if d not in dims)
    sums = (
        each.reshape(finer.shape).sum(axis=axis).ravel()
        for each in (finer.weight, finer.pull, finer.count)
    )
    shape = tuple(leaves.sizes[d] for d in dims)
    return Cuboid(dims, shape, _flat(leaves, dims), None, *sums)


def _counted(leaves: Leaves, dims: tuple[int, ...], sums: tuple[Floats, Floats, Floats]) -> Cuboid:
    shape = tuple(leaves.sizes[d] for d in dims)
    flat, kept, size = _flat(leaves, dims), None, int(np.prod(shape, dtype=np.int64))
    if size > SPARSE * max(flat.size, 1000):
        kept, flat = np.unique(flat, return_inverse=True)
        size = kept.size
    return Cuboid(dims, shape, flat, kept, *(summed(flat, each, size) for each in sums))


def _flat(leaves: Leaves, dims: tuple[int, ...]) -> Codes:
    """The number of each leaf's cell."""
    flat = leaves.codes[dims[0]]
    for d in dims[1:]:
        flat = flat * leaves.sizes[d] + leaves.codes[d]
    return flat


def finer(leaves: Leaves, cell: Cell, rows: Rows) -> Iterator[tuple[int, Codes]]:
    """What the leaves of a cell can be told apart by: each further dimension and their codes."""
    held = {d for d, _ in cell}
    for d, size in enumerate(leaves.sizes):
        if d not in held and size > 1:
            yield d, leaves.codes[d][rows]


def spread(cuboid: Cuboid) -> float:
    """How far cells scatter, in units of what their leaves alone would make of them; at least 1.
    More says that whole cells err together, and a cell has to stand out from that."""
    full = cuboid.count >= 1
    if full.sum() < 8:
        return 1.0
    score: NDArray[np.float64] = cuboid.pull[full] / np.sqrt(cuboid.weight[full])
    middle = np.median(score)
    return max(1.0, 1.4826 * float(np.median(np.abs(score - middle))))
