"""The pieces that every statement is made of: joins, buckets, dimension values, conditions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from agent.metrics.dimensions import DIMENSIONS, GRAINS
from agent.metrics.frames import NONE
from agent.metrics.questions import Filter
from agent.metrics.reading import Key, Reading
from agent.warehouse.schema import DAILY_SALES, ORDERS, PRODUCTS, SALES

Element = sa.ColumnElement[Any]


def orders_source(reading: Reading) -> sa.FromClause:
    if not reading.touches("product") and not reading.touches("line"):
        return ORDERS
    lines = sa.and_(
        same(ORDERS, SALES, "order_id"),
        SALES.c.action == sa.literal_column("'ORDER'"),
        SALES.c.line_type == sa.literal_column("'PRODUCT'"),
    )
    source = ORDERS.join(SALES, lines)
    if not reading.touches("product"):
        return source
    return source.outerjoin(PRODUCTS, same(SALES, PRODUCTS, "product_id"))


def grouped(
    reading: Reading, fact: sa.Table, source: sa.FromClause, measures: Sequence[sa.Label[Any]]
) -> sa.Select[Any]:
    groups = [_group(name, fact) for name in reading.by]
    if not groups:
        return sa.select(
            *measures, sa.literal_column("1", sa.Integer).label("is_total")
        ).select_from(source)
    named = [group.label(name) for group, name in zip(groups, reading.by, strict=True)]
    is_total = sa.func.grouping(groups[0], type_=sa.Integer).label("is_total")
    sets = sa.func.grouping_sets(sa.tuple_(*groups), sa.tuple_())
    return sa.select(*named, *measures, is_total).select_from(source).group_by(sets)


def _group(name: str, fact: sa.Table) -> Element:
    return bucket(moment(fact), name) if name in GRAINS else attribute(name, fact)


def moment(fact: sa.Table) -> Element:
    return sa.cast(fact.c.local_date, sa.DateTime) if fact is DAILY_SALES else fact.c.local_at


def bucket(moment: Element, grain: str) -> Element:
    return sa.func.date_trunc(sa.literal_column(f"'{grain}'"), moment, type_=sa.DateTime)


def attribute(name: str, fact: sa.Table) -> Element:
    """A dimension's expression where rows of `fact` are read."""
    if name == "weekday":
        return sa.cast(sa.cast(sa.extract("isodow", moment(fact)), sa.Integer), sa.String)
    if name == "shop":
        return fact.c.shop_id
    column = fact.c[name] if fact is DAILY_SALES else DIMENSIONS[name].column
    if column is None:
        raise LookupError(name)
    return column


def within(reading: Reading, fact: sa.Table) -> list[Element]:
    window = reading.window
    bounds: list[Element] = [fact.c.local_date.between(window.start, window.end)]
    if window.until:
        bounds.append(fact.c.local_at < window.until)
    return [in_shops(fact, reading.shops), *bounds, *conditions(reading, fact)]


def in_shops(fact: sa.Table, shops: tuple[str, ...]) -> Element:
    return fact.c.shop_id == shops[0] if len(shops) == 1 else fact.c.shop_id.in_(shops)


def conditions(reading: Reading, fact: sa.Table) -> list[Element]:
    out = [_matches(attribute(f.dimension, fact), f) for f in reading.filters]
    if reading.cut:
        chosen = _chosen([attribute(name, fact) for name in reading.cut.by], reading.cut.keys)
        out.append(chosen if reading.cut.inside else sa.not_(chosen))
    return out


def _matches(column: Element, chosen: Filter) -> Element:
    named = [value for value in chosen.values if value != NONE]
    inside = sa.and_(column.is_not(None), column.in_(named)) if named else sa.false()
    matches = sa.or_(inside, column.is_(None)) if NONE in chosen.values else inside
    return sa.not_(matches) if chosen.exclude else matches


def _chosen(columns: list[Element], keys: tuple[Key, ...]) -> Element:
    if len(columns) == 1:
        named = tuple(key[0] if key[0] is not None else NONE for key in keys)
        return _matches(columns[0], Filter("", named))
    pairs = [
        sa.and_(*(c.is_not_distinct_from(v) for c, v in zip(columns, key, strict=True)))
        for key in keys
    ]
    return sa.or_(sa.false(), *pairs)


def same(left: sa.Table, right: sa.Table, column: str) -> Element:
    return sa.and_(left.c.shop_id == right.c.shop_id, left.c[column] == right.c[column])
