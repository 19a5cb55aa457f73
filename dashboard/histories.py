"""How a chart says that a platform cuts its history."""

from __future__ import annotations

from dataclasses import replace

from agent.metrics.questions import Scope
from agent.services import Services
from agent.sources import histories
from dashboard.charts import Chart
from dashboard.panels import View


def told(services: Services, view: View, scope: Scope) -> View:
    """The view; a chart whose window, or the one that it is compared with, begins before the
    history does says so in its footer."""
    if not isinstance(view, Chart):
        return view
    compared = any(series.role == "previous" for series in view.series)
    said = histories.told(services, scope if compared else scope.alone())
    return replace(view, footer=f"{view.footer} {said}".strip()) if said else view
