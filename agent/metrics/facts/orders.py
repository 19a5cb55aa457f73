"""Counts of orders and of the customers who placed them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from agent.metrics.clauses import (
    Element,
    bucket,
    by_line,
    earlier,
    grouped,
    orders_source,
    same,
    within,
)
from agent.metrics.dimensions import GRAINS
from agent.metrics.metric import Measure
from agent.metrics.reading import Reading
from agent.metrics.segments import with_segments
from agent.warehouse.schema import CUSTOMERS, ORDERS

_STEP = {g: f"INTERVAL '1 {g}'" for g in GRAINS} | {"quarter": "INTERVAL '3 months'"}


def orders(reading: Reading, measures: list[Measure]) -> list[sa.Select[Any]]:
    source = with_segments(reading, orders_source(reading))
    names = {measure.name for measure in measures}
    if "returning_customers" in names and not _alone(reading):
        source = source.outerjoin(CUSTOMERS, same(ORDERS, CUSTOMERS, "customer_id"))
    counts = [_count(name, reading) for name in names]
    return [
        grouped(reading, ORDERS, source, counts).where(*within(reading, ORDERS), ORDERS.c.placed)
    ]


def _alone(reading: Reading) -> bool:
    """Whether nothing but time parts the orders: then a customer's second one, if he had it by the
    end of a bucket in which he ordered, is in that bucket or before it, and so is known there."""
    return not (reading.attributes or reading.filters or reading.cut)


def _count(name: str, reading: Reading) -> sa.Label[Any]:
    customer = sa.func.count(sa.distinct(_one_of(ORDERS.c.customer_id, reading)))
    if name == "orders":
        count = (
            sa.func.count(sa.distinct(_one_of(ORDERS.c.order_id, reading)))
            if by_line(reading)
            else sa.func.count()
        )
        return count.label(name)
    if name == "new_customers":
        return customer.filter(ORDERS.c.order_index == 1).label(name)
    if name == "repurchasing_customers" or (name == "returning_customers" and _alone(reading)):
        return customer.filter(ORDERS.c.order_index > 1).label(name)
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
    if reading.other:
        before = sa.literal(reading.other.stop, sa.DateTime)
        stop = sa.case((earlier(reading, ORDERS), before), else_=stop)
    if not reading.grain:
        return stop
    step: Element = sa.literal_column(_STEP[reading.grain])
    return sa.func.least(bucket(ORDERS.c.local_at, reading.grain) + step, stop)
