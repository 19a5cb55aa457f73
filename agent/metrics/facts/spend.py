"""Sums over what advertising cost and what its platforms say of it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from agent.metrics.clauses import grouped, within
from agent.metrics.exchange import with_rates
from agent.metrics.facts.known import first_of, known_sum
from agent.metrics.metric import Measure
from agent.metrics.reading import Reading
from agent.warehouse.schema import SPEND

_COLUMNS = {"marketing_spend": "amount"}


def spend(reading: Reading, measures: list[Measure]) -> list[sa.Select[Any]]:
    first = first_of(reading, SPEND)
    sums = [
        label
        for measure in measures
        for label in known_sum(
            reading, measure, SPEND.c[_COLUMNS.get(measure.name, measure.name)], first
        )
    ]
    source = with_rates(reading, SPEND, SPEND)
    return [grouped(reading, SPEND, source, sums).where(*within(reading, SPEND))]
