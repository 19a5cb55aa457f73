"""From what was judged to the findings that people read: one incident is one finding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from math import isfinite
from typing import Any

import numpy as np

from agent.anomalies import said
from agent.anomalies.around import KEY, Around, cut
from agent.anomalies.choosing import Group, chosen, matters
from agent.anomalies.fitted import Mixed
from agent.anomalies.judged import Incident, Judged
from agent.anomalies.series import PARTED, Watched
from agent.anomalies.severity import gravest
from agent.anomalies.worth import Worth
from agent.forecasting.series import Floats, Step
from agent.metrics.metric import Metric
from agent.records.findings import Finding

RECENT: Mapping[Step, int] = {Step.HOUR: 48, Step.DAY: 90, Step.WEEK: 26}
"""How many steps back an incident may have ended and still be kept as a finding."""
SEEN_TOO = 0.05
"""The share of the expected from which another figure is said to be part of a finding."""
COMES_ALWAYS = ("net_sales", "orders", "sessions")
"""What an open shop has every day: without any, something is broken."""
NEAR = 1
"""Steps that may lie between two sightings of one incident."""


@dataclass(frozen=True)
class Naming:
    """The findings of one look, with the ids of the former ones that they go on."""

    seen: Watched
    judged: Judged
    mixed: Mixed
    before: tuple[Finding, ...]
    budget: float = 0.3
    finer: tuple[Finding, ...] = ()

    def findings(self) -> list[Finding]:
        """Those that ended lately and matter. An incident that was known keeps its id; of two that
        were one, the later one goes on. What the hours have told is not told again of its day."""
        steps = self.seen.dates.size
        first = steps - RECENT[self.seen.panel.step]
        recent = [one for one in self.judged.incidents if one.last >= first and self._news(one)]
        groups = chosen(self._worth, recent, self.budget)
        mixtures = [Group(one) for one in self._together(recent, first)]
        groups += [one for one in mixtures if matters(self._worth, one)]
        found = [self._finding(one) for one in groups]
        return list(_once(one for one in found if not self._told(one)))

    @cached_property
    def _worth(self) -> Worth:
        return Worth(self.seen, self.judged)

    def _told(self, one: Finding) -> bool:
        """Whether findings of shorter steps say the same: of hours, a day; of days, a week. Not
        what has gone on for longer than one."""
        if one.finding_id or one.first != one.last:
            return False
        return any(
            _touch(old, one) and _below(old) == _below(one) and names_of(old) & names_of(one)
            for old in self.finer
        )

    def _together(self, recent: list[Incident], first: int) -> list[Incident]:
        """Days whose mixture is odd though no single figure of the shop was: the one that strayed
        most stands for it."""
        alone = {
            column
            for one in recent
            if not self.seen.rows[one.row].dimension
            for column in range(one.first, one.last + 1)
        }
        found = zip(self.mixed.columns, self.mixed.scores, self.mixed.leading, strict=True)
        return [
            self._mixture(int(row), int(column), float(score))
            for column, score, row in found
            if column >= first and column not in alone
        ]

    def _mixture(self, row: int, column: int, score: float) -> Incident:
        values = (self.seen.panel.values, self.judged.expected, self.judged.lo, self.judged.hi)
        actual, expected, low, high = (float(table[row, column]) for table in values)
        over = column < self.seen.dates.size - 1
        direction = 1 if actual >= expected else -1
        return Incident(
            *(row, "together", column, column, column, over, direction, score),
            *(actual, expected, low, high),
        )

    def _news(self, one: Incident) -> bool:
        """A day without any of what nobody wants, such as reversals, is nothing missing."""
        metric = self.seen.rows[one.row].metric
        values = np.nan_to_num(self.seen.panel.values[one.row, one.first : one.last + 1])
        nothing = one.kind == "missing" or not values.any()
        return not nothing or metric.name in COMES_ALWAYS

    def _finding(self, group: Group) -> Finding:
        one = group.lead
        row = self.seen.rows[one.row]
        first, last = (_text(self.seen.dates[at], self.seen.panel.step) for at in _span(one))
        made = Finding(
            shop_id=self.seen.shop.shop_id,
            metric=row.metric.name,
            step=self.seen.panel.step.value,
            kind=one.kind,
            severity=gravest(self._worth, group),
            first=first,
            last=last,
            dimension=row.dimension,
            member=row.member,
            over=one.over,
            score=float(one.score),
            content={KEY: self._around(one).to_json(), **self._more(group)},
        )
        made = replace(made, **self._sums(one, row.metric))  # type: ignore[arg-type]
        known = next((old for old in self.before if _goes_on(old, made)), None)
        return made if known is None else replace(made, finding_id=known.finding_id)

    def _more(self, group: Group) -> dict[str, Any]:
        """What a figure that is no money is worth, and what else is part of the finding."""
        row = self.seen.rows[group.lead.row]
        money = None if row.metric.name == PARTED else self._worth.of(group.lead)
        shares = [(self.seen.rows[one.row].name, self._worth.share(one)) for one in group.also]
        also = [
            [*name.split("|", 2), round(share, 4)]
            for name, share in shares
            if isfinite(share) and abs(share) >= SEEN_TOO
        ]
        told: dict[str, Any] = {} if money is None else {"money": round(money, 2)}
        return {**told, said.ALSO: also} if also else told

    def _around(self, one: Incident) -> Around:
        tables = (self.seen.panel.values, self.judged.expected, self.judged.lo, self.judged.hi)
        whole = Around(self.seen.dates, *(table[one.row] for table in tables))
        return cut(whole, *_span(one))

    def _sums(self, one: Incident, metric: Metric) -> dict[str, float | None]:
        """Over the incident's steps: sums of what adds up, means of what does not."""
        span = slice(one.first, one.last + 1)
        tables = {
            "actual": self.seen.panel.values[one.row, span],
            "expected": self.judged.expected[one.row, span],
            "low": self.judged.lo[one.row, span],
            "high": self.judged.hi[one.row, span],
        }
        known = np.isfinite(tables["expected"])
        if one.kind != "missing":
            known &= np.isfinite(tables["actual"])
        return {name: _folded(table[known], metric.ratio) for name, table in tables.items()}


def _span(one: Incident) -> tuple[int, int]:
    return one.first, one.last


def _text(date: np.datetime64, step: Step) -> str:
    return str(date.astype("datetime64[h]" if step is Step.HOUR else "datetime64[D]"))


def _folded(values: Floats, ratio: bool) -> float | None:
    known = values[np.isfinite(values)]
    if not values.size:
        return None
    if ratio:
        return float(known.mean()) if known.size else None
    return float(known.sum())


def names_of(one: Finding) -> set[tuple[str, str, str]]:
    """The series that a finding is about: metric, dimension and member, of itself and of what else
    is part of it."""
    also = {(str(part[0]), str(part[1]), str(part[2])) for part in one.content.get(said.ALSO, ())}
    return {(one.metric, one.dimension, one.member), *also}


def _below(one: Finding) -> bool:
    return (one.actual or 0.0) < (one.expected or 0.0)


def _goes_on(old: Finding, new: Finding) -> bool:
    """Whether two sightings are of one incident: a series in common, days that touch."""
    return bool(names_of(old) & names_of(new)) and _touch(old, new)


def _touch(old: Finding, new: Finding) -> bool:
    length = said.LENGTHS.get(new.step, timedelta(days=1))
    first, last = said.moment(old.first), said.moment(old.last)
    begins, ends = said.moment(new.first), said.moment(new.last)
    return first <= ends + NEAR * length and begins <= last + NEAR * length


def _once(found: Iterable[Finding]) -> Iterable[Finding]:
    """Two incidents do not go on the same finding: the one that ends last does."""
    taken: set[str] = set()
    for one in sorted(found, key=lambda made: made.last, reverse=True):
        if one.finding_id and one.finding_id in taken:
            yield replace(one, finding_id="")
            continue
        taken.add(one.finding_id)
        yield one
