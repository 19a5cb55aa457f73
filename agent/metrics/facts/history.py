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
    orders_source,
    same,
)
from agent.metrics.metric import Measure
from agent.metrics.reading import Reading
from agent.metrics.segments import with_segments
from agent.warehouse.schema import CUSTOMERS, ORDERS


def history(reading: Reading, measures: list[Measure]) -> list[sa.Select[Any]]:
    """How many customers have bought, and how many twice, up to the end of each bucket.

    Without a grain: counts. With one: how many joined either group in each bucket and, in the
    bucket NULL, before the first; the engine adds them up over time. A customer may stand in
    several groups, so the total is a select of its own.
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
    # Cast, because the receipt's text has no types: date_trunc must see a timestamp there too.
    first = sa.cast(datetime.combine(reading.window.start, time()), sa.DateTime)
    start = sa.func.date_trunc(sa.literal_column(f"'{reading.grain}'"), first, type_=sa.DateTime)
    halves = []
    for at, buyers, repeats in ((people.c.first_at, 1, 0), (people.c.repeat_at, 0, 1)):
        moment = sa.case((at >= start, bucket(at, reading.grain)), else_=sa.null())
        halves.append(
            sa.select(
                moment.label(reading.grain),
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
    """Customers within the filters, with the moments at which they count as buyer and as repeat
    buyer."""
    orders = with_segments(reading, orders_source(reading))
    source = orders.join(CUSTOMERS, same(ORDERS, CUSTOMERS, "customer_id"))
    groups = [attribute(name, ORDERS).label(name) for name in attributes]
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
            in_shops(ORDERS, reading.shops),
            ORDERS.c.placed,
            ORDERS.c.local_at < reading.window.stop,
            *conditions(reading, ORDERS),
        )
        .group_by(ORDERS.c.shop_id, ORDERS.c.customer_id, *(g.element for g in groups))
        .cte("people")
    )
