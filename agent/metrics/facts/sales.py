"""Sums over the ledger, or over its daily sums where these know enough."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from agent.metrics.clauses import Element, grouped, same, within
from agent.metrics.metric import Measure
from agent.metrics.reading import Reading
from agent.warehouse.schema import DAILY_SALES, ORDERS, PRODUCTS, SALES

_TOTAL = sa.Numeric(38, 4)
_NOTHING: Element = sa.literal_column("0")
_GOODS = SALES.c.line_type == sa.literal_column("'PRODUCT'")


def sales(reading: Reading, measures: list[Measure]) -> list[sa.Select[Any]]:
    fact = DAILY_SALES if _by_whole_days(reading) else SALES
    source: sa.FromClause = fact
    if fact is SALES and reading.touches("order"):
        source = source.outerjoin(ORDERS, same(SALES, ORDERS, "order_id"))
    if fact is SALES and reading.touches("product"):
        source = source.outerjoin(PRODUCTS, same(SALES, PRODUCTS, "product_id"))
    sums = [_sum(measure, fact) for measure in measures]
    statement = grouped(reading, fact, source, sums).where(*within(reading, fact))
    # A group that has shipping or fees only is no row of a breakdown of goods.
    goods_only = fact is SALES and not any(measure.every for measure in measures)
    return [statement.where(_GOODS) if goods_only else statement]


def _by_whole_days(reading: Reading) -> bool:
    """Whether the daily sums can answer: no product, no hour, no day cut short."""
    lines = reading.touches("product") or reading.touches("line")
    return not (lines or reading.grain == "hour" or reading.window.until)


def _sum(measure: Measure, fact: sa.Table) -> sa.Label[Any]:
    kind = _TOTAL if measure.money else sa.BigInteger()
    goods = _plus(fact, measure.goods)
    if fact is SALES and measure.goods:
        goods = sa.case((_GOODS, goods), else_=_NOTHING)
    every = _plus(fact, measure.every)
    amount = goods + every if measure.goods and measure.every else goods if measure.goods else every
    return sa.cast(sa.func.coalesce(sa.func.sum(amount), _NOTHING), kind).label(measure.name)


def _plus(fact: sa.Table, columns: tuple[str, ...]) -> Element:
    first, *others = (fact.c[name] for name in columns) if columns else (_NOTHING,)
    return sum(others, first)
