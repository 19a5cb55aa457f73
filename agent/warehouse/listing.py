"""The warehouse's own short lists, asked through its `read` like any other question."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from agent.ports import RATES_SHOP, Shop
from agent.warehouse.schema import BATCHES, SHOPS, TABLE_VERSIONS
from agent.warehouse.shops import ROW_TABLES

Read = Callable[[sa.Select[Any]], pa.Table]
Versions = dict[str, dict[str, int]]
Syncs = dict[str, datetime]

# Each once: a statement that is the same object is compiled once.
_SHOPS = sa.select(
    SHOPS.c.shop_id, SHOPS.c.name, SHOPS.c.currency, SHOPS.c.timezone, SHOPS.c.source
).order_by(SHOPS.c.created_at, SHOPS.c.shop_id)
_VERSIONS = sa.select(
    TABLE_VERSIONS.c.shop_id, TABLE_VERSIONS.c.table_name, TABLE_VERSIONS.c.version
)
_SYNCS = sa.select(BATCHES.c.shop_id, sa.func.max(BATCHES.c.merged_at).label("newest")).group_by(
    BATCHES.c.shop_id
)


def all_versions(read: Read) -> Versions:
    """Shop -> table -> version."""
    found: Versions = {}
    for row in read(_VERSIONS).to_pylist():
        found.setdefault(row["shop_id"], {})[row["table_name"]] = row["version"]
    return found


def summed(known: Versions, shops: tuple[str, ...]) -> dict[str, int]:
    """Table -> its versions added up over some shops and what they share."""
    own = [known.get(shop, {}) for shop in {*shops, RATES_SHOP.shop_id}]
    return {name: sum(v.get(name, 0) for v in own) for name in (*ROW_TABLES, "shops")}


def all_syncs(read: Read) -> Syncs:
    """Shop -> when its newest batch was merged, in UTC."""
    found = read(_SYNCS).to_pylist()
    return {row["shop_id"]: row["newest"].replace(tzinfo=UTC) for row in found}


def last_sync(known: Syncs, shops: tuple[str, ...]) -> datetime | None:
    return max((known[shop] for shop in shops if shop in known), default=None)


def shops(read: Read) -> tuple[Shop, ...]:
    return tuple(Shop(**row) for row in read(_SHOPS).to_pylist())


def batches(read: Read, shop_id: str | None, limit: int) -> list[dict[str, Any]]:
    table = BATCHES.c
    statement = sa.select(
        table.batch_id,
        table.shop_id,
        table.source,
        table.file_name,
        table.merged_at,
        table.lines,
        table.rejected,
        table.summary,
    )
    if shop_id is not None:
        statement = statement.where(table.shop_id == shop_id)
    rows = read(statement.order_by(table.merged_at.desc(), table.batch_id).limit(limit))
    return [
        {
            **row,
            "merged_at": row["merged_at"].replace(tzinfo=UTC),
            "summary": json.loads(row["summary"]),
        }
        for row in rows.to_pylist()
    ]
