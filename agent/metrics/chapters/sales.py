"""Sales, from gross sales to the margin: all of the ledger, and the orders beside it."""

from __future__ import annotations

from agent.metrics.metric import Metric

_COSTS = "Sales ledger, with the unit costs that its source gives"

SALES = (
    Metric(
        "gross_sales",
        "Gross sales",
        "money",
        "Unit price times quantity of goods ordered, before tax, shipping, discounts and "
        "reversals, on the order's day. Gift cards and tips are left out.",
        "gross_sales",
    ),
    Metric(
        "discounts",
        "Discounts",
        "money",
        "Line discounts and each line's share of order discounts, shown negative, on the order's "
        "day.",
        "discounts",
        shown_negative=True,
    ),
    Metric(
        "sales_reversals",
        "Sales reversals",
        "money",
        "Goods refunded, returned, edited or cancelled, shown negative, on the day they are "
        "processed.",
        "sales_reversals",
        shown_negative=True,
    ),
    Metric(
        "net_sales",
        "Net sales",
        "money",
        "Gross sales plus discounts plus sales reversals (both negative); no tax, no shipping. "
        "Each part counts on its own day.",
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
        "tips",
        "Tips",
        "money",
        "Tips given, on the order's day. They are no sales: no other figure counts them.",
        "tips",
    ),
    Metric(
        "orders",
        "Orders",
        "count",
        "Orders placed with at least one product, on the order's day; pending, unpaid and later "
        "cancelled ones included.",
        "orders",
        source="Orders",
    ),
    Metric(
        "average_order_value",
        "Average order value",
        "money",
        "Gross sales plus discounts, divided by orders, both before any later adjustment.",
        "placed_sales / orders",
        source="Sales ledger and orders",
    ),
    Metric(
        "units",
        "Units sold",
        "count",
        "Pieces sold less pieces returned, each on its own day.",
        "units",
    ),
    Metric(
        "units_ordered",
        "Units ordered",
        "count",
        "Pieces of goods ordered, on the order's day, before any return or edit.",
        "units_ordered",
    ),
    Metric(
        "units_returned",
        "Units returned",
        "count",
        "Pieces that came back by returns and cancellations, on the day they are processed.",
        "units_returned",
        good_up=False,
    ),
    Metric(
        "units_per_order",
        "Units per order",
        "number",
        "Units sold divided by orders.",
        "units / orders",
        source="Sales ledger and orders",
    ),
    Metric(
        "cogs",
        "Cost of goods sold",
        "money",
        "Units sold times their unit cost at the time of sale, of goods whose cost is known; a "
        "returned piece takes its cost back. Unknown where no cost is.",
        "cogs",
        good_up=False,
        source=_COSTS,
    ),
    Metric(
        "gross_profit",
        "Gross profit",
        "money",
        "Net sales of goods whose cost is known, less their cost of goods sold.",
        "costed_net_sales - cogs",
        source=_COSTS,
    ),
    Metric(
        "gross_margin",
        "Gross margin",
        "percent",
        "Gross profit divided by the net sales of goods whose cost is known. Read it with the "
        "cost coverage: the share of net sales that it speaks of.",
        "(costed_net_sales - cogs) / costed_net_sales",
        source=_COSTS,
    ),
    Metric(
        "cost_coverage",
        "Cost coverage",
        "percent",
        "Net sales of goods whose cost is known, divided by all net sales.",
        "costed_net_sales / net_sales",
        source=_COSTS,
    ),
)
