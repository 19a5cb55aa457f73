"""Causes found in made cases (RiskLoc's S, restricted to one and two dimensions, and harder noise),
beside single values ranked by what they moved; and what a change of a million order lines costs.

Quality is counted as published: a segment is right only if it is exactly a cause. Cases are drawn
from seeds that no choice was made on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Set

import numpy as np

from agent.why.changes import Wish, why
from agent.why.cube import Leaves
from agent.why.segments import segments
from benchmarks.measuring import Figure, middle
from benchmarks.million import LAST, SHOP, batch
from benchmarks.rooms import Room, opened
from benchmarks.why_cases import Case, Kind, Where, case

SEED, CASES, QUICK_CASES = 7_022, 100, 2
KINDS = {
    "S, causes of one or two dimensions": (Kind(), 0.75),
    "the same, severity may drown in noise": (Kind(clear=False), None),
    "the same, dimensions err together": (Kind(style="shared"), None),
    "the same, heavy-tailed noise": (Kind(style="heavy"), None),
    "the same, all expected 7% too high": (Kind(bias=0.07), None),
    "S as published, one to five dimensions": (Kind(depths=(1, 5)), None),
}
GOAL_MS, GOAL_CHANGE_MS = 50.0, 300.0
PERIOD = f"shop={SHOP.shop_id}&from=2026-10-20&to={LAST.isoformat()}"
EXPLAINS = 0.67
"""Where the floor stops: so much of the change is then explained."""


def run(room: Room) -> list[Figure]:
    count = QUICK_CASES if room.quick else CASES
    figures = []
    for name, (kind, goal) in KINDS.items():
        cases = [case(np.random.default_rng([SEED, n]), kind) for n in range(count)]
        ours, spent = _scored(cases, _ours)
        floor, _ = _scored(cases, _by_value)
        figures.append(Figure(f"F1: {name}", ours, "", floor or None, "single values", goal, True))
        if kind == Kind():
            figures.append(Figure("A case, from leaves", spent, "ms CPU", goal=GOAL_MS))
    return [*figures, *_changes(room)]


def _scored(cases: list[Case], find: Callable[[Leaves], Set[Where]]) -> tuple[float, float]:
    """F1 over all cases, and milliseconds a case."""
    right = said = there = 0
    spent = 0.0
    for made in cases:
        leaves = leaves_of(made)
        began = time.process_time()
        found = find(leaves)
        spent += time.process_time() - began
        right += len(found & made.causes)
        said, there = said + len(found), there + len(made.causes)
    return 2 * right / (said + there), 1000 * spent / len(cases)


def leaves_of(made: Case) -> Leaves:
    values = tuple(
        tuple(f"{name}{n + 1}" for n in range(int(code.max()) + 1))
        for name, code in zip(made.names, made.codes, strict=True)
    )
    return Leaves(made.names, values, made.codes, made.actual, made.expected)


def _ours(leaves: Leaves) -> Set[Where]:
    return {frozenset(leaves.where(each.cell).items()) for each in segments(leaves).found}  # type: ignore[misc]


def _by_value(leaves: Leaves) -> Set[Where]:
    """The floor: in the dimension that needs fewest, the values that moved most, until two thirds
    of the change are there."""
    change = leaves.actual - leaves.expected
    best: tuple[int, Set[Where]] | None = None
    for name, values, codes in zip(leaves.names, leaves.values, leaves.codes, strict=True):
        sums = np.bincount(codes, change, len(values)) * np.sign(change.sum())
        order = np.argsort(-sums)
        enough = int(np.searchsorted(np.cumsum(sums[order]), EXPLAINS * sums.sum())) + 1
        found = {frozenset({(name, str(values[n]))}) for n in order[:enough]}
        if best is None or len(found) < best[0]:
            best = len(found), found
    return best[1] if best else set()


def _changes(room: Room) -> list[Figure]:
    """28 days against the 28 before, in a server that was started anew, and again."""
    services = opened(room.folder / "million")
    try:
        services.warehouse.merge(batch(6_000 if room.quick else 1_000_000))
        scope = services.scope(PERIOD)
        few = Wish(bridges=False, past=False)

        def whole() -> None:
            why(services, scope, "net_sales")

        first = middle(lambda: why(services, scope, "net_sales", wish=few), 1).cpu
        services.engine.forget()
        begun = middle(whole, 1).cpu
        short = middle(
            lambda: why(services, scope, "net_sales", wish=few), room.runs, services.engine.forget
        ).cpu
        full = middle(whole, room.runs, services.engine.forget).cpu
    finally:
        services.close()
    title = "Net sales of a million lines, six dimensions"
    return [
        Figure(title, 1000 * short, "ms CPU", 1000 * first, "the first", GOAL_CHANGE_MS),
        Figure(
            f"{title}, with bridges and a year's past",
            1000 * full,
            "ms CPU",
            1000 * begun,
            "the first",
            GOAL_CHANGE_MS,
        ),
    ]
