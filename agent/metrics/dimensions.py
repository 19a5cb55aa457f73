"""The dimensions: what a number can be broken down and filtered by. One row each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import sqlalchemy as sa

from agent.warehouse.schema import CUSTOMER_KIND, ORDERS, PRODUCTS, SALES

Level = Literal["time", "clock", "order", "line", "product", "shop"]


@dataclass(frozen=True)
class Dimension:
    """`level` says which table knows it, `column` is its value as text, NULL for none; `named` when
    a person reads another text for it. The daily sums have columns of the dimensions' own names.
    `values` are all that it can have, with what a person reads; empty where that is open.
    """

    name: str
    label: str
    plural: str
    level: Level
    column: sa.ColumnElement[Any] | None = None
    named: bool = False
    natural: bool = False
    values: Mapping[str, str] = field(default_factory=dict)


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAYS = dict(zip("1234567", _DAYS, strict=True))
KINDS = {"new": "New", "returning": "Returning"}

_ROWS = (
    Dimension("hour", "Hour", "hours", "time"),
    Dimension("day", "Day", "days", "time"),
    Dimension("week", "Week", "weeks", "time"),
    Dimension("month", "Month", "months", "time"),
    Dimension("quarter", "Quarter", "quarters", "time"),
    Dimension("year", "Year", "years", "time"),
    Dimension("weekday", "Weekday", "weekdays", "clock", natural=True, values=WEEKDAYS),
    Dimension("country", "Country", "countries", "order", ORDERS.c.country),
    Dimension("channel", "Channel", "channels", "order", ORDERS.c.channel),
    Dimension("customer_kind", "Customer", "customer kinds", "order", CUSTOMER_KIND, values=KINDS),
    Dimension("product", "Product", "products", "line", SALES.c.product_id, named=True),
    Dimension("product_type", "Product type", "product types", "product", PRODUCTS.c.product_type),
    Dimension("vendor", "Vendor", "vendors", "product", PRODUCTS.c.vendor),
    Dimension("shop", "Shop", "shops", "shop", named=True),
)
DIMENSIONS: Mapping[str, Dimension] = {row.name: row for row in _ROWS}
GRAINS: Mapping[str, Dimension] = {row.name: row for row in _ROWS if row.level == "time"}
ATTRIBUTES: Mapping[str, Dimension] = {row.name: row for row in _ROWS if row.level != "time"}
