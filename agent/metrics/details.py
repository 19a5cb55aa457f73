"""What is shown of the rows of each table, column by column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from agent.metrics.clauses import same
from agent.metrics.frames import Unit
from agent.metrics.unsummed import tables
from agent.warehouse.schema import (
    COSTS,
    INVENTORY,
    ORDERS,
    PRODUCTS,
    SALES,
    SESSIONS,
    SPEND,
)

Element = sa.ColumnElement[Any]


@dataclass(frozen=True)
class Shown:
    """One column; `name` is the table's own, or ORDER or TITLE."""

    name: str
    label: str
    unit: Unit = "text"


@dataclass(frozen=True)
class Detail:
    """`moment` names the column that rows are ordered by; `orders` and `products` whether names are
    fetched from there."""

    label: str
    moment: str
    columns: tuple[Shown, ...]
    orders: bool = False
    products: bool = False

    def element(self, table: sa.Table, name: str) -> Element:
        if name == ORDER:
            return sa.func.coalesce(ORDERS.c.name, table.c.order_id, type_=sa.String)
        if name == TITLE:
            return sa.func.coalesce(PRODUCTS.c.title, table.c.product_id, type_=sa.String)
        if name == NET:
            return table.c.gross + table.c.discount + table.c.reversal
        return table.c[name]


ORDER, TITLE, NET = "order_name", "product_title", "net"
_TIME = Shown("local_at", "Local time", "datetime")
_DAY = Shown("local_date", "Day", "date")
_PRODUCT = Shown(TITLE, "Product")
_WHOLE = ("sessions", "product_views", "add_to_cart", "reached_checkout", "purchases")

DETAILS: Mapping[str, Detail] = {
    SALES.name: Detail(
        "Sales ledger",
        "local_at",
        (
            _TIME,
            Shown(ORDER, "Order"),
            Shown("action", "Action"),
            Shown("line_type", "Line type"),
            _PRODUCT,
            Shown("variant", "Variant"),
            Shown("quantity", "Quantity", "count"),
            Shown("gross", "Gross", "money"),
            Shown("discount", "Discount", "money"),
            Shown("reversal", "Reversal", "money"),
            Shown(NET, "Net", "money"),
            Shown("shipping", "Shipping", "money"),
            Shown("tax", "Tax", "money"),
            Shown("duty", "Duty", "money"),
            Shown("fee", "Fee", "money"),
            Shown("unit_cost", "Unit cost", "money"),
        ),
        orders=True,
        products=True,
    ),
    ORDERS.name: Detail(
        "Orders",
        "local_at",
        (
            _TIME,
            Shown("name", "Order"),
            Shown("customer_id", "Customer"),
            Shown("order_index", "Customer's order number", "count"),
            Shown("country", "Country"),
            Shown("region", "Region"),
            Shown("city", "City"),
            Shown("channel", "Channel"),
        ),
    ),
    SESSIONS.name: Detail(
        "Sessions",
        "local_at",
        (
            _TIME,
            Shown("channel", "Channel"),
            Shown("country", "Country"),
            *(Shown(name, name.replace("_", " ").capitalize(), "count") for name in _WHOLE),
        ),
    ),
    SPEND.name: Detail(
        "Marketing spend",
        "local_date",
        (
            _DAY,
            Shown("channel", "Channel"),
            Shown("campaign", "Campaign"),
            Shown("amount", "Spend", "money"),
            Shown("impressions", "Impressions", "count"),
            Shown("clicks", "Clicks", "count"),
            Shown("attributed_revenue", "Attributed revenue", "money"),
        ),
    ),
    INVENTORY.name: Detail(
        "Inventory",
        "local_date",
        (_DAY, _PRODUCT, Shown("available", "Available", "count")),
        products=True,
    ),
    COSTS.name: Detail(
        "Costs of orders",
        "local_date",
        (
            _DAY,
            Shown(ORDER, "Order"),
            Shown("kind", "Kind"),
            Shown("amount", "Amount", "money"),
        ),
        orders=True,
    ),
}


def joined(origin: sa.FromClause, detail: Detail, root: sa.Table) -> sa.FromClause:
    """What is read from, with the tables that names come from where they are not there yet."""
    there = {getattr(table, "name", "") for table in tables(origin)}
    if detail.orders and ORDERS.name not in there:
        origin = origin.outerjoin(ORDERS, same(root, ORDERS, "order_id"))
    if detail.products and PRODUCTS.name not in there:
        origin = origin.outerjoin(PRODUCTS, same(root, PRODUCTS, "product_id"))
    return origin
