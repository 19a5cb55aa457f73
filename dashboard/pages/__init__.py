"""The pages, one row each: the navigation, the tab bar and the 404 derive from this table."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.pages import (
    alerts,
    customers,
    events,
    explore,
    forecasts,
    health,
    marketing,
    overview,
    products,
    sources,
    system,
    targets,
)
from dashboard.panels import Page

PAGES: Mapping[str, Page] = {
    page.path: page
    for page in (
        overview.PAGE,
        explore.PAGE,
        products.PAGE,
        customers.PAGE,
        marketing.PAGE,
        forecasts.PAGE,
        alerts.PAGE,
        targets.PAGE,
        events.PAGE,
        sources.PAGE,
        health.PAGE,
        system.PAGE,
    )
}
