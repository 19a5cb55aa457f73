"""The few combinations of dimensions that explain most of a change: a search over the roll-up.

Each leaf has a deviation and a weight (`deviations.py`). A cell's gain is how much better its
leaves are described by one common deviation than by none: (sum of weight x deviation)² / sum of
weights. The cell of the highest gain is the exact cause where there is one: a part of it has fewer
leaves, and what is around it dilutes it. Where a cell owes its gain to some of its parts, and the
others did nothing (the ripple effect does not hold), the part is taken instead. Its leaves leave
all roll-ups, and the search goes on until nothing stands out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from agent.why.cube import Cell, Floats, Leaves, Rows
from agent.why.cuboids import spread
from agent.why.deviations import ALONE, FAR, commonest, deviations, middle, ratios
from agent.why.hunting import Hunt, Take, merged
from agent.why.thinning import bases, rolled_up


@dataclass(frozen=True)
class Search:
    """How segments are looked for. `most` of them at most; one must be so `clear` (in units of its
    leaves' own scatter), differ by at least `change` of what was expected, and be at least `share`
    of all that the segments moved. What all leaves did alike is taken out first unless `moved`
    is False."""

    most: int = 12
    clear: float = 5.5
    change: float = 0.05
    share: float = 0.003
    moved: bool = True


@dataclass(frozen=True)
class Found:
    """A segment: its cell, the leaves that it is the first to explain, how clearly it stands out,
    and how evenly its leaves moved (1: all by the same ratio; 0: no better than not at all)."""

    cell: Cell
    rows: Rows
    score: float
    even: float


@dataclass(frozen=True)
class Segments:
    """Segments, those that moved most first, no leaf in two; `level` is the ratio of actual to
    expected that everything else shares, 1 where nothing was taken out."""

    found: tuple[Found, ...]
    level: float


ALIKE = 0.01
"""Leaves outside the segments moved alike where the middle one did by more than this."""
STILL = 0.15
"""Fewer leaves than this outside all segments: everything moved."""
TRIES = 3
NOTHING = Segments((), 1.0)


def segments(leaves: Leaves, search: Search = Search()) -> Segments:
    """The segments of a change. Deterministic; the order of leaves does not matter."""
    if not leaves.actual.size:
        return NOTHING
    free = np.ones(leaves.actual.size, bool)
    found: list[Found] = []
    ratio = 1.0
    for number, dims in enumerate(bases(leaves)):
        own = _searched(rolled_up(leaves, dims, free), search)
        ratio = own.level if number == 0 else ratio
        for each in own.found:
            cell = tuple((dims[d], code) for d, code in each.cell)
            rows = np.flatnonzero(leaves.inside(cell) & free)
            free[rows] = False
            found.append(replace(each, cell=cell, rows=rows))
    change = leaves.actual - ratio * leaves.expected
    found.sort(key=lambda each: (-abs(float(change[each.rows].sum())), each.cell))
    return Segments(tuple(found[: search.most]), ratio)


def _searched(leaves: Leaves, search: Search) -> Segments:
    """The segments of leaves that are full enough."""
    if not any(size > 1 for size in leaves.sizes):
        return NOTHING
    ratio = 1.0
    hunt, found = _hunted(leaves, search, ratio)
    for _ in range(TRIES if search.moved else 0):
        alike = _alike(leaves, hunt)
        if abs(alike - ratio) < ALIKE * ratio:
            break
        ratio = alike
        hunt, found = _hunted(leaves, search, ratio)
    return Segments(_kept(leaves, search, ratio, (hunt, found)), ratio)


def _hunted(leaves: Leaves, search: Search, ratio: float) -> tuple[Hunt, list[Take]]:
    """The segments against what was expected times a ratio."""
    far = FAR if len(leaves.names) > 1 else ALONE
    known = deviations(leaves.actual, leaves.expected * ratio, far)
    hunt = Hunt(leaves, known, search.clear, search.change)
    return hunt, merged(leaves, known, hunt.all())


def _alike(leaves: Leaves, hunt: Hunt) -> float:
    """The ratio that leaves outside all segments share; of all leaves where hardly any is left: the
    segments then are one change of everything, cut up."""
    few = bool(hunt.free.sum() < STILL * leaves.actual.size)
    free = np.ones_like(hunt.free) if few else hunt.free
    pairs = ratios(leaves.actual[free], leaves.expected[free], hunt.coarse[free])
    return commonest(pairs[0]) if few else middle(*pairs)


def _kept(
    leaves: Leaves, search: Search, ratio: float, hunted: tuple[Hunt, list[Take]]
) -> tuple[Found, ...]:
    """Those that are clear and large enough, those that moved most first."""
    hunt, found = hunted
    expected = leaves.expected * ratio
    change = leaves.actual - expected
    apart = {cuboid.dims: spread(cuboid) for cuboid in hunt.rolled}
    told = [_told(leaves.actual, expected, each, apart) for each in found]
    sums = [abs(float(change[each.rows].sum())) for each in told]
    least = search.share * sum(sums)
    kept = [
        (size, each)
        for size, each in zip(sums, told, strict=True)
        if abs(each.score) >= search.clear and size >= least
    ]
    kept.sort(key=lambda pair: (-pair[0], pair[1].cell))
    return tuple(each for _, each in kept[: search.most])


def _told(
    all_actual: Floats, all_expected: Floats, found: Take, apart: dict[tuple[int, ...], float]
) -> Found:
    """With the score that is left where whole cells err together, and its evenness."""
    usual = apart.get(tuple(d for d, _ in found.cell), 1.0)
    actual, expected = all_actual[found.rows], all_expected[found.rows]
    total = expected.sum()
    ratio = actual.sum() / total if total else 0.0
    before = np.abs(actual - expected).sum()
    even = 1 - np.abs(actual - ratio * expected).sum() / before if before else 0.0
    return Found(found.cell, found.rows, found.score / usual, max(0.0, float(even)))
