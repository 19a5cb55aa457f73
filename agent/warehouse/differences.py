"""The sums of days after a few orders changed: what came is added, what went is taken off. Where
that cannot say what is left, the day is summed anew, as rollups does."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

import sqlalchemy as sa

from agent.warehouse import rollups
from agent.warehouse.schema import CUSTOMER_DAYS, DAILY_SALES, MOST
from agent.warehouse.work import Work
from agent.warehouse.writing import FEW, REWRITTEN, among, put, rewrite

Row = Mapping[str, Any]
Key = tuple[Any, ...]
Amounts = list[Any]
PEOPLE = ("orders", "net_sales")
# What the sums' columns hold, and some to spare.
DIGITS = 60


@dataclass(frozen=True)
class Sums:
    """What some orders add to each group of both tables: how many rows, then the amounts. The day
    stands first in a group's key."""

    daily: dict[Key, Amounts]
    people: dict[Key, Amounts]


def tally(orders: Mapping[str, Row], sales: Iterable[Row]) -> Sums:
    """The sums of these orders, by their id, and of their ledger rows."""
    sums = Sums({}, {})
    for sale in sales:
        order = orders.get(sale["order_id"], {})
        group = (sale["local_date"], order.get("country"), order.get("channel"), _kind(order))
        goods = sale["line_type"] == "PRODUCT"
        amounts = [sale[name] if goods or name not in rollups.GOODS else 0 for name in _DAILY]
        _add(sums.daily, group, [1, *amounts])
        if goods and order.get("customer_id") is not None:
            net = sale["gross"] + sale["discount"] + sale["reversal"]
            _add(sums.people, (sale["local_date"], order["customer_id"]), [1, 0, net])
    for order in orders.values():
        if order["placed"] and order["customer_id"] is not None:
            _add(sums.people, (order["local_date"], order["customer_id"]), [1, 1, 0])
    return sums


_DAILY = tuple(column.name for column in rollups.AMOUNTS)


def _kind(order: Row) -> str | None:
    """See schema.CUSTOMER_KIND."""
    place = order.get("order_index")
    return None if place is None else "new" if place == 1 else "returning"


def _add(sums: dict[Key, Amounts], key: Key, amounts: Amounts, sign: int = 1) -> None:
    known = sums.get(key) or [0] * len(amounts)
    sums[key] = [one + sign * other for one, other in zip(known, amounts, strict=True)]


def apply(work: Work, before: Sums, after: Sums, anew: Collection[date]) -> None:
    """Bring the sums from what some orders gave before to what they give now; the days that must
    be made `anew` from the ledger, which has the rows already."""
    with localcontext(prec=DIGITS):
        plans = [
            _plan(work, DAILY_SALES, _difference(before.daily, after.daily)),
            _plan(work, CUSTOMER_DAYS, _difference(before.people, after.people)),
        ]
    stale = {*anew}.union(*(plan.anew for plan in plans))
    for plan in plans:
        _write(work, plan, stale)
    rollups.sum_anew(work.writing, work.shop_id, stale)


def _difference(before: Mapping[Key, Amounts], after: Mapping[Key, Amounts]) -> dict[Key, Amounts]:
    found = {**after}
    for key, amounts in before.items():
        _add(found, key, amounts, -1)
    return {key: amounts for key, amounts in found.items() if any(amounts)}


@dataclass(frozen=True)
class _Plan:
    """A table's groups with their new amounts, those of them that stand already, and the days that
    only the ledger knows."""

    table: sa.Table
    fresh: Mapping[Key, Amounts]
    stored: Collection[Key]
    anew: Collection[date]


def _plan(work: Work, table: sa.Table, difference: Mapping[Key, Amounts]) -> _Plan:
    days = {key[0] for key in difference}
    if len(difference) > FEW:
        return _Plan(table, {}, (), days)
    stored = _stored(work, table, difference)
    fresh: dict[Key, Amounts] = {}
    anew: set[date] = set()
    for key, (rows, *amounts) in difference.items():
        known = stored.get(key) or [0] * len(amounts)
        fresh[key] = [one + other for one, other in zip(known, amounts, strict=True)]
        if (rows <= 0 and key not in stored) or (rows < 0 and not any(fresh[key])):
            anew.add(key[0])
        elif table is CUSTOMER_DAYS and max(abs(known[1]), abs(fresh[key][1])) >= Decimal(MOST):
            # It may be cut off there.
            anew.add(key[0])
    return _Plan(table, fresh, stored, anew)


def _names(table: sa.Table) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Its key without the shop, and its amounts."""
    if table is DAILY_SALES:
        return ("local_date", *rollups.KEYS), _DAILY
    return ("local_date", "customer_id"), PEOPLE


def _stored(work: Work, table: sa.Table, groups: Mapping[Key, Any]) -> dict[Key, Amounts]:
    if not groups:
        return {}
    key, amounts = _names(table)
    narrow, values = among("local_date", {group[0] for group in groups})
    if table is CUSTOMER_DAYS:
        theirs, people = among("customer_id", {group[1] for group in groups}, "w")
        narrow, values = narrow + theirs, values | people
    found = work.writing.rows(
        f"SELECT {', '.join((*key, *amounts))} FROM {table.name} WHERE shop_id = :shop{narrow}",
        shop=work.shop_id,
        **values,
    )
    rows = {row[: len(key)]: [*row[len(key) :]] for row in found}
    return {group: rows[group] for group in groups if group in rows}


def _write(work: Work, plan: _Plan, stale: Collection[date]) -> None:
    key, amounts = _names(plan.table)
    fresh = {group: sums for group, sums in plan.fresh.items() if group[0] not in stale}
    leaving = [group for group in fresh if group in plan.stored]
    if len(leaving) <= REWRITTEN:
        for group in leaving:
            chosen, values = _chosen(key, [group])
            sums = dict(zip(amounts, fresh.pop(group), strict=True))
            values["shop"] = work.shop_id
            rewrite(work.writing, plan.table.name, sums, f"shop_id = :shop AND {chosen}", values)
    else:
        chosen, values = _chosen(key, leaving)
        work.writing.run(
            f"DELETE FROM {plan.table.name} WHERE shop_id = :shop AND {chosen}",
            shop=work.shop_id,
            **values,
        )
    names = ("shop_id", *key, *amounts)
    rows = ((work.shop_id, *group, *sums) for group, sums in fresh.items())
    put(work.writing, plan.table, [dict(zip(names, row, strict=True)) for row in rows])


def _chosen(names: Sequence[str], groups: Sequence[Key]) -> tuple[str, dict[str, Any]]:
    """The condition that a row is of one of these groups."""
    narrow, values = among("local_date", {group[0] for group in groups})
    found = []
    for place, group in enumerate(groups):
        alike = []
        for name, value in zip(names, group, strict=True):
            mark = f"{name.replace('_', '')}{place}"
            alike.append(f"{name} IS NULL" if value is None else f"{name} = :{mark}")
            if value is not None:
                values[mark] = value
        found.append(f"({' AND '.join(alike)})")
    return f"({' OR '.join(found)}){narrow}", values
