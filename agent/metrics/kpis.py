"""People's own metrics: formulas over the catalogue and over each other, written out until only
measures are left, so that a KPI is a metric like any other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from keyword import iskeyword
from typing import Protocol

from agent.errors import Refused
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.formulas import Formula, Name, Pair, Sign, parse, walk
from agent.metrics.metric import Metric, Unit
from agent.words import mark, t

HIGHEST = 20
DEFINED = mark("Defined here as {formula}.")
"""Of a KPI that nobody described. Answers keep it in English; `words.retold` says it."""


class Row(Protocol):
    """What a KPI is made from; `formula` names metrics and other KPIs."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def unit(self) -> Unit: ...
    @property
    def formula(self) -> str: ...
    @property
    def good_up(self) -> bool: ...
    @property
    def definition(self) -> str: ...


@dataclass(frozen=True)
class Read:
    """`metrics` work; `left_out` says of each other KPI why it does not."""

    metrics: Mapping[str, Metric]
    left_out: Mapping[str, str]


def build(rows: Iterable[Row], builtin: Mapping[str, Metric]) -> Mapping[str, Metric]:
    """The KPIs that work, by name; one that does not is left out and breaks no other question."""
    return read(rows, builtin).metrics


def read(rows: Iterable[Row], builtin: Mapping[str, Metric]) -> Read:
    """Every KPI as a metric, or the sentence that says why it is none."""
    house = _House({row.name: row for row in rows}, builtin)
    metrics: dict[str, Metric] = {}
    left_out: dict[str, str] = {}
    for name, row in house.rows.items():
        try:
            metrics[name] = house.metric(row)
        except Refused as refused:
            left_out[name] = str(refused)
    return Read(metrics, left_out)


def check(rows: Sequence[Row], builtin: Mapping[str, Metric], name: str) -> Metric:
    """The KPI of that name among the rows as they will be. Raises Refused where its name is taken
    or its formula makes no sense, or where another KPI that uses it would no longer work."""
    _check_name(name, builtin)
    found = read(rows, builtin)
    for other in (name, *_above(rows, name)):
        if other in found.left_out:
            raise Refused(found.left_out[other])
    return found.metrics[name]


def check_removed(rows: Iterable[Row], name: str) -> None:
    """Raises Refused, naming them, where KPIs that stay use one that goes."""
    users = [row.label for row in rows if name in _names(row)]
    if users:
        raise Refused(
            t("{name} is used by {users}.", name=name, users=t(" and ").join(users)),
            hint=t("Change or remove those first."),
        )


def in_words(formula: str, metrics: Mapping[str, Metric]) -> str:
    """A formula with the metrics' labels: "Net sales / Sessions". Raises Refused as `parse`."""
    labels = {name: Formula(row.label, Name(row.label)) for name, row in metrics.items()}
    return parse(formula, metrics.keys()).expanded(labels.__getitem__).text


@dataclass(frozen=True)
class _House:
    """All rows, and what of them is written out already."""

    rows: Mapping[str, Row]
    builtin: Mapping[str, Metric]
    done: dict[str, Formula] = field(default_factory=dict)
    storeys: dict[str, int] = field(default_factory=dict)

    @cached_property
    def known(self) -> tuple[str, ...]:
        return (*self.builtin, *self.rows)

    def metric(self, row: Row) -> Metric:
        _check_name(row.name, self.builtin)
        formula = self.expanded(row.name, ())
        bases = parse(row.formula).names
        sources = [self.builtin[name].source for name in self._roots(bases)]
        return Metric(
            name=row.name,
            label=row.label,
            unit=row.unit,
            definition=row.definition or DEFINED.format(formula=row.formula),
            formula=formula.text,
            good_up=row.good_up,
            source=", ".join(dict.fromkeys(sources)),
            own=True,
        )

    def expanded(self, name: str, path: tuple[str, ...]) -> Formula:
        """What a name stands for, in measures. Raises Refused, naming the KPI at fault."""
        if name in self.builtin:
            return self.builtin[name].parsed
        if name in path:
            circle = " → ".join((*path[path.index(name) :], name))
            raise Refused(
                t(
                    "{label} is defined by itself: {circle}.",
                    label=self.rows[name].label,
                    circle=circle,
                )
            )
        if len(path) >= HIGHEST or self.storeys.get(name, 0) + len(path) > HIGHEST:
            raise Refused(
                t(
                    "{label} stands on more than {count} KPIs, one upon another.",
                    label=self.rows[path[0]].label,
                    count=HIGHEST - 1,
                )
            )
        if name not in self.done:
            self.done[name] = self._written_out(self.rows[name], (*path, name))
        return self.done[name]

    def _written_out(self, row: Row, path: tuple[str, ...]) -> Formula:
        try:
            formula = parse(row.formula, self.known)
        except Refused as refused:
            raise _named(row, refused) from refused
        whole = formula.expanded(lambda name: self.expanded(name, path))
        below = (self.storeys.get(name, 0) for name in formula.names)
        self.storeys[row.name] = 1 + max(below, default=0)
        try:
            return _sound(whole)
        except Refused as refused:
            raise _named(row, refused) from refused

    def _roots(self, names: Iterable[str]) -> list[str]:
        """The catalogue's metrics that names come down to."""
        out: list[str] = []
        for name in names:
            own = self.rows.get(name) if name not in self.builtin else None
            out += [name] if own is None else self._roots(parse(own.formula).names)
        return out


def _sound(whole: Formula) -> Formula:
    """A formula in measures that can be kept as text and never divides by what is always zero."""
    for node in walk(whole.tree):
        divisor = node.right if isinstance(node, Pair) and node.sign == "/" else None
        if divisor and Formula("", divisor).value(_sample, _Exact()) == 0:
            raise Refused(t("It divides by what is always zero."))
    try:
        return parse(whole.text)
    except Refused as refused:
        raise Refused(
            t("Written out in full it cannot be used: {message}", message=refused.message),
            hint=t("Make it simpler."),
        ) from refused


class _Exact:
    """Arithmetic without rounding: what comes to zero here is zero whatever the figures are."""

    def constant(self, value: float) -> Fraction | None:
        return Fraction(value)

    def minus(self, value: Fraction | None) -> Fraction | None:
        return None if value is None else -value

    def pair(self, sign: Sign, left: Fraction | None, right: Fraction | None) -> Fraction | None:
        if left is None or right is None:
            return None
        if sign == "/":
            return left / right if right else None
        return {"+": left + right, "-": left - right, "*": left * right}[sign]


def _sample(name: str) -> Fraction | None:
    """A figure of a measure's own that no formula hits by chance."""
    return Fraction(int.from_bytes(hashlib.sha256(name.encode()).digest()[:9]))


def _check_name(name: str, builtin: Mapping[str, Metric]) -> None:
    measures = {measure for metric in builtin.values() for measure in metric.measures}
    if name in builtin or name in measures:
        raise Refused(t("{name} is a built-in metric.", name=name), hint=t("Choose another name."))
    if name.removesuffix("_label") in DIMENSIONS or iskeyword(name):
        raise Refused(
            t("{name} cannot be a KPI's name.", name=name), hint=t("Choose another name.")
        )


def _named(row: Row, refused: Refused) -> Refused:
    return Refused(
        t("{label}: {message}", label=row.label, message=refused.message), hint=refused.hint
    )


def _names(row: Row) -> tuple[str, ...]:
    try:
        return parse(row.formula).names
    except Refused:
        return ()


def _above(rows: Iterable[Row], name: str) -> list[str]:
    """Every KPI that uses one, directly or through others."""
    rows, found = list(rows), [name]
    for base in found:
        found += [row.name for row in rows if base in _names(row) and row.name not in found]
    return found[1:]
