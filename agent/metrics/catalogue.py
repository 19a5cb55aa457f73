"""The metric catalogue: one row per number. A measure is what SQL adds up; a metric is
arithmetic over measures.

Definitions follow docs/metrics.md; every metric is proved by hand-written SQL in
tests/agent/metrics/cases.toml.
"""

from __future__ import annotations

from collections.abc import Mapping

from agent.metrics.metric import Measure, Metric

_NET = ("gross", "discount", "reversal")
_EXTRAS = ("shipping", "tax", "duty", "fee")
_MEASURES = (
    Measure("gross_sales", "sales", ("gross",), money=True),
    Measure("discounts", "sales", ("discount",), money=True),
    Measure("sales_reversals", "sales", ("reversal",), money=True),
    Measure("net_sales", "sales", _NET, money=True),
    Measure("placed_sales", "sales", ("gross", "discount"), money=True),
    Measure("shipping", "sales", (), ("shipping",), money=True),
    Measure("taxes", "sales", (), ("tax",), money=True),
    Measure("duties", "sales", (), ("duty",), money=True),
    Measure("fees", "sales", (), ("fee",), money=True),
    Measure("total_sales", "sales", _NET, _EXTRAS, money=True),
    Measure("units", "sales", ("quantity",)),
    Measure("orders", "orders", additive=False),
    Measure("customers", "orders", additive=False),
    Measure("new_customers", "orders", additive=False),
    Measure("returning_customers", "orders", additive=False),
    Measure("buyers_so_far", "history", additive=False),
    Measure("repeat_buyers_so_far", "history", additive=False),
)
MEASURES: Mapping[str, Measure] = {row.name: row for row in _MEASURES}

_METRICS = (
    Metric(
        "gross_sales",
        "Gross sales",
        "money",
        "Unit price times quantity of goods ordered, before tax, shipping, discounts and reversals, on the order's day. "
        "Gift cards and tips are left out.",
        "gross_sales",
    ),
    Metric(
        "discounts",
        "Discounts",
        "money",
        "Line discounts and each line's share of order discounts, shown negative, on the order's day.",
        "discounts",
        shown_negative=True,
    ),
    Metric(
        "sales_reversals",
        "Sales reversals",
        "money",
        "Goods refunded, returned, edited or cancelled, shown negative, on the day they are processed.",
        "sales_reversals",
        shown_negative=True,
    ),
    Metric(
        "net_sales",
        "Net sales",
        "money",
        "Gross sales plus discounts plus sales reversals (both negative); no tax, no shipping. Each part counts on its own day.",
        "net_sales",
    ),
    Metric(
        "shipping",
        "Shipping",
        "money",
        "Shipping charged less shipping reversed, on the order's and the reversal's day.",
        "shipping",
    ),
    Metric(
        "taxes",
        "Taxes",
        "money",
        "Taxes charged less taxes reversed, on the order's and the reversal's day.",
        "taxes",
    ),
    Metric(
        "duties",
        "Duties",
        "money",
        "Duties charged less duties reversed, each on its own day.",
        "duties",
    ),
    Metric(
        "fees", "Fees", "money", "Fees charged less fees reversed, each on its own day.", "fees"
    ),
    Metric(
        "total_sales",
        "Total sales",
        "money",
        "Net sales plus shipping, taxes, duties and fees.",
        "total_sales",
    ),
    Metric(
        "orders",
        "Orders",
        "count",
        "Orders placed with at least one product, on the order's day; pending, unpaid and later cancelled ones included.",
        "orders",
    ),
    Metric(
        "units",
        "Units sold",
        "count",
        "Pieces sold less pieces returned, each on its own day.",
        "units",
    ),
    Metric(
        "average_order_value",
        "Average order value",
        "money",
        "Gross sales plus discounts, divided by orders, both before any later adjustment.",
        "placed_sales / orders",
    ),
    Metric(
        "customers",
        "Customers",
        "count",
        "Different customers who placed an order; orders without a customer are left out.",
        "customers",
    ),
    Metric(
        "new_customers",
        "New customers",
        "count",
        "Customers whose first ever order falls in the period.",
        "new_customers",
    ),
    Metric(
        "returning_customers",
        "Returning customers",
        "count",
        "Customers who ordered in the period and had two or more lifetime orders by its end.",
        "returning_customers",
    ),
    Metric(
        "repeat_purchase_rate",
        "Repeat purchase rate",
        "percent",
        "Customers with two or more orders up to the period's end, divided by customers with at least one.",
        "repeat_buyers_so_far / buyers_so_far",
    ),
)
METRICS: Mapping[str, Metric] = {row.name: row for row in _METRICS}
