"""Rows of the sales ledger and its orders and products, put together in columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from agent.sources.base import Setting
from agent.sources.values import MONEY_SCALE, decimals
from agent.warehouse import schema

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
MONEY = ("gross", "discount", "reversal", "tax", "shipping", "duty", "fee")


@dataclass(frozen=True)
class Rows:
    """Ledger rows of one sort. `at` is UTC seconds; `money` maps a column of MONEY to ten-thousandths."""

    sale_id: pa.Array
    order_id: pa.Array
    line_id: pa.Array
    product_id: pa.Array | None
    at: Ints
    action: str | pa.Array
    line_type: str | pa.Array
    quantity: Ints
    money: Mapping[str, Ints]
    revision: Ints | None = None
    presentment: tuple[pa.Array, Ints] | None = None

    def __len__(self) -> int:
        return len(self.sale_id)


@dataclass(frozen=True)
class Papers:
    """Orders and other papers, one row each. Texts may be None: a column of NULL."""

    order_id: pa.Array
    placed_at: Ints
    placed: Flags
    texts: Mapping[str, pa.Array] = field(default_factory=dict)
    cancelled_at: pa.Array | None = None
    revision: Ints | None = None


def _nulls(count: int, kind: pa.DataType) -> pa.Array:
    return pa.nulls(count, kind)


def _same(value: str | pa.Array, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(value), count) if isinstance(value, str) else value


def stamps(seconds: Ints) -> pa.Array:
    return pa.array(seconds * 1_000_000, pa.int64()).cast(pa.timestamp("us"))


def days(wall: Ints) -> pa.Array:
    return pa.array((wall // 86_400).astype(np.int32), pa.int32()).cast(pa.date32())


def _times(setting: Setting, at: Ints) -> tuple[pa.Array, pa.Array, pa.Array]:
    """UTC, wall clock and day of UTC seconds."""
    wall = setting.zone.to_wall(at)
    return stamps(at), stamps(wall), days(wall)


def _sales(setting: Setting, rows: Rows) -> pa.Table:
    count = len(rows)
    happened, local_at, local_date = _times(setting, rows.at)
    zeros = np.zeros(count, dtype=np.int64)
    columns: dict[str, pa.Array] = {
        "shop_id": _same(setting.shop.shop_id, count),
        "sale_id": rows.sale_id,
        "order_id": rows.order_id,
        "line_id": rows.line_id,
        "product_id": rows.product_id or _nulls(count, pa.string()),
        "happened_at": happened,
        "local_at": local_at,
        "local_date": local_date,
        "action": _same(rows.action, count),
        "line_type": _same(rows.line_type, count),
        "quantity": pa.array(rows.quantity, pa.int64()),
        "unit_cost": _nulls(count, pa.decimal128(19, 4)),
        "presentment_currency": _nulls(count, pa.string()),
        "presentment_amount": _nulls(count, pa.decimal128(19, 4)),
        "revision": pa.array(zeros if rows.revision is None else rows.revision),
    }
    columns |= {name: decimals(rows.money.get(name, zeros)) for name in MONEY}
    if rows.presentment is not None:
        columns["presentment_currency"] = rows.presentment[0]
        columns["presentment_amount"] = decimals(rows.presentment[1])
    return _table(schema.SALES, columns)


def _table(table: object, columns: Mapping[str, pa.Array]) -> pa.Table:
    wanted = schema.arrow_schema(table)  # type: ignore[arg-type]  # sqlalchemy Table
    return pa.table([columns[name] for name in wanted.names], schema=wanted)


def sales(setting: Setting, blocks: Sequence[Rows]) -> pa.Table:
    """The rows of all blocks as a `sales` table."""
    found = [_sales(setting, rows) for rows in blocks if len(rows)]
    return pa.concat_tables(found) if found else schema.arrow_schema(schema.SALES).empty_table()


def orders(setting: Setting, papers: Papers) -> pa.Table:
    count = len(papers.order_id)
    placed_at, local_at, local_date = _times(setting, papers.placed_at)
    given = {"name": papers.order_id, **papers.texts}
    columns = {
        name: given.get(name, _nulls(count, pa.string()))
        for name in (
            "name", "customer_id", "country", "region", "city", "channel", "presentment_currency"
        )
    }  # fmt: skip
    columns |= {
        "shop_id": _same(setting.shop.shop_id, count),
        "order_id": papers.order_id,
        "placed_at": placed_at,
        "local_at": local_at,
        "local_date": local_date,
        "placed": pa.array(papers.placed),
        "cancelled_at": papers.cancelled_at or _nulls(count, pa.timestamp("us")),
        "revision": pa.array(
            np.zeros(count, dtype=np.int64) if papers.revision is None else papers.revision
        ),
    }
    return _table(schema.ORDERS, columns)


def products(
    setting: Setting, product_id: pa.Array, texts: Mapping[str, pa.Array], revision: Ints
) -> pa.Table:
    """One row per product; `texts` may hold title, product_type, vendor and sku (a missing title is the id)."""
    count = len(product_id)
    title = texts.get("title", product_id)
    columns = {
        "shop_id": _same(setting.shop.shop_id, count),
        "product_id": product_id,
        "title": pc.coalesce(title, product_id),
        "product_type": texts.get("product_type", _nulls(count, pa.string())),
        "vendor": texts.get("vendor", _nulls(count, pa.string())),
        "sku": texts.get("sku", _nulls(count, pa.string())),
        "revision": pa.array(revision),
    }
    return _table(schema.PRODUCTS, columns)


def amount(scaled: int) -> Decimal:
    """Ten-thousandths as a decimal without idle zeros behind the second place."""
    exact = Decimal(int(scaled)) / MONEY_SCALE
    short = exact.quantize(Decimal("0.01"))
    return short if short == exact else exact.normalize()


def title_revision(count: Ints, marks: NDArray[np.uint64]) -> Ints:
    """Order of titles across files: the more frequent wins, and between equals always the same one."""
    return (np.minimum(count, 2**22) << 40) | (marks & np.uint64(2**40 - 1)).astype(np.int64)
