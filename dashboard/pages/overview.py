"""Overview: how are we doing?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial

from agent.forecasting.settling import refunded
from agent.metrics import periods
from agent.metrics.catalogue import METRICS
from agent.metrics.questions import Ask, Scope
from agent.words import mark
from dashboard.panels import Has, Own, Page, Panel, a_list
from dashboard.views import changes, parts, stock, trend
from dashboard.views import goals as goal_lists
from dashboard.views import products as product_views
from dashboard.views.funnel import STEPS, funnel
from dashboard.views.waterfall import STEPS as FALL
from dashboard.views.waterfall import fall

KEY_FIGURES = (
    "net_sales",
    "orders",
    "average_order_value",
    "conversion_rate",
    "cac",
    "repeat_purchase_rate",
)
LEDGER_FIGURES = (
    "net_sales",
    "orders",
    "average_order_value",
    "new_customers",
    "returning_customers",
    "repeat_purchase_rate",
)
"""Figures that every shop knows: its orders say them."""
# Each key figure, the table of the warehouse that it needs, and what stands in for it without.
STANDING_IN = (
    ("net_sales", "orders", "net_sales"),
    ("orders", "orders", "orders"),
    ("average_order_value", "orders", "average_order_value"),
    ("conversion_rate", "sessions", "new_customers"),
    ("cac", "spend", "returning_customers"),
    ("repeat_purchase_rate", "orders", "repeat_purchase_rate"),
)
TOP_PRODUCTS = 8
GROUPS = 6


def figures(grain: str = "") -> Panel:
    """The key figures and the main chart ask the same question: one read serves both."""
    return replace(series(KEY_FIGURES[0], grain), id="figures", title=mark("Key figures"))


def series(metric: str, grain: str = "") -> Panel:
    """A metric over time; what the ledger knows is asked in one."""
    names = LEDGER_FIGURES if metric in LEDGER_FIGURES else (metric,)

    def ask(scope: Scope) -> Ask:
        return Ask(names, (grain or periods.grain_for(scope.start, scope.end),))

    return Panel(
        "main",
        mark("Sales over time"),
        ask,
        trend(metric),
        width=8,
        fill=True,
        aims=lambda scope: metric,
        foretells=lambda scope: metric,
        rings=metric,
        settles=lambda scope: by_order(metric, scope),
    )


def by_order(metric: str, scope: Scope) -> tuple[date, date] | None:
    """The days of the page, where refunds stand with their orders and change the metric."""
    row = METRICS.get(metric)
    if scope.refunds == "processing_day" or row is None or not refunded(row):
        return None
    return scope.start, scope.end


STANDING = a_list("standing", mark("Targets"), goal_lists.standing, width=4)
FUNNEL = Panel(
    "funnel",
    mark("From visit to order"),
    lambda scope: Ask(STEPS),
    funnel,
    width=4,
    bars=True,
    needs="sessions",
    rows=8,
)


def by(panel_id: str, title: str, dimension: str) -> Panel:
    """Net sales by the largest groups of a dimension, as a list of bars that filters the page."""
    return Panel(
        panel_id,
        title,
        lambda scope: Ask(("net_sales",), (dimension,), top=GROUPS, sort="-net_sales"),
        parts("net_sales", title),
        width=4,
        bars=True,
        selects=dimension,
        rows=8,
    )


PRODUCTS = Panel(
    "products",
    mark("Top products"),
    lambda scope: Ask(("net_sales", "units"), ("product", "product_type"), top=TOP_PRODUCTS),
    product_views.top,
    more=product_views.sparks(TOP_PRODUCTS),
    also=(stock.cover(TOP_PRODUCTS),),
    selects="product",
    rows=TOP_PRODUCTS + 2,
)
FALL_PANEL = Panel(
    "fall", mark("From gross to total sales"), lambda scope: Ask(FALL), fall, fill=True
)
CHANNELS = by("channels", mark("Channels"), "channel")
SEGMENTS = by("segments", mark("Customer segments"), "rfm")
COUNTRIES = replace(by("countries", mark("Countries"), "country"), width=8)


def changed(metric: str) -> Panel:
    """The parts of a figure's change."""
    listed = partial(changes.reasoned, metric=metric)
    return a_list("changes", mark("What changed"), listed, width=4, rows=8)


def key_figures(own: Own, has: Has) -> tuple[str, ...]:
    """The key figures: those that the shop cannot know stand back for those that any can."""
    return tuple(name if has(table) else other for name, table, other in STANDING_IN)


def choose(own: Own) -> tuple[Panel, ...]:
    """The panels for the selected key figure and grain."""
    return (
        series(own.get("kpi", KEY_FIGURES[0]), own.get("grain", "")),
        changed(own.get("kpi", KEY_FIGURES[0])),
        FUNNEL,
        CHANNELS,
        SEGMENTS,
        PRODUCTS,
        COUNTRIES,
        STANDING,
        FALL_PANEL,
    )


PAGE = Page(
    "/",
    mark("Overview"),
    "layout-dashboard",
    choose({}),
    choose,
    above=("lead", "figures"),
    report="weekly-executive",
    filters=True,
    figures=key_figures,
    key="o",
    tab=True,
)
