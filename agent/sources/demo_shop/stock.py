"""Stock of each product at the beginning of each day: deliveries in a rhythm of its own, less what
was sold since."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agent.sources.demo_shop.catalogue import catalogue
from agent.sources.demo_shop.dice import Ints, uniform
from agent.sources.demo_shop.ledger import ORDER, PRODUCT, Ledger
from agent.sources.demo_shop.orders import Heads
from agent.sources.demo_shop.plan import ORDERS_IN_HISTORY
from agent.sources.demo_shop.story import HISTORY_DAYS, STOCK_OUTS, Story

LONGEST_RHYTHM = 56
_RUNS_LOW = 12
"""Days over which a product that goes out of stock gets there."""


@dataclass(frozen=True)
class Stock:
    day: Ints
    product: Ints
    available: Ints


def stock(story: Story, heads: Heads, placed: Ledger, days: tuple[int, int]) -> Stock:
    """Levels for days[0]..days[1]; `heads` and `placed` must reach back LONGEST_RHYTHM days, or to
    the first order."""
    goods = catalogue(story)
    first, last = max(days[0], story.start), days[1]
    origin = max(first - LONGEST_RHYTHM, story.start)
    number = np.arange(len(goods), dtype=np.int64)
    rhythm = 18 + (uniform(story.seed, "rhythm", number) * (LONGEST_RHYTHM - 18)).astype(np.int64)
    day = np.arange(first, last + 1, dtype=np.int64)[:, None]
    delivered = day - (day + number * 5) % rhythm
    running = _running(heads, placed, (origin, last), len(goods))
    since = np.maximum(delivered, origin) - origin
    sold = running[day - origin, number] - running[since, number]
    popularity = goods.popularity / goods.popularity[:-1].sum()
    units = 1.8 * ORDERS_IN_HISTORY / HISTORY_DAYS * 1.25
    batch = np.ceil(units * popularity * rhythm * 1.35 + 8).astype(np.int64)
    # What sells out before its time is delivered again at once.
    available = batch - sold % batch
    for title, gone, back in STOCK_OUTS:
        ahead = story.today + gone - day[:, 0]
        level = np.clip(ahead / _RUNS_LOW, 0, 1)
        level = np.where(day[:, 0] >= story.today + back, 1.0, level)
        at = goods.find(title)
        available[:, at] = np.ceil(available[:, at] * level)
    shown = (day >= goods.launched[None, :]) & (number < goods.gift_card)[None, :]
    row, product = np.nonzero(shown)
    return Stock(day[row, 0], product.astype(np.int64), available[shown])


def _running(heads: Heads, placed: Ledger, days: tuple[int, int], products: int) -> Ints:
    """Units sold before each day, from the first of the days on."""
    goods = (placed.kind == PRODUCT) & (placed.action == ORDER)
    day = heads.day[placed.order[goods]] - days[0]
    inside = (day >= 0) & (day <= days[1] - days[0])
    count = days[1] - days[0] + 1
    place = day[inside] * products + placed.product[goods][inside]
    units = np.bincount(
        place, weights=placed.quantity[goods][inside], minlength=count * products
    ).reshape(count, products)
    running = np.cumsum(units, axis=0)
    return np.vstack([np.zeros((1, products)), running[:-1]]).astype(np.int64)
