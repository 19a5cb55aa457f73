"""The pieces that every statement is made of: joins, buckets, dimension values, conditions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
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
_OF_LINES = ("product", "line")
EARLIER = "earlier"
"""Whether a row counts in the window before: a column of readings of two."""


_ORDERED: tuple[Element, ...] = (
    SALES.c.action == sa.literal_column("'ORDER'"),
    SALES.c.line_type == sa.literal_column("'PRODUCT'"),
)


def orders_source(reading: Reading) -> sa.FromClause:
    """Orders, with their lines where these are asked for."""
    if not by_line(reading):
        return ORDERS
    source = ORDERS.join(SALES, sa.and_(same(ORDERS, SALES, "order_id"), *_ORDERED))
    return with_products(reading, source)


def with_products(reading: Reading, source: sa.FromClause) -> sa.FromClause:
    if not reading.touches("product"):
        return source
    return source.outerjoin(PRODUCTS, same(SALES, PRODUCTS, "product_id"))


def by_line(reading: Reading) -> bool:
    """Whether orders are joined with their lines, each as often as it has some."""
    return reading.touches(*_OF_LINES, "grade") and not _only_chosen_by_line(reading)


def _only_chosen_by_line(reading: Reading) -> bool:
    """Whether what only lines know does no more than choose orders: then it is enough to know which
    orders have such a line."""
    filtered = {f.dimension for f in reading.filters}
    others = set(reading.by) | set(reading.cut.by if reading.cut else ())
    return (
        any(_of_lines(name) for name in filtered)
        and not any(_of_lines(name) for name in others)
        and not reading.touches("grade")
    )


def _of_lines(name: str) -> bool:
    return DIMENSIONS[name].level in _OF_LINES


def _with_such_lines(reading: Reading) -> Element:
    """Orders with a line that fits all filters of lines."""
    fits = [
        _matches(attribute(f.dimension, SALES), f)
        for f in reading.filters
        if _of_lines(f.dimension)
    ]
    rows = (
        sa.select(*keys(reading, SALES, "order_id"))
        .select_from(with_products(reading, SALES))
        .where(in_shops(SALES, reading.shops), *_ORDERED, *fits)
    )
    # No day stands in them: every window and every part of a page needs the same.
    kept = reading.keep(once(rows, "orders_of_lines")) if reading.keep else None
    own = keys(reading, ORDERS, "order_id")
    return (sa.tuple_(*own) if len(own) > 1 else own[0]).in_(
        rows if kept is None else sa.select(*kept.c)
    )


def _without_lines(reading: Reading) -> tuple[Filter, ...]:
    """The other filters."""
    return tuple(f for f in reading.filters if not _of_lines(f.dimension))


def keys(reading: Reading, table: sa.FromClause, column: str) -> list[Element]:
    """What tells rows of the reading's shops apart: one shop's need no shop, which would be hashed
    with each of them."""
    names = (column,) if len(reading.shops) == 1 else ("shop_id", column)
    return [table.c[name] for name in names]


def grouped(
    reading: Reading, fact: sa.FromClause, source: sa.FromClause, measures: Sequence[sa.Label[Any]]
) -> sa.Select[Any]:
    windows = [earlier(reading, fact)] if reading.other else []
    groups = [_value(reading, name, fact) for name in reading.by]
    columns = [window.label(EARLIER) for window in windows]
    if not groups:
        is_total: Element = sa.literal_column("1", sa.Integer)
        picked = sa.select(*columns, *measures, is_total.label("is_total")).select_from(source)
        return picked.group_by(*windows)
    columns += [group.label(name) for group, name in zip(groups, reading.by, strict=True)]
    is_total = sa.func.grouping(groups[0], type_=sa.Integer)
    sets = sa.func.grouping_sets(sa.tuple_(*windows, *groups), sa.tuple_(*windows))
    picked = sa.select(*columns, *measures, is_total.label("is_total")).select_from(source)
    return picked.group_by(sets)


def earlier(reading: Reading, fact: sa.FromClause) -> Element:
    """Whether a row counts before the window's first day."""
    # Written out, because a parameter in a group is another expression to PostgreSQL.
    first = sa.literal_column(f"DATE '{reading.window.start}'", sa.Date)
    return _day(reading, fact) < first


def _day(reading: Reading, fact: sa.FromClause) -> Element:
    return _with_order(fact, "local_date") if by_order(reading, fact) else fact.c.local_date


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
    bounds = during(reading, fact, reading.first)
    if reading.other and reading.other.end + timedelta(days=1) < reading.window.start:
        day = _day(reading, fact)
        bounds.append(sa.or_(day <= reading.other.end, day >= reading.window.start))
    return [in_shops(fact, reading.shops), *bounds, *conditions(reading, fact)]


def during(reading: Reading, fact: sa.FromClause, start: date | None = None) -> list[Element]:
    """Rows that stand before the window's end, from `start` on."""
    window = reading.window
    day = _day(reading, fact)
    bounds: list[Element] = [day.between(start, window.end) if start else day <= window.end]
    # A table that keeps days only counts the whole of a day that is cut.
    if window.until and "local_at" in fact.c:
        bounds.append(stands_at(reading, fact) < window.until)
    return bounds


def in_shops(fact: sa.FromClause, shops: tuple[str, ...]) -> Element:
    return fact.c.shop_id == shops[0] if len(shops) == 1 else fact.c.shop_id.in_(shops)


def conditions(reading: Reading, fact: sa.FromClause) -> list[Element]:
    chosen = reading.filters
    out: list[Element] = []
    if fact is ORDERS and _only_chosen_by_line(reading):
        chosen = _without_lines(reading)
        out.append(_with_such_lines(reading))
    out += [_matches(_value(reading, f.dimension, fact), f) for f in chosen]
    if reading.cut:
        columns = [_value(reading, name, fact) for name in reading.cut.by]
        named = _chosen(columns, reading.cut.keys)
        out.append(named if reading.cut.inside else sa.not_(named))
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
