"""How many orders each day has, and how many of them are a customer's first: small arrays that
everything hangs on.

A day's orders need nothing of the days before but these counts, so a single day can be made by
itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from agent.sources.demo_shop.dice import Floats, Ints, normal
from agent.sources.demo_shop.story import CAMPAIGNS, FAULT_LOSS, HISTORY_DAYS, Story

ORDERS_IN_HISTORY = 67_000
FIRST_NUMBER = 10_001
GUESTS = 0.04
DAY_NOISE = 0.045

# Middle of each month, January first.
_MONTHS = (0.90, 0.87, 0.90, 0.92, 0.97, 0.86, 0.83, 0.88, 0.98, 1.16, 1.34, 1.30)
_WEEK = (1.14, 1.00, 0.97, 0.96, 0.87, 0.91, 1.17)
# Orders per first order and day since it: the cohort's decay. (orders in total, mean days)
_RETURNS = ((0.25, 20.0), (0.52, 120.0), (0.62, 640.0))


def trend(story: Story, days: Ints) -> Floats:
    """Growth of about a quarter a year, a little faster lately."""
    years = (days - story.start) / 365.25
    grown: Floats = np.exp(0.172 * years + 0.03 * np.maximum(years, 0) ** 2)
    return grown


def season(days: Ints) -> Floats:
    """The year's curve through the middle of each month, with the quiet days around Christmas."""
    dates = days.astype("datetime64[D]")
    month = dates.astype("datetime64[M]")
    day = (dates - month).astype(np.int64)
    of_year = (month.astype(np.int64) % 12) * 30.5 + day
    middle = np.arange(12) * 30.5 + 15
    curve = np.interp(of_year, middle, _MONTHS, period=366)
    december = month.astype(np.int64) % 12 == 11
    rush = np.where(december & (day >= 3) & (day <= 16), 1.10, 1.0)
    late = np.where(december & (day >= 18), 0.72, 1.0)
    holy = np.where(december & (day >= 23) & (day <= 24), 0.62, 1.0)
    return np.asarray(curve * rush * late * holy, dtype=np.float64)


def demand(story: Story, days: Ints) -> Floats:
    """Orders wanted on each day, before chance and before what went wrong. The level is set by the
    history's total."""
    history = np.arange(story.start, story.start + HISTORY_DAYS, dtype=np.int64)
    level = ORDERS_IN_HISTORY / _shape(story, history).sum()
    wanted: Floats = level * _shape(story, days)
    return wanted


def _shape(story: Story, days: Ints) -> Floats:
    week = np.array(_WEEK)[(days + 3) % 7]
    shape = trend(story, days) * season(days) * week * story.peaks(days)
    for campaign in CAMPAIGNS:
        shape = shape * (1 + (campaign.lift - 1) * story.campaign_days(campaign, days))
    shape = shape * (1 + 0.13 * story.press(days))
    return np.asarray(shape, dtype=np.float64)


@dataclass(frozen=True)
class Plan:
    """Counts for each day from the shop's first: `orders` = `fresh` + repeats + `guests`, in this
    order of slots.

    `number` is the first order's number of a day, `customer` the first new customer's; `echo[lag]`
    the weight of a repeat after so many days.
    """

    first: int
    orders: Ints
    fresh: Ints
    guests: Ints
    number: Ints
    customer: Ints
    echo: Floats

    def at(self, days: Ints) -> Ints:
        return days - self.first


def _before(counts: Ints, first: int) -> Ints:
    return first + np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)


@lru_cache(maxsize=4)
def plan(story: Story, last: int) -> Plan:
    """The counts up to a day; a longer plan begins with a shorter one."""
    days = np.arange(story.start, last + 1, dtype=np.int64)
    wanted = demand(story, days) * np.where(days == story.fault_day, 1 - FAULT_LOSS, 1.0)
    noise = DAY_NOISE * normal(story.seed, "day", days)
    chance = np.sqrt(wanted) * normal(story.seed, "chance", days) * 0.6
    quiet = days == story.fault_day
    orders = np.rint(np.where(quiet, wanted, wanted * np.exp(noise) + chance)).astype(np.int64)
    orders = np.maximum(orders, 8)
    guests = np.rint(orders * GUESTS).astype(np.int64)
    echo = _echo(len(days))
    usual = demand(story, days) / (season(days) * np.array(_WEEK)[(days + 3) % 7])
    fresh = _fresh(orders - guests, usual / story.peaks(days), echo)
    return Plan(
        first=story.start,
        orders=orders,
        fresh=fresh,
        guests=guests,
        number=_before(orders, FIRST_NUMBER),
        customer=_before(fresh, 1),
        echo=echo,
    )


def _echo(days: int) -> Floats:
    lag = np.arange(days, dtype=np.float64)
    curve = sum(total / mean * np.exp(-lag / mean) for total, mean in _RETURNS)
    echo = np.asarray(curve, dtype=np.float64)
    echo[0] = 0.0
    return echo


def _fresh(known: Ints, usual: Floats, echo: Floats) -> Ints:
    """First orders a day: what the customers of the days before do not bring themselves."""
    fresh = np.zeros(len(known), dtype=np.int64)
    for day in range(len(known)):
        returning = float(np.dot(fresh[:day][::-1], echo[1 : day + 1]))
        share = min(returning / usual[day], 0.68)
        fresh[day] = known[day] - round(known[day] * share)
    return fresh
