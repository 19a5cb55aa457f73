"""Sums over the ledger, or over its daily sums where these know enough."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from agent.metrics.clauses import (
    Element,
    by_order,
    grouped,
    lines_with_orders,
    with_products,
    within,
)
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.exchange import converted, with_rates
from agent.metrics.facts.goods import goods
from agent.metrics.metric import Measure
from agent.metrics.reading import Reading
from agent.metrics.segments import with_segments
from agent.warehouse.schema import DAILY_SALES, SALES

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
    fact, source, reading = _fact(reading, measures)
    sums = [_sum(reading, measure, fact) for measure in measures]
    if any(measure.money for measure in measures):
        source = with_rates(reading, fact, source)
    statement = grouped(reading, fact, source, sums).where(*within(reading, fact))
    # A group that has shipping or fees only is no row of a breakdown of goods.
    goods_only = fact is SALES and _goods_only(measures)
    return [statement.where(_GOODS) if goods_only else statement]


def _goods_only(measures: list[Measure]) -> bool:
    return not any(measure.every or measure.name == "tips" for measure in measures)


def _fact(
    reading: Reading, measures: list[Measure]
) -> tuple[sa.FromClause, sa.FromClause, Reading]:
    """Which rows are added up, what they are joined with, and what is left to ask of them."""
    if _of_whole_days(reading) and not any(m.name in _LEDGER_ONLY for m in measures):
        if _known_by_day(reading):
            return DAILY_SALES, DAILY_SALES, reading
        found = goods(reading) if _goods_only(measures) else None
        if found:
            rows, rest = found
            return rows, with_segments(rest, rows, rows), rest
    return SALES, _ledger(reading), reading


def _ledger(reading: Reading) -> sa.FromClause:
    source: sa.FromClause = SALES
    if reading.touches("order", "customer", "age") or by_order(reading, SALES):
        source = lines_with_orders()
    return with_segments(reading, with_products(reading, source))


def _of_whole_days(reading: Reading) -> bool:
    """Whether no hour, no day cut short and no order's own day is asked for."""
    cut = reading.grain == "hour" or reading.window.until
    return not cut and not by_order(reading, SALES)


def _known_by_day(reading: Reading) -> bool:
    """Whether the daily sums know every dimension."""
    return all(
        name in DAILY_SALES.c or DIMENSIONS[name].level in ("time", "clock", "shop")
        for name in reading.dimensions
    )


def _sum(reading: Reading, measure: Measure, fact: sa.FromClause) -> sa.Label[Any]:
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


def _plus(fact: sa.FromClause, columns: tuple[str, ...]) -> Element:
    first, *others = (fact.c[name] for name in columns) if columns else (_NOTHING,)
    return sum(others, first)


def _costs_known() -> Element:
    """Whether any of the goods has a cost, or there are no goods at all."""
    goods = sa.func.count().filter(_GOODS)
    costed = sa.func.count().filter(_COSTED)
    return sa.or_(costed > _NOTHING, goods == _NOTHING)
