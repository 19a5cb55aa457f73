"""Orders that arrive in parts: what a file says of an order, together with what the warehouse knows
of it.

An invoice may be cut by the end of one file and the beginning of the next. Its row must come out
the same whichever part comes first: dated to its earliest line, an order as soon as one part sold a
product.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from agent.ports import RATES_SHOP, Warehouse
from agent.sources.carrying import with_known_rates
from agent.sources.values import one
from agent.warehouse import schema

TIMES = ("placed_at", "local_at", "local_date")
TEXTS = ("customer_id", "country", "region", "city", "channel", "presentment_currency")
FIELDS = ("order_id", "placed", "cancelled_at", "revision", *TIMES, *TEXTS)


def beside_known(
    warehouse: Warehouse, shop_id: str, tables: Mapping[str, pa.Table]
) -> Mapping[str, pa.Table]:
    """The tables with what the warehouse knows of the same orders, or of the same days' rates."""
    if shop_id == RATES_SHOP.shop_id:
        return with_known_rates(warehouse, tables)
    return with_known_orders(warehouse, shop_id, tables)


def with_known_orders(
    warehouse: Warehouse, shop_id: str, tables: Mapping[str, pa.Table]
) -> Mapping[str, pa.Table]:
    """The tables with each order joined to its row in the warehouse; a row that says more gets a
    higher revision.
    """
    fresh = tables.get("orders")
    if (
        fresh is None
        or shop_id not in {shop.shop_id for shop in warehouse.shops()}
        or not len(fresh)
    ):
        return tables
    known = _known(warehouse, shop_id, fresh)
    if not len(known):
        return tables
    return {**tables, "orders": _joined(fresh, known)}


def above_known(warehouse: Warehouse, shop_id: str, name: str, fresh: pa.Table) -> pa.Table:
    """Rows of a table that stand in place of those with the same keys: a row that says the same
    keeps its revision, another gets a higher one."""
    table = schema.METADATA.tables[name]
    told = [column for column in fresh.column_names if column not in ("shop_id", "revision")]
    keys = [c.name for c in table.primary_key.columns if c.name != "shop_id"]
    own = sa.select(*(table.c[c] for c in (*told, "revision"))).where(table.c.shop_id == shop_id)
    stored = warehouse.read(own)
    for key in keys:
        stored = stored.filter(pc.is_in(stored[key], value_set=one(fresh[key])))
    known = {tuple(row[key] for key in keys): row for row in stored.to_pylist()}
    revisions = [
        _revision(row, known.get(tuple(row[key] for key in keys)), told)
        for row in fresh.to_pylist()
    ]
    at = fresh.schema.get_field_index("revision")
    return fresh.set_column(at, fresh.schema.field(at), pa.array(revisions, pa.int64()))


def _revision(
    row: Mapping[str, object], known: Mapping[str, int] | None, told: Sequence[str]
) -> int:
    own = cast(int, row["revision"])
    if known is None:
        return own
    if all(row[name] == known[name] for name in told):
        return known["revision"]
    return max(own, known["revision"] + 1)


def _known(warehouse: Warehouse, shop_id: str, fresh: pa.Table) -> pa.Table:
    """Stored rows of the orders at hand, read by their days and a few more on either side."""
    from datetime import timedelta

    table, margin = schema.ORDERS, timedelta(days=3)
    first, last = (pc.min_max(fresh["local_date"])[side].as_py() for side in ("min", "max"))
    statement = sa.select(*(table.c[name] for name in FIELDS)).where(
        table.c.shop_id == shop_id, table.c.local_date.between(first - margin, last + margin)
    )
    stored = warehouse.read(statement)
    return stored.filter(pc.is_in(stored["order_id"], value_set=one(fresh["order_id"])))


def _joined(fresh: pa.Table, known: pa.Table) -> pa.Table:
    place = pc.index_in(one(fresh["order_id"]), value_set=one(known["order_id"]))
    old = {name: one(known[name]).take(place) for name in FIELDS}
    new = {name: one(fresh[name]) for name in fresh.column_names}
    met = place.is_valid()
    earlier = pc.fill_null(pc.less(old["placed_at"], new["placed_at"]), False)
    result = dict(new)
    for name in TIMES:
        result[name] = pc.if_else(earlier, old[name], new[name])
    result["placed"] = pc.or_(new["placed"], pc.fill_null(old["placed"], False))
    for name in TEXTS:
        result[name] = pc.max_element_wise(new[name], old[name], skip_nulls=True)
    result["cancelled_at"] = pc.coalesce(new["cancelled_at"], old["cancelled_at"])
    changed = _differs(result, old)
    floor = pc.max_element_wise(new["revision"], old["revision"], skip_nulls=True)
    raised = pc.if_else(changed, pc.add(floor, 1), old["revision"])
    result["revision"] = pc.if_else(met, raised, new["revision"])
    return pa.table([result[n] for n in fresh.column_names], schema=fresh.schema)


def _differs(result: Mapping[str, pa.Array], old: Mapping[str, pa.Array]) -> pa.Array:
    """Rows in which any field is not what the warehouse has."""
    found = None
    for name in ("placed", "cancelled_at", "placed_at", *TEXTS):
        same = pc.or_kleene(
            pc.equal(result[name], old[name]),
            pc.and_(pc.is_null(result[name]), pc.is_null(old[name])),
        )
        other = pc.invert(pc.fill_null(same, False))
        found = other if found is None else pc.or_(found, other)
    return found
