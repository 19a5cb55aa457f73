"""Explore: where does it come from?"""

from __future__ import annotations

from agent.metrics import periods
from agent.metrics.questions import Ask, Scope
from dashboard.panels import Own, Page, Panel
from dashboard.views import breakdown, trend

DEFAULT_METRIC = "net_sales"
HERO = ("net_sales", "orders", "average_order_value")
# The way down: from the widest view of the shop to the narrowest.
TABS = ("country", "product_type", "product", "vendor", "channel", "customer_kind")
METRICS_OFFERED = (
    "net_sales",
    "gross_sales",
    "discounts",
    "sales_reversals",
    "total_sales",
    "orders",
    "units",
    "average_order_value",
    "customers",
    "new_customers",
    "returning_customers",
    "repeat_purchase_rate",
    "shipping",
    "taxes",
)
ROWS = 12


def metric_of(own: Own) -> str:
    return own.get("metrics", DEFAULT_METRIC)


def dimension_of(own: Own, scope: Scope | None = None) -> str:
    """What the table breaks down by: the address's word, else the first step down that is not fixed
    yet.
    """
    chosen = own.get("by", "")
    return chosen or open_steps(scope)[0]


def open_steps(scope: Scope | None) -> tuple[str, ...]:
    """The steps down that no single value fixes yet, in order, never none."""
    filters = scope.filters if scope else ()
    fixed = {f.dimension for f in filters if len(f.values) == 1 and not f.exclude}
    return tuple(name for name in TABS if name not in fixed) or TABS


def choose(own: Own) -> tuple[Panel, ...]:
    metric = metric_of(own)
    rows = int(own.get("top", ROWS))

    def over_time(scope: Scope) -> Ask:
        return Ask((metric,), (own.get("grain") or periods.grain_for(scope.start, scope.end),))

    def by_dimension(scope: Scope) -> Ask:
        return Ask((metric,), (dimension_of(own, scope),), top=rows)

    return (
        Panel("trend", "Over time", over_time, trend(metric)),
        Panel("breakdown", "Breakdown", by_dimension, breakdown(metric)),
    )


PAGE = Page(
    "/explore",
    "Explore",
    "chart-no-axes-column",
    choose({}),
    choose,
    above=("crumbs", "hero"),
    report="weekly-executive",
)
