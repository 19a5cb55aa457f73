"""A shop's coming, renaming and going, and the versions of its tables."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from agent.errors import NotFound, Refused
from agent.ports import RATES_SHOP, Shop
from agent.warehouse.schema import MERGED, METADATA
from agent.warehouse.writing import Writing

ROW_TABLES = (*(table.name for table in MERGED), "customers")


def put_shop(writing: Writing, shop: Shop, now: datetime) -> None:
    """Insert or rename a shop. Raises Refused when its rows are in another currency or zone."""
    if shop.shop_id == RATES_SHOP.shop_id:
        raise Refused(f"A shop cannot be called {shop.shop_id!r}.")
    changed = admit(writing, shop, now)
    changed += ["shops"] * writing.run(
        "UPDATE shops SET name = :name, currency = :currency, timezone = :timezone,"
        " source = :source WHERE shop_id = :shop AND NOT (name = :name AND currency = :currency"
        " AND timezone = :timezone AND source = :source)",
        shop=shop.shop_id,
        name=shop.name,
        currency=shop.currency,
        timezone=shop.timezone,
        source=shop.source,
    )
    raise_versions(writing, shop.shop_id, changed, now)


def drop_shop(writing: Writing, shop_id: str, now: datetime) -> None:
    """Remove a shop's rows. Its versions go up and stay: a number seen never means other rows."""
    changed = []
    for table in METADATA.tables.values():
        if table.name == "table_versions":
            continue
        if writing.run(f"DELETE FROM {table.name} WHERE shop_id = :shop", shop=shop_id):
            changed.append(table.name)
    if "shops" not in changed:
        raise NotFound(f"There is no shop {shop_id!r} to remove.")
    raise_versions(writing, shop_id, changed, now)


def raise_versions(writing: Writing, shop_id: str, tables: Iterable[str], now: datetime) -> None:
    names = sorted({*tables} & {*ROW_TABLES, "shops"})
    if not names:
        return
    raised = writing.run(
        "UPDATE table_versions SET version = version + 1, changed_at = :now"
        f" WHERE shop_id = :shop AND table_name IN ({', '.join(map(repr, names))})",
        shop=shop_id,
        now=now,
    )
    if raised == len(names):
        return
    listed = ", ".join(f"('{name}')" for name in names)
    writing.run(
        "INSERT INTO table_versions (shop_id, table_name, version, changed_at)"
        " SELECT CAST(:shop AS VARCHAR), fresh.name, 1, CAST(:now AS TIMESTAMP)"
        f" FROM (VALUES {listed}) AS fresh(name) WHERE NOT EXISTS (SELECT 1 FROM table_versions"
        " WHERE shop_id = :shop AND table_name = fresh.name)",
        shop=shop_id,
        now=now,
    )


def admit(writing: Writing, shop: Shop, now: datetime) -> list[str]:
    """Insert a shop that is not there yet; returns the tables that changed."""
    if shop.shop_id == RATES_SHOP.shop_id:
        return []
    there = writing.rows(
        "SELECT currency, timezone FROM shops WHERE shop_id = :shop", shop=shop.shop_id
    )
    if there:
        if there[0] != (shop.currency, shop.timezone) and _has_rows(writing, shop.shop_id):
            raise Refused(
                f"Shop {shop.shop_id!r} keeps its books in {there[0][0]}, days of {there[0][1]}:"
                f" rows in {shop.currency}, days of {shop.timezone} do not fit.",
                hint="Choose another shop, or remove this one first.",
            )
        return []
    writing.run(
        "INSERT INTO shops (shop_id, name, currency, timezone, source, created_at)"
        " VALUES (:shop, :name, :currency, :timezone, :source, :now)",
        shop=shop.shop_id,
        name=shop.name,
        currency=shop.currency,
        timezone=shop.timezone,
        source=shop.source,
        now=now,
    )
    return ["shops"]


def _has_rows(writing: Writing, shop_id: str) -> bool:
    return any(
        writing.rows(f"SELECT 1 FROM {table.name} WHERE shop_id = :shop LIMIT 1", shop=shop_id)
        for table in MERGED
    )
