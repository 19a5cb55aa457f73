"""A reading of measures, compiled to SQLAlchemy Core that both warehouses run. Pure: no connection
is needed.

Values reach SQL as bind parameters only. Expressions that are grouped by hold none, because a
repeated parameter would be another expression to PostgreSQL.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from agent.errors import Refused
from agent.metrics.catalogue import MEASURES
from agent.metrics.clauses import in_shops
from agent.metrics.facts import FACTS
from agent.metrics.knowing import not_known
from agent.metrics.metric import Measure
from agent.metrics.reading import Fact, Reading
from agent.warehouse.schema import PRODUCTS
from agent.words import t


def statements(reading: Reading) -> list[sa.Select[Any]]:
    """The statements that read it. Each gives dimensions, measures and `is_total`: 1 on the row
    that stands for everything. Raises Refused where a fact does not know a dimension."""
    facts = _facts(reading)
    for fact in facts:
        _check(FACTS[fact], reading)
    return [made for fact, rows in facts.items() for made in FACTS[fact].read(reading, rows)]


def by_fact(reading: Reading) -> list[Reading]:
    """The reading in parts, each of one fact's measures. Raises as `statements`."""
    facts = _facts(reading)
    for fact in facts:
        _check(FACTS[fact], reading)
    if len(facts) == 1:
        return [reading]
    return [replace(reading, measures=tuple(m.name for m in rows)) for rows in facts.values()]


def _facts(reading: Reading) -> dict[str, list[Measure]]:
    facts: dict[str, list[Measure]] = {}
    for name in reading.measures:
        facts.setdefault(MEASURES[name].fact, []).append(MEASURES[name])
    return facts


def _check(fact: Fact, reading: Reading) -> None:
    unknown = next((d for d in reading.dimensions if d not in fact.dimensions), None)
    if unknown is not None:
        raise Refused(
            not_known(fact, unknown),
            hint=t("Leave that dimension or filter out, or choose another metric."),
        )


def titles(shops: tuple[str, ...], products: tuple[str, ...]) -> sa.Select[Any]:
    """What the products are called: `product` and `product_label`."""
    named = sa.select(
        PRODUCTS.c.product_id.label("product"), PRODUCTS.c.title.label("product_label")
    ).where(in_shops(PRODUCTS, shops))
    return named.where(PRODUCTS.c.product_id.in_(products)) if len(products) <= 1000 else named
