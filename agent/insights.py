"""Frames to sentences: what a merchant could read aloud. Plain, exact, and silent where there is
nothing to say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from agent.metrics import formats
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.frames import Frame, Number
from agent.metrics.metric import Metric
from agent.metrics.questions import Ask, Question, Scope
from agent.ports import Shop
from agent.words import inner, mark, t

Answer = Callable[[Question], Frame]
BREAKDOWNS = ("country", "product_type", "channel", "customer_kind")
# A group is named when it made at least this share of the change, in the same direction.
TELLING = 0.4
_KINDS = {"new": mark("New customers"), "returning": mark("Returning customers")}
_MARK = "\x00"
_Mover = tuple[float, Decimal, str, str | None]


@dataclass(frozen=True)
class Sentence:
    """Text, and the same text in parts: the strong ones are the figures."""

    parts: tuple[tuple[str, bool], ...]

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.parts)


def lead(
    answer: Answer, scope: Scope, shop: Shop, metric: str = "net_sales"
) -> tuple[Sentence, ...]:
    """One or two sentences on how a metric moved within a scope, and which segment made most of
    it."""
    frame = answer(Ask((metric,)).within(scope))
    row = frame.metric(metric)
    first = headline(row, frame.total(metric), frame.before(metric), shop)
    if frame.before(metric) in (None, 0) or row.ratio:
        return (first,)
    second = _telling(answer, scope, row, shop)
    return (first, second) if second else (first,)


def headline(metric: Metric, now: Number, before: Number, shop: Shop) -> Sentence:
    """Net sales rose 8.1% to $412.6k."""
    label = t(metric.label)
    if now is None:
        return told(t("There is no {metric} to report in this period.", metric=inner(label)))
    value = strong(formats.number(now, metric.unit, shop.currency))
    change = formats.change(now, before, metric.unit, metric.good_up)
    if change.ratio is None:
        return told(t("{metric} came to {value}.", metric=label, value=value))
    if change.ratio == 0:
        return told(t("{metric} held at {value}.", metric=label, value=value))
    amount = change.text.lstrip("+−")
    said = {"metric": label, "amount": strong(amount.lstrip("×")), "value": value}
    if amount.startswith("×"):
        return told(t("{metric} rose {amount}-fold to {value}.", **said))
    if change.arrow == "↑":
        return told(t("{metric} rose {amount} to {value}.", **said))
    return told(t("{metric} fell {amount} to {value}.", **said))


def _telling(answer: Answer, scope: Scope, metric: Metric, shop: Shop) -> Sentence | None:
    fixed = {f.dimension for f in scope.filters}
    found: list[_Mover] = []
    for name in BREAKDOWNS:
        if name in fixed:
            continue
        frame = answer(Ask((metric.name,), (name,)).within(scope))
        found += _movers(frame, metric.name, name)
    if not found:
        return None
    share, moved, dimension, value = max(found, key=lambda item: item[0])
    if share < TELLING:
        return None
    said = {
        "name": _named(dimension, value),
        "amount": strong(formats.number(abs(moved), metric.unit, shop.currency)),
        "dimension": _by(dimension),
    }
    if moved > 0:
        return told(t("{name} made {amount} of the gain, the largest part by {dimension}.", **said))
    return told(t("{name} made {amount} of the fall, the largest part by {dimension}.", **said))


def _named(dimension: str, value: str | None) -> str:
    if dimension == "customer_kind" and value in _KINDS:
        return t(_KINDS[value])
    return formats.value_label(dimension, value)


def _by(dimension: str) -> str:
    if dimension == "customer_kind":
        return t("kind of customer")
    return inner(t(DIMENSIONS[dimension].label))


def _movers(frame: Frame, metric: str, dimension: str) -> list[_Mover]:
    """Groups that moved with the total, with their share of its change; never the whole."""
    if frame.previous is None or len(frame) < 2:
        return []
    whole = _number(frame.total(metric)) - _number(frame.before(metric))
    before = dict(zip(frame.previous.values(dimension), frame.previous.values(metric), strict=True))
    out: list[_Mover] = []
    for key, now in zip(frame.values(dimension), frame.values(metric), strict=True):
        moved = _number(now) - _number(before.get(key))
        if whole and moved * whole > 0 and key is not None and abs(moved) < abs(whole):
            out.append((float(moved / whole), moved, dimension, key))
    return out


def _number(value: Number) -> Decimal:
    return Decimal(str(value or 0))


def strong(text: str) -> str:
    """A figure of a sentence, marked for `told`: a language puts it where it belongs."""
    return f"{_MARK}{text}{_MARK}"


def told(text: str) -> Sentence:
    """A sentence in parts: what `strong` marked is strong."""
    parts = text.split(_MARK)
    return Sentence(tuple((part, place % 2 == 1) for place, part in enumerate(parts) if part))
