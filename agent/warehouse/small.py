"""A few whole orders, as calls of a platform bring them: what is stored of them is asked once,
compared here, and only what differs is written. The rules are those of merge, documents, history
and rollups: of so few rows, planning their statements costs more than all the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cache
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from agent.warehouse import differences, documents, kept_products, lives
from agent.warehouse.schema import ORDERS, SALES, arrow_schema
from agent.warehouse.work import HISTORY, MOST_FEW, Work
from agent.warehouse.writing import REWRITTEN, among, is_few, keys, parts, put, rewrite

Tables = Mapping[sa.Table, pa.Table]
Row = dict[str, Any]
MOST = 10
"""Orders up to which this is quicker than statements that join."""


@dataclass
class Change:
    """The rows of one table under the arriving orders, by key, as they stand and as they will;
    which of them go and which come: `inserted` of these are new, `alike` say what the stored one
    says."""

    before: Mapping[str, Row]
    after: dict[str, Row]
    leaving: list[Row] = field(default_factory=list)
    coming: list[Row] = field(default_factory=list)
    inserted: int = 0
    alike: int = 0

    @property
    def replaced(self) -> int:
        return len(self.coming) - self.inserted


def fits(work: Work, tables: Tables) -> bool:
    """Whether a batch brings few whole orders, whose rows can be no other order's."""
    batch = work.batch
    if not batch.whole_orders or batch.gone or ORDERS not in tables:
        return False
    count = tables[ORDERS].num_rows
    few = count <= MOST and is_few(count) and tables[SALES].num_rows <= MOST_FEW
    return few and documents.named_after_orders(tables[SALES])


def write(work: Work, tables: Tables) -> set[str]:
    """Bring ledger and what is derived of it up to date; returns the tables of people that
    changed."""
    arriving = tables[ORDERS].to_pylist()
    stored = _stored(work, ORDERS, [row["order_id"] for row in arriving])
    old = _outdated(work, stored, arriving)
    current = {row["order_id"]: row for row in arriving if row["order_id"] not in old}
    sold = [row for row in tables[SALES].to_pylist() if row["order_id"] in current]
    known = _stored(work, SALES, [*current])
    kept_products.fill(sold, known.values())
    orders = _compared(work, ORDERS, stored, [*current.values()])
    sales = _compared(work, SALES, known, sold)
    _drop(work, sales, current, sold)
    histories, moved = _histories(work, orders)
    for table, change in ((ORDERS, orders), (SALES, sales)):
        _write(work, table, change)
        work.count(table, unchanged=tables[table].num_rows - len(change.coming))
    before = differences.tally(orders.before, sales.before.values())
    after = differences.tally(orders.after, sales.after.values())
    differences.apply(work, before, after, _days_of(work, moved))
    return histories


def _stored(work: Work, table: sa.Table, order_ids: Sequence[str]) -> dict[str, Row]:
    """What stands of these orders, by key."""
    narrow, values = among("order_id", order_ids)
    if not narrow:
        return {}
    names = _names(table)
    found = work.writing.rows(
        f"SELECT {', '.join(names)} FROM {table.name} WHERE shop_id = :shop{narrow}",
        shop=work.shop_id,
        **values,
    )
    rows = (dict(zip(names, row, strict=True)) for row in found)
    return {row[keys(table)[1]]: row for row in rows}


@cache
def _names(table: sa.Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if column.name != "batch_id")


def _outdated(work: Work, stored: Mapping[str, Row], arriving: Iterable[Row]) -> set[str]:
    """Orders that are older than what is stored, or than their deletion."""
    revisions = {row["order_id"]: row["revision"] for row in arriving}
    narrow, values = among("order_id", revisions)
    if not narrow:
        return set()
    removed = work.writing.rows(
        f"SELECT order_id, revision FROM removed_orders WHERE shop_id = :shop{narrow}",
        shop=work.shop_id,
        **values,
    )
    old = {order_id for order_id, until in removed if until >= revisions[order_id]}
    return old | {one for one, row in stored.items() if row["revision"] > revisions[one]}


def _compared(
    work: Work, table: sa.Table, stored: Mapping[str, Row], arriving: Sequence[Row]
) -> Change:
    key = keys(table)[1]
    change = Change({**stored}, {**stored})
    for row in arriving:
        known = stored.get(row[key])
        same = known is not None and _alike(table, known, row)
        if known is not None and not _makes_room(work, known, row, alike=same):
            continue
        if known is None:
            change.inserted += 1
        else:
            change.leaving.append(known)
            change.alike += same
        change.coming.append(row)
        change.after[row[key]] = row
    return change


def _makes_room(work: Work, known: Row, row: Row, *, alike: bool) -> bool:
    """See Work.older."""
    lower: bool = known["revision"] < row["revision"]
    return lower or (work.batch.anew and known["revision"] == row["revision"] and not alike)


def _alike(table: sa.Table, known: Row, row: Row) -> bool:
    return all(known[name] == row[name] for name in arrow_schema(table).names if name != "revision")


def _drop(work: Work, sales: Change, orders: Mapping[str, Row], arrived: Sequence[Row]) -> None:
    """Stored rows that a newer document does not bring again go."""
    again = {row["sale_id"] for row in arrived}
    for sale_id, known in sales.before.items():
        newer = _makes_room(work, known, orders[known["order_id"]], alike=False)
        if newer and sale_id not in again:
            sales.leaving.append(known)
            del sales.after[sale_id]


def _histories(work: Work, orders: Change) -> tuple[set[str], lives.Moved]:
    """Give the coming orders their places; write those of others and their customers' lives.
    Returns the tables of people that changed, and the others."""
    customers: set[str] = set()
    for row in orders.coming:
        known = orders.before.get(row["order_id"], {})
        stays = bool(known) and all(known[name] == row[name] for name in HISTORY)
        row["order_index"] = known["order_index"] if stays else None
        if not stays:
            customers |= {row["customer_id"], known.get("customer_id")} - {None}
    stored = lives.orders_of(work, sorted(customers))
    own = {row["order_id"]: row for row in orders.coming}
    found = lives.of(
        [o for o in stored if o.order_id not in own]
        + [_order(row) for row in own.values() if row["customer_id"] in customers]
    )
    others = []
    for one, place in found.moved:
        if one.order_id in own:
            own[one.order_id]["order_index"] = place
        else:
            others.append((one, place))
    lives.move(work, others)
    return lives.renew(work, lives.of(stored).lives, found.lives), others


def _order(row: Row) -> lives.Order:
    return lives.Order(**{one.name: row[one.name] for one in fields(lives.Order)})


def _days_of(work: Work, moved: lives.Moved) -> set[date]:
    """The days of other orders that are a first one now, or no longer."""
    ids = [o.order_id for o, place in moved if (o.order_index == 1) != (place == 1)]
    found: set[date] = set()
    for part in parts(ids):
        narrow, values = among("order_id", part)
        rows = work.writing.rows(
            f"SELECT DISTINCT local_date FROM sales WHERE shop_id = :shop{narrow}",
            shop=work.shop_id,
            **values,
        )
        found |= {day for (day,) in rows}
    return found


def _write(work: Work, table: sa.Table, change: Change) -> None:
    key = keys(table)[1]
    stay = _rewritten(work, table, change)
    for part in parts([row for row in change.leaving if row[key] not in stay]):
        narrow, values = among(key, [row[key] for row in part])
        # Days are cheaper to compare than names.
        days, dates = among("local_date", {row["local_date"] for row in part}, "w")
        work.writing.run(
            f"DELETE FROM {table.name} WHERE shop_id = :shop{days}{narrow}",
            shop=work.shop_id,
            **values,
            **dates,
        )
    batch = {"batch_id": work.merged.batch_id}
    put(work.writing, table, [row | batch for row in change.coming if row[key] not in stay])
    removed = len(change.leaving) - change.replaced
    if len(change.coming) - change.alike + removed:
        work.changed.add(table.name)
    work.count(table, inserted=change.inserted, replaced=change.replaced, removed=removed)


def _rewritten(work: Work, table: sa.Table, change: Change) -> set[str]:
    """Give rows that stay on their day what is other in them, all that need the same at once: of a
    changed order most rows only have a new revision. Returns their keys; none where too many
    differ in ways of their own."""
    key = keys(table)[1]
    coming = {row[key]: row for row in change.coming}
    groups: dict[tuple[tuple[str, Any], ...], list[Row]] = {}
    for known in change.leaving:
        row = coming.get(known[key])
        if row and row["local_date"] == known["local_date"]:
            other = tuple((name, row.get(name)) for name in known if row.get(name) != known[name])
            groups.setdefault(other, []).append(known)
    if len(groups) > REWRITTEN or any(not is_few(len(rows)) for rows in groups.values()):
        return set()
    for other, rows in groups.items():
        narrow, values = among(key, [row[key] for row in rows])
        days, dates = among("local_date", {row["local_date"] for row in rows}, "w")
        given = {**dict(other), "batch_id": work.merged.batch_id}
        named = {"shop": work.shop_id, **values, **dates}
        rewrite(work.writing, table.name, given, f"shop_id = :shop{days}{narrow}", named)
    return {row[key] for rows in groups.values() for row in rows}
