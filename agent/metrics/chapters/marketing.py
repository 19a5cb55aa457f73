"""The visits before an order, what advertising cost, and what remains of the sales after it."""

from __future__ import annotations

from agent.metrics.metric import Metric

_SESSIONS = "Session source"
_ADS = "Advertising platforms"
_CLAIM = "the platform's own claim"

FUNNEL = (
    Metric(
        "sessions",
        "Sessions",
        "count",
        "Visits to the shop, on the hour they began. Unknown before the session source begins.",
        "sessions",
        source=_SESSIONS,
    ),
    Metric(
        "product_views",
        "Product views",
        "count",
        "Sessions in which a product was looked at.",
        "product_views",
        source=_SESSIONS,
    ),
    Metric(
        "add_to_cart",
        "Added to cart",
        "count",
        "Sessions in which something was put into the cart.",
        "add_to_cart",
        source=_SESSIONS,
    ),
    Metric(
        "reached_checkout",
        "Reached checkout",
        "count",
        "Sessions that reached the checkout.",
        "reached_checkout",
        source=_SESSIONS,
    ),
    Metric(
        "purchases",
        "Purchases",
        "count",
        "Sessions that ended in a purchase, as the session source counts them; orders are counted "
        "apart.",
        "purchases",
        source=_SESSIONS,
    ),
    Metric(
        "add_to_cart_rate",
        "Add-to-cart rate",
        "percent",
        "Sessions with something put into the cart, divided by all sessions.",
        "add_to_cart / sessions",
        source=_SESSIONS,
    ),
    Metric(
        "checkout_rate",
        "Checkout rate",
        "percent",
        "Sessions that reached the checkout, divided by sessions with something put into the cart.",
        "reached_checkout / add_to_cart",
        source=_SESSIONS,
    ),
    Metric(
        "completion_rate",
        "Checkout completion rate",
        "percent",
        "Sessions with a purchase, divided by sessions that reached the checkout.",
        "purchases / reached_checkout",
        source=_SESSIONS,
    ),
    Metric(
        "conversion_rate",
        "Conversion rate",
        "percent",
        "Sessions with a purchase, divided by all sessions; both from the session source.",
        "purchases / sessions",
        source=_SESSIONS,
    ),
)

MARKETING = (
    Metric(
        "marketing_spend",
        "Marketing spend",
        "money",
        "Money spent on advertising, all channels together, on the day it was spent. Unknown "
        "before the first day with a figure.",
        "marketing_spend",
        good_up=False,
        source=_ADS,
    ),
    Metric(
        "impressions",
        "Impressions",
        "count",
        "How often advertisements were shown.",
        "impressions",
        source=_ADS,
    ),
    Metric("clicks", "Clicks", "count", "Clicks on advertisements.", "clicks", source=_ADS),
    Metric(
        "attributed_revenue",
        "Attributed revenue",
        "money",
        "Sales that the advertising platforms say they brought. It is each platform's own claim: "
        "two may claim the same order.",
        "attributed_revenue",
        source=_ADS,
        claim=_CLAIM,
    ),
    Metric(
        "cac",
        "Customer acquisition cost (CAC)",
        "money",
        "Marketing spend divided by new customers. Unknown, not zero, where there is no new "
        "customer.",
        "marketing_spend / new_customers",
        good_up=False,
        source="Advertising platforms and orders",
    ),
    Metric(
        "mer",
        "Marketing efficiency ratio (MER)",
        "number",
        "MER: total sales divided by marketing spend. Its inverse is ACOS: marketing spend divided "
        "by total sales.",
        "total_sales / marketing_spend",
        source="Sales ledger and advertising platforms",
    ),
    Metric(
        "acos",
        "Advertising cost of sales (ACOS)",
        "percent",
        "ACOS: marketing spend divided by total sales. Its inverse is MER: total sales divided by "
        "marketing spend.",
        "marketing_spend / total_sales",
        good_up=False,
        source="Sales ledger and advertising platforms",
    ),
    Metric(
        "roas",
        "Return on ad spend (ROAS)",
        "number",
        "Attributed revenue divided by marketing spend. The revenue is the platform's own claim.",
        "attributed_revenue / marketing_spend",
        source=_ADS,
        claim=_CLAIM,
    ),
    Metric(
        "cost_per_click",
        "Cost per click",
        "money",
        "Marketing spend divided by clicks.",
        "marketing_spend / clicks",
        good_up=False,
        source=_ADS,
    ),
)

CONTRIBUTION = (
    Metric(
        "shipping_cost",
        "Shipping cost",
        "money",
        "What carriers charged the shop, on the day it was owed. What customers paid is called "
        "shipping.",
        "shipping_cost",
        good_up=False,
        source="Costs",
    ),
    Metric(
        "payment_fees",
        "Payment fees",
        "money",
        "What payment providers kept, on the day it was owed.",
        "payment_fees",
        good_up=False,
        source="Costs",
    ),
    Metric(
        "cm1",
        "Contribution margin 1",
        "money",
        "Net sales less cost of goods sold. Goods whose cost is unknown count as free: read it "
        "with the cost coverage.",
        "net_sales - cogs",
        source="Sales ledger, with the unit costs that its source gives",
    ),
    Metric(
        "cm2",
        "Contribution margin 2",
        "money",
        "Contribution margin 1 less shipping cost and payment fees.",
        "net_sales - cogs - shipping_cost - payment_fees",
        source="Sales ledger and costs",
    ),
    Metric(
        "cm3",
        "Contribution margin 3",
        "money",
        "Contribution margin 2 less marketing spend.",
        "net_sales - cogs - shipping_cost - payment_fees - marketing_spend",
        source="Sales ledger, costs and advertising platforms",
    ),
)
