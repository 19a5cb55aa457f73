"""How a chart says that a platform cuts its history."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from agent.metrics.questions import Scope
from agent.sources import histories
from dashboard.charts import Chart
from dashboard.panels import View


def told(view: View, first: date | None, scope: Scope) -> View:
    """The view; a chart whose window, or the one that it is compared with, begins before the
    `first` day that there is says so in its footer."""
    if not isinstance(view, Chart):
        return view
    compared = any(series.role == "previous" for series in view.series)
    said = histories.said(first, scope if compared else scope.alone())
    return replace(view, footer=f"{view.footer} {said}".strip()) if said else view
