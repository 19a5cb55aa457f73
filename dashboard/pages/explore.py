"""Explore: where does it come from?"""

from __future__ import annotations

from functools import partial

from agent.metrics import periods
from agent.metrics.catalogue import METRICS
from agent.metrics.dimensions import GRAINS, HIERARCHIES
from agent.metrics.knowing import unknown_by
from agent.metrics.questions import Ask, Scope
from agent.words import mark
from dashboard.exploring import by_dimension, multiples
from dashboard.panels import Has, Own, Page, Panel, a_list
from dashboard.views import bridges, trend

DEFAULT_METRIC = "net_sales"
LARGE = 5
HERO = ("net_sales", "orders", "average_order_value", "conversion_rate")
# The way down where no hierarchy says more: from the widest view of the shop to the narrowest.
STEPS = (
    "country",
    "product_type",
    "product",
    "vendor",
    "channel",
    "customer_kind",
    "region",
    "variant",
    "rfm",
    "weekday",
)
TABS = 6
ROWS = 12
MULTIPLES = 6

# What may be explored, as the picker shows it. What people defined themselves follows.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        mark("Sales"),
        (
            "net_sales",
            "gross_sales",
            "discounts",
            "sales_reversals",
            "total_sales",
            "shipping",
            "taxes",
            "duties",
            "fees",
            "tips",
        ),
    ),
    (
        mark("Orders"),
        (
            "orders",
            "average_order_value",
            "units",
            "units_ordered",
            "units_returned",
            "units_per_order",
        ),
    ),
    (
        mark("Customers"),
        (
            "customers",
            "new_customers",
            "returning_customers",
            "returning_customer_rate",
            "repeat_purchase_rate",
            "repurchasing_customers",
            "net_sales_per_customer",
        ),
    ),
    (
        mark("Traffic"),
        (
            "sessions",
            "product_views",
            "add_to_cart",
            "reached_checkout",
            "purchases",
            "conversion_rate",
            "add_to_cart_rate",
            "checkout_rate",
            "completion_rate",
        ),
    ),
    (
        mark("Marketing"),
        (
            "marketing_spend",
            "impressions",
            "clicks",
            "cost_per_click",
            "attributed_revenue",
            "cac",
            "mer",
            "acos",
            "roas",
        ),
    ),
    (
        mark("Margin"),
        (
            "cogs",
            "gross_profit",
            "gross_margin",
            "cost_coverage",
            "shipping_cost",
            "payment_fees",
            "cm1",
            "cm2",
            "cm3",
        ),
    ),
    (mark("Stock"), ("ending_units", "sell_through", "days_of_inventory", "stock_cover")),
)
OWN_GROUP = mark("Custom KPIs")


def metrics_of(own: Own) -> tuple[str, ...]:
    """What the page shows, the main one first."""
    return tuple(filter(None, own.get("metrics", "").split(","))) or (DEFAULT_METRIC,)


def metric_of(own: Own) -> str:
    return metrics_of(own)[0]


def dimension_of(own: Own, scope: Scope | None = None) -> str:
    """What the table breaks down by: the address's word, else the first step down that is not fixed
    yet.
    """
    return own.get("split") or own.get("by") or steps(own, scope)[0]


def steps(own: Own, scope: Scope | None) -> tuple[str, ...]:
    """The steps down that no single value fixes yet and the metric knows, never none: first what
    follows in the hierarchies of what was fixed last, then the usual order."""
    filters = scope.filters if scope else ()
    fixed = [f.dimension for f in filters if len(f.values) == 1 and not f.exclude]
    below = [name for dimension in reversed(fixed) for name in under(dimension)]
    metric = METRICS.get(metric_of(own))
    wanted = [name for name in dict.fromkeys((*below, *STEPS)) if name not in fixed]
    known = [name for name in wanted if metric is None or not unknown_by(metric, name)]
    return tuple(known or wanted or STEPS)


def under(dimension: str) -> tuple[str, ...]:
    """What lies below a dimension in its hierarchy, the next one first."""
    for path in HIERARCHIES:
        if dimension in path:
            return path[path.index(dimension) + 1 :]
    return ()


def shown(own: Own, scope: Scope, *by: str) -> tuple[str, ...]:
    """The metrics that can be answered there; the main one always, so that it says why not."""
    dimensions = (*by, *(f.dimension for f in scope.filters))
    main, *others = metrics_of(own)
    known = (
        name for name in others if name not in METRICS or not unknown_by(METRICS[name], *dimensions)
    )
    return (main, *known)


def hero(own: Own, has: Has) -> tuple[str, ...]:
    """The metrics of the page, then net sales, orders and the two usual rates."""
    chosen = metrics_of(own)
    return tuple(dict.fromkeys((*chosen, *HERO)))[: max(LARGE, len(chosen))]


def grain_of(own: Own, scope: Scope) -> str:
    return own.get("grain") or periods.grain_for(scope.start, scope.end)


def choose(own: Own) -> tuple[Panel, ...]:
    """The chart of every metric, all from one question, and what they come from."""
    main, *others = metrics_of(own)
    first = _trend(own, "trend", main)
    more = (_trend(own, f"trend-{name}", name) for name in others)
    below = _multiples(own) if own.get("split") else _breakdown(own)
    return (first, *more, below, _why(main))


def _trend(own: Own, panel_id: str, metric: str) -> Panel:
    def over_time(scope: Scope) -> Ask:
        grain = grain_of(own, scope)
        return Ask(shown(own, scope, grain), (grain,))

    aims = partial(aimed, own) if panel_id == "trend" else None
    return Panel(panel_id, mark("Over time"), over_time, trend(metric), aims=aims, rings=metric)


def aimed(own: Own, scope: Scope) -> str:
    """The main metric, where the page compares with its target."""
    return metric_of(own) if scope.compare == "target" else ""


def _breakdown(own: Own) -> Panel:
    rows = int(own.get("top", ROWS))

    def by(scope: Scope) -> Ask:
        name = dimension_of(own, scope)
        return Ask(shown(own, scope, name), (name,), top=0 if name in GRAINS else rows)

    return Panel("breakdown", mark("Breakdown"), by, by_dimension, 8, aims=partial(aimed, own))


def _multiples(own: Own) -> Panel:
    def over_time(scope: Scope) -> Ask:
        return Ask((metric_of(own),), (own["split"], grain_of(own, scope)), top=MULTIPLES)

    return Panel("breakdown", mark("Breakdown"), over_time, multiples, 8)


def _why(metric: str) -> Panel:
    listed = partial(bridges.stepped, metric=metric)
    return a_list("why", mark("Why did it change?"), listed, width=4, rows=8)


PAGE = Page(
    "/explore",
    "Explore",
    "chart-no-axes-column",
    choose({}),
    choose,
    above=("crumbs", "hero"),
    report="weekly-executive",
    figures=hero,
    key="e",
    tab=True,
)
