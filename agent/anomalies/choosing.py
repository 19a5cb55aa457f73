"""Which incidents are worth telling, and which of them are one.

An incident is told where it is no likely chance among all that were looked at on that step, and
where it would matter: so much of what was expected, and so much of the shop's sales. What begins
together on one side is one finding, told at the level that explains it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from agent.anomalies.discovery import MONTH, kept, often
from agent.anomalies.judged import Incident
from agent.anomalies.worth import SALES, Worth

FALSE = 0.1
"""Of what is told on a step, no more than this share is to be chance."""
LEADS = (
    *("net_sales", "orders", "sessions", "conversion_rate"),
    *("average_order_value", "sales_reversals", "cac"),
)
"""Of several figures of the whole shop the first one speaks for all."""
TOGETHER = 2
"""Steps that may lie between the beginnings of what is one."""
EXPLAINS, MORE = 0.7, 1.5
"""A part speaks for the whole where it has so much of the whole's gap, and strayed so many times as
far as the whole did."""


@dataclass(frozen=True)
class Bar:
    """What an incident needs to be told: a share of what was expected, and usual days of the
    shop's sales (of weeks, usual weeks)."""

    share: float
    days: float


BAD, GOOD = Bar(0.10, 0.15), Bar(0.25, 0.60)
LASTING = ("shift", "trend")
GONE = Bar(0.0, 0.03)
"""Missing data is told sooner: what is broken stays broken."""
PRICELESS = 0.25
"""The share for what has no price."""


@dataclass(frozen=True)
class Group:
    """One finding: the incident that speaks for it, and the others that are part of it."""

    lead: Incident
    also: tuple[Incident, ...] = ()


def chosen(worth: Worth, incidents: Iterable[Incident], budget: float) -> list[Group]:
    """The findings among incidents that were judged with this budget, in the order of time."""
    likely = _discovered(worth, _joined(worth, incidents), budget)
    groups = [one for one in _groups(worth, likely) if matters(worth, one)]
    return sorted(groups, key=lambda one: (one.lead.first, one.lead.row))


def better(worth: Worth, one: Incident) -> bool:
    """Whether it is good news."""
    return (worth.share(one) > 0) == worth.seen.rows[one.row].metric.good_up


def _joined(worth: Worth, incidents: Iterable[Incident]) -> list[Incident]:
    """Incidents of one series and side that follow upon each other are one, named when the first
    was; what lasts names the kind."""
    found: list[Incident] = []
    for one in sorted(incidents, key=lambda one: (one.row, one.first)):
        before = found[-1] if found and found[-1].row == one.row else None
        if before is None or not _follows(worth, before, one):
            found.append(one)
            continue
        found[-1] = replace(
            one,
            kind=one.kind if one.kind in LASTING else before.kind,
            first=min(before.first, one.first),
            last=max(before.last, one.last),
            named=min(before.named, one.named),
            score=max(before.score, one.score),
        )
    return found


def _follows(worth: Worth, before: Incident, one: Incident) -> bool:
    same = better(worth, before) == better(worth, one)
    missing = (before.kind == "missing") == (one.kind == "missing")
    return same and missing and one.first <= before.last + 1


def _discovered(worth: Worth, incidents: list[Incident], budget: float) -> list[Incident]:
    """Those of each step that are no likely chance among all series of that step: the shop's own
    figures among themselves, and its parts, which are many, among themselves."""
    month, needed = MONTH[worth.seen.panel.step], worth.judged.needed
    part = [bool(row.dimension) for row in worth.seen.rows]
    families: dict[tuple[int, bool], list[Incident]] = {}
    for one in incidents:
        families.setdefault((one.named, part[one.row]), []).append(one)
    found = []
    for (step, parts), some in families.items():
        peaks = np.array([one.score for one in some])
        chances = np.ones(part.count(parts))
        chances[: len(some)] = often(peaks, float(needed[step]), budget) / month
        fine = kept(chances, FALSE)[: len(some)]
        found += [one for one, sure in zip(some, fine, strict=True) if sure]
    return found


def matters(worth: Worth, group: Group) -> bool:
    """Whether it is worth telling, by its own figures or by those of the others in it."""
    return any(_enough(worth, one) for one in (group.lead, *group.also))


def _enough(worth: Worth, one: Incident) -> bool:
    good, share, days = better(worth, one), abs(worth.share(one)), worth.days(one)
    if days is None:
        return share >= PRICELESS * (2 if good else 1)
    bar = GONE if one.kind == "missing" else GOOD if good else BAD
    return share >= bar.share and abs(days) >= bar.days


def _groups(worth: Worth, incidents: Sequence[Incident]) -> Iterable[Group]:
    """The first of a step's figures takes in what began with it."""
    left = sorted(incidents, key=lambda one: _rank(worth, one))
    while left:
        first, *others = left
        mine = [one for one in others if _one_of(worth, first, one)]
        left = [one for one in others if one not in mine]
        yield _led(worth, first, mine)


def _rank(worth: Worth, one: Incident) -> tuple[bool, int, float]:
    """The whole before its parts; of parts the one that is worth most."""
    row = worth.seen.rows[one.row]
    place = LEADS.index(row.metric.name) if row.metric.name in LEADS else len(LEADS)
    return bool(row.dimension), place, -abs(worth.days(one) or 0.0)


def _one_of(worth: Worth, first: Incident, other: Incident) -> bool:
    """Whether two incidents are one: on one side, together in time, begun or named together."""
    apart = max(first.first, other.first) - min(first.last, other.last)
    begun = abs(first.first - other.first) <= TOGETHER
    named = abs(first.named - other.named) <= TOGETHER
    return apart <= 1 and (begun or named) and better(worth, first) == better(worth, other)


def _led(worth: Worth, first: Incident, others: Sequence[Incident]) -> Group:
    """A part that explains the gap of the whole speaks for it."""
    rows = worth.seen.rows
    whole = worth.of(first)
    if rows[first.row].dimension or not whole:
        return Group(first, tuple(others))
    parts = [
        one for one in others if rows[one.row].dimension and rows[one.row].metric.name == SALES
    ]
    shares: Mapping[int, float] = {one.row: (worth.of(one) or 0.0) / whole for one in parts}
    for part in sorted(parts, key=lambda one: -shares[one.row]):
        farther = abs(worth.share(part)) >= MORE * abs(worth.share(first))
        if shares[part.row] >= EXPLAINS and farther:
            return Group(part, (first, *(one for one in others if one is not part)))
    return Group(first, tuple(others))
