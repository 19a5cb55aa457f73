"""Customers: who buys again?"""

from __future__ import annotations

from datetime import date, timedelta

from agent.metrics import periods
from agent.metrics.catalogue import METRICS as CATALOGUE
from agent.metrics.frames import Frame
from agent.metrics.knowing import unknown_by
from agent.metrics.questions import Ask, Question, Scope
from agent.words import mark
from dashboard.panels import More, Own, Page, Panel, Switch
from dashboard.views import cohorts as cohort_views
from dashboard.views import people as people_views

HERO = (
    "customers",
    "new_customers",
    "returning_customer_rate",
    "repeat_purchase_rate",
    "net_sales_per_customer",
)
# Dimension of the first order, dimension of the time since, and how far back, by grain.
COHORTS = {
    "month": ("cohort", "age", 12),
    "week": ("cohort_week", "age_weeks", 12),
    "quarter": ("cohort_quarter", "age_quarters", 8),
}
COUNTED = Switch(
    "cohorts",
    mark("How a return is counted"),
    (("classic", mark("Classic")), ("repurchase", mark("Repurchase"))),
)
GRAIN = Switch(
    "cohort_by",
    mark("Cohorts by"),
    (("month", mark("Months")), ("week", mark("Weeks")), ("quarter", mark("Quarters"))),
)
METRICS = {"classic": ("customers",), "repurchase": ("customers", "repurchasing_customers")}
HALVES = 4
LATELY = timedelta(days=27)
"""Who ordered first in so many last days has most refunds still before them."""
CHANNELS = 8


def ever(scope: Scope) -> Scope:
    """Everything up to the period's end: whoever ever ordered stands in one segment."""
    return scope.during(date(1970, 1, 1), scope.end).alone()


def since(grain: str, count: int) -> people_views.Within:
    """The last `count` months, weeks or quarters up to the period's end."""
    return lambda scope: scope.during(
        periods.first_of(scope.end, grain, count - 1), scope.end
    ).alone()


def halves(scope: Scope) -> Scope:
    """From the half-year that began `HALVES` half-years ago."""
    start = periods.first_of(scope.end, "month", (scope.end.month - 1) % 6 + 6 * HALVES)
    return scope.during(start, scope.end).alone()


def _then(frame: Frame, scope: Scope) -> Question | None:
    """The same customers' segments at the end of the comparison period."""
    span = scope.previous()
    return Ask(("customers",), ("rfm",)).within(ever(scope.during(*span))) if span else None


def _cost(frame: Frame, scope: Scope) -> Question | None:
    """What new customers cost, where spend is known by the page's filters."""
    unknown = unknown_by(CATALOGUE["cac"], *(chosen.dimension for chosen in scope.filters))
    return None if unknown else Ask(("cac",)).within(scope.alone())


def cohorts(own: Own) -> Panel:
    grain, counted = GRAIN.chosen(own), COUNTED.chosen(own)
    cohort, age, count = COHORTS[grain]
    return Panel(
        "cohorts",
        mark("Cohorts"),
        lambda scope: Ask(METRICS[counted], (cohort, age)),
        cohort_views.retention(METRICS[counted][-1], grain),
        within=since(grain, count),
        selects=cohort,
        switches=(COUNTED, GRAIN),
        sheet=cohort_views.filed(METRICS[counted][-1], grain),
    )


RFM = Panel(
    "rfm",
    mark("Recency and frequency"),
    lambda scope: Ask(("customers",), ("frequency", "recency", "rfm")),
    people_views.rfm_grid,
    width=7,
    within=ever,
    selects="rfm",
    sheet=people_views.scored,
)
SEGMENTS = Panel(
    "segments",
    mark("Segments and what to do"),
    lambda scope: Ask(("customers", "net_sales_per_customer"), ("rfm",)),
    people_views.segments,
    width=5,
    within=ever,
    selects="rfm",
    more=More(_then, people_views.moved),
)
VALUE = Panel(
    "value",
    mark("Value over a lifetime"),
    lambda scope: Ask(("net_sales", "customers"), ("cohort", "age")),
    cohort_views.lifetime,
    width=8,
    within=halves,
    more=More(_cost, cohort_views.beside_cost),
    settles=lambda scope: (scope.end - LATELY, scope.end),
    fill=True,
    sheet=cohort_views.lifetime_filed,
)
TIERS = Panel(
    "tiers",
    mark("Value tiers"),
    lambda scope: Ask(("customers", "net_sales_per_customer"), ("value_tier",)),
    people_views.groups(
        ("customers", "net_sales_per_customer"), mark("Customers by lifetime net sales")
    ),
    width=4,
    within=ever,
    selects="value_tier",
    bars=True,
)
ARRIVING = Panel(
    "arriving",
    mark("New and returning customers"),
    lambda scope: Ask(
        ("new_customers", "returning_customers"), (periods.grain_for(scope.start, scope.end),)
    ),
    people_views.both(
        ("new_customers", "returning_customers"), mark("New and returning customers")
    ),
    width=7,
    fill=True,
)
PAYBACK = Panel(
    "payback",
    mark("Cost and value by channel"),
    lambda scope: Ask(("new_customers", "cac", "net_sales_per_customer"), ("channel",), CHANNELS),
    people_views.payback,
    width=5,
    selects="channel",
)


def choose(own: Own) -> tuple[Panel, ...]:
    return (RFM, SEGMENTS, cohorts(own), VALUE, TIERS, ARRIVING, PAYBACK)


PAGE = Page(
    "/customers",
    mark("Customers"),
    "users",
    choose({}),
    choose,
    above=("hero",),
    filters=True,
    hero=HERO,
    key="c",
)
