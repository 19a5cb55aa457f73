"""The histories of a few customers, as history.py has them, worked out here: for one order that
arrives, planning its statements would take longer than all the rest."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

import pyarrow as pa

from agent.warehouse.work import Work
from agent.warehouse.writing import among


@dataclass(frozen=True)
class _Order:
    customer_id: str
    local_at: datetime
    order_id: str
    placed: bool
    local_date: date
    order_index: int | None


Life = tuple[datetime, datetime | None, int]
"""A customer's first order, his second, and how many."""


def derive(work: Work, customers: Sequence[str], losing: Set[str]) -> set[str]:
    """Bring these customers, of whom some are `losing` an order, and their orders' places up to
    date; returns the tables changed."""
    narrow, values = among("customer_id", customers)
    found = work.writing.rows(
        "SELECT customer_id, local_at, order_id, placed, local_date, order_index FROM orders"
        f" WHERE shop_id = :shop{narrow}",
        shop=work.shop_id,
        **values,
    )
    orders = sorted(
        (_Order(*row) for row in found), key=lambda o: (o.customer_id, o.local_at, o.order_id)
    )
    fresh: dict[str, Life] = {}
    moved: list[tuple[_Order, int]] = []
    for customer_id, own in groupby(orders, key=lambda o: o.customer_id):
        theirs = [*own]
        moved += [(o, place) for o, place in _places(theirs) if o.order_index != place]
        moments = [o.local_at for o in theirs if o.placed]
        if moments:
            fresh[customer_id] = (moments[0], moments[1] if moments[1:] else None, len(moments))
    _move(work, moved)
    # Whose orders never had a place, and who loses none, is not among the customers yet.
    old = losing | {o.customer_id for o in orders if o.order_index is not None}
    return _renew(work, fresh, sorted({*customers} & old))


def _places(orders: Sequence[_Order]) -> list[tuple[_Order, int]]:
    """The nth placed order is n; a paper that is no order stands behind those before its moment."""
    placed = [o for o in orders if o.placed]
    nth = {o.order_id: place for place, o in enumerate(placed, 1)}
    return [
        (o, nth[o.order_id] if o.placed else 1 + sum(p.local_at < o.local_at for p in placed))
        for o in orders
    ]


def _move(work: Work, moved: Sequence[tuple[_Order, int]]) -> None:
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


def _renew(work: Work, fresh: dict[str, Life], old: Sequence[str]) -> set[str]:
    known = _known(work, old) if old else {}
    other = [one for one in sorted({*fresh, *known}) if known.get(one) != fresh.get(one)]
    leaving, values = among("customer_id", [one for one in other if one in known])
    if leaving:
        work.writing.run(
            f"DELETE FROM customers WHERE shop_id = :shop{leaving}", shop=work.shop_id, **values
        )
    for customer_id in other:
        if customer_id in fresh:
            first, second, count = fresh[customer_id]
            work.writing.run(
                "INSERT INTO customers (shop_id, customer_id, first_at, second_at, orders)"
                " VALUES (:shop, :customer, :first, :second, :count)",
                shop=work.shop_id,
                customer=customer_id,
                first=first,
                second=second,
                count=count,
            )
    return {"customers"} if other else set()


def _known(work: Work, customers: Sequence[str]) -> dict[str, Life]:
    narrow, values = among("customer_id", customers)
    return {
        customer_id: (first, second, count)
        for customer_id, first, second, count in work.writing.rows(
            "SELECT customer_id, first_at, second_at, orders FROM customers"
            f" WHERE shop_id = :shop{narrow}",
            shop=work.shop_id,
            **values,
        )
    }
