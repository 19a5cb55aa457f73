"""The measures: what SQL adds up or counts. One row each; `fact` says which table reads it."""

from __future__ import annotations

from collections.abc import Mapping

from agent.metrics.metric import Measure

_NET = ("gross", "discount", "reversal")
_EXTRAS = ("shipping", "tax", "duty", "fee")
_ROWS = (
    Measure("gross_sales", "sales", ("gross",), money=True),
    Measure("discounts", "sales", ("discount",), money=True),
    Measure("sales_reversals", "sales", ("reversal",), money=True),
    Measure("net_sales", "sales", _NET, money=True),
    Measure(
        "placed_sales",
        "sales",
        ("gross", "discount"),
        money=True,
        about="Gross sales plus discounts, before any reversal.",
    ),
    Measure("shipping", "sales", (), ("shipping",), money=True),
    Measure("taxes", "sales", (), ("tax",), money=True),
    Measure("duties", "sales", (), ("duty",), money=True),
    Measure("fees", "sales", (), ("fee",), money=True),
    Measure("total_sales", "sales", _NET, _EXTRAS, money=True),
    Measure("tips", "sales", money=True),
    Measure("units", "sales", ("quantity",)),
    Measure("units_ordered", "sales"),
    Measure("units_returned", "sales"),
    Measure("cogs", "sales", money=True, unknown=True),
    Measure(
        "costed_net_sales",
        "sales",
        money=True,
        about="Net sales of goods whose unit cost is known.",
    ),
    Measure("orders", "orders", additive=False),
    Measure("customers", "orders", additive=False),
    Measure("new_customers", "orders", additive=False),
    Measure("returning_customers", "orders", additive=False),
    Measure("repurchasing_customers", "orders", additive=False),
    Measure(
        "buyers_so_far",
        "history",
        additive=False,
        about="Customers with an order up to the period's end, from the shop's first day on.",
    ),
    Measure(
        "repeat_buyers_so_far",
        "history",
        additive=False,
        about="Those of them with two or more orders by then.",
    ),
    Measure("sessions", "traffic", unknown=True),
    Measure("product_views", "traffic", unknown=True),
    Measure("add_to_cart", "traffic", unknown=True),
    Measure("reached_checkout", "traffic", unknown=True),
    Measure("purchases", "traffic", unknown=True),
    Measure("marketing_spend", "spend", money=True, unknown=True),
    Measure("impressions", "spend", unknown=True),
    Measure("clicks", "spend", unknown=True),
    Measure("attributed_revenue", "spend", money=True, unknown=True),
    Measure("shipping_cost", "costs", money=True, unknown=True),
    Measure("payment_fees", "costs", money=True, unknown=True),
    Measure("ending_units", "stock", additive=False, unknown=True, gaps=True),
    Measure(
        "units_28",
        "stock",
        additive=False,
        unknown=True,
        gaps=True,
        about="Units sold of the goods whose stock is counted, in the 28 days up to the period's "
        "last day.",
    ),
    Measure(
        "stocked_rate",
        "stock",
        additive=False,
        unknown=True,
        gaps=True,
        fraction=True,
        about="Of each product, units sold on those of the 28 days on which it was in stock, "
        "divided by how many they were; added up over products.",
    ),
)
MEASURES: Mapping[str, Measure] = {row.name: row for row in _ROWS}
