"""Rows by hand, in the warehouse's own columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from agent.ports import Batch, Shop, Warehouse
from agent.warehouse.schema import CUSTOMERS, METADATA, ORDERS, arrow_schema

ALMA = Shop("almas-tea", "Alma's Tea", "EUR", "Europe/Berlin", "hand")
BRUNO = Shop("brunos-bikes", "Bruno's Bikes", "USD", "America/New_York", "hand")


def at(text: str) -> datetime:
    """A moment as the tables keep it, naive."""
    return datetime.fromisoformat(text)


def order(order_id: str, customer_id: str | None, when: str, **other: Any) -> dict[str, Any]:
    """A placed order of revision 1; `when` is its local and, here, also its UTC time."""
    moment = at(when)
    row = {
        "shop_id": ALMA.shop_id,
        "order_id": order_id,
        "name": f"#{order_id}",
        "customer_id": customer_id,
        "placed_at": moment,
        "local_at": moment,
        "local_date": moment.date(),
        "placed": True,
        "revision": 1,
    }
    return row | other


def sale(sale_id: str, order_id: str, gross: str, **other: Any) -> dict[str, Any]:
    moment = at(other.pop("when", "2026-03-01T10:00"))
    nothing = dict.fromkeys(("discount", "reversal", "tax", "shipping", "duty", "fee"), Decimal(0))
    row = {
        "shop_id": ALMA.shop_id,
        "sale_id": sale_id,
        "order_id": order_id,
        "line_id": sale_id,
        "happened_at": moment,
        "local_at": moment,
        "local_date": moment.date(),
        "action": "ORDER",
        "line_type": "PRODUCT",
        "quantity": 1,
        "gross": Decimal(gross),
        "revision": 1,
    }
    return row | nothing | other


def product(product_id: str, title: str | None, **other: Any) -> dict[str, Any]:
    row = {"shop_id": ALMA.shop_id, "product_id": product_id, "title": title, "revision": 1}
    return row | other


def table(of: sa.Table, *rows: Mapping[str, Any]) -> pa.Table:
    schema = arrow_schema(of)
    return pa.table(
        {
            field.name: pa.array([row.get(field.name) for row in rows], field.type)
            for field in schema
        }
    )


def batch(fingerprint: str, shop: Shop = ALMA, /, **rows: list[dict[str, Any]]) -> Batch:
    """batch("a", orders=[order(...)], sales=[...])"""
    of = {known.name: known for known in METADATA.sorted_tables}
    tables = {
        name: table(of[name], *({**row, "shop_id": shop.shop_id} for row in given))
        for name, given in rows.items()
    }
    return Batch(shop, "hand", fingerprint, tables, file_name="hand.csv", lines=7, rejected=2)


def rows_of(
    warehouse: Warehouse, of: sa.Table, without: tuple[str, ...] = ("batch_id",)
) -> list[Any]:
    """A table's rows in the order of their keys."""
    columns = [column for column in of.columns if column.name not in without]
    order = of.primary_key.columns or columns
    return warehouse.read(sa.select(*columns).order_by(*order)).to_pylist()


def everything(warehouse: Warehouse) -> dict[str, list[dict[str, Any]]]:
    return {
        of.name: rows_of(warehouse, of, without=())
        for of in METADATA.sorted_tables
        if of.name != "batches"
    }


def customers(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """(customer, first order, second order, orders), times as "2026-03-01 10:00"."""

    def short(moment: datetime | None) -> str | None:
        return None if moment is None else f"{moment:%Y-%m-%d %H:%M}"

    return [
        (row["customer_id"], short(row["first_at"]), short(row["second_at"]), row["orders"])
        for row in rows_of(warehouse, CUSTOMERS)
    ]


def places(warehouse: Warehouse) -> dict[str, int | None]:
    return {row["order_id"]: row["order_index"] for row in rows_of(warehouse, ORDERS)}
