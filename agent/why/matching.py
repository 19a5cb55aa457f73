"""What else happened at that time: events that people keep, goods that were out of stock, holidays.
Matches in time and place, not proof."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agent.metrics.questions import Ask, Scope
from agent.records.events import Event
from agent.why.cube import Text

if TYPE_CHECKING:
    from agent.services import Services

Where = Mapping[str, Text]
MOST = 8
OUT_OF_STOCK = 3
"""Goods that are named, those that sold most when they were there."""
HOLIDAY, HOLIDAYS = "holiday", 3
"""So many are named, after all that people have written down."""


@dataclass(frozen=True)
class Holiday:
    """A named day; `country` is empty where every shop has it. `also` is its name in other
    languages."""

    day: date
    name: str
    country: str = ""
    also: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Match:
    """What happened, from its first to its last day, to which part (empty: all). `now` says that it
    lies in the period itself, else in the one compared with. `near` counts the dimensions in which
    it agrees with what it is matched with; `also` is its name in other languages."""

    kind: str
    name: str
    first: date
    last: date
    now: bool
    part: Mapping[str, str] = field(default_factory=dict)
    near: int = 0
    also: Mapping[str, str] = field(default_factory=dict)


def matches(
    services: Services, scope: Scope, holidays: Iterable[Holiday] = ()
) -> tuple[Match, ...]:
    """Everything that touches the scope's period or the one it is compared with, and not both in
    the same way. Raises Unavailable."""
    now, before = (scope.start, scope.end), scope.previous()
    found = [
        _match(event, now, before)
        for event in _events(services, scope)
        if not _in_both(event, now, before)
    ]
    return (*found, *_holidays(tuple(holidays), now, before), *_out_of_stock(services, scope))


def fitting(found: Sequence[Match], where: Where) -> tuple[Match, ...]:
    """The matches that do not speak of another part than `where`, the nearest first."""
    kept = [replace(match, near=_near(match.part, where)) for match in found]
    ordered = sorted((match for match in kept if match.near >= 0), key=_order)
    given = [match for match in ordered if match.kind == HOLIDAY][HOLIDAYS:]
    return tuple(match for match in ordered if match not in given)[:MOST]


def _order(match: Match) -> tuple[object, ...]:
    """The nearest first; days that every calendar has after what people know of their shop, and of
    these those of one country last."""
    day = match.kind == HOLIDAY
    return -match.near, not match.now, day, day and bool(match.part), match.first, match.name


def _near(part: Mapping[str, str], where: Where) -> int:
    """In how many dimensions both agree; -1 where they contradict each other."""
    shared = [name for name in part if name in where]
    if any(part[name] != where[name] for name in shared):
        return -1
    return len(shared)


def _holidays(
    holidays: Sequence[Holiday], now: tuple[date, date], before: tuple[date, date] | None
) -> list[Match]:
    """Those of one period only. What all shops have says the same as a country's own holiday of
    that day: Christmas, and Christmas Day."""
    out = []
    for span, other, inside in ((now, before, True), (before, now, False)):
        if span is None:
            continue
        there = {(one.name, one.country) for one in holidays if other and _within(one, other)}
        every = {(one.day, one.name) for one in holidays if not one.country}
        for one in holidays:
            said = one.country and any(
                day == one.day and one.name.startswith(name) for day, name in every
            )
            if _within(one, span) and not said and (one.name, one.country) not in there:
                part = {"country": one.country} if one.country else {}
                days = one.day, one.day
                out.append(Match(HOLIDAY, one.name, *days, inside, part, also=dict(one.also)))
    return out


def _within(one: Holiday, span: tuple[date, date]) -> bool:
    return span[0] <= one.day <= span[1]


def _events(services: Services, scope: Scope) -> list[Event]:
    first = min([scope.start, *(scope.previous() or ())])
    return [
        event
        for shop in scope.shops
        for event in services.records.events.between(shop, first, scope.end)
    ]


def _match(event: Event, now: tuple[date, date], before: tuple[date, date] | None) -> Match:
    inside = _days(event, now) >= (_days(event, before) if before else 0)
    return Match(event.kind, event.name, event.first, event.last, inside, dict(event.part))


def _in_both(event: Event, now: tuple[date, date], before: tuple[date, date] | None) -> bool:
    """Whether it lies in neither, or for as many days in each: then it explains no change."""
    then = _days(event, before) if before else 0
    return _days(event, now) == then


def _days(event: Event, span: tuple[date, date]) -> int:
    return max(0, (min(event.last, span[1]) - max(event.first, span[0])).days + 1)


def _out_of_stock(services: Services, scope: Scope) -> list[Match]:
    """Goods that were gone for some days of the period, and had sold in the one before."""
    previous = scope.previous()
    if previous is None:
        return []
    whole = replace(scope, filters=(), compare="none", preset="")
    days = Ask(("ending_units",), ("product", "day")).within(whole)
    cells, _ = services.engine.cells(days)
    gone = _gone(cells.tables)
    if not gone:
        return []
    sold = replace(whole, start=previous[0], end=previous[1])
    frame = services.answer(Ask(("units",), ("product",)).within(sold), told=False)
    units = dict(zip(frame.values("product"), frame.values("units"), strict=True))
    labels = dict(zip(frame.values("product"), frame.labels("product"), strict=True))
    wanted = sorted(
        (name for name in gone if (units.get(name) or 0) > 0),
        key=lambda name: (-float(units[name]), name),
    )
    return [
        Match("stock", str(labels[name] or name), *gone[name], True, {"product": name})
        for name in wanted[:OUT_OF_STOCK]
    ]


def _gone(tables: Sequence[pa.Table]) -> dict[str, tuple[date, date]]:
    """First and last day without stock, by product."""
    out: dict[str, tuple[date, date]] = {}
    for table in tables:
        if "ending_units" not in table.column_names:
            continue
        none = pc.fill_null(pc.less_equal(table.column("ending_units"), 0), False)
        # Grouping by Arrow would load its file systems first, for a tenth of a second.
        names = table.column("product").filter(none).to_pylist()
        days = map(_day, table.column("day").filter(none).to_pylist())
        for name, day in zip(names, days, strict=True):
            first, last = out.get(name, (day, day))
            out[name] = min(first, day), max(last, day)
    out.pop(None, None)  # type: ignore[call-overload]  # units that no product is known of
    return out


def _day(moment: object) -> date:
    return np.datetime64(moment, "D").astype(date)  # type: ignore[call-overload, no-any-return]
