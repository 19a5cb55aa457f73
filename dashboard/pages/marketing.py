"""Marketing: what does a customer cost, and what comes of the spend?"""

from __future__ import annotations

from datetime import timedelta

from agent.metrics import periods
from agent.metrics.questions import Ask, Scope
from agent.words import mark
from dashboard.pages.overview import FUNNEL
from dashboard.panels import Page, Panel
from dashboard.views import marketing, points, trend
from dashboard.views.shares import ring

HERO = ("marketing_spend", "cac", "mer", "conversion_rate", "roas")
WEEKS = 26
CHANNELS = 12
CAMPAIGNS = 20


def _over_time(panel_id: str, title: str, metric: str) -> Panel:
    return Panel(
        panel_id,
        title,
        lambda scope: Ask((metric,), (periods.grain_for(scope.start, scope.end),)),
        trend(metric),
        width=4,
        fill=True,
        needs="spend",
    )


def half_a_year(scope: Scope) -> Scope:
    """The last whole weeks up to the period's end: four weeks are no cloud of points."""
    last = scope.end - timedelta(days=scope.end.isoweekday() % 7)
    return scope.during(last - timedelta(days=7 * WEEKS - 1), last).alone()


PANELS = (
    FUNNEL,
    _over_time("cac", mark("Customer acquisition cost"), "cac"),
    _over_time("mer", mark("Marketing efficiency ratio"), "mer"),
    Panel(
        "channels",
        mark("Channels"),
        lambda scope: Ask(marketing.CHANNEL_METRICS, ("channel",), top=CHANNELS),
        marketing.channels,
        selects="channel",
        rows=9,
    ),
    Panel(
        "weeks",
        mark("Spend against sales"),
        lambda scope: Ask(("marketing_spend", "net_sales"), ("week",)),
        points.spend_by_sales,
        width=8,
        fill=True,
        within=half_a_year,
        needs="spend",
    ),
    Panel(
        "spend",
        mark("Spend by channel"),
        lambda scope: Ask(("marketing_spend",), ("channel",), top=5),
        ring("marketing_spend", mark("Spend by channel")),
        width=4,
        fill=True,
        selects="channel",
        needs="spend",
    ),
    Panel(
        "campaigns",
        mark("Campaigns"),
        lambda scope: Ask(marketing.CAMPAIGN_METRICS, ("campaign",), top=CAMPAIGNS),
        marketing.campaigns,
        selects="campaign",
        needs="spend",
        rows=13,
    ),
)

PAGE = Page(
    "/marketing",
    mark("Marketing"),
    "megaphone",
    PANELS,
    above=("lead", "hero"),
    filters=True,
    hero=HERO,
    key="m",
)
