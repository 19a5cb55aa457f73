"""The pieces that every statement is made of: joins, buckets, dimension values, conditions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from agent.metrics.dimensions import DIMENSIONS, GRAINS
from agent.metrics.frames import NONE
from agent.metrics.questions import Filter
from agent.metrics.reading import Key, Reading
from agent.warehouse.schema import ORDERS, PRODUCTS, SALES, SESSIONS, SPEND

Element = sa.ColumnElement[Any]
_TOLD = (SESSIONS, SPEND)


def orders_source(reading: Reading) -> sa.FromClause:
    if not by_line(reading):
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


def by_line(reading: Reading) -> bool:
    """Whether it asks for what only an order's lines know."""
    return reading.touches("product", "line", "grade")


def grouped(
    reading: Reading, fact: sa.FromClause, source: sa.FromClause, measures: Sequence[sa.Label[Any]]
) -> sa.Select[Any]:
    groups = [_value(reading, name, fact) for name in reading.by]
    if not groups:
        return sa.select(
            *measures, sa.literal_column("1", sa.Integer).label("is_total")
        ).select_from(source)
    named = [group.label(name) for group, name in zip(groups, reading.by, strict=True)]
    is_total = sa.func.grouping(groups[0], type_=sa.Integer).label("is_total")
    sets = sa.func.grouping_sets(sa.tuple_(*groups), sa.tuple_())
    return sa.select(*named, *measures, is_total).select_from(source).group_by(sets)


def _value(reading: Reading, name: str, fact: sa.FromClause) -> Element:
    """A dimension's expression, counted at the moment on which the reading has a row stand."""
    if name in GRAINS:
        return bucket(stands_at(reading, fact), name)
    return _weekday(stands_at(reading, fact)) if name == "weekday" else attribute(name, fact)


def stands_at(reading: Reading, fact: sa.FromClause) -> Element:
    """When a row counts: at its own moment, or a later change of an order with that order. Rows of
    the ledger need their orders joined for that."""
    return _with_order(fact, "local_at") if by_order(reading, fact) else moment(fact)


def by_order(reading: Reading, fact: sa.FromClause) -> bool:
    """Whether later changes of an order stand with it."""
    return fact is SALES and reading.terms.refunds == "order_day"


def _with_order(fact: sa.FromClause, column: str) -> Element:
    own = fact.c.action == sa.literal_column("'ORDER'")
    return sa.case((own, fact.c[column]), else_=sa.func.coalesce(ORDERS.c[column], fact.c[column]))


def moment(fact: sa.FromClause) -> Element:
    """When a row counts; its day where no clock is known."""
    known = "local_at" in fact.c
    return fact.c.local_at if known else sa.cast(fact.c.local_date, sa.DateTime)


def bucket(moment: Element, grain: str) -> Element:
    return sa.func.date_trunc(sa.literal_column(f"'{grain}'"), moment, type_=sa.DateTime)


def attribute(name: str, fact: sa.FromClause) -> Element:
    """A dimension's expression where rows of `fact` are read: its own column of that name, else
    the dimension's. Tables whose keys are dimensions keep none as an empty text."""
    if name == "weekday":
        return _weekday(moment(fact))
    if name == "shop":
        return fact.c.shop_id
    if fact in _TOLD:
        return sa.func.nullif(fact.c[name], sa.literal_column("''"), type_=sa.String)
    column = fact.c[name] if name in fact.c else DIMENSIONS[name].column
    if column is None:
        raise LookupError(name)
    return column


def _weekday(at: Element) -> Element:
    return sa.cast(sa.cast(sa.extract("isodow", at), sa.Integer), sa.String)


def within(reading: Reading, fact: sa.FromClause) -> list[Element]:
    bounds = during(reading, fact, reading.window.start)
    return [in_shops(fact, reading.shops), *bounds, *conditions(reading, fact)]


def during(reading: Reading, fact: sa.FromClause, start: date | None = None) -> list[Element]:
    """Rows that stand before the window's end, from `start` on."""
    window = reading.window
    day = _with_order(fact, "local_date") if by_order(reading, fact) else fact.c.local_date
    bounds: list[Element] = [day.between(start, window.end) if start else day <= window.end]
    # A table that keeps days only counts the whole of a day that is cut.
    if window.until and "local_at" in fact.c:
        bounds.append(stands_at(reading, fact) < window.until)
    return bounds


def in_shops(fact: sa.FromClause, shops: tuple[str, ...]) -> Element:
    return fact.c.shop_id == shops[0] if len(shops) == 1 else fact.c.shop_id.in_(shops)


def conditions(reading: Reading, fact: sa.FromClause) -> list[Element]:
    out = [_matches(_value(reading, f.dimension, fact), f) for f in reading.filters]
    if reading.cut:
        columns = [_value(reading, name, fact) for name in reading.cut.by]
        chosen = _chosen(columns, reading.cut.keys)
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


def once(rows: sa.Select[Any], name: str) -> sa.CTE:
    """Rows that are worked out once for a statement. PostgreSQL would else do it again for each row
    of what it is joined to, where it takes both for small."""
    return rows.cte(name).prefix_with("MATERIALIZED", dialect="postgresql")


def same(left: sa.FromClause, right: sa.FromClause, column: str) -> Element:
    return sa.and_(left.c.shop_id == right.c.shop_id, left.c[column] == right.c[column])


def lines_with_orders() -> sa.Join:
    """The ledger with what its orders know; lines without an order stay."""
    of_shop = _Unguessed(SALES.c.shop_id) == ORDERS.c.shop_id
    return SALES.outerjoin(ORDERS, sa.and_(of_shop, SALES.c.order_id == ORDERS.c.order_id))


class _Unguessed(FunctionElement[str]):
    """A text that is there, of which DuckDB guesses nothing. From `sales.shop_id = 'x'` it else
    concludes `orders.shop_id = 'x'`, takes that for a fifth of all orders, and builds its table of
    them instead of the few lines of a period: three times the work."""

    type = sa.String()
    inherit_cache = True


@compiles(_Unguessed)
def _as_it_is(element: _Unguessed, compiler: SQLCompiler, **given: Any) -> str:
    return compiler.process(element.clauses, **given)


@compiles(_Unguessed, "duckdb")
def _wrapped(element: _Unguessed, compiler: SQLCompiler, **given: Any) -> str:
    return f"coalesce({_as_it_is(element, compiler, **given)}, '')"
