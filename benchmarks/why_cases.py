"""Made cases of a figure that changed for a known reason, by the published description of RiskLoc's
S, L and H sets (Kalander 2022): Weibull values, a share of zeros, relative noise, one to three
causes of one or more elements each, every element with its own severity.

What the noise looks like can be changed: a method that lives from one generator's noise is caught.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Where = frozenset[tuple[str, str]]
SIZES = (10, 12, 10, 8, 5)


@dataclass(frozen=True)
class Kind:
    """How cases are drawn: `depths` are the numbers of dimensions of a cause; `clear` adds the
    noise to each severity, as the published sets do; noise is `relative`, `counted` (its variance
    grows with the value), `shared` (the cells of each dimension err together, too), `heavy` (few
    leaves err by much) or `added` (by amounts, not shares); `bias` is by how much all that was
    expected is off."""

    sizes: tuple[int, ...] = SIZES
    depths: tuple[int, int] = (1, 2)
    causes: tuple[int, int] = (1, 3)
    elements: tuple[int, int] = (1, 3)
    noise: tuple[float, float] = (0.0, 0.25)
    severity: tuple[float, float] = (0.2, 1.0)
    deviation: tuple[float, float] = (0.0, 0.1)
    zeros: tuple[float, float] = (0.0, 0.25)
    clear: bool = True
    both_ways: bool = False
    style: str = "relative"
    bias: float = 0.0


@dataclass(frozen=True)
class Case:
    """Leaves and what was done to them."""

    names: tuple[str, ...]
    codes: tuple[NDArray[np.int64], ...]
    actual: Floats
    expected: Floats
    causes: frozenset[Where]


def case(dice: np.random.Generator, kind: Kind) -> Case:
    """One case. The same dice give the same case."""
    names = tuple("abcdefgh"[: len(kind.sizes)])
    codes = tuple(grid.ravel() for grid in np.indices(kind.sizes))
    noise = dice.uniform(*kind.noise)
    real, predicted = _calm(dice, kind, noise, codes)
    found = _causes(dice, kind)
    falls = real.sum() <= predicted.sum()
    for cells in found:
        level = dice.uniform(*kind.severity) + noise * kind.clear
        spread = dice.uniform(*kind.deviation)
        down = bool(dice.integers(2)) if kind.both_ways else falls
        for cell in cells:
            inside = np.logical_and.reduce([codes[d] == code for d, code in cell])
            ratio = np.maximum(1 - dice.normal(level, spread, int(inside.sum())), 0)
            if down:
                real[inside] = predicted[inside] * ratio
            else:
                predicted[inside] = real[inside] * ratio
    causes = frozenset(
        frozenset((names[d], f"{names[d]}{code + 1}") for d, code in cell)
        for cells in found
        for cell in cells
    )
    return Case(names, codes, real, predicted, causes)


def _calm(
    dice: np.random.Generator, kind: Kind, noise: float, codes: Sequence[NDArray[np.int64]]
) -> tuple[Floats, Floats]:
    """Values before anything happened, real and predicted, which of the two errs being drawn."""
    count = int(np.prod(kind.sizes))
    values = dice.weibull(dice.uniform(0.5, 1.0), count) * 100
    values *= dice.uniform(size=count) > dice.uniform(*kind.zeros)
    errors = dice.normal(0, 1, count) * noise
    if kind.style == "counted":
        errors *= np.sqrt(100 / np.maximum(values, 1))
    if kind.style == "heavy":
        errors = dice.standard_t(2, count) * noise / 2
    if kind.style == "added":
        errors *= 50 / np.maximum(values, 1e-3)
    if kind.style == "shared":
        for size, code in zip(kind.sizes, codes, strict=True):
            errors += dice.normal(0, 0.03, size)[code]
    other = np.maximum(values * (1 + errors), 0)
    swap = dice.integers(0, 2, count) == 1
    return np.where(swap, other, values), np.where(swap, values, other) * (1 + kind.bias)


def _causes(dice: np.random.Generator, kind: Kind) -> list[list[tuple[tuple[int, int], ...]]]:
    """Causes: each a set of dimensions of its own with one to three elements; an element of a
    dimension that another cause has is not used again."""
    found: list[list[tuple[tuple[int, int], ...]]] = []
    used: list[set[int]] = [set() for _ in kind.sizes]
    taken: set[tuple[int, ...]] = set()
    for _ in range(dice.integers(kind.causes[0], kind.causes[1] + 1)):
        depth, count = (
            int(dice.integers(low, high + 1)) for low, high in (kind.depths, kind.elements)
        )
        while True:
            dims = tuple(sorted(dice.choice(len(kind.sizes), depth, replace=False).tolist()))
            free = [sorted(set(range(kind.sizes[d])) - used[d]) for d in dims]
            if (dims in taken and depth < len(kind.sizes)) or not all(free):
                continue
            drawn = [dice.choice(each, count).tolist() for each in free]
            cells = list(dict.fromkeys(zip(*drawn, strict=True)))
            if len(cells) == count:
                break
        taken.add(dims)
        for d, each in zip(dims, drawn, strict=True):
            used[d] |= set(each)
        found.append([tuple(zip(dims, cell, strict=True)) for cell in cells])
    return found


def labels(made: Case) -> dict[str, Any]:
    """The leaves as columns of text and figures: what a file of them holds."""
    return {
        name: np.char.add(name, (code + 1).astype(str))
        for name, code in zip(made.names, made.codes, strict=True)
    } | {"real": made.actual, "predict": made.expected}
