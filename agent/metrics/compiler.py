"""A reading of measures, compiled to SQLAlchemy Core that both warehouses run. Pure: no connection is needed.

Values reach SQL as bind parameters only. Expressions that are grouped by hold none, because a repeated parameter would
be another expression to PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from agent.metrics.catalogue import MEASURES, Measure
from agent.metrics.dimensions import DIMENSIONS, GRAINS
from agent.metrics.frames import NONE
from agent.metrics.questions import Filter
from agent.warehouse.schema import CUSTOMERS, DAILY_SALES, ORDERS, PRODUCTS, SALES

Element = sa.ColumnElement[Any]
Key = tuple[str | None, ...]
_TOTAL = sa.Numeric(38, 4)
_NOTHING: Element = sa.literal_column("0")
_GOODS = SALES.c.line_type == sa.literal_column("'PRODUCT'")
_STEP = {g: f"INTERVAL '1 {g}'" for g in GRAINS} | {"quarter": "INTERVAL '3 months'"}


@dataclass(frozen=True)
class Window:
    """First and last local day; `until` cuts the last day at a wall-clock moment."""

    start: date
    end: date
    until: datetime | None = None

    @property
    def stop(self) -> datetime:
        return self.until or datetime.combine(self.end, time()) + timedelta(days=1)


@dataclass(frozen=True)
class Cut:
    """Only the groups with these keys, or (not `inside`) all the others."""

    by: tuple[str, ...]
    keys: tuple[Key, ...]
    inside: bool = True


@dataclass(frozen=True)
class Reading:
    """Measures to read, by which dimensions, within what: what the compiler understands."""

    shops: tuple[str, ...]
    window: Window
    filters: tuple[Filter, ...]
    by: tuple[str, ...]
    measures: tuple[str, ...]
    cut: Cut | None = None

    @property
    def grain(self) -> str:
        return next((name for name in self.by if name in GRAINS), "")

    @property
    def attributes(self) -> tuple[str, ...]:
        return tuple(name for name in self.by if name not in GRAINS)

    def touches(self, level: str) -> bool:
        """Whether any dimension it breaks down or filters by is known at that level."""
        names = [*self.by, *(f.dimension for f in self.filters), *(self.cut.by if self.cut else ())]
        return any(DIMENSIONS[name].level == level for name in names)


def statements(reading: Reading) -> list[sa.Select[Any]]:
    """The statements that read it. Each gives dimensions, measures and `is_total`: 1 on the row
    that stands for everything."""
    facts: dict[str, list[Measure]] = {}
    for name in reading.measures:
        facts.setdefault(MEASURES[name].fact, []).append(MEASURES[name])
    makers = {"sales": _sales, "orders": _orders, "history": _history}
    return [statement for fact, rows in facts.items() for statement in makers[fact](reading, rows)]


def titles(shops: tuple[str, ...], products: tuple[str, ...]) -> sa.Select[Any]:
    """What the products are called: `product` and `product_label`."""
    named = sa.select(
        PRODUCTS.c.product_id.label("product"), PRODUCTS.c.title.label("product_label")
    ).where(_in_shops(PRODUCTS, shops))
    return named.where(PRODUCTS.c.product_id.in_(products)) if len(products) <= 1000 else named


def _sales(reading: Reading, measures: list[Measure]) -> list[sa.Select[Any]]:
    fact = DAILY_SALES if _by_whole_days(reading) else SALES
    source: sa.FromClause = fact
    if fact is SALES and reading.touches("order"):
        source = source.outerjoin(ORDERS, _same(SALES, ORDERS, "order_id"))
    if fact is SALES and reading.touches("product"):
        source = source.outerjoin(PRODUCTS, _same(SALES, PRODUCTS, "product_id"))
    sums = [_sum(measure, fact) for measure in measures]
    return [_grouped(reading, fact, source, sums).where(*_within(reading, fact))]


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
    source = _orders_source(reading)
    names = {measure.name for measure in measures}
    if "returning_customers" in names:
        source = source.outerjoin(CUSTOMERS, _same(ORDERS, CUSTOMERS, "customer_id"))
    counts = [_count(name, reading) for name in names]
    return [
        _grouped(reading, ORDERS, source, counts).where(*_within(reading, ORDERS), ORDERS.c.placed)
    ]


def _orders_source(reading: Reading) -> sa.FromClause:
    if not reading.touches("product") and not reading.touches("line"):
        return ORDERS
    lines = sa.and_(
        _same(ORDERS, SALES, "order_id"),
        SALES.c.action == sa.literal_column("'ORDER'"),
        SALES.c.line_type == sa.literal_column("'PRODUCT'"),
    )
    source = ORDERS.join(SALES, lines)
    if not reading.touches("product"):
        return source
    return source.outerjoin(PRODUCTS, _same(SALES, PRODUCTS, "product_id"))


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
    return sa.func.least(_bucket(ORDERS.c.local_at, reading.grain) + step, stop)


def _history(reading: Reading, measures: list[Measure]) -> list[sa.Select[Any]]:
    """How many customers have bought, and how many twice, up to the end of each bucket.

    Without a grain: counts. With one: how many joined either group in each bucket and, in the bucket NULL, before the
    first; the engine adds them up over time. A customer may stand in several groups, so the total is a select of its own.
    """
    if not reading.attributes:
        return [_history_of(reading, total=True)] + (
            [_history_of(reading, total=False)] if reading.grain else []
        )
    return [_history_of(reading, total=True), _history_of(reading, total=False)]


def _history_of(reading: Reading, *, total: bool) -> sa.Select[Any]:
    people = _people(reading, () if total else reading.attributes)
    flag: sa.Label[Any] = sa.literal_column("1" if total else "0", sa.Integer).label("is_total")
    groups = [people.c[name] for name in (() if total else reading.attributes)]
    if total or not reading.grain:
        repeat = people.c.repeat_at < sa.literal(reading.window.stop, sa.DateTime)
        counts = (
            sa.func.count().label("buyers_so_far"),
            sa.func.count().filter(repeat).label("repeat_buyers_so_far"),
        )
        return sa.select(*groups, *counts, flag).group_by(*groups)
    return _joined_in(reading, people, groups, flag)


def _joined_in(
    reading: Reading, people: sa.CTE, groups: Sequence[Element], flag: sa.Label[Any]
) -> sa.Select[Any]:
    first = sa.literal(datetime.combine(reading.window.start, time()), sa.DateTime)
    start = sa.func.date_trunc(sa.literal_column(f"'{reading.grain}'"), first, type_=sa.DateTime)
    halves = []
    for at, buyers, repeats in ((people.c.first_at, 1, 0), (people.c.repeat_at, 0, 1)):
        bucket = sa.case((at >= start, _bucket(at, reading.grain)), else_=sa.null())
        halves.append(
            sa.select(
                bucket.label(reading.grain),
                *groups,
                sa.literal_column(str(buyers)).label("buyer"),
                sa.literal_column(str(repeats)).label("repeat"),
            ).where(at < sa.literal(reading.window.stop, sa.DateTime))
        )
    joined = sa.union_all(*halves).subquery("joined")
    keys = [joined.c[reading.grain], *(joined.c[g.name] for g in groups)]
    return sa.select(
        sa.cast(keys[0], sa.DateTime).label(reading.grain),
        *keys[1:],
        sa.cast(sa.func.sum(joined.c.buyer), sa.BigInteger).label("buyers_so_far"),
        sa.cast(sa.func.sum(joined.c.repeat), sa.BigInteger).label("repeat_buyers_so_far"),
        flag,
    ).group_by(*keys)


def _people(reading: Reading, attributes: Sequence[str]) -> sa.CTE:
    """Customers within the filters, with the moments at which they count as buyer and as repeat buyer."""
    source = _orders_source(reading).join(CUSTOMERS, _same(ORDERS, CUSTOMERS, "customer_id"))
    groups = [_attribute(name, ORDERS).label(name) for name in attributes]
    first = sa.func.min(ORDERS.c.local_at)
    again = sa.func.max(CUSTOMERS.c.second_at)
    return (
        sa.select(
            *groups,
            first.label("first_at"),
            sa.case((again > first, again), (again.is_(None), sa.null()), else_=first).label(
                "repeat_at"
            ),
        )
        .select_from(source)
        .where(
            _in_shops(ORDERS, reading.shops),
            ORDERS.c.placed,
            ORDERS.c.local_at < reading.window.stop,
            *_conditions(reading, ORDERS),
        )
        .group_by(ORDERS.c.shop_id, ORDERS.c.customer_id, *(g.element for g in groups))
        .cte("people")
    )


def _grouped(
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
    return _bucket(_moment(fact), name) if name in GRAINS else _attribute(name, fact)


def _moment(fact: sa.Table) -> Element:
    return sa.cast(fact.c.local_date, sa.DateTime) if fact is DAILY_SALES else fact.c.local_at


def _bucket(moment: Element, grain: str) -> Element:
    return sa.func.date_trunc(sa.literal_column(f"'{grain}'"), moment, type_=sa.DateTime)


def _attribute(name: str, fact: sa.Table) -> Element:
    """A dimension's expression where rows of `fact` are read."""
    if name == "weekday":
        return sa.cast(sa.cast(sa.extract("isodow", _moment(fact)), sa.Integer), sa.String)
    if name == "shop":
        return fact.c.shop_id
    column = fact.c[name] if fact is DAILY_SALES else DIMENSIONS[name].column
    if column is None:
        raise LookupError(name)
    return column


def _within(reading: Reading, fact: sa.Table) -> list[Element]:
    window = reading.window
    bounds: list[Element] = [fact.c.local_date.between(window.start, window.end)]
    if window.until:
        bounds.append(fact.c.local_at < window.until)
    return [_in_shops(fact, reading.shops), *bounds, *_conditions(reading, fact)]


def _in_shops(fact: sa.Table, shops: tuple[str, ...]) -> Element:
    return fact.c.shop_id == shops[0] if len(shops) == 1 else fact.c.shop_id.in_(shops)


def _conditions(reading: Reading, fact: sa.Table) -> list[Element]:
    out = [_matches(_attribute(f.dimension, fact), f) for f in reading.filters]
    if reading.cut:
        chosen = _chosen([_attribute(name, fact) for name in reading.cut.by], reading.cut.keys)
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


def _same(left: sa.Table, right: sa.Table, column: str) -> Element:
    return sa.and_(left.c.shop_id == right.c.shop_id, left.c[column] == right.c[column])
