"""Sums that are unknown before the fact's first row; from there on, no rows are a zero."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from agent.metrics.clauses import Element, in_shops, moment
from agent.metrics.exchange import converted
from agent.metrics.grid import SINCE
from agent.metrics.metric import Measure
from agent.metrics.reading import Reading

_TOTAL = sa.Numeric(38, 4)
First = sa.ScalarSelect[Any]


def first_of(reading: Reading, fact: sa.Table, kind: str = "") -> First:
    """The moment of the first row that the shops have, of a kind where the fact has kinds."""
    rows = fact.alias()
    at = sa.func.min(moment(rows)).label("first_at")
    known = sa.select(at).where(in_shops(rows, reading.shops))
    if kind:
        known = known.where(rows.c.kind == sa.literal_column(f"'{kind}'"))
    found = known.cte("_".join(filter(None, ("first", kind, fact.name))))
    return sa.select(found.c.first_at).scalar_subquery()


def known_sum(
    reading: Reading, measure: Measure, amount: Element, first: First
) -> list[sa.Label[Any]]:
    """A sum, and since when it is known. Where rows have no amount at all, it is unknown too."""
    kind = _TOTAL if measure.money else sa.BigInteger()
    zero: Element = sa.literal_column("0")
    own = converted(reading, amount) if measure.money else amount
    summed = sa.case((sa.func.count() == zero, zero), else_=sa.func.sum(own))
    # That it is unknown before is not said here, but where the answer is read (see grid.gather):
    # each time the moment stands in a statement, DuckDB plans for milliseconds longer.
    since = sa.cast(first, sa.DateTime).label(measure.name + SINCE)
    return [sa.cast(summed, kind).label(measure.name), since]
