"""Who buys: countries, places with their taxes, channels, and the exchange rates they pay at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agent.sources.demo_shop.dice import Floats, Ints, choose, uniform
from agent.sources.demo_shop.story import Story

COUNTRIES = ("US", "DE", "GB")
CURRENCIES = ("USD", "EUR", "GBP")
US, DE, GB = 0, 1, 2

CHANNELS = (
    "Organic search",
    "Paid search",
    "Email",
    "Direct",
    "Paid social",
    "Referral and press",
    "Marketplace",
    "Wholesale",
)
EMAIL, PRESS, WHOLESALE = 2, 5, 7
FIRST_ORDER_CHANNELS = (0.285, 0.265, 0.05, 0.115, 0.165, 0.065, 0.05, 0.005)
LATER_ORDER_CHANNELS = (0.215, 0.115, 0.335, 0.215, 0.045, 0.03, 0.03, 0.015)
ALL_ORDER_CHANNELS = (0.25, 0.20, 0.185, 0.16, 0.112, 0.05, 0.035, 0.008)


@dataclass(frozen=True)
class Place:
    """`tax` is in millionths; in the US it comes on top, elsewhere it is inside the price."""

    country: str
    region: str
    city: str
    weight: float
    tax: int
    taxes_shipping: bool = True


PLACES = (
    Place("US", "NY", "New York", 9.5, 88_750),
    Place("US", "NY", "Rochester", 1.4, 80_000),
    Place("US", "NY", "Buffalo", 1.2, 87_500),
    Place("US", "CA", "Los Angeles", 6.8, 95_000, False),
    Place("US", "CA", "San Francisco", 4.1, 86_250, False),
    Place("US", "CA", "San Diego", 2.7, 77_500, False),
    Place("US", "TX", "Austin", 3.0, 82_500),
    Place("US", "TX", "Houston", 3.1, 82_500),
    Place("US", "TX", "Dallas", 2.7, 82_500),
    Place("US", "FL", "Miami", 2.9, 70_000, False),
    Place("US", "FL", "Tampa", 2.2, 75_000, False),
    Place("US", "IL", "Chicago", 4.3, 102_500, False),
    Place("US", "MA", "Boston", 3.9, 62_500, False),
    Place("US", "MA", "Cambridge", 1.5, 62_500, False),
    Place("US", "PA", "Philadelphia", 3.1, 80_000),
    Place("US", "PA", "Pittsburgh", 1.6, 70_000),
    Place("US", "WA", "Seattle", 3.2, 103_500),
    Place("US", "OR", "Portland", 2.4, 0, False),
    Place("US", "CO", "Denver", 2.3, 88_100, False),
    Place("US", "GA", "Atlanta", 2.5, 89_000),
    Place("US", "NC", "Charlotte", 1.8, 72_500),
    Place("US", "NC", "Durham", 1.3, 75_000),
    Place("US", "VA", "Richmond", 1.6, 60_000, False),
    Place("US", "NJ", "Jersey City", 2.4, 66_250),
    Place("US", "CT", "New Haven", 1.3, 63_500),
    Place("US", "MN", "Minneapolis", 1.9, 90_250),
    Place("US", "MI", "Ann Arbor", 1.4, 60_000),
    Place("US", "OH", "Columbus", 1.7, 75_000),
    Place("US", "AZ", "Phoenix", 1.6, 86_000, False),
    Place("US", "VT", "Burlington", 0.8, 70_000),
    Place("US", "ME", "Portland", 0.8, 55_000),
    Place("US", "NH", "Portsmouth", 0.6, 0, False),
    Place("DE", "BE", "Berlin", 18.0, 190_000),
    Place("DE", "HH", "Hamburg", 12.0, 190_000),
    Place("DE", "BY", "Munich", 13.0, 190_000),
    Place("DE", "BY", "Nuremberg", 4.0, 190_000),
    Place("DE", "NW", "Cologne", 9.0, 190_000),
    Place("DE", "NW", "Düsseldorf", 6.5, 190_000),
    Place("DE", "NW", "Münster", 3.0, 190_000),
    Place("DE", "HE", "Frankfurt am Main", 7.5, 190_000),
    Place("DE", "BW", "Stuttgart", 7.0, 190_000),
    Place("DE", "BW", "Freiburg", 3.5, 190_000),
    Place("DE", "SN", "Leipzig", 6.0, 190_000),
    Place("DE", "HB", "Bremen", 3.5, 190_000),
    Place("GB", "ENG", "London", 34.0, 200_000),
    Place("GB", "ENG", "Manchester", 9.0, 200_000),
    Place("GB", "ENG", "Bristol", 8.0, 200_000),
    Place("GB", "ENG", "Leeds", 6.0, 200_000),
    Place("GB", "ENG", "Brighton", 6.0, 200_000),
    Place("GB", "ENG", "Birmingham", 6.0, 200_000),
    Place("GB", "SCT", "Edinburgh", 7.0, 200_000),
    Place("GB", "SCT", "Glasgow", 5.5, 200_000),
    Place("GB", "WLS", "Cardiff", 4.0, 200_000),
    Place("GB", "NIR", "Belfast", 2.5, 200_000),
)


def country_weights(story: Story, days: Ints) -> Floats:
    """days x countries. Germany grows slowly, and jumps with the press feature."""
    years = (days - story.start) / 365.25
    press = story.press(days)
    german = (0.205 + 0.012 * years) * (1 + 0.40 * press)
    british = 0.182 * (1 + 0.06 * press)
    return np.stack([np.full(len(days), 0.585), german, british], axis=1)


def countries(story: Story, person: Ints, day: Ints) -> Ints:
    """The country of a person who first came on a day: each person keeps it."""
    weights = country_weights(story, day)
    edges = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    draw = uniform(story.seed, "country", person)
    found: Ints = (draw[:, None] >= edges[:, :2]).sum(axis=1).astype(np.int64)
    return found


def places(story: Story, person: Ints, country: Ints) -> Ints:
    """Positions in PLACES."""
    draw = uniform(story.seed, "place", person)
    found = np.zeros(len(person), dtype=np.int64)
    for number, code in enumerate(COUNTRIES):
        here = country == number
        weights = [place.weight if place.country == code else 0.0 for place in PLACES]
        found[here] = choose(weights, draw[here])
    return found


def channels(story: Story, key: Ints, is_new: Ints, day: Ints) -> Ints:
    """Where an order came from. Old customers come by mail and by themselves; the press feature
    brings visitors."""
    draw = uniform(story.seed, "channel", key)
    found = np.where(
        is_new > 0, choose(FIRST_ORDER_CHANNELS, draw), choose(LATER_ORDER_CHANNELS, draw)
    )
    pressed = uniform(story.seed, "by press", key) < 0.16 * story.press(day)
    return np.where(pressed & (found != WHOLESALE), PRESS, found).astype(np.int64)


def rates(day: Ints) -> Ints:
    """days x currencies: US dollars for one unit, in ten-thousandths."""
    at = day.astype(np.float64)
    jitter = uniform(1, "rate", day) - 0.5
    euro = 1.085 + 0.028 * np.sin(at / 97) + 0.012 * np.sin(at / 23 + 1) + 0.004 * jitter
    pound = 1.268 + 0.031 * np.sin(at / 113 + 2) + 0.011 * np.sin(at / 29) + 0.005 * jitter
    table = np.stack([np.ones(len(at)), euro, pound], axis=1)
    found: Ints = np.rint(table * 10_000).astype(np.int64)
    return found
