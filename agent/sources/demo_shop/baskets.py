"""What was in the orders, and the money of each line, exact to the cent.

Prices are what the buyer sees: without tax in the US, with it elsewhere. Each part of a line is
worked out in the buyer's cents and turned into the shop's at the day's rate, so an order's total is
the sum of its parts by construction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from agent.sources.demo_shop import ledger
from agent.sources.demo_shop.catalogue import TYPES, Catalogue, catalogue
from agent.sources.demo_shop.dice import Flags, Floats, Ints, choose, choose_rows, share, uniform
from agent.sources.demo_shop.ledger import Ledger
from agent.sources.demo_shop.orders import Heads
from agent.sources.demo_shop.people import DE, EMAIL, GB, PLACES, US, WHOLESALE, rates
from agent.sources.demo_shop.story import CAMPAIGNS, Story

MILLION = 1_000_000
_LINES = (0.76, 0.16, 0.06, 0.02)
_FREE_FROM = np.array([7500, 6000, 5500])
_POSTAGE = np.array([795, 490, 450])
_GIFT_VALUES = np.array([2500, 5000, 7500, 10000, 15000])
_PRESS_LIFT = np.array([0.5, 4.6, 1.1])


@dataclass(frozen=True)
class Lines:
    """Product lines in the buyer's cents: `price` times `quantity` before discounts, which are
    positive here."""

    order: Ints
    line: Ints
    product: Ints
    quantity: Ints
    price: Ints
    off: Ints


def product_weights(story: Story, first: int, last: int) -> Floats:
    """(days x countries) x products, in rows of `3 * (day - first) + country`."""
    days = np.arange(first, last + 1, dtype=np.int64)
    goods = catalogue(story)
    weights = np.repeat(goods.weights(story, days), 3, axis=0)
    lift = (1 + story.press(days)[:, None] * _PRESS_LIFT[None, :]).ravel()
    weights[:, goods.find("Arc floor lamp")] *= lift
    return weights


def list_price(story: Story, product: Ints, day: Ints, country: Ints) -> Ints:
    """In the buyer's cents: the dollar figure in euros, seven eighths of it in pounds, in half
    units."""
    dollars = catalogue(story).prices(story, product, day)
    pounds = share(dollars, 7, 400) * 50
    return np.where(country == GB, pounds, dollars)


def pick_products(story: Story, heads: Heads, order: Ints, draws: Floats) -> Ints:
    first, last = int(heads.day.min()), int(heads.day.max())
    weights = product_weights(story, first, last)
    return choose_rows(weights, 3 * (heads.day[order] - first) + heads.country[order], draws)


def product_lines(story: Story, heads: Heads) -> Lines:
    seed = story.seed
    counts = choose(_LINES, uniform(seed, "lines", heads.number)) + 1
    order = np.repeat(np.arange(len(heads)), counts)
    line = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    number = heads.number[order]
    product = pick_products(story, heads, order, uniform(seed, "product", number, line))
    keep = _first_of_each(order, product) & ~gift_only(story, heads)[order]
    order, line, number, product = order[keep], line[keep], number[keep], product[keep]
    price = list_price(story, product, heads.day[order], heads.country[order])
    quantity = _quantities(seed, number, line, price)
    trade = heads.channel[order] == WHOLESALE
    quantity = quantity * np.where(trade, 3, 1)
    lines = Lines(order, line, product, quantity, price, np.zeros(len(order), dtype=np.int64))
    lines = replace(lines, off=_marked_down(story, heads, lines))
    return replace(lines, off=lines.off + _codes(story, heads, lines))


def _first_of_each(order: Ints, product: Ints) -> Flags:
    """False where an earlier line of the order has the product already."""
    _, first = np.unique(order * 1000 + product, return_index=True)
    keep = np.zeros(len(order), dtype=np.bool_)
    keep[first] = True
    return keep


def _quantities(seed: int, number: Ints, line: Ints, price: Ints) -> Ints:
    """Cheap things are bought in twos and fours."""
    draw = uniform(seed, "quantity", number, line)
    cheap = choose((0.74, 0.19, 0.03, 0.04), draw) + 1
    dear = choose((0.95, 0.05), draw) + 1
    return np.where(price < 4500, cheap, dear)


def _marked_down(story: Story, heads: Heads, lines: Lines) -> Ints:
    """Line discounts: campaigns without a code, and the trade's quarter."""
    day = heads.day[lines.order]
    kinds = catalogue(story).kinds[lines.product]
    percent = np.where(heads.channel[lines.order] == WHOLESALE, 25, 0)
    for campaign in CAMPAIGNS:
        if not campaign.code and campaign.product_type is not None:
            on = story.campaign_days(campaign, day) > 0
            meant = on & (kinds == TYPES.index(campaign.product_type)) & (percent == 0)
            percent = np.where(meant, campaign.percent, percent)
    return share(lines.price * lines.quantity, percent, 100)


def _codes(story: Story, heads: Heads, lines: Lines) -> Ints:
    """Each line's share of its order's discount code: rounded along the running total, so the
    shares add up."""
    left = lines.price * lines.quantity - lines.off
    running = np.cumsum(left)
    whole = np.bincount(lines.order, weights=left, minlength=len(heads)).astype(np.int64)
    before = np.concatenate([[0], np.cumsum(whole)[:-1]])[lines.order]
    until, total = running - before, whole[lines.order]
    off = _order_discount(story, heads, whole)[lines.order]
    return share(off, until, np.maximum(total, 1)) - share(off, until - left, np.maximum(total, 1))


def _order_discount(story: Story, heads: Heads, whole: Ints) -> Ints:
    """Off the whole order: a campaign's code, the welcome code, the mail's code, or 15 off from
    120."""
    draw = uniform(story.seed, "code", heads.number)
    percent = np.where(heads.is_new & (draw < 0.21), 10, 0)
    percent = np.where(~heads.is_new & (heads.channel == EMAIL) & (draw < 0.24), 10, percent)
    for campaign in CAMPAIGNS:
        if campaign.code:
            on = (story.campaign_days(campaign, heads.day) > 0) & (draw < 0.82)
            percent = np.where(on, campaign.percent, percent)
    fixed = (percent == 0) & (draw > 0.93) & (whole >= 12_000)
    off = np.where(fixed, 1500, share(whole, percent, 100))
    return np.where(heads.channel == WHOLESALE, 0, off)


def gift_only(story: Story, heads: Heads) -> Flags:
    return _gifts(story, heads) & (uniform(story.seed, "gift alone", heads.number) < 0.4)


def _gifts(story: Story, heads: Heads) -> Flags:
    month = heads.day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    chance = np.where(month == 11, 0.034, 0.009)
    chance = np.where(heads.channel == WHOLESALE, 0.0, chance)
    gift: Flags = uniform(story.seed, "gift", heads.number) < chance
    return gift


def sold(story: Story, heads: Heads, lines: Lines) -> Ledger:
    """The ORDER rows of product lines."""
    goods = catalogue(story)
    part = priced(heads, lines.order, lines.price * lines.quantity, lines.off)
    return replace(
        part,
        line=lines.line,
        product=lines.product,
        quantity=lines.quantity,
        cost=goods.costs(story, lines.product, heads.day[lines.order]),
    )


def priced(heads: Heads, order: Ints, price: Ints, off: Ints) -> Ledger:
    """Rows of the buyer's prices and discounts, split into gross, discount and tax and turned into
    shop money.

    US tax comes on top of the discounted price; elsewhere the tax is taken out of it, to the cent.
    """
    tax_rate = np.array([place.tax for place in PLACES])[heads.place[order]]
    inside = heads.country[order] != US
    paid = price - off
    net = np.where(inside, share(paid, MILLION, MILLION + tax_rate), paid)
    gross = np.where(inside, share(price, MILLION, MILLION + tax_rate), price)
    tax = np.where(inside, paid - net, share(paid, tax_rate, MILLION))
    currency = heads.country[order]
    rate = rates(heads.day[order])[np.arange(len(order)), currency]
    return ledger.rows(
        order,
        number=heads.number[order],
        moment=heads.placed[order],
        gross=share(gross, rate, 10_000),
        discount=share(net - gross, rate, 10_000),
        tax=share(tax, rate, 10_000),
        currency=currency,
        presented=net + tax,
    )


def postage(story: Story, heads: Heads, goods: Ledger) -> Ledger:
    """SHIPPING rows of the orders below their country's free-shipping threshold."""
    paid = np.where(heads.country[goods.order] == US, goods.presented - goods.tax, goods.presented)
    worth = np.bincount(goods.order, weights=paid, minlength=len(heads)).astype(np.int64)
    charged = (worth > 0) & (worth < _FREE_FROM[heads.country]) & (heads.channel != WHOLESALE)
    order = np.flatnonzero(charged)
    row = priced(heads, order, _POSTAGE[heads.country[order]], np.zeros(len(order), dtype=np.int64))
    free = np.array([not place.taxes_shipping for place in PLACES])[heads.place[order]]
    return replace(
        row,
        line=np.full(len(order), ledger.SHIPPING_LINE),
        kind=np.full(len(order), ledger.SHIPPING),
        shipping=row.gross,
        gross=np.zeros(len(order), dtype=np.int64),
        tax=np.where(free, 0, row.tax),
        presented=np.where(free, row.presented - row.tax, row.presented),
    )


def extras(story: Story, heads: Heads, goods: Catalogue) -> Ledger:
    """Gift cards and tips: money without tax or discount."""
    gift = np.flatnonzero(_gifts(story, heads))
    worth = choose((0.2, 0.38, 0.12, 0.22, 0.08), uniform(story.seed, "value", heads.number[gift]))
    tip = np.flatnonzero((uniform(story.seed, "tip", heads.number) < 0.013) & (heads.country != DE))
    cents = 100 * (1 + choose((2, 3, 1, 1, 2), uniform(story.seed, "tip size", heads.number[tip])))
    cards = _plain(heads, gift, _GIFT_VALUES[worth])
    tips = _plain(heads, tip, cents)
    return ledger.join(
        replace(
            cards,
            line=np.full(len(gift), ledger.GIFT_LINE),
            kind=np.full(len(gift), ledger.GIFT_CARD),
            product=np.full(len(gift), goods.gift_card),
            quantity=np.ones(len(gift), dtype=np.int64),
        ),
        replace(
            tips,
            line=np.full(len(tip), ledger.TIP_LINE),
            kind=np.full(len(tip), ledger.TIP),
        ),
    )


def _plain(heads: Heads, order: Ints, amount: Ints) -> Ledger:
    currency = heads.country[order]
    rate = rates(heads.day[order])[np.arange(len(order)), currency]
    return ledger.rows(
        order,
        number=heads.number[order],
        moment=heads.placed[order],
        gross=share(amount, rate, 10_000),
        currency=currency,
        presented=amount,
    )


def order_rows(story: Story, heads: Heads) -> Ledger:
    """Everything that was written when the orders were placed."""
    goods = sold(story, heads, product_lines(story, heads))
    return ledger.join(goods, postage(story, heads, goods), extras(story, heads, catalogue(story)))
