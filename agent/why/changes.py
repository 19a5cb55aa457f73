"""Why a figure changed: bridges to the cent, the segments behind it, what else happened then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Literal

from agent.errors import Refused
from agent.metrics.catalogue import METRICS
from agent.metrics.frames import Frame, Number
from agent.metrics.knowing import unknown_by
from agent.metrics.metric import Metric
from agent.metrics.questions import Ask, Scope
from agent.why.bridges import Bridge, Goods, by_funnel, by_goods, by_kind, of_ratio
from agent.why.leaves import Change, change, parts_of
from agent.why.matching import Holiday, Match, fitting, matches
from agent.why.noise import judged
from agent.why.parts import Explained, Part, explained
from agent.why.segments import Search
from agent.words import t

if TYPE_CHECKING:
    from agent.services import Services

SEGMENTS = 6
"""As many as a person reads."""
CLEAR = 4.5
"""What stands out less clearly is then still held against its own past."""
ONCE = Decimal(1)


@dataclass(frozen=True)
class Segment:
    """A part of the change, and what else happened to it then."""

    part: Part
    matches: tuple[Match, ...]


@dataclass(frozen=True)
class Why:
    """`before` is what the figure was, or was expected to be: `against` says which. Each bridge,
    and the segments with `others`, add up to the change. `matches` are of the whole."""

    metric: Metric
    scope: Scope
    before: Number
    after: Number
    bridges: tuple[Bridge, ...]
    segments: tuple[Segment, ...]
    others: Part
    total: Part
    matches: tuple[Match, ...]
    against: Literal["before", "expected"] = "before"

    @property
    def change(self) -> Decimal:
        return self.total.change


@dataclass(frozen=True)
class Wish:
    """How much of it is wanted: without `bridges` or `past` fewer questions are asked. `holidays`
    are those of both periods."""

    bridges: bool = True
    past: bool = True
    holidays: Sequence[Holiday] = ()
    search: Search = Search(most=SEGMENTS, clear=CLEAR)  # noqa: RUF009  # frozen


def why(
    services: Services,
    scope: Scope,
    metric: str,
    *,
    expected: float | None = None,
    wish: Wish = Wish(),  # frozen
) -> Why:
    """Why a metric is not what it was in the period compared with, or not what was `expected` of
    it: that then is spread over leaves and factors in the proportions of before. Raises Refused
    where nothing is compared with or nothing can be searched; NotFound and Unavailable as
    `answer`."""
    found = change(services, scope, metric)
    ratio = None if expected is None else _ratio(found, expected)
    if expected is not None and ratio is not None:
        found = _against(found, expected, ratio)
    told = explained(found.leaves, wish.search)
    parts = judged(services, found, told.segments) if wish.past else told.segments
    beside = matches(services, scope, wish.holidays)
    segments = tuple(Segment(part, fitting(beside, part.where)) for part in parts)
    bridges = _bridges(services, found, ratio) if wish.bridges else ()
    return Why(
        found.metric,
        scope,
        found.before,
        found.after,
        bridges,
        segments,
        told.others,
        told.total,
        fitting(beside, {}),
        "before" if ratio is None else "expected",
    )


def _ratio(found: Change, expected: float) -> float | None:
    """How many times the figure of before was expected; None where there was none, or one of the
    other sign: it then says nothing of what was expected. Raises Refused."""
    if not isfinite(expected):
        raise Refused(t("What was expected is no figure."))
    leaves = found.leaves
    was = float(leaves.expected.sum())
    below = 1.0 if leaves.per is None else float(leaves.per[1].sum())
    whole = was / below if below else 0.0
    return expected / whole if whole and expected / whole >= 0 else None


def _against(found: Change, expected: float, ratio: float) -> Change:
    """The same leaves, what was expected in the place of what was: each by the same ratio."""
    leaves = found.leaves
    return replace(found, leaves=replace(leaves, expected=leaves.expected * ratio), before=expected)


def _bridges(services: Services, found: Change, ratio: float | None) -> tuple[Bridge, ...]:
    """The bridges that a metric has: net sales by funnel, goods and customers; a ratio by its
    parts. Nobody forecasts factors: by `ratio` all that is counted was expected alike, so that
    rates and prices were expected to stay."""
    metric, times = found.metric, ONCE if ratio is None else Decimal(ratio)
    columns = parts_of(metric)
    if len(columns) == 2:
        ask = Ask(tuple(row.name for row in columns), defined=columns)
        frame = services.answer(ask.within(found.scope), told=False)
        before, after = (tuple(each.values()) for each in _sides(frame, ask.metrics))
        return (of_ratio((_times(before[0], times), before[1]), (after[0], after[1])),)
    if metric.name != "net_sales":
        return ()
    was, now = _figures(services, found.scope)
    figures = ({name: _times(value, times) for name, value in was.items()}, now)
    kinds = _by(services, found.scope, ("net_sales",), "customer_kind")
    goods = _by(services, found.scope, ("units_ordered", "gross_sales"), "product")
    return (
        by_funnel(*figures),
        by_goods(_goods(goods[0], times), _goods(goods[1]), figures),
        by_kind(_kinds(kinds[0], times), _kinds(kinds[1])),
    )


def _times(value: Number, times: Decimal) -> Number:
    return None if value is None else Decimal(str(value)) * times


def _figures(services: Services, scope: Scope) -> tuple[Mapping[str, Number], Mapping[str, Number]]:
    names = ["gross_sales", "discounts", "sales_reversals", "net_sales", "orders"]
    if not unknown_by(METRICS["sessions"], *(f.dimension for f in scope.filters)):
        names.append("sessions")
    frame = services.answer(Ask(tuple(names)).within(scope), told=False)
    before, after = _sides(frame, names)
    return _placed(before), _placed(after)


def _sides(frame: Frame, names: Sequence[str]) -> tuple[dict[str, Number], dict[str, Number]]:
    """Totals of the period before, and of this one."""
    return {n: frame.before(n) for n in names}, {n: frame.total(n) for n in names}


def _placed(side: dict[str, Number]) -> dict[str, Number]:
    amounts = (Decimal(str(side[name] or 0)) for name in ("gross_sales", "discounts"))
    return {**side, "placed_sales": sum(amounts, Decimal(0))}


def _by(
    services: Services, scope: Scope, names: tuple[str, ...], dimension: str
) -> tuple[dict[str, tuple[Decimal, ...]], dict[str, tuple[Decimal, ...]]]:
    """Amounts by a dimension's value, before and after; what has none is under an empty text."""
    after, before = services.engine.cells(Ask(names, (dimension,)).within(scope))
    if before is None:
        return {}, {}
    found = []
    for cells in (before, after):
        rows: dict[str, tuple[Decimal, ...]] = {}
        for table in cells.tables:
            columns = [table.column(name).to_pylist() for name in (dimension, *names)]
            for key, *values in zip(*columns, strict=True):
                rows[key or ""] = tuple(Decimal(str(value or 0)) for value in values)
        found.append(rows)
    return found[0], found[1]


def _goods(side: Mapping[str, tuple[Decimal, ...]], times: Decimal = ONCE) -> dict[str, Goods]:
    return {name: Goods(units * times, gross * times) for name, (units, gross) in side.items()}


def _kinds(side: Mapping[str, tuple[Decimal, ...]], times: Decimal = ONCE) -> dict[str, Decimal]:
    return {name: amounts[0] * times for name, amounts in side.items()}


__all__ = ["Explained", "Segment", "Why", "Wish", "why"]
