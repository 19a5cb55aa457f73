"""Customers: who ordered, who came back."""

from __future__ import annotations

from agent.metrics.metric import Metric

CUSTOMERS = (
    Metric(
        "customers",
        "Customers",
        "count",
        "Different customers who placed an order; orders without a customer are left out.",
        "customers",
        source="Orders",
    ),
    Metric(
        "new_customers",
        "New customers",
        "count",
        "Customers whose first ever order falls in the period.",
        "new_customers",
        source="Orders",
    ),
    Metric(
        "returning_customers",
        "Returning customers",
        "count",
        "Customers who ordered in the period and had two or more lifetime orders by its end.",
        "returning_customers",
        source="Orders",
    ),
    Metric(
        "returning_customer_rate",
        "Returning customer rate",
        "percent",
        "Returning customers divided by all customers who ordered in the period.",
        "returning_customers / customers",
        source="Orders",
    ),
    Metric(
        "repeat_purchase_rate",
        "Repeat purchase rate",
        "percent",
        "Customers with two or more orders up to the period's end, divided by customers with at "
        "least one.",
        "repeat_buyers_so_far / buyers_so_far",
        source="Orders",
    ),
    Metric(
        "repurchasing_customers",
        "Repurchasing customers",
        "count",
        "Different customers who placed an order in the period that was not their first.",
        "repurchasing_customers",
        source="Orders",
    ),
    Metric(
        "net_sales_per_customer",
        "Net sales per customer",
        "money",
        "Net sales divided by the customers who ordered in the period.",
        "net_sales / customers",
        source="Sales ledger and orders",
    ),
)
