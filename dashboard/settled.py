"""Charts of sales whose refunds are still coming say so: their newest figures are not final."""

from __future__ import annotations

from dataclasses import replace

from agent.forecasting import settling
from agent.metrics.questions import Scope
from agent.services import Services
from dashboard.charts import Chart
from dashboard.panels import Panel, View


def settled(services: Services, panel: Panel, view: View, page: Scope) -> View:
    """The chart with the sentence below it. Figures of a part of a shop have none: how much of it
    comes back is not known."""
    days = panel.settles(page) if panel.settles else None
    if days is None or not isinstance(view, Chart) or len(page.shops) != 1 or page.filters:
        return view
    note = settling.note(services, services.shop(page.shops[0]), days)
    return replace(view, footer=" ".join(filter(None, (view.footer, note)))) if note else view
