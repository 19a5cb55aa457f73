"""The warehouse's tables, once, for both dialects.

`shop_id` stands first in every key. Money is exact: DECIMAL(18,4) in the shop's currency.
`local_at` is the wall clock of the shop's own zone, without offset, and `local_date` its day;
`*_at` without `local_` is UTC, also stored naive. Exchange rates are no shop's: theirs is
`ports.RATES_SHOP`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Integer, Numeric, String, Text

METADATA = sa.MetaData()
# 18 digits fill a 64-bit integer: one more, and DuckDB sums ten times as slowly in 128 bits.
MONEY = Numeric(18, 4)
MOST = "99999999999999.9999"
RATE = Numeric(20, 10)


def _table(name: str, *columns: Column[Any], revised: bool = True) -> sa.Table:
    own = (
        (Column("revision", BigInteger, nullable=False), Column("batch_id", String, nullable=False))
        if revised
        else ()
    )
    return sa.Table(name, METADATA, Column("shop_id", String, primary_key=True), *columns, *own)


SHOPS = _table(
    "shops",
    Column("name", String, nullable=False),
    Column("currency", String, nullable=False),
    Column("timezone", String, nullable=False),
    Column("source", String, nullable=False),
    Column("created_at", DateTime, nullable=False),
    revised=False,
)

ORDERS = _table(
    "orders",
    Column("order_id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("customer_id", String),
    Column("placed_at", DateTime, nullable=False),
    Column("local_at", DateTime, nullable=False),
    Column("local_date", Date, nullable=False),
    # False for papers that carry money but are no order: a credit note without link, a test order.
    Column("placed", Boolean, nullable=False),
    Column("country", String),
    Column("region", String),
    Column("city", String),
    Column("channel", String),
    Column("presentment_currency", String),
    Column("cancelled_at", DateTime),
    # Derived by merge: the nth placed order of its customer (of a paper that is no order: how
    # many came before it, plus one).
    Column("order_index", Integer),
)

SALES = _table(
    "sales",
    Column("sale_id", String, primary_key=True),
    Column("order_id", String, nullable=False),
    Column("line_id", String, nullable=False),
    Column("product_id", String),
    # What a person reads of the product's variant: its title or its SKU.
    Column("variant", String),
    Column("happened_at", DateTime, nullable=False),
    Column("local_at", DateTime, nullable=False),
    Column("local_date", Date, nullable=False),
    Column("action", String, nullable=False),
    Column("line_type", String, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("gross", MONEY, nullable=False),
    Column("discount", MONEY, nullable=False),
    Column("reversal", MONEY, nullable=False),
    Column("tax", MONEY, nullable=False),
    Column("shipping", MONEY, nullable=False),
    Column("duty", MONEY, nullable=False),
    Column("fee", MONEY, nullable=False),
    Column("unit_cost", MONEY),
    Column("presentment_currency", String),
    # All money of the row, from gross to fee, as the buyer saw it.
    Column("presentment_amount", MONEY),
)

PRODUCTS = _table(
    "products",
    Column("product_id", String, primary_key=True),
    Column("title", String, nullable=False),
    Column("product_type", String),
    Column("vendor", String),
    Column("sku", String),
)

# Derived by merge from orders; nothing imports it.
CUSTOMERS = _table(
    "customers",
    Column("customer_id", String, primary_key=True),
    Column("first_at", DateTime, nullable=False),
    Column("second_at", DateTime),
    Column("orders", Integer, nullable=False),
    revised=False,
)

SESSIONS = _table(
    "sessions",
    Column("local_at", DateTime, primary_key=True),
    Column("channel", String, primary_key=True),
    Column("country", String, primary_key=True),
    Column("local_date", Date, nullable=False),
    Column("sessions", BigInteger, nullable=False),
    Column("product_views", BigInteger, nullable=False),
    Column("add_to_cart", BigInteger, nullable=False),
    Column("reached_checkout", BigInteger, nullable=False),
    Column("purchases", BigInteger, nullable=False),
)

SPEND = _table(
    "spend",
    Column("local_date", Date, primary_key=True),
    Column("channel", String, primary_key=True),
    Column("campaign", String, primary_key=True),
    Column("amount", MONEY, nullable=False),
    Column("impressions", BigInteger, nullable=False),
    Column("clicks", BigInteger, nullable=False),
    # The platform's own claim of what this money sold; NULL where it says nothing.
    Column("attributed_revenue", MONEY),
)

INVENTORY = _table(
    "inventory",
    Column("local_date", Date, primary_key=True),
    Column("product_id", String, primary_key=True),
    Column("available", Integer, nullable=False),
)

# Money that orders cost beside their goods, by the day it was owed. `kind` is one of COST_KINDS;
# without an order it is a day's sum, as a carrier's bill gives it.
COSTS = _table(
    "costs",
    Column("cost_id", String, primary_key=True),
    Column("order_id", String),
    Column("local_date", Date, nullable=False),
    Column("kind", String, nullable=False),
    Column("amount", MONEY, nullable=False),
)

# What a platform says of its customers: the group it puts them in by its own reckoning.
PROFILES = _table(
    "profiles",
    Column("customer_id", String, primary_key=True),
    Column("rfm_group", String),
)

# How many of `currency` one unit of `base` buys on a day, as quoted on `quoted_on`: the day
# itself, or the last day with a quote before it. One base for the whole warehouse.
RATES = _table(
    "rates",
    Column("local_date", Date, primary_key=True),
    Column("currency", String, primary_key=True),
    Column("base", String, nullable=False),
    Column("rate", RATE, nullable=False),
    Column("quoted_on", Date, nullable=False),
)

# The shop's own calendar: campaigns, stock-outs, outages, press. `kind` is one of those words.
EVENTS = _table(
    "events",
    Column("event_id", String, primary_key=True),
    Column("starts_at", DateTime, nullable=False),
    Column("ends_at", DateTime),
    Column("kind", String, nullable=False),
    Column("title", String, nullable=False),
)

# An order's part in its customer's history: first ever, or a later one.
CUSTOMER_KIND = sa.case(
    (ORDERS.c.order_index == sa.literal_column("1"), sa.literal_column("'new'", String)),
    (ORDERS.c.order_index > sa.literal_column("1"), sa.literal_column("'returning'", String)),
)

# Derived by merge from sales and orders: a day's money by what an order knows, so that charts
# need no scan.
# Goods only in gross, discount, reversal and quantity; no key, because any dimension may be NULL.
DAILY_SALES = sa.Table(
    "daily_sales",
    METADATA,
    Column("shop_id", String, nullable=False),
    Column("local_date", Date, nullable=False),
    Column("country", String),
    Column("channel", String),
    Column("customer_kind", String),
    Column("quantity", BigInteger, nullable=False),
    *(
        Column(name, Numeric(38, 4), nullable=False)
        for name in ("gross", "discount", "reversal", "tax", "shipping", "duty", "fee")
    ),
)

# Derived by merge from sales and orders: what a customer ordered, and the net sales of goods that
# his orders made, day by day. No key either: a day is replaced whole.
CUSTOMER_DAYS = sa.Table(
    "customer_days",
    METADATA,
    Column("shop_id", String, nullable=False),
    Column("customer_id", String, nullable=False),
    Column("local_date", Date, nullable=False),
    # Placed orders.
    Column("orders", BigInteger, nullable=False),
    # On the day the money moved, whenever its order was placed. A day beyond MOST counts as that:
    # 64 bits rank a shop's customers twice as fast as 128.
    Column("net_sales", MONEY, nullable=False),
)

# Orders that were deleted at their source: no document up to `revision` brings them back.
REMOVED_ORDERS = _table("removed_orders", Column("order_id", String, primary_key=True))

# People who asked to be forgotten, each known only by what their id hashes to (forgetting.py).
FORGOTTEN_CUSTOMERS = _table(
    "forgotten_customers", Column("digest", String, primary_key=True), revised=False
)

BATCHES = _table(
    "batches",
    Column("batch_id", String, primary_key=True),
    Column("source", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("file_name", String, nullable=False),
    Column("merged_at", DateTime, nullable=False),
    Column("lines", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("summary", Text, nullable=False),
    revised=False,
)

TABLE_VERSIONS = _table(
    "table_versions",
    Column("table_name", String, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("changed_at", DateTime, nullable=False),
    revised=False,
)

MERGED = (ORDERS, SALES, PRODUCTS, SESSIONS, SPEND, INVENTORY, EVENTS, COSTS, PROFILES, RATES)
"""The tables that a batch may carry: a shop's own, or rates."""

COST_KINDS = ("shipping", "payment")
ACTIONS = ("ORDER", "UPDATE", "RETURN", "UNKNOWN")
LINE_TYPES = ("PRODUCT", "SHIPPING", "TAX", "GIFT_CARD", "TIP", "DUTY", "FEE", "ADJUSTMENT")


def arrow_type(kind: sa.types.TypeEngine[Any]) -> pa.DataType:
    """The Arrow type that carries an SQL type, the same from both warehouses."""
    if isinstance(kind, sa.Float | sa.Double):
        return pa.float64()
    if isinstance(kind, Numeric):
        if kind.scale not in (None, 4):
            return pa.decimal128(kind.precision or 38, kind.scale)
        return (
            pa.decimal128(38, 4)
            if kind.precision is None or kind.precision > 18
            else pa.decimal128(18, 4)
        )
    if isinstance(kind, BigInteger | Integer):
        return pa.int64()
    for sql, arrow in (
        (Boolean, pa.bool_()),
        (Date, pa.date32()),
        (DateTime, pa.timestamp("us")),
        (String, pa.string()),
    ):
        if isinstance(kind, sql):
            return arrow
    raise TypeError(f"no Arrow type for {kind!r}")


@cache
def arrow_schema(
    table: sa.Table, *, without: tuple[str, ...] = ("batch_id", "order_index")
) -> pa.Schema:
    """Columns a batch carries for a table."""
    return pa.schema(
        [
            pa.field(c.name, arrow_type(c.type), nullable=bool(c.nullable))
            for c in table.columns
            if c.name not in without
        ]
    )


def arrow_schema_of(statement: sa.Select[Any] | sa.CompoundSelect[Any]) -> pa.Schema:
    """Columns and types that reading a statement gives."""
    return pa.schema([pa.field(c.name, arrow_type(c.type)) for c in statement.selected_columns])
