"""The checks, one row each: whether a shop's tables hold together, and whether they are alive."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from agent.quality import rhythm, structure, sums
from agent.quality.looking import Looking
from agent.records.checks import Finding
from agent.words import mark


@dataclass(frozen=True)
class Rule:
    """`tables` are those whose change makes the check worth repeating. A check gives one finding
    for each that the shop ever had rows in, so that what is mended is seen to be."""

    name: str
    label: str
    tables: tuple[str, ...]
    look: Callable[[Looking], Iterable[Finding]]


CHECKS: tuple[Rule, ...] = (
    Rule(structure.KEYS, mark("Unique keys"), structure.KEYED, structure.unique_keys),
    Rule(structure.ORPHANS, mark("Orphans"), ("orders", "sales"), structure.orphans),
    Rule(structure.VALUES, mark("Possible values"), structure.DATED, structure.possible_values),
    Rule(sums.DAILY, mark("Sums of days"), ("orders", "sales"), sums.daily),
    Rule(sums.CUSTOMERS, mark("Sums of customers"), ("orders", "sales"), sums.customers),
    Rule(rhythm.FRESH, mark("Freshness"), rhythm.LIVING, rhythm.freshness),
    Rule(rhythm.DROP, mark("Row counts"), rhythm.LIVING, rhythm.drops),
    Rule(rhythm.DAYS, mark("Whole days"), ("orders",), rhythm.whole_days),
)
