"""Who ordered when: the orders of any stretch of days, in the order of their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from agent.sources.demo_shop import people
from agent.sources.demo_shop.days import DAY, day_number
from agent.sources.demo_shop.dice import Flags, Floats, Ints, choose_rows, uniform
from agent.sources.demo_shop.plan import Plan
from agent.sources.demo_shop.story import FAULT_LOSS, FAULT_STARTS, Story, thanksgiving

# Share of a day's orders by hour on the buyer's clock, midnight first: weekdays; Sundays and
# Mondays, with their long evenings; Saturdays; Black Friday.
_HOURS = (
    (
        1.2, 0.7, 0.4, 0.3, 0.3, 0.6, 1.4, 2.6, 3.8, 4.7, 5.3, 5.6,
        6.2, 5.8, 5.3, 5.2, 5.3, 5.5, 5.9, 6.8, 7.8, 7.9, 6.0, 3.2,
    ),
    (
        1.2, 0.7, 0.4, 0.3, 0.3, 0.5, 1.1, 2.0, 3.1, 4.2, 4.9, 5.2,
        5.4, 5.2, 5.0, 5.0, 5.2, 5.8, 6.9, 8.5, 10.2, 10.0, 7.0, 3.2,
    ),
    (
        1.5, 0.9, 0.5, 0.3, 0.3, 0.5, 1.1, 2.3, 4.0, 5.8, 6.8, 7.1,
        6.8, 6.3, 5.9, 5.7, 5.5, 5.3, 5.3, 5.7, 6.2, 6.1, 4.8, 3.0,
    ),
    (
        4.5, 2.0, 0.9, 0.6, 0.8, 2.0, 4.2, 5.8, 6.6, 6.8, 6.5, 6.0,
        5.6, 5.0, 4.6, 4.5, 4.5, 4.6, 4.9, 5.4, 6.0, 6.2, 5.2, 3.4,
    ),
)  # fmt: skip
_AHEAD = (0, 6, 5)
"""Hours that the buyers' clocks are ahead of the shop's."""
KEEN_SHARE = 0.53
"""The part of a cohort that ever comes back."""
WEEKDAY, LONG_EVENING, SATURDAY, PEAK, FAULT = range(5)


@dataclass(frozen=True)
class Heads:
    """One entry an order. Seconds since 1970; customer 0 is a guest; the rest are positions in the
    lists of people."""

    number: Ints
    day: Ints
    placed: Ints
    customer: Ints
    is_new: Flags
    country: Ints
    place: Ints
    channel: Ints

    def __len__(self) -> int:
        return len(self.number)


@lru_cache(maxsize=1)
def hours() -> Floats:
    """kinds x countries x 24: shares of a day's orders by hour on the shop's clock."""
    table = np.array([[np.roll(row, -ahead) for ahead in _AHEAD] for row in _HOURS])
    shares: Floats = table / table.sum(axis=2, keepdims=True)
    return shares


@lru_cache(maxsize=1)
def fault_seconds() -> int:
    """How long the checkout was down: until the loss is the share of a day that the story tells."""
    day = np.array([0.585, 0.225, 0.19]) @ hours()[LONG_EVENING - 1]
    edges = np.concatenate([[0.0], np.cumsum(day)])
    begun = np.interp(FAULT_STARTS / 3600, np.arange(25), edges)
    ends = np.interp(begun + FAULT_LOSS / 0.97, edges, np.arange(25))
    return round((float(ends) * 3600 - FAULT_STARTS) / 60) * 60


def day_kinds(story: Story, days: Ints) -> Ints:
    kinds = np.array([1, 0, 0, 0, 0, 2, 1], dtype=np.int64)[(days + 3) % 7]
    for year in story.years:
        kinds[days == day_number(thanksgiving(year)) + 1] = PEAK
    return kinds


@lru_cache(maxsize=16)
def _clock(kind: int, country: int) -> tuple[Floats, Floats]:
    """Share of the day's orders by every minute: an inverse that np.interp can read."""
    shares = np.repeat(hours()[WEEKDAY if kind == FAULT else kind, country], 60)
    smooth = np.convolve(
        np.concatenate([shares[-30:], shares, shares[:30]]), np.ones(61) / 61, "valid"
    )
    if kind == FAULT:
        begins = FAULT_STARTS // 60
        smooth[begins : begins + fault_seconds() // 60] *= 0.03
    edges: Floats = np.concatenate([[0.0], np.cumsum(smooth)])
    minutes: Floats = np.arange(1441, dtype=np.float64) * 60
    return edges / edges[-1], minutes


def _wall(story: Story, key: Ints, day: Ints, country: Ints) -> Ints:
    """When on the shop's wall clock: by the kind of day and by the buyer's hours."""
    draw = uniform(story.seed, "time", key)
    kinds = np.where(day == story.fault_day, FAULT, day_kinds(story, day))
    second = np.zeros(len(key))
    for kind in range(5):
        for at in range(3):
            here = (kinds == kind) & (country == at)
            second[here] = np.interp(draw[here], *_clock(kind, at))
    return day * DAY + np.minimum(second, DAY - 1).astype(np.int64)


def _customers(story: Story, plan: Plan, day: Ints, slot: Ints) -> tuple[Ints, Ints]:
    """Customer number and the day of the first order. A repeat finds its cohort, then one of the
    cohort's keen ones."""
    key = day * 4096 + slot
    at = plan.at(day)
    again = (slot >= plan.fresh[at]) & (slot < plan.orders[at] - plan.guests[at])
    rows = np.arange(at.min(), at.max() + 1)
    lag = rows[:, None] - np.arange(len(plan.orders))[None, :]
    weights = np.where(lag > 0, plan.fresh[None, :] * plan.echo[np.maximum(lag, 0)], 0.0)
    cohort = at.copy()
    draws = uniform(story.seed, "cohort", key[again])
    cohort[again] = choose_rows(weights, at[again] - rows[0], draws)
    keen = uniform(story.seed, "keen", key[again]) ** 1.7 * KEEN_SHARE
    within = slot.copy()
    within[again] = np.floor(keen * plan.fresh[cohort[again]]).astype(np.int64)
    customer = plan.customer[cohort] + within
    customer[slot >= plan.orders[at] - plan.guests[at]] = 0
    return customer, plan.first + cohort


def heads(story: Story, plan: Plan, first: int, last: int) -> Heads:
    """The orders of the days first..last; days before the shop's first have none."""
    days = np.arange(max(first, plan.first), last + 1, dtype=np.int64)
    counts = plan.orders[plan.at(days)]
    day = np.repeat(days, counts)
    slot = np.arange(len(day), dtype=np.int64) - np.repeat(np.cumsum(counts) - counts, counts)
    key = day * 4096 + slot
    customer, since = _customers(story, plan, day, slot)
    person = np.where(customer > 0, customer, key + (1 << 40))
    country = people.countries(story, person, since)
    is_new = slot < plan.fresh[plan.at(day)]
    channel = people.channels(story, key, is_new.astype(np.int64), day)
    placed = story.zone.to_utc(_wall(story, key, day, country))
    place = people.places(story, person, country)
    turn = np.lexsort((slot, placed, day))
    return Heads(
        number=plan.number[plan.at(day)] + slot,
        day=day,
        placed=placed[turn],
        customer=customer[turn],
        is_new=is_new[turn],
        country=country[turn],
        place=place[turn],
        channel=channel[turn],
    )
