"""Products: what sells, what earns, and what runs out?

A click on a product filters the page by it: then the trend, the countries, channels, variants and
the stock are its own, and the curve, the classes and the table keep showing its place among all.
"""

from __future__ import annotations

from agent.metrics import periods
from agent.metrics.questions import Ask, Scope
from agent.words import mark
from dashboard.pages.overview import by
from dashboard.panels import More, Own, Page, Panel
from dashboard.views import grades, points, stock, trend
from dashboard.views import products as product_views
from dashboard.views.shares import ring

HERO = ("net_sales", "units", "gross_margin", "sell_through", "days_of_inventory")
DRAWN = 200
"""Circles in the plane; a footer says how many smaller products are left out."""
ROWS = 50
BEST = "-net_sales"


def over_time(scope: Scope) -> tuple[str, ...]:
    return (periods.grain_for(scope.start, scope.end),)


TREND = Panel(
    "trend",
    mark("Net sales over time"),
    lambda scope: Ask(("net_sales",), over_time(scope)),
    trend("net_sales"),
    width=8,
    fill=True,
)


def graded(scope: Scope) -> Ask:
    """Every product with its class: the classes, the curve and the lead ask the same."""
    return Ask(("net_sales",), ("product", "abc"))


def of_all(scope: Scope) -> Scope:
    """All products whatever is chosen: a class and a curve are of the whole."""
    return scope.without("product").without("abc").alone()


ABC = Panel(
    "abc",
    mark("ABC classes"),
    graded,
    grades.classes,
    width=4,
    within=of_all,
    selects="abc",
    rows=5,
)
PLANE = Panel(
    "plane",
    mark("Units and margin"),
    lambda scope: Ask(("net_sales", "units", "gross_margin"), ("product",), top=DRAWN),
    points.units_by_margin,
    width=8,
    fill=True,
    selects="product",
)
PARETO = Panel(
    "pareto",
    mark("Cumulative share of net sales"),
    graded,
    grades.pareto,
    width=4,
    fill=True,
    within=of_all,
)
STOCK = Panel(
    "stock",
    mark("Stock over time"),
    lambda scope: Ask(("ending_units",), over_time(scope)),
    trend("ending_units"),
    width=8,
    fill=True,
    within=stock.goods,
    needs="inventory",
)
TYPES = Panel(
    "types",
    mark("Product types"),
    lambda scope: Ask(("net_sales",), ("product_type",), top=5, sort="-net_sales"),
    ring("net_sales", mark("Product types")),
    width=4,
    fill=True,
    selects="product_type",
)
VARIANTS = by("variants", mark("Variants"), "variant")
COUNTRIES = by("countries", mark("Countries"), "country")
CHANNELS = by("channels", mark("Channels"), "channel")


def listed(own: Own) -> Panel:
    """The table of products, in the order and of the length that the address says."""
    rows, sort, find = int(own.get("top", ROWS)), own.get("sort", BEST), own.get("find", "")
    metric = sort.removeprefix("-")
    sort = sort if metric in product_views.LISTED else BEST
    ask = Ask(product_views.LISTED, ("product", "abc"), top=rows, sort=sort)
    beside: More = stock.beside(product_views.SOLD_OF, rows)
    return Panel(
        "table",
        product_views.TITLE,
        (lambda scope: Ask(("units",), ("product",))) if find else (lambda scope: ask),
        product_views.names if find else product_views.listed(sort),
        more=product_views.found(find, ask, sort) if find else None,
        also=(product_views.of_found(beside, find) if find else beside,),
        selects="product",
        grows=True,
        rows=rows,
    )


def choose(own: Own) -> tuple[Panel, ...]:
    return (
        TREND,
        ABC,
        PLANE,
        PARETO,
        VARIANTS,
        COUNTRIES,
        CHANNELS,
        STOCK,
        TYPES,
        listed(own),
    )


PAGE = Page(
    "/products",
    mark("Products"),
    "package",
    choose({}),
    choose,
    above=("lead", "hero"),
    filters=True,
    hero=HERO,
    key="p",
)
