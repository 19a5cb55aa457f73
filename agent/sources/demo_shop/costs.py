"""What an order costs beside its goods: the parcel, and the fee for the payment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agent.sources.demo_shop.catalogue import catalogue
from agent.sources.demo_shop.changes import CANCELLED, Fates
from agent.sources.demo_shop.dice import Ints, share, uniform
from agent.sources.demo_shop.ledger import PRODUCT, Ledger
from agent.sources.demo_shop.orders import Heads
from agent.sources.demo_shop.people import WHOLESALE
from agent.sources.demo_shop.story import Story

PARCEL, PAYMENT = 0, 1
KIND_NAMES = ("shipping", "payment")
_PARCEL = np.array([620, 710, 760])
"""Cents for the first thing, by country."""
_MORE = np.array([140, 1450, 90, 150, 110, 0])
"""Cents for every thing, by its type: furniture goes by carrier."""
_FEE_PER_MILLE, _FEE = 29, 30


@dataclass(frozen=True)
class Costs:
    """One entry a cost; `number` is its order's, `day` of the shop's wall, `moment` when it came to
    be (UTC seconds), `amount` in cents."""

    number: Ints
    day: Ints
    moment: Ints
    kind: Ints
    amount: Ints


def costs(story: Story, heads: Heads, placed: Ledger, told: Fates) -> Costs:
    """A parcel for every order with goods that was not cancelled before it left, and a card fee for
    every order but the trade's, which pays by transfer."""
    goods = placed.kind == PRODUCT
    more = _MORE[catalogue(story).kinds[placed.product[goods]]] * placed.quantity[goods]
    weight = _summed(placed.order[goods], more, len(heads))
    paid = _summed(placed.order, placed.money, len(heads))
    spread = 0.86 + 0.28 * uniform(story.seed, "parcel", heads.number)
    parcel = np.rint((_PARCEL[heads.country] + weight) * spread).astype(np.int64)
    fee = share(paid, _FEE_PER_MILLE, 1000) + _FEE
    sent = np.flatnonzero((weight > 0) & (told.fate != CANCELLED))
    charged = np.flatnonzero((heads.channel != WHOLESALE) & (paid > 0))
    order = np.concatenate([sent, charged])
    return Costs(
        number=heads.number[order],
        day=heads.day[order],
        moment=heads.placed[order],
        kind=np.repeat(np.array([PARCEL, PAYMENT]), [len(sent), len(charged)]),
        amount=np.concatenate([parcel[sent], fee[charged]]),
    )


def _summed(order: Ints, amount: Ints, count: int) -> Ints:
    return np.bincount(order, weights=amount, minlength=count).astype(np.int64)
