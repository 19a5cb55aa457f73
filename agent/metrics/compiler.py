"""A reading of measures, compiled to SQLAlchemy Core that both warehouses run. Pure: no connection
is needed.

Values reach SQL as bind parameters only. Expressions that are grouped by hold none, because a
repeated parameter would be another expression to PostgreSQL.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from agent.metrics.catalogue import MEASURES, Measure
from agent.metrics.clauses import Element, bucket, grouped, in_shops, orders_source, same, within
from agent.metrics.dimensions import GRAINS
from agent.metrics.history import history
from agent.metrics.reading import Reading
from agent.warehouse.schema import CUSTOMERS, DAILY_SALES, ORDERS, PRODUCTS, SALES

_TOTAL = sa.Numeric(38, 4)
_NOTHING: Element = sa.literal_column("0")
_GOODS = SALES.c.line_type == sa.literal_column("'PRODUCT'")
_STEP = {g: f"INTERVAL '1 {g}'" for g in GRAINS} | {"quarter": "INTERVAL '3 months'"}


def statements(reading: Reading) -> list[sa.Select[Any]]:
    """The statements that read it. Each gives dimensions, measures and `is_total`: 1 on the row
    that stands for everything."""
    facts: dict[str, list[Measure]] = {}
    for name in reading.measures:
        facts.setdefault(MEASURES[name].fact, []).append(MEASURES[name])
    makers = {"sales": _sales, "orders": _orders, "history": history}
    return [statement for fact, rows in facts.items() for statement in makers[fact](reading, rows)]


def titles(shops: tuple[str, ...], products: tuple[str, ...]) -> sa.Select[Any]:
    """What the products are called: `product` and `product_label`."""
    named = sa.select(
        PRODUCTS.c.product_id.label("product"), PRODUCTS.c.title.label("product_label")
    ).where(in_shops(PRODUCTS, shops))
    return named.where(PRODUCTS.c.product_id.in_(products)) if len(products) <= 1000 else named


def _sales(reading: Reading, measures: list[Measure]) -> list[sa.Select[Any]]:
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


def _orders(reading: Reading, measures: list[Measure]) -> list[sa.Select[Any]]:
    source = orders_source(reading)
    names = {measure.name for measure in measures}
    if "returning_customers" in names:
        source = source.outerjoin(CUSTOMERS, same(ORDERS, CUSTOMERS, "customer_id"))
    counts = [_count(name, reading) for name in names]
    return [
        grouped(reading, ORDERS, source, counts).where(*within(reading, ORDERS), ORDERS.c.placed)
    ]


def _count(name: str, reading: Reading) -> sa.Label[Any]:
    customer = sa.func.count(sa.distinct(_one_of(ORDERS.c.customer_id, reading)))
    if name == "orders":
        lines = reading.touches("product") or reading.touches("line")
        count = (
            sa.func.count(sa.distinct(_one_of(ORDERS.c.order_id, reading)))
            if lines
            else sa.func.count()
        )
        return count.label(name)
    if name == "new_customers":
        return customer.filter(ORDERS.c.order_index == 1).label(name)
    if name == "returning_customers":
        return customer.filter(CUSTOMERS.c.second_at < _bucket_end(reading)).label(name)
    return customer.label(name)


def _one_of(column: sa.Column[Any], reading: Reading) -> Element:
    """An id that is unique over the reading's shops."""
    return (
        column
        if len(reading.shops) == 1
        else column.table.c.shop_id + sa.literal_column("'/'") + column
    )


def _bucket_end(reading: Reading) -> Element:
    stop: Element = sa.literal(reading.window.stop, sa.DateTime)
    if not reading.grain:
        return stop
    step: Element = sa.literal_column(_STEP[reading.grain])
    return sa.func.least(bucket(ORDERS.c.local_at, reading.grain) + step, stop)
