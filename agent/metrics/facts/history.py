"""Readings over customers' whole histories: how many have bought so far, and how many again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

import sqlalchemy as sa

from agent.metrics.clauses import (
    Element,
    attribute,
    bucket,
    conditions,
    in_shops,
    keys,
    once,
    orders_source,
)
from agent.metrics.metric import Measure
from agent.metrics.reading import Reading
from agent.metrics.segments import with_segments
from agent.warehouse.schema import CUSTOMERS, ORDERS


def history(reading: Reading, measures: list[Measure]) -> list[sa.Select[Any]]:
    """How many customers have bought, and how many twice, up to the end of each bucket.

    Without a grain: counts. With one: how many joined either group in each bucket and, in the
    bucket NULL, before the first; the engine adds them up over time. A customer may stand in
    several groups, so with groups the total is a select of its own.
    """
    if not reading.attributes:
        people = _people(reading, ())
        return [_joined_in(reading, people) if reading.grain else _counted(reading, people)]
    parts = _people(reading, reading.attributes)
    total = _counted(reading, _people(reading, ()))
    return [total, (_joined_in if reading.grain else _counted)(reading, parts, reading.attributes)]


def _counted(reading: Reading, people: sa.CTE, attributes: Sequence[str] = ()) -> sa.Select[Any]:
    groups = [people.c[name] for name in attributes]
    repeat = people.c.repeat_at < sa.literal(reading.window.stop, sa.DateTime)
    counts = (
        sa.func.count().label("buyers_so_far"),
        sa.func.count().filter(repeat).label("repeat_buyers_so_far"),
    )
    is_total: Element = sa.literal_column("0" if groups else "1", sa.Integer)
    return sa.select(*groups, *counts, is_total.label("is_total")).group_by(*groups)


def _joined_in(reading: Reading, people: sa.CTE, attributes: Sequence[str] = ()) -> sa.Select[Any]:
    """Without groups everybody joins each time once: the buckets' sum is the total."""
    joined = _joinings(reading, people, attributes)
    moment, groups = joined.c[reading.grain], [joined.c[name] for name in attributes]
    is_total: Element = sa.literal_column("0", sa.Integer)
    by: list[Element] = [moment, *groups]
    if not groups:
        is_total = sa.func.grouping(moment, type_=sa.Integer)
        by = [sa.func.grouping_sets(sa.tuple_(moment), sa.tuple_())]
    return sa.select(
        sa.cast(moment, sa.DateTime).label(reading.grain),
        *groups,
        sa.cast(sa.func.sum(joined.c.buyer), sa.BigInteger).label("buyers_so_far"),
        sa.cast(sa.func.sum(joined.c.repeat), sa.BigInteger).label("repeat_buyers_so_far"),
        is_total.label("is_total"),
    ).group_by(*by)


def _joinings(reading: Reading, people: sa.CTE, attributes: Sequence[str]) -> sa.Subquery:
    """One row each time a customer became a buyer or a repeat buyer, in its bucket."""
    # Cast, because the receipt's text has no types: date_trunc must see a timestamp there too.
    first = sa.cast(datetime.combine(reading.window.start, time()), sa.DateTime)
    start = sa.func.date_trunc(sa.literal_column(f"'{reading.grain}'"), first, type_=sa.DateTime)
    halves = []
    for at, buyers, repeats in ((people.c.first_at, 1, 0), (people.c.repeat_at, 0, 1)):
        moment = sa.case((at >= start, bucket(at, reading.grain)), else_=sa.null())
        halves.append(
            sa.select(
                moment.label(reading.grain),
                *(people.c[name] for name in attributes),
                sa.literal_column(str(buyers)).label("buyer"),
                sa.literal_column(str(repeats)).label("repeat"),
            ).where(at < sa.literal(reading.window.stop, sa.DateTime))
        )
    return sa.union_all(*halves).subquery("joined")


def _people(reading: Reading, attributes: Sequence[str]) -> sa.CTE:
    """Customers within the filters, with the moments at which they count as buyer and as repeat
    buyer."""
    if not (attributes or reading.filters or reading.cut):
        return _everybody(reading)
    if reading.keep and not _by_the_window(reading, attributes):
        kept = reading.keep(_of_all_times(reading))
        if kept is not None:
            before = kept.c.first_at < reading.window.stop
            return sa.select(*kept.c).where(before).cte("people")
    before = ORDERS.c.local_at < reading.window.stop
    firsts = _first_orders(reading, attributes, before)
    return _twice(reading, firsts, attributes).cte("people")


def _by_the_window(reading: Reading, attributes: Sequence[str]) -> bool:
    """Whether who is meant depends on the days that are asked for: on groups that are many, or on
    what customers and products are by then."""
    return bool(attributes or reading.cut) or reading.touches("customer", "age", "grade")


def _of_all_times(reading: Reading) -> sa.CTE:
    """All customers within the filters, whenever they came: the same for every window."""
    firsts = _first_orders(reading, (), sa.true())
    return once(_twice(reading, firsts, ()), "buyers")


def _twice(reading: Reading, firsts: sa.CTE, attributes: Sequence[str]) -> sa.Select[Any]:
    """First orders, and when each of their customers' histories held a second one."""
    first, again = firsts.c.first_at, CUSTOMERS.c.second_at
    repeat = sa.case((again > first, again), (again.is_(None), sa.null()), else_=first)
    groups = (firsts.c[name] for name in attributes)
    ids = (keys(reading, table, "customer_id") for table in (firsts, CUSTOMERS))
    both = sa.and_(*(one == other for one, other in zip(*ids, strict=True)))
    return (
        sa.select(*groups, first, repeat.label("repeat_at"))
        .select_from(firsts.join(CUSTOMERS, both))
        .where(in_shops(CUSTOMERS, reading.shops))
    )


def _everybody(reading: Reading) -> sa.CTE:
    first, again = CUSTOMERS.c.first_at, CUSTOMERS.c.second_at.label("repeat_at")
    everybody = sa.select(first, again).where(
        in_shops(CUSTOMERS, reading.shops), first < reading.window.stop
    )
    return everybody.cte("people")


def _first_orders(reading: Reading, attributes: Sequence[str], during: Element) -> sa.CTE:
    """Each customer's first order within the filters, in each group."""
    groups = [attribute(name, ORDERS).label(name) for name in attributes]
    people = keys(reading, ORDERS, "customer_id")
    return (
        sa.select(*people, *groups, sa.func.min(ORDERS.c.local_at).label("first_at"))
        .select_from(with_segments(reading, orders_source(reading)))
        .where(
            in_shops(ORDERS, reading.shops),
            ORDERS.c.placed,
            ORDERS.c.customer_id.is_not(None),
            during,
            *conditions(reading, ORDERS),
        )
        .group_by(*people, *(group.element for group in groups))
        .cte("first_orders")
    )
