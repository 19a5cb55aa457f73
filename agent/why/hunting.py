"""Cell after cell, the clearest first, each taken out of all roll-ups before the next one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from agent.why.cube import Cell, Codes, Floats, Leaves, Rows, summed
from agent.why.cuboids import DEPTH, cuboids, finer
from agent.why.deviations import Deviations

FINER = 0.97
"""What a gain is worth for each further dimension that it needs."""
WHOLE = 0.8
"""A cell of which so much moved stands as a whole."""
STILL = 0.3
"""A part did nothing where it moved by less than this, of the others' move."""
ROUNDS, PASSES = 40, 3
DOZENS = 50
COVERED = 0.9
"""Cells beside each other that cover so much of a coarser one are that one."""


@dataclass(frozen=True)
class Take:
    """A cell, the leaves that it explains, and how clearly it stands out."""

    cell: Cell
    rows: Rows
    score: float


class Hunt:
    """The search; which leaves are still `free`, and what is left in the roll-ups. Used once."""

    def __init__(self, leaves: Leaves, known: Deviations, clear: float, change: float) -> None:
        """A cell is taken that is so clear and moved by at least `change`, as a share."""
        self._leaves, self._known = leaves, known
        self._clear, self._change = clear, change
        self.rolled = cuboids(leaves, known.weight, known.pull)
        self.free = known.weight > 0
        self._never: set[Cell] = set()

    @property
    def coarse(self) -> Codes:
        """(n,) each leaf's cell in the roll-up that has some dozens of cells, or nearly."""
        return min(self.rolled, key=lambda cuboid: abs(np.log(cuboid.weight.size / DOZENS))).flat

    def all(self) -> list[Take]:
        """Everything that stands out. What was taken as a whole, and turns out to be parts once the
        others are known, is given back and searched anew."""
        found: list[Take] = []
        for _ in range(PASSES):
            found += self._taken(ROUNDS - len(found))
            wrong = [each for each in found if self._is_parts(each, found)]
            if not wrong:
                break
            for each in wrong:
                self._put(each.rows, 1)
                self._never.add(each.cell)
            found = [each for each in found if each.cell not in self._never]
        return found

    def _taken(self, most: int) -> Iterator[Take]:
        for _ in range(most):
            cell = self._best()
            if cell is None:
                return
            rows = np.flatnonzero(self._leaves.inside(cell) & self.free)
            cell, rows = self._part(cell, rows)
            weight, pull = self._known.weight[rows].sum(), self._known.pull[rows].sum()
            self._put(rows, -1)
            yield Take(cell, rows, float(pull / np.sqrt(weight)))

    def _put(self, rows: Rows, sign: int) -> None:
        for cuboid in self.rolled:
            cuboid.put(rows, self._known.weight, self._known.pull, sign)
        self.free[rows] = sign > 0

    def _best(self) -> Cell | None:
        """The cell of the highest gain that is clear and moved enough."""
        best, found = self._clear**2, None
        for cuboid in self.rolled:
            mean = cuboid.pull / np.maximum(cuboid.weight, 1e-9)
            gain = cuboid.pull * mean * FINER ** (len(cuboid.dims) - 1)
            gain[(np.abs(mean) < self._change) | (cuboid.count < 0.5)] = 0
            number = int(np.argmax(gain))
            while gain[number] > best and cuboid.cell(number) in self._never:
                gain[number] = 0
                number = int(np.argmax(gain))
            if gain[number] > best:
                best, found = float(gain[number]), cuboid.cell(number)
        return found

    def _is_parts(self, take: Take, found: Sequence[Take]) -> bool:
        """Whether a cell, without the leaves of all others' cells, is only some of its parts."""
        rows = take.rows
        for other in found:
            if other is not take:
                inside = [self._leaves.codes[d][rows] == code for d, code in other.cell]
                rows = rows[~np.logical_and.reduce(inside)]
        return rows.size > 0 and self._part(take.cell, rows)[0] != take.cell

    def _part(self, cell: Cell, rows: Rows) -> tuple[Cell, Rows]:
        """The cell, or that part of it to which it owes its gain."""
        if len(cell) >= DEPTH:
            return cell, rows
        best: tuple[float, Cell, Rows] | None = None
        weight, pull = self._known.weight[rows], self._known.pull[rows]
        for d, codes in finer(self._leaves, cell, rows):
            size = self._leaves.sizes[d]
            code, gain = _moved_part(summed(codes, weight, size), summed(codes, pull, size))
            if code >= 0 and (best is None or gain > best[0]):
                best = (gain, tuple(sorted((*cell, (d, code)))), rows[codes == code])
        return (cell, rows) if best is None else self._part(best[1], best[2])


def _moved_part(weight: Floats, pull: Floats) -> tuple[int, float]:
    """The part that moved most, where only some moved and the others stood still, and the gain of
    all that moved; (-1, 0) where the whole moved."""
    full = weight > 0
    mean = np.divide(pull, weight, out=np.zeros_like(pull), where=full) * np.sign(pull.sum())
    number = int(np.argmax(np.where(mean > 0, np.abs(pull) * mean, 0.0)))
    some = full & (mean > max(STILL * mean[number], 0.0))
    rest = full & ~some
    if not rest.any() or not some.any() or weight[some].sum() >= WHOLE * weight.sum():
        return -1, 0.0
    whole = pull.sum() ** 2 / weight.sum()
    parts = pull[some].sum() ** 2 / weight[some].sum()
    return (number, float(parts)) if parts >= 1.2 * whole else (-1, 0.0)


def merged(leaves: Leaves, known: Deviations, found: list[Take]) -> list[Take]:
    """With cells that lie beside each other and cover a coarser one as that one; each cell once."""
    for each in list(found):
        same = [other for other in found if other.cell == each.cell]
        if len(same) > 1:
            found = _joined(known, found, same, each.cell)
    for depth in range(DEPTH - 1, 0, -1):
        parents = [
            parent
            for each in found
            if len(each.cell) == depth + 1
            for parent in combinations(each.cell, depth)
        ]
        for parent in dict.fromkeys(p for p in parents if parents.count(p) > 1):
            found = _as_one(leaves, known, found, parent)
    return found


def _as_one(leaves: Leaves, known: Deviations, found: list[Take], parent: Cell) -> list[Take]:
    """The parts of a cell as that cell, where they and others' leaves cover it."""
    parts = [each for each in found if set(parent) < set(each.cell)]
    if len(parts) < 2 or len({each.score > 0 for each in parts}) > 1:
        return found
    taken = np.zeros(leaves.actual.size, bool)
    for each in found:
        taken[each.rows] = True
    inside = leaves.inside(parent)
    if known.weight[inside & taken].sum() < COVERED * known.weight[inside].sum():
        return found
    return _joined(known, found, parts, parent)


def _joined(known: Deviations, found: list[Take], parts: list[Take], cell: Cell) -> list[Take]:
    """With one take in the place of several."""
    rows = np.sort(np.concatenate([each.rows for each in parts]))
    score = float(known.pull[rows].sum() / np.sqrt(known.weight[rows].sum()))
    gone = {id(each) for each in parts[1:]}
    whole = Take(cell, rows, score)
    return [whole if each is parts[0] else each for each in found if id(each) not in gone]
