"""What is printed of a change: rounded together, so that it adds up as it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from babel.numbers import get_currency_precision

from agent.metrics import formats
from agent.why.bridges import Bridge, Step
from agent.why.changes import Segment
from agent.why.explanation import Explanation
from agent.why.shapley import to_cents

LARGE = 1000
"""From here on cents are noise in a list that adds up."""
POINTS = Decimal("0.0001")


@dataclass(frozen=True)
class Amounts:
    """What is printed of a change: `segments` and `others` add up to `total` as they are read."""

    segments: tuple[Decimal, ...]
    others: Decimal
    total: Decimal


@dataclass(frozen=True)
class Stepped:
    """What is printed of a bridge: `before` and the `steps` add up to `after` as they are read."""

    before: Decimal
    steps: tuple[tuple[Step, Decimal], ...]
    after: Decimal


def ranked(found: Explanation) -> list[Segment]:
    """All of them, the largest change first."""
    return sorted(found.why.segments, key=lambda one: -abs(one.part.change))


def amounts(found: Explanation) -> Amounts:
    """Of the ranked segments, all others, and the whole."""
    unit = unit_of(found)
    total = found.moved.quantize(unit)
    exact = [Fraction(one.part.change) for one in ranked(found)] + [Fraction(found.others)]
    *segments, others = to_cents(exact, total, unit)
    return Amounts(tuple(segments), others, total)


def unit_of(found: Explanation) -> Decimal:
    """What its list is rounded to."""
    unit, largest = found.metric.unit, max(map(abs, (found.moved, *_changes(found))))
    if unit == "count" or (unit == "money" and largest >= LARGE):
        return Decimal(1)
    return _finest(found)


def _changes(found: Explanation) -> Sequence[Decimal]:
    return [one.part.change for one in found.why.segments]


def signed(found: Explanation, value: Decimal) -> str:
    """+$17,640, −0.20 pp: as it stands in a list that adds up."""
    sign = "+" if value > 0 else formats.MINUS if value < 0 else ""
    return sign + amount(found, abs(value))


def amount(found: Explanation, value: Decimal, *, short: bool = False) -> str:
    """Without its sign: as a list adds it up, or `short` as a sentence has it."""
    unit = found.metric.unit
    if unit == "percent":
        return formats.change(float(value), 0.0, unit).text.lstrip("+")
    if short:
        return formats.number(value, unit, found.currency)
    rounded = unit_of(found) == 1 and unit != "days"
    return formats.number(value, unit, found.currency, "full" if rounded else "exact")


def stepped(found: Explanation, bridge: Bridge, *, exact: bool = False) -> Stepped:
    """A bridge's steps, those without any change left out; `exact` to the last digit that its
    metric is written with."""
    unit = _finest(found) if exact else unit_of(found)
    before, after = (value.quantize(unit) for value in (bridge.before, bridge.after))
    changes = to_cents([Fraction(step.change) for step in bridge.steps], after - before, unit)
    steps = zip(bridge.steps, changes, strict=True)
    return Stepped(before, tuple((step, change) for step, change in steps if change), after)


def _finest(found: Explanation) -> Decimal:
    if found.metric.unit == "percent":
        return POINTS
    digits = get_currency_precision(found.currency) if found.metric.unit == "money" else 2
    return Decimal(1).scaleb(-digits)
