"""Rows of the sales ledger and its orders and products, put together in columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from numpy.typing import NDArray

from agent.sources.base import Setting
from agent.sources.ids import hash_texts
from agent.sources.values import MONEY_SCALE, codes, decimals, flags, one
from agent.warehouse import schema

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
MONEY = ("gross", "discount", "reversal", "tax", "shipping", "duty", "fee")


@dataclass(frozen=True)
class Rows:
    """Ledger rows of one sort. `at` is UTC seconds; `money` maps a column of MONEY to ten-
    thousandths.
    """

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
    variant: pa.Array | None = None

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


def _given(column: pa.Array | None, count: int) -> pa.Array:
    return _nulls(count, pa.string()) if column is None else column


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
        "product_id": _given(rows.product_id, count),
        "variant": _given(rows.variant, count),
        "happened_at": happened,
        "local_at": local_at,
        "local_date": local_date,
        "action": _same(rows.action, count),
        "line_type": _same(rows.line_type, count),
        "quantity": pa.array(rows.quantity, pa.int64()),
        "unit_cost": _nulls(count, pa.decimal128(18, 4)),
        "presentment_currency": _nulls(count, pa.string()),
        "presentment_amount": _nulls(count, pa.decimal128(18, 4)),
        "revision": pa.array(zeros if rows.revision is None else rows.revision),
    }
    columns |= {name: decimals(rows.money.get(name, zeros)) for name in MONEY}
    if rows.presentment is not None:
        columns["presentment_currency"] = rows.presentment[0]
        columns["presentment_amount"] = decimals(rows.presentment[1])
    return _table(schema.SALES, columns)


def _table(table: sa.Table, columns: Mapping[str, pa.Array]) -> pa.Table:
    wanted = schema.arrow_schema(table)
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
        "cancelled_at": (
            _nulls(count, pa.timestamp("us"))
            if papers.cancelled_at is None
            else papers.cancelled_at
        ),
        "revision": pa.array(
            np.zeros(count, dtype=np.int64) if papers.revision is None else papers.revision
        ),
    }
    return _table(schema.ORDERS, columns)


@dataclass(frozen=True)
class Sold:
    """What each line says of its product; `weight` is how much its title counts."""

    product_id: pa.Array
    title: pa.Array
    sku: pa.Array
    vendor: pa.Array | None
    weight: Ints
    product_type: pa.Array | None = None


def catalogue(setting: Setting, sold: Sold, keep: Flags) -> pa.Table:
    """One row per product: its heaviest title, between equals the first in the alphabet.

    `revision` grows with the title's weight, so that across files the more frequent title stays.
    """
    seen = pa.table(
        {
            "id": sold.product_id, "title": sold.title, "sku": sold.sku,
            "vendor": _given(sold.vendor, len(keep)),
            "weight": sold.weight, "type": _given(sold.product_type, len(keep)),
        }
    ).filter(pa.array(keep))  # fmt: skip
    seen = seen.filter(seen["id"].is_valid())
    counted = seen.group_by(["id", "title"], use_threads=False).aggregate(
        [("weight", "sum"), ("sku", "max"), ("vendor", "max"), ("type", "max")]
    )
    ranked = counted.append_column("none", pc.is_null(counted["title"])).sort_by(
        [
            ("id", "ascending"),
            ("none", "ascending"),
            ("weight_sum", "descending"),
            ("title", "ascending"),
        ]
    )
    index, _ = codes(one(ranked["id"]))
    best = ranked.filter(pa.array(np.diff(index, prepend=-1) != 0))
    title = one(best["title"])
    count = np.asarray(best["weight_sum"]) + flags(title.is_valid())
    product = one(best["id"])
    columns = {
        "shop_id": _same(setting.shop.shop_id, len(best)),
        "product_id": product,
        "title": pc.coalesce(title, product),
        "product_type": one(best["type_max"]),
        "vendor": one(best["vendor_max"]),
        "sku": one(best["sku_max"]),
        "revision": pa.array(title_revision(count, hash_texts(title))),
    }
    return _table(schema.PRODUCTS, columns)


def amount(scaled: int) -> Decimal:
    """Ten-thousandths as a decimal without idle zeros behind the second place."""
    exact = Decimal(int(scaled)) / MONEY_SCALE
    short = exact.quantize(Decimal("0.01"))
    return short if short == exact else exact.normalize()


def title_revision(count: Ints, marks: NDArray[np.uint64]) -> Ints:
    """Rank of titles across files: the more frequent wins; of equals, always the same."""
    return (np.minimum(count, 2**22) << 40) | (marks & np.uint64(2**40 - 1)).astype(np.int64)
