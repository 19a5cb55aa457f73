"""The dimensions: what a number can be broken down and filtered by. One row each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import sqlalchemy as sa

from agent.metrics.groups import GRADES, RFM, SCORES, TIERS
from agent.warehouse.schema import CUSTOMER_KIND, ORDERS, PRODUCTS, SALES, SPEND

# The last three are derived while asking: what a customer is by now, how long after their first
# order another came, and what a product is by now (agent.metrics.segments).
Level = Literal[
    "time", "clock", "order", "line", "product", "shop", "spend", "customer", "age", "grade"
]

Place = tuple[int, int, str]


@dataclass(frozen=True)
class Dimension:
    """`level` says which table knows it, `column` is its value as text, NULL for none; `named` when
    a person reads another text for it. The daily sums have columns of the dimensions' own names.
    `values` are all that it can have, with what a person reads, in their own order; empty where
    that is open. With `more`, sources may give others. A `natural` dimension is shown in its
    values' order, else as text, else (`numeric`) as numbers.
    """

    name: str
    label: str
    plural: str
    level: Level
    column: sa.ColumnElement[Any] | None = None
    named: bool = False
    natural: bool = False
    values: Mapping[str, str] = field(default_factory=dict)
    more: bool = False
    numeric: bool = False

    @property
    def filters(self) -> bool:
        """Whether a question may be filtered by it; a period is chosen by its days."""
        return self.level not in ("time", "age")

    def place(self, value: str | None) -> Place:
        """Where a value stands among others, NULL last."""
        if value is None:
            return (2, 0, "")
        if self.numeric:
            return (0, int(value), "")
        order = list(self.values)
        return (0, order.index(value), "") if value in order else (1, 0, value)


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAYS = dict(zip("1234567", _DAYS, strict=True))
KINDS = {"new": "New", "returning": "Returning"}


def _segment(name: str) -> sa.ColumnElement[str]:
    """A column of what segments.with_customers joins: by name, because that is made anew for every
    reading."""
    return sa.literal_column(f"segments.{name}", sa.String)


def _age(number: str) -> sa.ColumnElement[str]:
    """Text of a number; NULL for a paper older than the first order. Written out, because a
    parameter in a group is another expression to PostgreSQL."""
    whole = f"CAST({number} AS INTEGER)"
    return sa.literal_column(f"CASE WHEN {whole} >= 0 THEN CAST({whole} AS VARCHAR) END", sa.String)


_YEAR = "extract(year FROM orders.local_date)"
_QUARTER = "extract(quarter FROM orders.local_date)"
_MONDAY = "CAST(date_trunc('week', CAST(orders.local_date AS TIMESTAMP)) AS DATE)"
_AGES = {
    "age": f"{_YEAR} * 12 + extract(month FROM orders.local_date) - segments.first_month",
    "age_weeks": f"({_MONDAY} - segments.first_week) / 7",
    "age_quarters": f"{_YEAR} * 4 + {_QUARTER} - segments.first_quarter",
}


def _customer(name: str, label: str, plural: str, values: Mapping[str, str]) -> Dimension:
    more = name == "rfm"
    return Dimension(
        *(name, label, plural, "customer", _segment(name)), natural=True, values=values, more=more
    )


def _cohort(name: str, label: str, plural: str) -> Dimension:
    return Dimension(name, label, plural, "customer", _segment(name), natural=True)


def _since(name: str, label: str, plural: str) -> Dimension:
    return Dimension(name, label, plural, "age", _age(_AGES[name]), natural=True, numeric=True)


_GRADE = sa.literal_column(
    "CASE WHEN sales.product_id IS NOT NULL THEN coalesce(grades.abc, 'C') END", sa.String
)

_ROWS = (
    Dimension("hour", "Hour", "hours", "time"),
    Dimension("day", "Day", "days", "time"),
    Dimension("week", "Week", "weeks", "time"),
    Dimension("month", "Month", "months", "time"),
    Dimension("quarter", "Quarter", "quarters", "time"),
    Dimension("year", "Year", "years", "time"),
    Dimension("weekday", "Weekday", "weekdays", "clock", natural=True, values=WEEKDAYS),
    Dimension("country", "Country", "countries", "order", ORDERS.c.country),
    Dimension("region", "Region", "regions", "order", ORDERS.c.region),
    Dimension("city", "City", "cities", "order", ORDERS.c.city),
    Dimension("channel", "Channel", "channels", "order", ORDERS.c.channel),
    Dimension("campaign", "Campaign", "campaigns", "spend", SPEND.c.campaign),
    Dimension("customer_kind", "Customer", "customer kinds", "order", CUSTOMER_KIND, values=KINDS),
    Dimension("product", "Product", "products", "line", SALES.c.product_id, named=True),
    Dimension("product_type", "Product type", "product types", "product", PRODUCTS.c.product_type),
    Dimension("variant", "Variant", "variants", "line", SALES.c.variant),
    Dimension("vendor", "Vendor", "vendors", "product", PRODUCTS.c.vendor),
    Dimension("abc", "ABC class", "ABC classes", "grade", _GRADE, natural=True, values=GRADES),
    Dimension("shop", "Shop", "shops", "shop", named=True),
    _customer("rfm", "RFM group", "RFM groups", RFM),
    _customer("recency", "Recency score", "recency scores", SCORES),
    _customer("frequency", "Frequency score", "frequency scores", SCORES),
    _customer("monetary", "Monetary score", "monetary scores", SCORES),
    _customer("value_tier", "Value tier", "value tiers", TIERS),
    _cohort("cohort", "Month of first order", "months of first order"),
    _cohort("cohort_week", "Week of first order", "weeks of first order"),
    _cohort("cohort_quarter", "Quarter of first order", "quarters of first order"),
    _since("age", "Months since first order", "months since first order"),
    _since("age_weeks", "Weeks since first order", "weeks since first order"),
    _since("age_quarters", "Quarters since first order", "quarters since first order"),
)
DIMENSIONS: Mapping[str, Dimension] = {row.name: row for row in _ROWS}
GRAINS: Mapping[str, Dimension] = {row.name: row for row in _ROWS if row.level == "time"}
ATTRIBUTES: Mapping[str, Dimension] = {row.name: row for row in _ROWS if row.level != "time"}
FILTERS: Mapping[str, Dimension] = {row.name: row for row in _ROWS if row.filters}

HIERARCHIES: tuple[tuple[str, ...], ...] = (
    ("country", "region", "city"),
    ("product_type", "product", "variant"),
    ("channel", "campaign"),
    ("year", "quarter", "month", "week", "day", "hour"),
)
"""What a drill goes down by itself, widest first."""
