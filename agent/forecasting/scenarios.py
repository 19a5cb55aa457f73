"""What if: a lever moved on days to come, and by how much the forecast would be another one.

How a metric moved with a lever is learnt from days on which the lever stood otherwise than usual
there: logarithms against weekday, feasts and the lever, all without their slow movement, with
errors that bear days hanging together (Newey and West). It is what went together, not what caused
what, and every answer says so. The members of a forecast would tell less of it: most of them do
not look at such columns, so that the mean of all would say too little and have no range.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from agent.errors import Refused
from agent.forecasting import calendar
from agent.forecasting.asking import Wanted
from agent.forecasting.effects import LEAST_DAYS, fitted, quick, weekdays
from agent.forecasting.foreseen import Outlook
from agent.forecasting.outlook import outlook
from agent.forecasting.series import Floats, Step
from agent.forecasting.teaching import Taught, asked, taught
from agent.metrics.formats import date_range, number
from agent.ports import Shop
from agent.words import mark, t

if TYPE_CHECKING:
    from agent.services import Services

LATELY = 28
REACH = 1.2816
"""80 % of a bell curve lie within so many standard errors."""
OTHERWISE = 10
"""Days on which a lever must have stood otherwise than usual."""
LONGEST = 730


@dataclass(frozen=True)
class Lever:
    """What can be changed.

    label          for people
    above, below   metrics it is read from: one over the other, or `above` alone, times `sign`
    event          or the kind of the shop's events that it is
    scale          "points" where an amount is added, "share" where it is a share of what is usual
    least          how far from usual a day must be to tell anything, in that scale
    """

    label: str
    above: str
    below: str = ""
    sign: float = 1.0
    scale: str = "share"
    least: float = 0.05
    event: str = ""


LEVERS: Mapping[str, Lever] = {
    "discount": Lever(mark("Discount"), "discounts", "gross_sales", -1.0, "points", 0.02),
    "spend": Lever(mark("Advertising spend"), "marketing_spend"),
    "price": Lever(mark("Average price"), "gross_sales", "units_ordered", least=0.02),
    "stock": Lever(mark("Out of stock"), "", scale="points", event="stock"),
    "promotion": Lever(mark("Promotion"), "", scale="points", event="promotion"),
}
ASSOCIATED = mark("This is what went together in the past, not what causes what.")


@dataclass(frozen=True)
class Change:
    """A lever moved by `amount` from `first` to `last`: in points (0.1 is ten points more discount;
    an event has the strength that the shop's calendar gives, 1 where it says none), else as a
    share of what is usual (0.2 is a fifth more)."""

    lever: str
    amount: float
    first: date
    last: date


@dataclass(frozen=True)
class Scenario:
    """The forecast with the change beside it: point (h,) with it, and over the days that change the
    sum as it is (`base`) and the difference, of which 80 % lie between `low` and `high`. `beyond`
    where the lever was never so far from usual."""

    change: Change
    outlook: Outlook
    point: Floats
    base: float
    low: float
    middle: float
    high: float
    days: int
    beyond: bool

    @property
    def clear(self) -> bool:
        """Whether the range leaves out that nothing changes."""
        return self.low > 0 or self.high < 0

    def sentence(self, currency: str) -> str:
        unit = self.outlook.metric.unit
        low, middle, high = (
            number(value, unit, currency) for value in (self.low, self.middle, self.high)
        )
        said = t(
            "Over {days} days the model expects a difference of {middle}, 80% between {low} and"
            " {high}.",
            days=self.days,
            middle=middle,
            low=low,
            high=high,
        )
        further = [t("The lever was never so far from usual.")] if self.beyond else []
        return " ".join([said, *further, t(ASSOCIATED)])


@dataclass(frozen=True)
class Learnt:
    """How the logarithm of a metric went with a lever: `slope` with its standard error; the lever's
    usual value of late, and how far above and below usual it has been."""

    slope: float
    error: float
    usual: float
    least: float
    most: float


def scenario(
    services: Services, shop: Shop, metric: str, change: Change, *, horizon: int = 28, who: str = ""
) -> Scenario:
    """Raises Refused where the lever is not known or never moved, the metric was not above zero, or
    the days are none of the forecast's; Throttled and Unavailable as `outlook`."""
    lever = LEVERS.get(change.lever)
    if lever is None:
        raise Refused(
            t("There is nothing called {name!r} to change.", name=change.lever),
            hint=t("Known: {names}.", names=", ".join(LEVERS)),
        )
    told = outlook(services, Wanted(shop, metric), horizon, who=who)
    during = (told.dates >= np.datetime64(change.first)) & (
        told.dates <= np.datetime64(change.last)
    )
    if during.sum() <= (change.last - change.first).days:
        span = [one.astype("datetime64[D]").item() for one in told.dates[[0, -1]]]
        raise Refused(
            t("The change lies outside of the {count} days that are forecast.", count=horizon),
            hint=t("They are {days}.", days=date_range(*span)),
        )
    given = taught(services, asked(services, Wanted(shop, metric)))
    learnt = learn(given, _column(services, given, lever), lever)
    return applied(told, learnt, lever, change, during)


def applied(
    told: Outlook, learnt: Learnt, lever: Lever, change: Change, during: NDArray[np.bool_]
) -> Scenario:
    """The forecast with the change on the days `during` (h,)."""
    points = lever.scale == "points"
    moved = change.amount if points else float(np.log1p(max(change.amount, -0.99)))
    beyond = moved > learnt.most * 1.1 or moved < learnt.least * 1.1
    line = np.where(during, told.point, 0.0)
    base = float(line.sum())
    sides = [learnt.slope + side * learnt.error for side in (-REACH, 0.0, REACH)]
    factors = [float(np.expm1(np.clip(slope * moved, -3, 3))) for slope in sides]
    count = int(np.sum(during))
    if told.metric.ratio:
        base /= count
    low, middle, high = sorted(base * factor for factor in factors)
    point = told.point + line * factors[1]
    return Scenario(change, told, point, base, low, middle, high, count, beyond)


def learn(given: Taught, lever_values: Floats, lever: Lever) -> Learnt:
    """From the values (t,) of a lever beside the history's first series. Raises Refused where they
    say nothing."""
    values = given.table()[0][-LONGEST:]
    column = lever_values[-LONGEST:]
    dates = given.history.dates[-LONGEST:]
    known = np.isfinite(values) & np.isfinite(column) & (values > 0)
    if known.sum() < LEAST_DAYS:
        raise Refused(
            t(
                "{lever} can be changed once {count} days of it are known.",
                lever=t(lever.label),
                count=LEAST_DAYS,
            ),
            hint=t("Days count on which both it and the metric are above zero."),
        )
    moved = quick(np.where(known, column, np.nan))
    if (np.abs(moved[known]) >= lever.least).sum() < OTHERWISE:
        raise Refused(
            t(
                "{lever} has hardly moved in the past: what a change brings cannot be learnt.",
                lever=t(lever.label),
            ),
            hint=t(
                "It must have stood otherwise than usual on at least {count} days.", count=OTHERWISE
            ),
        )
    target = quick(np.where(known, np.log(np.where(known, values, 1.0)), np.nan))
    beside = _beside(dates)
    rows = np.column_stack([moved, *(quick(np.where(known, one, np.nan)) for one in beside)])[known]
    slopes, errors = fitted(rows, target[known], 1)
    slope, error = float(slopes[0]), float(errors[0])
    usual = float(np.nanmean(column[-LATELY:])) if np.isfinite(column[-LATELY:]).any() else 0.0
    return Learnt(slope, error, usual, float(moved[known].min()), float(moved[known].max()))


def _beside(dates: NDArray[np.datetime64]) -> list[Floats]:
    """What else moves days: weekdays, and the feasts that need no library."""
    feasts = calendar.known(dates, Step.DAY, {}).values()
    return [*weekdays(dates), *(one for one in feasts if np.ptp(one) > 0)]


def _column(services: Services, given: Taught, lever: Lever) -> Floats:
    """The lever's values (t,) on the history's days: logarithms where it moves by shares."""
    if lever.event:
        touching = calendar.touching(given.events, given.history.of[0])
        events = [one for one in touching if one.kind == lever.event]
        days = given.history.dates
        found = calendar.known(days, Step.DAY, {}, events).get(lever.event)
        return found if found is not None else np.zeros(days.size)
    shop = given.history.wanted.shop
    values = lever.sign * _daily(services, shop, lever.above, given)
    if lever.below:
        below = _daily(services, shop, lever.below, given)
        values = np.where(below > 0, values / np.where(below > 0, below, 1.0), np.nan)
    if lever.scale == "points":
        return values
    return np.where(values > 0, np.log(np.where(values > 0, values, 1.0)), np.nan)


def _daily(services: Services, shop: Shop, metric: str, given: Taught) -> Floats:
    found = asked(services, Wanted(shop, metric))
    days = given.history.dates
    if not np.array_equal(found.dates, days):
        raise Refused(t("The days of {metric} are not those of the forecast.", metric=metric))
    values: Floats = found.values[0]
    return values
