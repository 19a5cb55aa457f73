"""A shop of a million order lines, made from dice in columns: two years, 2,000 products, repeat
customers, sessions and spend."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from agent.ports import Batch, Shop
from agent.warehouse.schema import METADATA, arrow_schema

SHOP = Shop("million", "A million lines", "EUR", "Europe/Berlin", "benchmark")
LAST = date(2026, 11, 16)
DAYS = 730
LINES_PER_ORDER = 3
PRODUCTS, CUSTOMERS = 2_000, 120_000
TYPES = np.array(["Lighting", "Furniture", "Textiles", "Kitchen", "Garden", "Paper"])
COUNTRIES = np.array(["DE", "FR", "GB", "US", "NL", "ES", "IT", "AT"])
CHANNELS = np.array(["email", "paid_search", "organic_search", "direct", "paid_social", "referral"])
Dice = np.random.Generator


def batch(lines: int) -> Batch:
    """Everything that the shop's warehouse holds; the same every time."""
    dice = np.random.default_rng(2026)
    count = lines // LINES_PER_ORDER
    minutes = np.sort(dice.integers(0, DAYS * 1440, count))
    start = np.datetime64(LAST - timedelta(days=DAYS - 1), "m")
    at = (start + minutes).astype("datetime64[us]")
    tables = {
        "orders": _orders(dice, at),
        "sales": _sales(dice, at),
        "products": _products(),
        "sessions": _sessions(dice),
        "spend": _spend(dice),
    }
    return Batch(SHOP, "benchmark", f"million-{lines}", tables, lines=lines)


def _orders(dice: Dice, at: np.ndarray[Any, Any]) -> pa.Table:
    count = at.size
    ids = [f"o{n}" for n in range(count)]
    people = (CUSTOMERS * dice.random(count) ** 2).astype(int)
    return _table(
        "orders",
        order_id=ids,
        name=ids,
        customer_id=[f"c{n}" for n in people.tolist()],
        placed_at=at,
        local_at=at,
        local_date=at.astype("datetime64[D]"),
        placed=np.ones(count, bool),
        country=dice.choice(COUNTRIES, count, p=_falling(COUNTRIES.size)),
        channel=dice.choice(CHANNELS, count, p=_falling(CHANNELS.size)),
        presentment_currency=["EUR"] * count,
    )


def _sales(dice: Dice, orders_at: np.ndarray[Any, Any]) -> pa.Table:
    order = np.repeat(np.arange(orders_at.size), LINES_PER_ORDER)
    count, at = order.size, orders_at[order]
    product = np.minimum(dice.exponential(PRODUCTS / 6, count).astype(int), PRODUCTS - 1)
    quantity = dice.integers(1, 4, count)
    cents = dice.integers(500, 20_000, count) * quantity
    zero = _money(np.zeros(count, np.int64))
    lines = [f"l{n}" for n in range(count)]
    return _table(
        "sales",
        sale_id=lines,
        line_id=lines,
        order_id=[f"o{n}" for n in order.tolist()],
        product_id=[f"p{n}" for n in product.tolist()],
        happened_at=at,
        local_at=at,
        local_date=at.astype("datetime64[D]"),
        action=["ORDER"] * count,
        line_type=["PRODUCT"] * count,
        quantity=quantity,
        gross=_money(cents),
        discount=_money(-(cents * dice.choice([0, 0, 0, 10], count) // 100)),
        tax=_money(cents * 19 // 100),
        **dict.fromkeys(("reversal", "shipping", "duty", "fee"), zero),
        unit_cost=_money(cents * 4 // 10 // quantity),
    )


def _products() -> pa.Table:
    numbers = range(PRODUCTS)
    return _table(
        "products",
        product_id=[f"p{n}" for n in numbers],
        title=[f"Product {n}" for n in numbers],
        product_type=[str(TYPES[n % TYPES.size]) for n in numbers],
        vendor=[f"Vendor {n % 20}" for n in numbers],
    )


def _sessions(dice: Dice) -> pa.Table:
    days = [datetime.combine(LAST - timedelta(days=n), time()) for n in range(DAYS)]
    rows = [(day, ch, co) for day in days for ch in CHANNELS for co in COUNTRIES]
    sessions = dice.integers(20, 400, len(rows))
    return _table(
        "sessions",
        local_at=[row[0] for row in rows],
        local_date=[row[0].date() for row in rows],
        channel=[str(row[1]) for row in rows],
        country=[str(row[2]) for row in rows],
        sessions=sessions,
        product_views=sessions * 6 // 10,
        add_to_cart=sessions // 8,
        reached_checkout=sessions // 16,
        purchases=sessions // 40,
    )


def _spend(dice: Dice) -> pa.Table:
    days = [LAST - timedelta(days=n) for n in range(DAYS)]
    rows = [(day, channel) for day in days for channel in ("paid_search", "paid_social")]
    return _table(
        "spend",
        local_date=[row[0] for row in rows],
        channel=[row[1] for row in rows],
        campaign=[f"{row[1]} always on" for row in rows],
        amount=_money(dice.integers(10_000, 90_000, len(rows))),
        impressions=dice.integers(1_000, 9_000, len(rows)),
        clicks=dice.integers(100, 900, len(rows)),
    )


def _falling(count: int) -> np.ndarray[Any, Any]:
    weights = 1 / np.arange(1, count + 1)
    return weights / weights.sum()


def _money(cents: np.ndarray[Any, Any]) -> pa.Array:
    return pa.array([Decimal(c).scaleb(-2) for c in cents.tolist()], pa.decimal128(18, 4))


def _table(table: str, **columns: Any) -> pa.Table:
    schema = arrow_schema(METADATA.tables[table])
    count = len(next(iter(columns.values())))
    columns |= {"shop_id": [SHOP.shop_id] * count, "revision": np.ones(count, np.int64)}
    arrays = [
        pa.array(columns[f.name]).cast(f.type) if f.name in columns else pa.nulls(count, f.type)
        for f in schema
    ]
    return pa.table(arrays, schema=schema)
