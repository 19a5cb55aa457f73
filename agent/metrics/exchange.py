"""Money of one currency in another: which rates there are, and each row at its own day's rate.

Rates say how many of a currency one unit of their base buys; from one currency to another it is the
quotient of two of a day. Days after the last have the last day's; there is none before the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from agent.errors import Refused
from agent.metrics.clauses import Element, in_shops, once
from agent.metrics.measures import MEASURES
from agent.metrics.reading import Exchange, Reading, Window
from agent.ports import RATES_SHOP, Shop, Warehouse
from agent.warehouse.schema import COSTS, DAILY_SALES, RATES, SHOPS, SPEND
from agent.words import mark, t

# With the 18 digits of an amount it fills the 38 that both warehouses have.
_FACTOR = sa.Numeric(20, 12)
# Where a fact's rows are dated, most cheaply asked.
_DATED = {"sales": DAILY_SALES, "spend": SPEND, "costs": COSTS}
QUOTED = (mark("Rates of {low} to {high}, base {base}"), mark("Rates of {low}, base {base}"))
"""Answers keep them in English; `words.retold` says them."""
_IMPORT = mark("Import a file of rates: python app.py import FILE --format rates")


def find(warehouse: Warehouse, shops: Sequence[Shop], currency: str) -> Exchange | None:
    """The rates that turn these shops' money into a currency; None where it is theirs already.
    Raises Refused where there are none, none of a currency that is needed, or not every day's."""
    needed = {shop.currency for shop in shops} | {currency}
    if needed == {currency}:
        return None
    kept = {row["currency"]: row for row in warehouse.read(_kept()).to_pylist()}
    if not kept:
        raise Refused(t("No exchange rates are kept."), hint=t(_IMPORT))
    base = next(iter(kept.values()))["base"]
    missing = sorted(needed - {base} - set(kept))
    if missing:
        raise Refused(
            t("There are no exchange rates of {missing}.", missing=t(" and ").join(missing)),
            hint=t(_IMPORT),
        )
    rows = [kept[name] for name in sorted(needed - {base})]
    for row in rows:
        if (row["last"] - row["first"]).days + 1 != row["days"]:
            raise Refused(
                t(
                    "The exchange rates of {currency} miss days between {first} and {last}.",
                    currency=row["currency"],
                    first=row["first"],
                    last=row["last"],
                ),
                hint=t(_IMPORT),
            )
    first, last = max(row["first"] for row in rows), min(row["last"] for row in rows)
    return Exchange(currency, base, tuple(sorted(needed - {base})), first, last)


def _kept() -> sa.Select[Any]:
    day = RATES.c.local_date
    return (
        sa.select(
            RATES.c.currency,
            RATES.c.base,
            sa.func.min(day).label("first"),
            sa.func.max(day).label("last"),
            sa.func.count().label("days"),
        )
        .where(RATES.c.shop_id == RATES_SHOP.shop_id)
        .group_by(RATES.c.currency, RATES.c.base)
    )


def check(warehouse: Warehouse, reading: Reading) -> None:
    """Raises Refused where money that the reading asks for lies before the first rate."""
    exchange, window = reading.terms.exchange, reading.window
    if exchange is None or window.start >= exchange.first:
        return
    facts = dict.fromkeys(MEASURES[name].fact for name in reading.measures if MEASURES[name].money)
    for fact in (_DATED[name] for name in facts):
        first = sa.func.min(fact.c.local_date).label("first")
        rows = sa.select(first).where(
            in_shops(fact, reading.shops), fact.c.local_date.between(window.start, window.end)
        )
        day = warehouse.read(rows).column("first")[0].as_py()
        if day is not None and day < exchange.first:
            raise Refused(
                t(
                    "The exchange rates begin on {first}, and there is money from {day} on "
                    "between {start} and {end}.",
                    first=exchange.first,
                    day=day,
                    start=window.start,
                    end=window.end,
                ),
                hint=t("Import older rates, ask for a later period, or leave the comparison out."),
            )


def said(warehouse: Warehouse, exchange: Exchange | None, window: Window) -> str:
    """Which quotes a window's money was converted at, in words; empty where it was not."""
    if exchange is None:
        return ""
    low = min(max(window.start, exchange.first), exchange.last)
    high = max(min(window.end, exchange.last), low)
    quoted = RATES.c.quoted_on
    days = sa.select(sa.func.min(quoted).label("low"), sa.func.max(quoted).label("high")).where(
        RATES.c.shop_id == RATES_SHOP.shop_id,
        RATES.c.currency.in_(exchange.quoted),
        RATES.c.local_date.between(low, high),
    )
    found = warehouse.read(days).to_pylist()[0]
    low, high, base = found["low"], found["high"], exchange.base
    return QUOTED[low == high].format(low=low, high=high, base=base)


def converted(reading: Reading, amount: Element) -> Element:
    """An amount of a source that `with_rates` joined, in the currency of the reading's terms."""
    if reading.terms.exchange is None:
        return amount
    return amount * sa.literal_column("factors.factor", _FACTOR)


def with_rates(reading: Reading, fact: sa.FromClause, source: sa.FromClause) -> sa.FromClause:
    """A source with the factor of each row's own day; the source itself where money stays as it
    is."""
    exchange = reading.terms.exchange
    if exchange is None:
        return source
    factors = _factors(reading, exchange)
    first, last = (sa.cast(day, sa.Date) for day in (exchange.first, exchange.last))
    day = sa.func.greatest(sa.func.least(fact.c.local_date, last), first)
    return source.outerjoin(
        factors, sa.and_(factors.c.shop_id == fact.c.shop_id, factors.c.local_date == day)
    )


def _factors(reading: Reading, exchange: Exchange) -> sa.CTE:
    """What money of each shop is worth on each day that has rates."""
    days = (
        sa.select(RATES.c.local_date)
        .where(
            RATES.c.shop_id == RATES_SHOP.shop_id,
            RATES.c.currency.in_(exchange.quoted),
            RATES.c.local_date.between(exchange.first, exchange.last),
        )
        .distinct()
        .cte("days_with_rates")
    )
    own, wanted = RATES.alias("own_rates"), RATES.alias("wanted_rates")
    source = SHOPS.join(days, sa.true())
    for rates, currency in ((own, SHOPS.c.currency), (wanted, sa.literal(exchange.currency))):
        source = source.outerjoin(rates, _of_day(rates, currency, days))
    # The base has no rate: it is worth one of itself.
    worth = sa.func.coalesce(wanted.c.rate, 1) / sa.func.coalesce(own.c.rate, 1)
    rows = (
        sa.select(SHOPS.c.shop_id, days.c.local_date, sa.cast(worth, _FACTOR).label("factor"))
        .select_from(source)
        .where(in_shops(SHOPS, reading.shops))
    )
    return once(rows, "factors")


def _of_day(rates: sa.FromClause, currency: Element, days: sa.CTE) -> Element:
    return sa.and_(
        rates.c.shop_id == RATES_SHOP.shop_id,
        rates.c.currency == currency,
        rates.c.local_date == days.c.local_date,
    )
