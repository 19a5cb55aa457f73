"""What was spent to be seen, by day and campaign, and what the platforms say it sold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agent.sources.demo_shop.dice import Floats, Ints, normal
from agent.sources.demo_shop.ledger import PRODUCT, Ledger
from agent.sources.demo_shop.orders import Heads
from agent.sources.demo_shop.people import CHANNELS
from agent.sources.demo_shop.plan import demand
from agent.sources.demo_shop.story import Story

# Channel, campaign, share of the money, cents a click, clicks a thousand impressions; its share of
# the channel's sales, and how many times that its platform claims.
CAMPAIGN_SPEND = (
    ("Paid search", "Brand", 0.080, 62, 92.0, 0.34, 1.36),
    ("Paid search", "Shopping, lighting", 0.155, 104, 21.0, 0.30, 1.18),
    ("Paid search", "Shopping, furniture", 0.108, 121, 18.0, 0.20, 1.15),
    ("Paid search", "Shopping, Germany", 0.087, 88, 20.0, 0.16, 1.20),
    ("Paid social", "Living rooms, prospecting", 0.152, 96, 9.5, 0.38, 1.24),
    ("Paid social", "Retargeting", 0.083, 74, 13.0, 0.43, 1.34),
    ("Paid social", "Bedding, prospecting", 0.065, 101, 8.8, 0.19, 1.22),
    ("Email", "Newsletter", 0.027, 9, 26.0, 0.69, 1.16),
    ("Referral and press", "Affiliates", 0.050, 58, 14.0, 0.52, 1.22),
    ("Email", "Welcome and win-back", 0.013, 11, 34.0, 0.31, 1.19),
    ("Referral and press", "Design blogs", 0.025, 69, 11.0, 0.21, 1.16),
    ("Marketplace", "Sponsored listings", 0.070, 55, 16.0, 0.58, 1.26),
)
COST_PER_NEW_CUSTOMER = 2800
"""Cents, about, were the shares to add up to one."""


@dataclass(frozen=True)
class Spend:
    """One entry a day and campaign (a position in CAMPAIGN_SPEND); amount and claimed in cents."""

    day: Ints
    campaign: Ints
    amount: Ints
    impressions: Ints
    clicks: Ints
    claimed: Ints


def spend(story: Story, sold: tuple[Heads, Ledger], first: int, last: int) -> Spend:
    """Whole days; `sold` must hold their orders and the rows written when they were placed."""
    table = np.array([row[2:] for row in CAMPAIGN_SPEND])
    first = max(first, story.start)
    days = np.arange(first, last + 1, dtype=np.int64)
    day = np.repeat(days, len(table))
    campaign = np.tile(np.arange(len(table)), len(days))
    # Budgets follow the season slowly: part fixed, part with demand; a little dearer every year.
    years = (day - story.start) / 365.25
    new = 0.5 * np.repeat(demand(story, days), len(table))
    steady = np.minimum(new, 68 + 14 * years) * 0.72 + new * 0.28
    part, click, through, _, _ = table[campaign].T
    noise = np.exp(0.11 * normal(story.seed, "spend", day, campaign))
    amount = np.rint(COST_PER_NEW_CUSTOMER * (1 + 0.03 * years) * steady * part * noise)
    wobble = np.exp(0.08 * normal(story.seed, "clicks", day, campaign))
    clicks = np.rint(amount / click * wobble)
    impressions = np.rint(clicks / through * 1000 / wobble)
    claimed = _claimed(story, sold, days)
    columns = (day, campaign, amount, impressions, clicks, claimed)
    return Spend(*(column.astype(np.int64) for column in columns))


def _claimed(story: Story, sold: tuple[Heads, Ledger], days: Ints) -> Floats:
    """days x campaigns, flat: the campaign's part of what its channel really sold, and what its
    platform adds to it."""
    heads, placed = sold
    goods = np.flatnonzero(placed.kind == PRODUCT)
    day = heads.day[placed.order[goods]] - days[0]
    inside = (day >= 0) & (day < len(days))
    place = day[inside] * len(CHANNELS) + heads.channel[placed.order[goods[inside]]]
    net = (placed.gross + placed.discount)[goods[inside]]
    cells = np.bincount(place, weights=net, minlength=len(days) * len(CHANNELS))
    channel = [CHANNELS.index(row[0]) for row in CAMPAIGN_SPEND]
    part, claim = np.array([row[5:] for row in CAMPAIGN_SPEND]).T
    own = cells.reshape(len(days), len(CHANNELS))[:, channel] * part * claim
    turn = np.arange(len(days))[:, None] + days[0], np.arange(len(channel))[None, :]
    day, campaign = (key.astype(np.int64) for key in np.broadcast_arrays(*turn))
    found: Floats = np.rint(own * np.exp(0.02 * normal(story.seed, "claim", day, campaign))).ravel()
    return found
