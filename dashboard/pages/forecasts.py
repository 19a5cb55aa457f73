"""Forecasts: what comes next, how sure is it, and how good were those before?"""

from __future__ import annotations

from agent.words import mark
from dashboard.foretold import Asked
from dashboard.panels import Own, Page, Panel, a_list
from dashboard.views import accuracy, forecasts, matured, outlooks, shortages

METRICS = ("net_sales", "orders", "units", "sessions")
"""Those that a switch offers; the address takes any."""
PATH = "/forecasts"


def choose(own: Own) -> tuple[Panel, ...]:
    """The parts for the metric, the step and the horizon that the address says."""
    asked = Asked.of(own)
    by = (a_list("members", forecasts.MEMBERS, outlooks.members(asked), 7),) if asked.by else ()
    return (
        a_list("fan", mark("Forecast"), outlooks.fan(asked), 8, fill=True),
        a_list("record", forecasts.RECORD, outlooks.record(asked), 4),
        a_list("assumes", forecasts.ASSUMES, outlooks.assumes(asked), 4),
        a_list("shortages", shortages.TITLE, outlooks.stock, 8),
        a_list("settling", matured.TITLE, outlooks.settling, 5),
        *by,
        a_list("over-time", accuracy.OVER_TIME, outlooks.over_time(asked), 5),
        a_list("accuracy", accuracy.TITLE, outlooks.by_metric(asked), 7),
    )


PAGE = Page(
    PATH,
    mark("Forecasts"),
    "trending-up",
    choose({"by": "country"}),
    choose,
    above=("lead",),
    filters=True,
    key="f",
    tab=True,
    choices=("ahead",),
    dated=False,
    says=outlooks.spoken,
)
