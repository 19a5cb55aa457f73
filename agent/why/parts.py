"""A change as segments, all others, and the total: parts that add up exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import fsum, isfinite, log

import numpy as np

from agent.why.cube import Floats, Leaves, Rows, Text
from agent.why.segments import Found, Search, segments
from agent.why.shapley import Ratio, rate_and_mix

SURE = 8.0
"""A segment that stands out this clearly among the leaves' own scatter is a signal."""
DIGITS, BEYOND = 6, 1e21
SIGNAL, UNCLEAR, NOISE = "signal", "unclear", "noise"


@dataclass(frozen=True)
class Part:
    """A part of a change. `where` is empty for all others, of which there are `count` leaves.

    `actual` and `expected` are its sums, of a ratio its two values; `change` is what it adds to the
    total's change (of a ratio: by its rate and by its weight), `share` of that; `surprise` is how
    its share of the whole moved (a term of the Jensen-Shannon divergence, in bits, 0 ... 1); `even`
    says how far all its leaves moved by the same ratio, 0 ... 1; `score` how clearly it stands out.
    """

    where: Mapping[str, Text]
    actual: Decimal
    expected: Decimal
    change: Decimal
    share: float
    surprise: float
    even: float
    score: float
    verdict: str
    count: int

    def to_json(self) -> dict[str, object]:
        return {
            "where": dict(self.where),
            "actual": float(self.actual),
            "expected": float(self.expected),
            "change": float(self.change),
            "share": round(self.share, DIGITS),
            "surprise": round(self.surprise, DIGITS),
            "even": round(self.even, 3),
            "score": round(self.score, 2),
            "verdict": self.verdict,
            "leaves": self.count,
        }


@dataclass(frozen=True)
class Explained:
    """`segments`, largest move first, and `others` add up to `total` in every figure that is a sum,
    and always in `change`. `level` is the ratio that all others share."""

    total: Part
    segments: tuple[Part, ...]
    others: Part
    level: float

    def to_json(self) -> dict[str, object]:
        keys = ("actual", "expected", "change")
        total, others = self.total.to_json(), self.others.to_json()
        return {
            "total": {key: total[key] for key in keys},
            "segments": [part.to_json() for part in self.segments],
            "others": {key: others[key] for key in (*keys, "share", "leaves")},
            "level": round(self.level, DIGITS),
        }


def explained(leaves: Leaves, search: Search = Search()) -> Explained:  # noqa: B008  # frozen
    """The segments of a change, all others, and the total. Sums are exact to a millionth. Leaves
    without a finite figure are the caller's to leave out."""
    sought = leaves if leaves.per is None else _at_old_rates(leaves)
    found = segments(sought, search)
    groups = [each.rows for each in found.found]
    rest = np.ones(leaves.actual.size, bool)
    for rows in groups:
        rest[rows] = False
    groups.append(np.flatnonzero(rest))
    parts = _sums(leaves, groups) if leaves.per is None else _ratios(leaves, groups)
    total, (*own, others) = parts[0], parts[1:]
    told = tuple(
        _said(replace(part, where=leaves.where(each.cell)), each)
        for part, each in zip(own, found.found, strict=True)
    )
    return Explained(total, told, others, found.level)


def _said(part: Part, found: Found) -> Part:
    verdict = SIGNAL if abs(found.score) >= SURE else UNCLEAR
    return replace(part, even=found.even, score=found.score, verdict=verdict)


def _at_old_rates(leaves: Leaves) -> Leaves:
    """Numerators against what they would be at the old rates: where rates moved. A leaf without an
    old rate has everybody's."""
    assert leaves.per is not None
    now, before = leaves.per
    everybody = leaves.expected.sum() / before.sum() if before.sum() else 0.0
    rate = np.divide(
        leaves.expected, before, out=np.full_like(before, everybody), where=before != 0
    )
    return replace(leaves, expected=rate * now, per=None)


def _sums(leaves: Leaves, groups: Sequence[Rows]) -> list[Part]:
    """The total, and each group's part."""
    actual, expected = _exact(leaves.actual), _exact(leaves.expected)
    pairs = [(_exact(leaves.actual[rows]), _exact(leaves.expected[rows])) for rows in groups[:-1]]
    left = tuple(whole - sum(each) for whole, each in _columns((actual, expected), pairs))
    total = _part((actual, expected), actual - expected, leaves.actual.size)
    return [total] + [
        _compared(_part(pair, pair[0] - pair[1], rows.size), total)
        for pair, rows in zip([*pairs, (left[0], left[1])], groups, strict=True)
    ]


def _columns(
    whole: tuple[Decimal, Decimal], pairs: Sequence[tuple[Decimal, Decimal]]
) -> list[tuple[Decimal, list[Decimal]]]:
    return [(whole[n], [pair[n] for pair in pairs]) for n in (0, 1)]


def _ratios(leaves: Leaves, groups: Sequence[Rows]) -> list[Part]:
    """The same of a ratio: what each group adds by its rate and by its weight, in equal parts of
    what both did."""
    assert leaves.per is not None
    now, before = leaves.per
    both = [
        (
            Ratio(fsum(leaves.expected[rows]), fsum(before[rows])),
            Ratio(fsum(leaves.actual[rows]), fsum(now[rows])),
        )
        for rows in groups
    ]
    effects = rate_and_mix([old for old, _ in both], [new for _, new in both])
    old = Ratio(fsum(leaves.expected), fsum(before)).value
    new = Ratio(fsum(leaves.actual), fsum(now)).value
    total = _part((_digits(new), _digits(old)), _digits(new) - _digits(old), leaves.actual.size)
    changes = [_digits(rate + mix) for rate, mix in effects[:-1]]
    changes.append(total.change - sum(changes, Decimal(0)))
    return [total] + [
        _compared(_part((_digits(b.value), _digits(a.value)), change, rows.size), total)
        for (a, b), change, rows in zip(both, changes, groups, strict=True)
    ]


def _part(pair: tuple[Decimal, Decimal], change: Decimal, count: int) -> Part:
    return Part({}, pair[0], pair[1], change, 0.0, 0.0, 0.0, 0.0, UNCLEAR, count)


def _compared(part: Part, total: Part) -> Part:
    share = float(part.change / total.change) if total.change else 0.0
    return replace(part, share=share, surprise=_surprise(part, total))


def _surprise(part: Part, total: Part) -> float:
    if total.actual <= 0 or total.expected <= 0:
        return 0.0
    before = max(0.0, float(part.expected / total.expected))
    after = max(0.0, float(part.actual / total.actual))
    middle = (before + after) / 2
    return sum(each * log(each / middle, 2) for each in (before, after) if each > 0) / 2


def _exact(column: Floats) -> Decimal:
    return _digits(fsum(column))


def _digits(number: float) -> Decimal:
    if not isfinite(number):
        return Decimal(0)
    # Beyond what a Decimal holds with these digits, a float has none behind the point.
    return round(Decimal(number), DIGITS) if abs(number) < BEYOND else Decimal(number)
