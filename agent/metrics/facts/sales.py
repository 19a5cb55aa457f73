"""Sums over the ledger, or over its daily sums where these know enough."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from agent.metrics.clauses import Element, by_order, grouped, lines_with_orders, same, within
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.exchange import converted, with_rates
from agent.metrics.metric import Measure
from agent.metrics.reading import Reading
from agent.metrics.segments import with_segments
from agent.warehouse.schema import DAILY_SALES, PRODUCTS, SALES

_TOTAL = sa.Numeric(38, 4)
_NOTHING: Element = sa.literal_column("0")
_GOODS = SALES.c.line_type == sa.literal_column("'PRODUCT'")


def _only(condition: Element, amount: Element) -> Element:
    return sa.case((condition, amount), else_=_NOTHING)


_NET = SALES.c.gross + SALES.c.discount + SALES.c.reversal
_COSTED = sa.and_(_GOODS, SALES.c.unit_cost.is_not(None))
# What the daily sums have no column for.
_LEDGER_ONLY: Mapping[str, Element] = {
    "tips": _only(SALES.c.line_type == sa.literal_column("'TIP'"), _NET),
    "units_ordered": _only(
        sa.and_(_GOODS, SALES.c.action == sa.literal_column("'ORDER'")), SALES.c.quantity
    ),
    "units_returned": _only(
        sa.and_(_GOODS, SALES.c.action == sa.literal_column("'RETURN'")), -SALES.c.quantity
    ),
    "cogs": _only(_COSTED, SALES.c.quantity * SALES.c.unit_cost),
    "costed_net_sales": _only(_COSTED, _NET),
}


def sales(reading: Reading, measures: list[Measure]) -> list[sa.Select[Any]]:
    daily = _by_whole_days(reading) and not any(m.name in _LEDGER_ONLY for m in measures)
    fact = DAILY_SALES if daily else SALES
    source = fact if daily else _ledger(reading)
    sums = [_sum(reading, measure, fact) for measure in measures]
    if any(measure.money for measure in measures):
        source = with_rates(reading, fact, source)
    statement = grouped(reading, fact, source, sums).where(*within(reading, fact))
    # A group that has shipping or fees only is no row of a breakdown of goods.
    others = any(measure.every or measure.name == "tips" for measure in measures)
    goods_only = fact is SALES and not others
    return [statement.where(_GOODS) if goods_only else statement]


def _ledger(reading: Reading) -> sa.FromClause:
    source: sa.FromClause = SALES
    if reading.touches("order", "customer", "age") or by_order(reading, SALES):
        source = lines_with_orders()
    if reading.touches("product"):
        source = source.outerjoin(PRODUCTS, same(SALES, PRODUCTS, "product_id"))
    return with_segments(reading, source)


def _by_whole_days(reading: Reading) -> bool:
    """Whether the daily sums can answer: they know every dimension; no hour, no day cut short."""
    if by_order(reading, SALES):
        return False
    known = all(
        name in DAILY_SALES.c or DIMENSIONS[name].level in ("time", "clock", "shop")
        for name in reading.dimensions
    )
    return known and reading.grain != "hour" and not reading.window.until


def _sum(reading: Reading, measure: Measure, fact: sa.Table) -> sa.Label[Any]:
    kind = _TOTAL if measure.money else sa.BigInteger()
    if measure.name in _LEDGER_ONLY:
        own = sa.func.sum(_in_terms(reading, measure, _LEDGER_ONLY[measure.name]))
        known = _costs_known() if measure.unknown else sa.true()
        filled = sa.case((known, sa.func.coalesce(own, _NOTHING)))
        return sa.cast(filled, kind).label(measure.name)
    goods = _plus(fact, measure.goods)
    if fact is SALES and measure.goods:
        goods = sa.case((_GOODS, goods), else_=_NOTHING)
    every = _plus(fact, measure.every)
    amount = goods + every if measure.goods and measure.every else goods if measure.goods else every
    summed = sa.func.sum(_in_terms(reading, measure, amount))
    return sa.cast(sa.func.coalesce(summed, _NOTHING), kind).label(measure.name)


def _in_terms(reading: Reading, measure: Measure, amount: Element) -> Element:
    return converted(reading, amount) if measure.money else amount


def _plus(fact: sa.Table, columns: tuple[str, ...]) -> Element:
    first, *others = (fact.c[name] for name in columns) if columns else (_NOTHING,)
    return sum(others, first)


def _costs_known() -> Element:
    """Whether any of the goods has a cost, or there are no goods at all."""
    goods = sa.func.count().filter(_GOODS)
    costed = sa.func.count().filter(_COSTED)
    return sa.or_(costed > _NOTHING, goods == _NOTHING)
