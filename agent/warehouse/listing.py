"""The warehouse's own short lists, asked through its `read` like any other question."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from agent.ports import Shop
from agent.warehouse.schema import BATCHES, SHOPS, TABLE_VERSIONS
from agent.warehouse.shops import ROW_TABLES

Read = Callable[[sa.Select[Any]], pa.Table]


def versions(read: Read, shops: tuple[str, ...]) -> dict[str, int]:
    table = TABLE_VERSIONS.c
    total = sa.cast(sa.func.sum(table.version), sa.BigInteger).label("version")
    rows = read(
        sa.select(table.table_name, total)
        .where(table.shop_id.in_(shops))
        .group_by(table.table_name)
    )
    known = dict(zip(rows["table_name"].to_pylist(), rows["version"].to_pylist(), strict=True))
    return {name: known.get(name, 0) for name in (*ROW_TABLES, "shops")}


def shops(read: Read) -> tuple[Shop, ...]:
    table = SHOPS.c
    rows = read(
        sa.select(table.shop_id, table.name, table.currency, table.timezone, table.source).order_by(
            table.created_at, table.shop_id
        )
    )
    return tuple(Shop(**row) for row in rows.to_pylist())


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
