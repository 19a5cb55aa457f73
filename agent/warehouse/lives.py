"""The histories of a few customers, as history.py has them, worked out here: for one order that
arrives, planning its statements would take longer than all the rest."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

import pyarrow as pa

from agent.warehouse.schema import CUSTOMERS
from agent.warehouse.work import Work
from agent.warehouse.writing import among, parts, put


@dataclass(frozen=True)
class Order:
    customer_id: str
    local_at: datetime
    order_id: str
    placed: bool
    local_date: date
    order_index: int | None


Life = tuple[datetime, datetime | None, int]
"""A customer's first order, his second, and how many."""
Moved = Sequence[tuple[Order, int]]
"""Orders with the place that they have now, where it is another."""


@dataclass(frozen=True)
class Histories:
    """What the orders of some customers say of them."""

    moved: Moved
    lives: Mapping[str, Life]


def of(orders: Sequence[Order]) -> Histories:
    ordered = sorted(orders, key=lambda o: (o.customer_id, o.local_at, o.order_id))
    lives: dict[str, Life] = {}
    moved: list[tuple[Order, int]] = []
    for customer_id, own in groupby(ordered, key=lambda o: o.customer_id):
        theirs = [*own]
        moved += [(o, place) for o, place in _places(theirs) if o.order_index != place]
        moments = [o.local_at for o in theirs if o.placed]
        if moments:
            lives[customer_id] = (moments[0], moments[1] if moments[1:] else None, len(moments))
    return Histories(moved, lives)


def _places(orders: Sequence[Order]) -> list[tuple[Order, int]]:
    """The nth placed order is n; a paper that is no order stands behind those before its moment."""
    placed = [o for o in orders if o.placed]
    nth = {o.order_id: place for place, o in enumerate(placed, 1)}
    return [
        (o, nth[o.order_id] if o.placed else 1 + sum(p.local_at < o.local_at for p in placed))
        for o in orders
    ]


def derive(work: Work, customers: Sequence[str], losing: Collection[str]) -> set[str]:
    """Bring these customers, of whom some are `losing` an order, and their orders' places up to
    date; returns the tables changed."""
    orders = orders_of(work, customers)
    found = of(orders)
    move(work, found.moved)
    # Whose orders never had a place, and who loses none, is not among the customers yet.
    old = {*losing} | {o.customer_id for o in orders if o.order_index is not None}
    return renew(work, _known(work, sorted({*customers} & old)), found.lives)


def orders_of(work: Work, customers: Sequence[str]) -> list[Order]:
    """All orders of a few customers, as they stand."""
    found: list[Order] = []
    for part in parts(customers):
        narrow, values = among("customer_id", part)
        rows = work.writing.rows(
            "SELECT customer_id, local_at, order_id, placed, local_date, order_index FROM orders"
            f" WHERE shop_id = :shop{narrow}",
            shop=work.shop_id,
            **values,
        )
        found += [Order(*row) for row in rows]
    return found


def move(work: Work, moved: Moved) -> None:
    """Give orders their places."""
    if not moved:
        return
    ids = pa.array([o.order_id for o, _ in moved], pa.string())
    places = pa.array([place for _, place in moved], pa.int64())
    work.writing.stage("moved", pa.table([ids, places], names=["order_id", "place"]))
    work.moved = True
    narrow, values = among("orders.local_date", {o.local_date for o, _ in moved})
    work.writing.run(
        "UPDATE orders SET order_index = moved.place FROM moved"
        f" WHERE orders.shop_id = :shop AND orders.order_id = moved.order_id{narrow}",
        shop=work.shop_id,
        **values,
    )


def renew(work: Work, known: Mapping[str, Life], fresh: Mapping[str, Life]) -> set[str]:
    """Write the customers whose life is another than the one known; returns the tables changed."""
    other = [one for one in sorted({*fresh, *known}) if known.get(one) != fresh.get(one)]
    for leaving in parts([one for one in other if one in known]):
        narrow, values = among("customer_id", leaving)
        # Moments are cheaper to compare than names.
        first, moments = among("first_at", {known[one][0] for one in leaving}, "w")
        work.writing.run(
            f"DELETE FROM customers WHERE shop_id = :shop{first}{narrow}",
            shop=work.shop_id,
            **values,
            **moments,
        )
    names = CUSTOMERS.columns.keys()
    rows = ((work.shop_id, one, *fresh[one]) for one in other if one in fresh)
    put(work.writing, CUSTOMERS, [dict(zip(names, row, strict=True)) for row in rows])
    return {CUSTOMERS.name} if other else set()


def _known(work: Work, customers: Collection[str]) -> dict[str, Life]:
    narrow, values = among("customer_id", customers)
    if not narrow:
        return {}
    found = work.writing.rows(
        f"SELECT customer_id, first_at, second_at, orders FROM customers WHERE shop_id = :shop"
        f"{narrow}",
        shop=work.shop_id,
        **values,
    )
    return {customer_id: (first, second, count) for customer_id, first, second, count in found}
