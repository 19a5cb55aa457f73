"""What happened to orders afterwards, each on its own day: cancellations, edits, returns, goodwill.

An order has at most one of them, so nothing is taken back twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from agent.sources.demo_shop import ledger
from agent.sources.demo_shop.baskets import list_price, pick_products, priced
from agent.sources.demo_shop.catalogue import catalogue
from agent.sources.demo_shop.days import DAY
from agent.sources.demo_shop.dice import Ints, choose, normal, share, uniform
from agent.sources.demo_shop.ledger import ADJUSTMENT, PRODUCT, RETURN, SHIPPING, UPDATE, Ledger
from agent.sources.demo_shop.orders import Heads
from agent.sources.demo_shop.story import Story

LATEST = 61
"""No change comes more days than this after its order."""
NOTHING, CANCELLED, EDITED, RETURNED, GOODWILL = range(5)


@dataclass(frozen=True)
class Fates:
    """What becomes of each order, and when (UTC seconds)."""

    fate: Ints
    moment: Ints


def fates(story: Story, heads: Heads) -> Fates:
    draw = uniform(story.seed, "fate", heads.number)
    fate = choose((0.882, 0.018, 0.014, 0.079, 0.007), draw)
    soon = uniform(story.seed, "soon", heads.number)
    # From 12 minutes to 60 hours, most of them within the first hours.
    hours = heads.placed + (720 * np.power(300.0, soon)).astype(np.int64)
    later = np.exp(2.45 + 0.55 * normal(story.seed, "later", heads.number))
    days = heads.day + np.clip(later, 3, 58).astype(np.int64)
    weekday = (days + 3) % 7
    days = days + np.where(weekday > 4, 7 - weekday, 0)
    desk = 9 * 3600 + (uniform(story.seed, "desk", heads.number) * 8.5 * 3600).astype(np.int64)
    office = story.zone.to_utc(days * DAY + desk)
    return Fates(fate, np.where((fate == CANCELLED) | (fate == EDITED), hours, office))


def taken_back(rows: Ledger, moment: Ints, quantity: Ints) -> Ledger:
    """RETURN rows for so many of each row's units; all units take the row back to the cent. Gift
    cards and tips, which are no sales, go back where they stood: in gross."""
    some = rows.quantity > 0
    part, whole = np.where(some, quantity, 1), np.where(some, rows.quantity, 1)
    is_sale = rows.kind == PRODUCT
    net = rows.gross + rows.discount
    return replace(
        rows,
        moment=moment,
        action=np.full(len(rows), RETURN),
        quantity=np.where(some, -quantity, 0),
        gross=np.where(is_sale, 0, -rows.gross),
        discount=np.zeros(len(rows), dtype=np.int64),
        reversal=np.where(is_sale, -_portion(net, part, whole), 0),
        tax=-_portion(rows.tax, part, whole),
        shipping=-rows.shipping,
        presented=-_portion(rows.presented, part, whole),
    )


def _portion(amount: Ints, part: Ints, whole: Ints) -> Ints:
    """Rounded down, so that parts never exceed the whole."""
    return amount * part // whole


def change_rows(story: Story, heads: Heads, placed: Ledger) -> Ledger:
    """All rows that come after the orders' own."""
    told = fates(story, heads)
    fate, moment = told.fate[placed.order], told.moment[placed.order]
    gone = fate == CANCELLED
    cancelled = taken_back(placed.where(gone), moment[gone], placed.quantity[gone])
    return ledger.join(
        cancelled,
        _returns(story, heads, placed.where(fate == RETURNED), moment[fate == RETURNED]),
        _edits(story, heads, placed.where(fate == EDITED), told),
        _goodwill(story, placed.where(fate == GOODWILL), moment[fate == GOODWILL]),
    )


def _returns(story: Story, heads: Heads, rows: Ledger, moment: Ints) -> Ledger:
    """Most lines of the order, sometimes only some units; postage now and then; a restocking fee on
    furniture."""
    draw = uniform(story.seed, "returned", rows.number, rows.line)
    goods = rows.kind == PRODUCT
    chosen = goods & ((draw < 0.72) | (rows.line == 1))
    some = uniform(story.seed, "some units", rows.number, rows.line) < 0.5
    units = np.where(some & (rows.quantity > 1), rows.quantity // 2, rows.quantity)
    back = taken_back(rows.where(chosen), moment[chosen], units[chosen])
    post = (rows.kind == SHIPPING) & (uniform(story.seed, "postage back", rows.number) < 0.28)
    postage = taken_back(rows.where(post), moment[post], rows.quantity[post])
    return ledger.join(back, postage, _restocking(story, back))


def _restocking(story: Story, back: Ledger) -> Ledger:
    """15 % of what goes back stays with the shop, for some returns of larger things."""
    large = np.abs(back.reversal) >= 14_000
    chosen = large & (uniform(story.seed, "restocking", back.number, back.line) < 0.35)
    rows = back.where(chosen)
    return _adjustment(rows, share(-rows.reversal, 15, 100), ledger.FEE_LINE + 10 * rows.line)


def _goodwill(story: Story, rows: Ledger, moment: Ints) -> Ledger:
    """A tenth of the first line back, the goods stay."""
    chosen = (rows.kind == PRODUCT) & (rows.line == 1)
    kept = replace(rows.where(chosen), moment=moment[chosen])
    amount = -share(kept.gross + kept.discount, 10, 100)
    return _adjustment(kept, amount, ledger.GOODWILL_LINE + 10 * kept.line)


def _adjustment(rows: Ledger, amount: Ints, line: Ints) -> Ledger:
    """Money beside the goods. The buyer's figure keeps the proportion of the row's own."""
    own = np.abs(rows.gross + rows.discount + rows.reversal)
    seen = np.abs(rows.presented) - share(
        np.abs(rows.presented), np.abs(rows.tax), np.maximum(own + np.abs(rows.tax), 1)
    )
    return ledger.rows(
        rows.order,
        number=rows.number,
        line=line,
        product=rows.product,
        moment=rows.moment,
        action=RETURN,
        kind=ADJUSTMENT,
        gross=amount,
        currency=rows.currency,
        presented=share(amount, seen, np.maximum(own, 1)),
    )


def _edits(story: Story, heads: Heads, rows: Ledger, told: Fates) -> Ledger:
    """UPDATE rows: half of the edited orders lose a unit of their first line, half gain a
    product."""
    removes = uniform(story.seed, "edit kind", rows.number) < 0.5
    first = (rows.kind == PRODUCT) & (rows.line == 1)
    less = rows.where(first & removes)
    one = np.ones(len(less), dtype=np.int64)
    lost = taken_back(less, told.moment[less.order], one)
    lost = replace(lost, action=np.full(len(less), UPDATE))
    return ledger.join(lost, _added(story, heads, rows.where(first & ~removes), told))


def _added(story: Story, heads: Heads, rows: Ledger, told: Fates) -> Ledger:
    if not len(rows):
        return rows
    order, day = rows.order, heads.day[rows.order]
    product = pick_products(story, heads, order, uniform(story.seed, "added", rows.number))
    price = list_price(story, product, day, heads.country[order])
    row = priced(heads, order, price, np.zeros(len(order), dtype=np.int64))
    return replace(
        row,
        line=np.full(len(order), ledger.ADDED_LINE),
        product=product,
        moment=told.moment[order],
        action=np.full(len(order), UPDATE),
        quantity=np.ones(len(order), dtype=np.int64),
        reversal=row.gross,
        gross=np.zeros(len(order), dtype=np.int64),
        cost=catalogue(story).costs(story, product, day),
    )
