"""Which products run short: what they are expected to sell against what is on hand."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from agent.forecasting.outlook import Outlook
from agent.metrics import formats
from agent.words import mark, n, t
from dashboard.panels import Cell, Heading, Row, Table
from dashboard.views.foretelling import ahead, likely

LISTED = 8
OUT, SHORT, MAY, ENOUGH = range(4)
SIGNS = ("circle-x", "circle-x", "triangle-alert", "check")
TITLE = mark("What runs short")


@dataclass(frozen=True)
class Shortage:
    """A product's expected units with their 80 % range against its `stock`; `state` is one of OUT,
    SHORT, MAY and ENOUGH, `when` the day from which it is."""

    key: str
    name: str
    low: float
    middle: float
    high: float
    stock: float
    state: int
    when: date | None = None

    @property
    def outcome(self) -> str:
        day = formats.day(self.when) if self.when else ""
        if self.state == OUT:
            return t("Out of stock")
        if self.state == SHORT:
            return t("Short from {day}", day=day)
        return t("May run short {day}", day=day) if self.state == MAY else t("Enough")


def shortages(
    outlook: Outlook, steps: int, stock: Mapping[str, tuple[str, float]]
) -> tuple[Shortage, ...]:
    """Every product that is forecast and whose stock is known, what runs short soonest first.
    `stock` is key -> (name, units on hand)."""
    found = [
        _shortage(one, steps, stock[one.member])
        for one in outlook.members
        if one.member in stock and not one.refusal
    ]
    known = (one for one in found if np.isfinite(one.middle) and one.high > 0)
    return tuple(sorted(known, key=lambda one: (one.state, one.when or date.max, -one.middle)))


def _shortage(outlook: Outlook, steps: int, held: tuple[str, float]) -> Shortage:
    name, stock = held
    low, middle, high = likely(outlook, steps)
    state, place = ENOUGH, None
    if stock <= 0:
        state = OUT
    elif middle > stock:
        state, place = SHORT, _passed(outlook, steps, stock, 0.5)
    elif high > stock:
        state, place = MAY, _passed(outlook, steps, stock, 0.9)
    when = None if place is None else outlook.dates[place].astype("datetime64[D]").item()
    return Shortage(outlook.member, name, max(low, 0.0), middle, high, stock, state, when)


def _passed(outlook: Outlook, steps: int, stock: float, level: float) -> int:
    """The place of the first day at whose end more is sold than there is."""
    every = range(1, steps + 1)
    return min(bisect_left(every, True, key=lambda k: outlook.total(k, level) > stock), steps - 1)


def table(found: tuple[Shortage, ...], outlook: Outlook, steps: int) -> Table:
    """Those that run short first, each with its range on one scale with its stock."""
    shown, rest = found[:LISTED], found[LISTED:]
    scale = max((max(one.high, min(one.stock, 2 * one.high)) for one in shown), default=1.0)
    headings = (
        Heading(t("Product"), number=False),
        Heading(t("Expected units"), number=False),
        Heading(t("Likely")),
        Heading(t("Stock")),
        Heading(t("Outcome"), number=False, priority=2),
    )
    days = ahead(outlook.wanted.step, steps)
    measure = t(
        "Units in {days}, before new deliveries. Bar: 80% range, dot: most likely. Line: stock.",
        days=days,
    )
    rows = tuple(_row(one, scale) for one in shown)
    return Table(_title(found), measure, headings, rows, "product", footer=_rest(rest))


def _title(found: tuple[Shortage, ...]) -> str:
    short = sum(one.state in (OUT, SHORT) for one in found)
    if short:
        return n(
            "{count} product is out or likely to run short",
            "{count} products are out or likely to run short",
            short,
            count=short,
        )
    may = sum(one.state == MAY for one in found)
    if may:
        return n("{count} product may run short", "{count} products may run short", may, count=may)
    return t("No product is likely to run short")


def _rest(rest: tuple[Shortage, ...]) -> str:
    if not rest:
        return ""
    short = sum(one.state != ENOUGH for one in rest)
    return t(
        "{count} more products, {short} of them short or close to it.",
        count=len(rest),
        short=short,
    )


def _row(one: Shortage, scale: float) -> Row:
    units = [formats.number(round(v), "count", style="full") for v in (one.low, one.high)]
    text = t("between {low} and {high}", low=units[0], high=units[1])
    places = tuple(min(v / scale, 1.0) for v in (one.low, one.high, one.middle, one.stock))
    cells = (
        Cell(text, span=(places[0], places[1], places[2], places[3])),
        _units(one.middle),
        _units(one.stock),
        Cell(one.outcome, sign=SIGNS[one.state], tone="neg" if one.state <= SHORT else ""),
    )
    return Row(one.name, cells, key=one.key, brief=one.outcome)


def _units(value: float) -> Cell:
    return Cell(formats.number(round(value), "count", style="full"), value)
