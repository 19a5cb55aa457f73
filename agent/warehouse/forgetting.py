"""People taken out of every row, for good: only what their id hashes to is kept, so that it is
known when it arrives again."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from agent.warehouse import rollups, shops
from agent.warehouse.schema import CUSTOMER_DAYS, CUSTOMERS, ORDERS, PROFILES
from agent.warehouse.work import Work
from agent.warehouse.writing import Writing

Tables = dict[sa.Table, pa.Table]
PERSONAL = ("customer_id", "region", "city")
"""What of an order says who ordered it."""


def digest(shop_id: str, customer_id: str) -> str:
    """What stands for a forgotten person: another one in every shop."""
    return hmac.digest(shop_id.encode(), customer_id.encode(), "sha256").hex()


def without(work: Work, tables: Tables) -> Tables:
    """The rows without the people who were forgotten: their orders have no customer."""
    if not {ORDERS, PROFILES} & {*tables}:
        return tables
    known = forgotten(work.writing, work.shop_id)
    if not known:
        return tables
    cleared = dict(tables)
    if ORDERS in tables:
        orders = tables[ORDERS]
        theirs = _among(work.shop_id, orders["customer_id"], known)
        cleared[ORDERS] = _emptied(orders, theirs)
    if PROFILES in tables:
        profiles = tables[PROFILES]
        theirs = _among(work.shop_id, profiles["customer_id"], known)
        cleared[PROFILES] = profiles.filter(pc.invert(theirs))
    return cleared


def _emptied(orders: pa.Table, theirs: pa.ChunkedArray) -> pa.Table:
    """The orders without who ordered and where he lives; the country stays, for its sums."""
    nothing = pa.scalar(None, pa.string())
    for name in PERSONAL:
        place = orders.column_names.index(name)
        values = pc.if_else(theirs, nothing, orders[name])
        orders = orders.set_column(place, name, values)
    return orders


def _among(shop_id: str, ids: pa.ChunkedArray, known: Collection[str]) -> pa.ChunkedArray:
    found = [one for one in pc.unique(ids.drop_null()).to_pylist() if digest(shop_id, one) in known]
    return pc.is_in(ids, value_set=pa.array(found, pa.string()))


def forgotten(writing: Writing, shop_id: str) -> set[str]:
    """The digests of a shop."""
    found = writing.rows(
        "SELECT digest FROM forgotten_customers WHERE shop_id = :shop", shop=shop_id
    )
    return {text for (text,) in found}


def forget(writing: Writing, shop_id: str, ids: Collection[str], now: datetime) -> int:
    """Take people out of a shop's rows and remember their digests; returns how many orders lost
    their customer. Once in a transaction."""
    _remember(writing, {(shop_id, digest(shop_id, one)) for one in ids})
    return _take_out(writing, shop_id, ids, now)


def _take_out(writing: Writing, shop_id: str, ids: Collection[str], now: datetime) -> int:
    writing.stage("touched", pa.table({"customer_id": pa.array(sorted({*ids}), pa.string())}))
    # Under the names that the sums of days ask: orders that changed, and moved places.
    orders = writing.stage_query(
        "staged_orders",
        "SELECT orders.order_id, orders.local_date FROM orders"
        " JOIN touched ON touched.customer_id = orders.customer_id WHERE orders.shop_id = :shop",
        shop=shop_id,
    )
    changed = {ORDERS.name} if orders else set()
    writing.run(
        "UPDATE orders SET customer_id = NULL, order_index = NULL, region = NULL, city = NULL"
        " FROM touched"
        " WHERE orders.shop_id = :shop AND orders.customer_id = touched.customer_id",
        shop=shop_id,
    )
    for table in (PROFILES, CUSTOMERS, CUSTOMER_DAYS):
        if writing.run(
            f"DELETE FROM {table.name} USING touched WHERE {table.name}.shop_id = :shop"
            f" AND {table.name}.customer_id = touched.customer_id",
            shop=shop_id,
        ):
            changed.add(table.name)
    if orders:
        rollups.refresh_orders(writing, shop_id)
    shops.raise_versions(writing, shop_id, changed, now)
    return orders


def all_forgotten(writing: Writing) -> set[tuple[str, str]]:
    """(shop, digest) of everybody."""
    found = writing.rows("SELECT shop_id, digest FROM forgotten_customers")
    return {(shop_id, text) for shop_id, text in found}


def again(writing: Writing, digests: Collection[tuple[str, str]], now: datetime) -> None:
    """Forget people whom other rows have brought back."""
    _remember(writing, digests)
    for shop_id in sorted({shop_id for shop_id, _ in digests}):
        known = {text for shop, text in digests if shop == shop_id}
        everyone = writing.rows(
            "SELECT customer_id FROM customers WHERE shop_id = :shop"
            " UNION SELECT customer_id FROM orders WHERE shop_id = :shop"
            " UNION SELECT customer_id FROM profiles WHERE shop_id = :shop",
            shop=shop_id,
        )
        ids = [one for (one,) in everyone if one is not None and digest(shop_id, one) in known]
        if ids:
            _take_out(writing, shop_id, ids, now)


def _remember(writing: Writing, digests: Collection[tuple[str, str]]) -> None:
    for shop_id, text in sorted({*digests} - all_forgotten(writing)):
        writing.run(
            "INSERT INTO forgotten_customers (shop_id, digest) VALUES (:shop, :digest)",
            shop=shop_id,
            digest=text,
        )
