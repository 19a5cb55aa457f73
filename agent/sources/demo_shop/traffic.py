"""Visits by hour, channel and country."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agent.sources.demo_shop.days import DAY
from agent.sources.demo_shop.dice import Floats, Ints, normal, uniform
from agent.sources.demo_shop.orders import Heads, day_kinds, fault_seconds, hours
from agent.sources.demo_shop.people import (
    ALL_ORDER_CHANNELS,
    CHANNELS,
    COUNTRIES,
    PRESS,
    country_weights,
)
from agent.sources.demo_shop.plan import demand
from agent.sources.demo_shop.story import FAULT_STARTS, Story

_CONVERSION = np.array([0.0232, 0.0238, 0.0405, 0.0292, 0.0119, 0.0195, 0.0330, 0.1100])
_VIEWED = np.array([0.57, 0.60, 0.66, 0.55, 0.44, 0.55, 0.74, 0.80])
_ADDED = np.array([0.082, 0.088, 0.118, 0.095, 0.048, 0.066, 0.120, 0.22])
_CHECKOUT = np.array([0.0228, 0.0240, 0.0330, 0.0270, 0.0125, 0.0180, 0.0310, 0.060])
_CELLS = len(CHANNELS) * len(COUNTRIES)


@dataclass(frozen=True)
class Visits:
    """One entry an hour, channel and country; `hour` in seconds on the shop's wall clock, `ends` in
    UTC."""

    hour: Ints
    ends: Ints
    channel: Ints
    country: Ints
    sessions: Ints
    product_views: Ints
    add_to_cart: Ints
    reached_checkout: Ints
    purchases: Ints


def _bought(story: Story, heads: Heads, first: int, count: int) -> Ints:
    """hours x channels x countries: orders on the wall clock."""
    wall = story.zone.to_wall(heads.placed)
    hour = wall // 3600 - first * 24
    inside = (hour >= 0) & (hour < count * 24)
    place = hour * _CELLS + heads.channel * len(COUNTRIES) + heads.country
    return np.bincount(place[inside], minlength=count * 24 * _CELLS).astype(np.int64)


def wanted(story: Story, days: Ints) -> Floats:
    """Orders expected in each hour, channel and country (flat), had nothing gone wrong."""
    lands = country_weights(story, days)
    lands = lands / lands.sum(axis=1, keepdims=True)
    press = story.press(days)
    ways = np.tile(np.array(ALL_ORDER_CHANNELS), (len(days), 1))
    ways[:, PRESS] += 0.14 * press
    ways = ways / ways.sum(axis=1, keepdims=True)
    clock = hours()[day_kinds(story, days)]
    volume = demand(story, days)[:, None] * lands
    table = (volume[:, :, None] * clock).transpose(0, 2, 1)[:, :, None, :] * ways[:, None, :, None]
    flat: Floats = np.ascontiguousarray(table).ravel()
    return flat


def _fault(story: Story, first: int, count: int) -> Floats:
    """The part of each hour (flat cells) in which the checkout was down."""
    begins = np.arange(first * 24, (first + count) * 24, dtype=np.int64) * 3600
    down = story.fault_day * DAY + FAULT_STARTS
    overlap = np.minimum(begins + 3600, down + fault_seconds()) - np.maximum(begins, down)
    return np.repeat(np.clip(overlap, 0, 3600) / 3600, _CELLS)


def _rounded(amount: Floats, draw: Floats) -> Ints:
    """Up or down by chance; with one draw for several amounts, a larger amount never becomes the
    smaller number."""
    return np.floor(amount + draw).astype(np.int64)


def _curiosity(story: Story, days: Ints) -> Floats:
    """Visits that buy nothing, beside the usual share: fewer in the peak week, a slow wave, and
    fewer with the years, as the shop gets better at selling."""
    wave = 1 + 0.045 * np.sin(days / 29.0) + 0.02 * normal(story.seed, "crowd", days)
    years = (days - story.start) / 365.25
    crowd: Floats = wave * (1.03 - 0.02 * years) * story.peaks(days) ** -0.35
    return crowd


def visits(story: Story, heads: Heads, first: int, last: int) -> Visits:
    """Whole days; `heads` must hold their orders."""
    first = max(first, story.start)
    days = np.arange(first, last + 1, dtype=np.int64)
    cell = np.arange(first * 24 * _CELLS, (last + 1) * 24 * _CELLS, dtype=np.int64)
    channel = (cell // len(COUNTRIES)) % len(CHANNELS)
    bought = _bought(story, heads, first, len(days))
    expected = wanted(story, days)
    spread = np.exp(0.16 * normal(story.seed, "visits", cell))
    draw = uniform(story.seed, "visit", cell)
    crowd = np.repeat(_curiosity(story, days), 24 * _CELLS)
    idle = _rounded(expected * (1 / _CONVERSION[channel] - 1) * spread * crowd, draw)
    failed = _rounded(expected * _fault(story, first, len(days)) * 0.97, draw)
    second = uniform(story.seed, "steps", cell)
    until_checkout = bought + failed + _rounded(idle * _CHECKOUT[channel], second)
    hour = cell // _CELLS * 3600
    found = Visits(
        hour=hour,
        ends=story.zone.to_utc(hour + 3600),
        channel=channel,
        country=cell % len(COUNTRIES),
        sessions=idle + bought + failed,
        product_views=bought + failed + _rounded(idle * _VIEWED[channel], second),
        add_to_cart=bought + failed + _rounded(idle * _ADDED[channel], second),
        reached_checkout=until_checkout,
        purchases=bought,
    )
    real = (found.sessions > 0) & (story.zone.to_wall(story.zone.to_utc(hour)) == hour)
    return Visits(*(column[real] for column in vars(found).values()))
