"""Sums over what orders cost beside their goods, on the day it was owed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from agent.metrics.clauses import grouped, same, within
from agent.metrics.exchange import with_rates
from agent.metrics.facts.known import first_of, known_sum
from agent.metrics.metric import Measure
from agent.metrics.reading import Reading
from agent.metrics.segments import with_segments
from agent.warehouse.schema import COSTS, ORDERS

_KINDS = {"shipping_cost": "shipping", "payment_fees": "payment"}


def costs(reading: Reading, measures: list[Measure]) -> list[sa.Select[Any]]:
    source: sa.FromClause = COSTS
    if reading.touches("order", "customer", "age"):
        source = source.outerjoin(ORDERS, same(COSTS, ORDERS, "order_id"))
    source = with_rates(reading, COSTS, with_segments(reading, source))
    sums = [label for measure in measures for label in _of_kind(reading, measure)]
    return [grouped(reading, COSTS, source, sums).where(*within(reading, COSTS))]


def _of_kind(reading: Reading, measure: Measure) -> list[sa.Label[Any]]:
    kind = _KINDS[measure.name]
    amount = sa.case(
        (COSTS.c.kind == sa.literal_column(f"'{kind}'"), COSTS.c.amount),
        else_=sa.literal_column("0"),
    )
    return known_sum(reading, measure, amount, first_of(reading, COSTS, kind))
