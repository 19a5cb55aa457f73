"""A metric's history, asked as everything else is: all of the shop, and its largest parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from agent.errors import Refused
from agent.forecasting.calendar import Part
from agent.forecasting.series import Floats, Step
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.formulas import Pair, written
from agent.metrics.frames import NONE, OTHER, Frame
from agent.metrics.metric import Metric
from agent.metrics.questions import Ask, Filter, Scope
from agent.ports import Shop
from agent.words import mark, t

if TYPE_CHECKING:
    from agent.services import Services

ABOVE, BELOW, WHOLE = "part_above", "part_below", ""
SEASONS: Mapping[Step, int] = {Step.HOUR: 24, Step.DAY: 7, Step.WEEK: 52, Step.MONTH: 12}
LONGEST: Mapping[Step, int] = {Step.HOUR: 56, Step.DAY: 1_461, Step.WEEK: 3_650, Step.MONTH: 5_500}
"""Days of history that a forecast looks at; older ones say little and cost as much."""
STEADY = 5.0
"""Orders on a usual day from which a day without any is no chance."""
WHEN = ("time", "age")
"""Dimensions of time are no parts of a shop."""
CLOSED = 0.9
"""Share of a weekday's days without orders from which the shop is closed on it."""


@dataclass(frozen=True)
class Wanted:
    """Which series: a metric by step, of all of the shop and of the `top` largest members of a
    dimension, within filters."""

    shop: Shop
    metric: str
    step: Step = Step.DAY
    dimension: str = ""
    top: int = 5
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True)
class History:
    """`values` (n, t): row 0 is the whole, then `members`; NaN where nothing is known. A ratio has
    what stands above and below its line beside it, of the same shape. `dates` are the first days
    (or hours) of the steps, `version` the sum of the tables' versions."""

    wanted: Wanted
    metric: Metric
    members: tuple[str, ...]
    dates: NDArray[np.datetime64]
    values: Floats
    parts: Mapping[str, Floats] = field(default_factory=dict)
    version: int = 0

    @property
    def of(self) -> tuple[Part, ...]:
        """(n): what of the shop each row is of, as far as the filters and the dimension say."""
        chosen = [one for one in self.wanted.filters if not one.exclude]
        within = {one.dimension: one.values for one in chosen}
        own = [{**within, self.wanted.dimension: (member,)} for member in self.members]
        return (within, *own)


def history(services: Services, wanted: Wanted) -> History:
    """Everything up to the last step that is over. Raises Refused where the shop has no sales yet
    or a dimension does not know the metric, NotFound and Unavailable as `answer`."""
    metric = services.catalogue().get(wanted.metric)
    if metric is None:
        raise Refused(t("There is no metric called {name!r}.", name=wanted.metric))
    row = DIMENSIONS.get(wanted.dimension)
    if row is not None and row.level in WHEN:
        raise Refused(
            t("A forecast cannot be split by {name}.", name=row.name),
            hint=t("Split it by a part of the shop, such as {like}.", like="country"),
        )
    scope = _scope(services, wanted)
    asked = _columns(metric)
    whole = services.answer(replace_ask(asked, (wanted.step.value,)).within(scope), told=False)
    dates = whole.array(wanted.step.value).astype("datetime64[h]")
    tables = [{name: whole.array(row.name)[None, :] for name, row in asked.items()}]
    members: tuple[str, ...] = ()
    if wanted.dimension:
        found, table = _by_member(services, wanted, asked, scope, dates)
        members, tables = found, [*tables, table]
    joined = {name: np.vstack([table[name] for table in tables]) for name in asked}
    dates = dates if wanted.step is Step.HOUR else dates.astype("datetime64[D]")
    unknown = _unknown(services, wanted, scope, dates)
    known = {name: np.where(unknown, np.nan, values) for name, values in joined.items()}
    parts = {name: known[name] for name in (ABOVE, BELOW) if name in known}
    version = sum(whole.receipt.tables.values())
    return History(wanted, metric, members, dates, known[WHOLE], parts, version)


def replace_ask(columns: Mapping[str, Metric], by: tuple[str, ...], top: int = 0) -> Ask:
    """One question for all columns."""
    rows = tuple(columns.values())
    own = tuple(row for row in rows if row.own or row.name in (ABOVE, BELOW))
    return Ask(tuple(row.name for row in rows), by, top=top, defined=own)


def _columns(metric: Metric) -> dict[str, Metric]:
    """The metric, and what stands above and below its line."""
    columns = {WHOLE: metric}
    tree = metric.parsed.tree
    if metric.ratio and isinstance(tree, Pair) and tree.sign == "/":
        for name, node in ((ABOVE, tree.left), (BELOW, tree.right)):
            columns[name] = replace(
                metric, name=name, label=name, unit="number", formula=written(node), own=True
            )
    return columns


TOO_SHORT: Mapping[Step, str] = {
    Step.HOUR: mark("{shop} has no complete hour of sales yet."),
    Step.DAY: mark("{shop} has no complete day of sales yet."),
    Step.WEEK: mark("{shop} has no complete week of sales yet."),
    Step.MONTH: mark("{shop} has no complete month of sales yet."),
}


def _scope(services: Services, wanted: Wanted) -> Scope:
    shops = (wanted.shop.shop_id,)
    first = services.engine.first_day(shops)
    last = last_day(services, wanted.shop, wanted.step)
    if first is None or first > last:
        raise Refused(
            t(TOO_SHORT[wanted.step], shop=wanted.shop.name),
            hint=t("Import orders or connect a shop; forecasts begin once there is a history."),
        )
    first = max(first, last - timedelta(days=LONGEST[wanted.step]))
    if wanted.step is Step.WEEK:
        first += timedelta(days=-first.weekday() % 7)
    if wanted.step is Step.MONTH and first.day > 1:
        first = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    if first > last:
        raise Refused(t(TOO_SHORT[wanted.step], shop=wanted.shop.name))
    return Scope(shops, first, last, "none", wanted.filters)


def last_day(services: Services, shop: Shop, step: Step) -> date:
    """The last day of the last step that is over; by the hour today, as far as it has come."""
    today = services.today(shop)
    if step is Step.HOUR:
        return today
    if step is Step.WEEK:
        return today - timedelta(days=today.weekday() + 1)
    return (today.replace(day=1) if step is Step.MONTH else today) - timedelta(days=1)


def _by_member(
    services: Services,
    wanted: Wanted,
    asked: Mapping[str, Metric],
    scope: Scope,
    dates: NDArray[np.datetime64],
) -> tuple[tuple[str, ...], dict[str, Floats]]:
    """The largest members and the rest, each over all dates."""
    ask = replace_ask(asked, (wanted.dimension, wanted.step.value), wanted.top)
    frame = services.answer(ask.within(scope), told=False)
    names = _names(frame, wanted.dimension)
    members = tuple(dict.fromkeys(names))
    row = np.array([members.index(name) for name in names], dtype=np.intp)
    column = np.searchsorted(dates, frame.array(wanted.step.value).astype("datetime64[h]"))
    tables = {}
    for name, metric in asked.items():
        table = np.full((len(members), dates.size), np.nan)
        table[row, column] = frame.array(metric.name)
        tables[name] = table
    return members, tables


def _names(frame: Frame, dimension: str) -> list[str]:
    rest = len(frame) - frame.rest_rows
    values = frame.values(dimension)
    return [
        value if value is not None else OTHER if place >= rest else NONE
        for place, value in enumerate(values)
    ]


def _unknown(
    services: Services, wanted: Wanted, scope: Scope, dates: NDArray[np.datetime64]
) -> NDArray[np.bool_]:
    """Which steps nothing is known of: hours to come, and days on which an open shop with steady
    sales has no order at all, because what brings them stood still."""
    if wanted.step is Step.HOUR:
        return np.asarray(dates >= np.datetime64(known_until(services, wanted.shop), "h"))
    if wanted.step is not Step.DAY:
        return np.zeros(dates.size, dtype=bool)
    whole = replace(scope, filters=())
    orders = services.answer(Ask(("orders",), ("day",)).within(whole), told=False).array("orders")
    return silent(np.nan_to_num(orders), dates)


def known_until(services: Services, shop: Shop) -> datetime:
    """Up to when everything has arrived, on the shop's wall: the last rows that came, or the last
    time that a connection had nothing to bring. A source that comes once a day has not yet told of
    today, which is no day without sales."""
    arrived = services.warehouse.last_sync((shop.shop_id,))
    every = [*told_at(services, shop), *([arrived] if arrived else [])]
    latest = max(every, default=datetime.fromtimestamp(0, UTC))
    here = min(latest, services.clock.now()).astimezone(ZoneInfo(shop.timezone))
    return here.replace(tzinfo=None)


def told_at(services: Services, shop: Shop) -> list[datetime]:
    """When the shop's connections last said what there was."""
    return [
        one.succeeded_at
        for one in services.records.connections.all()
        if one.shop_id == shop.shop_id and one.succeeded_at
    ]


def silent(orders: Floats, dates: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """Days (t,) without an order in a shop that sells steadily, unless it is closed on that
    weekday."""
    weekday = (dates.astype("datetime64[D]").astype(np.int64) + 3) % 7
    days = np.maximum(np.bincount(weekday, minlength=7), 1)
    empty = np.bincount(weekday, weights=orders == 0, minlength=7) / days
    closed = empty >= CLOSED
    opened = orders[~closed[weekday]]
    if not opened.size or np.median(opened) < STEADY:
        return np.zeros(orders.size, dtype=bool)
    return np.asarray((orders == 0) & ~closed[weekday])


def countries(services: Services, shop: Shop, most: int = 4) -> dict[str, float]:
    """The shop's main countries with their share of the last year's orders."""
    last = last_day(services, shop, Step.DAY)
    scope = Scope((shop.shop_id,), last - timedelta(days=364), last, "none")
    ask = Ask(("orders",), ("country",), top=most)
    frame = services.answer(ask.within(scope), told=False)
    found = zip(frame.values("country"), frame.values("orders"), strict=True)
    counted = {code: float(count or 0) for code, count in found if code}
    every = float(frame.total("orders") or 0)
    return {code: count / every for code, count in counted.items()} if every > 0 else {}
