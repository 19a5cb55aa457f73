"""The series of a shop that are watched, side by side as the judges read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from agent.errors import Refused
from agent.forecasting import calendar
from agent.forecasting.asking import (
    SEASONS,
    History,
    Wanted,
    countries,
    history,
    known_until,
    told_at,
)
from agent.forecasting.series import Floats, Panel, Step, moved
from agent.metrics.frames import NONE, OTHER
from agent.metrics.metric import Metric
from agent.ports import Shop
from agent.records.events import Event

if TYPE_CHECKING:
    from agent.services import Services

TOP = 5
HOURLY = ("orders", "net_sales")
KEY = (
    *("net_sales", "orders", "sessions", "conversion_rate"),
    *("average_order_value", "sales_reversals", "cac"),
)
PARTED = "net_sales"
PARTS = ("country", "channel", "product_type")
ONE_HOUR = 0.9
"""The share of the orders at one hour of the day from which they are known by the day only."""
EXPECTED = ("expected",)
"""Kinds whose days may be so again a year later; an outage is no feast."""
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Series:
    """One watched series: a metric of all of the shop, or of one member of a dimension."""

    metric: Metric
    dimension: str = ""
    member: str = ""

    @property
    def name(self) -> str:
        return "|".join((self.metric.name, self.dimension, self.member))


@dataclass(frozen=True)
class Watched:
    """Series that end together: `panel` has a row for each of `rows`; `dates` (t,) are the first
    days (or hours) of its columns, `left_out` (n, t) the steps that nobody is to learn from, and
    `foreseen` (n, t) those of them that people said were to be expected."""

    shop: Shop
    rows: tuple[Series, ...]
    dates: NDArray[np.datetime64]
    panel: Panel
    left_out: Flags
    foreseen: Flags


def watched(services: Services, shop: Shop, step: Step) -> Watched | None:
    """What is watched of a shop by this step, up to the last step of which everything has arrived;
    None where there is nothing yet. Raises Unavailable."""
    found = list(_histories(services, shop, step))
    if not found:
        return None
    dates = found[0].dates
    known = dates[moved(dates, step, 1) <= np.datetime64(known_until(services, shop), "m")]
    if not told_at(services, shop):
        known = known[: _arrived(found, known.size)]
    rows = [row for one in found for row in _rows(one, known.size)]
    if not known.size or not rows or (step is Step.HOUR and not _by_the_hour(rows)):
        return None
    return _side_by_side(services, shop, (step, known), rows)


def _arrived(found: Sequence[History], steps: int) -> int:
    """Up to which step there is anything: of a shop that nothing is connected to, a file says
    nothing of the days after its last."""
    there = np.zeros(steps, bool)
    for one in found:
        there |= np.nan_to_num(one.values[0, :steps]) != 0
    return int(np.flatnonzero(there)[-1]) + 1 if there.any() else 0


def _by_the_hour(rows: Sequence[tuple[Series, Floats]]) -> bool:
    """Whether the times of orders are known: not where all of a day stand at one hour."""
    values = np.abs(np.nan_to_num(rows[0][1]))
    of_day = np.bincount(np.arange(values.size) % 24, weights=values, minlength=24)
    return bool(of_day.max() < ONE_HOUR * of_day.sum())


def _histories(services: Services, shop: Shop, step: Step) -> Iterable[History]:
    """Those that the shop can answer."""
    names = HOURLY if step is Step.HOUR else KEY
    wanted = [Wanted(shop, name, step) for name in names]
    if step is not Step.HOUR:
        wanted += [Wanted(shop, PARTED, step, part, TOP) for part in PARTS]
    for one in wanted:
        try:
            yield history(services, one)
        except Refused:
            continue


def _rows(found: History, steps: int) -> list[tuple[Series, Floats]]:
    """The whole, or the largest members; not those without a figure other than zero."""
    if not found.wanted.dimension:
        pairs = [(Series(found.metric), found.values[0])]
    else:
        named = zip(found.members, found.values[1:], strict=True)
        dimension = found.wanted.dimension
        pairs = [
            (Series(found.metric, dimension, member), values)
            for member, values in named
            if member not in (OTHER, NONE)
        ]
    return [(row, values[:steps]) for row, values in pairs if np.nan_to_num(values[:steps]).any()]


def _side_by_side(
    services: Services,
    shop: Shop,
    steps: tuple[Step, NDArray[np.datetime64]],
    rows: Sequence[tuple[Series, Floats]],
) -> Watched:
    step, dates = steps
    events = services.records.events.between(shop.shop_id, _day(dates[0]), _day(dates[-1]))
    series = tuple(row for row, _ in rows)
    told = _Told(dates, step, countries(services, shop), events)
    known = [told.known(row) for row in series]
    names = dict.fromkeys(name for columns in known for name in columns)
    empty = np.zeros(dates.size)
    panel = Panel(
        tuple(row.name for row in series),
        np.vstack([values for _, values in rows]),
        np.full(len(rows), dates[-1]),
        step,
        SEASONS[step],
        {name: np.vstack([columns.get(name, empty) for columns in known]) for name in names},
    )
    left_out = np.vstack([told.left_out(row) for row in series])
    foreseen = np.vstack([told.left_out(row, EXPECTED) for row in series])
    return Watched(shop, series, dates, panel, left_out, foreseen)


def _day(date: np.datetime64) -> datetime:
    return date.astype("datetime64[D]").item()  # type: ignore[no-any-return]


@dataclass(frozen=True)
class _Told:
    """What the calendar says of each series: an event of a part is none of the other parts."""

    dates: NDArray[np.datetime64]
    step: Step
    countries: Mapping[str, float]
    events: Sequence[Event]

    def known(self, row: Series) -> dict[str, Floats]:
        return calendar.known(self.dates, self.step, self.countries, self._of(row))

    def left_out(self, row: Series, kinds: Sequence[str] = calendar.UNPLANNED) -> Flags:
        """(t,): the steps that events of these kinds leave out."""
        mine = [event for event in self._of(row) if event.kind in kinds]
        return calendar.left_out(self.dates, self.step, mine)

    def _of(self, row: Series) -> Sequence[Event]:
        part = {row.dimension: (row.member,)} if row.dimension else {}
        return calendar.touching(self.events, part)
