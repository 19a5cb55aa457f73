"""The only files that name Dash's inputs and outputs. Two callbacks draw everything: the page, and
each of its parts. The pages Targets and Events have forms, and theirs.
"""

from __future__ import annotations

from dash import Dash

from agent.services import Services
from dashboard.callbacks import events, kpis, pages, parts, scenarios, targets
from dashboard.callbacks.pages import layout as layout
from dashboard.foretold import fits_of


def bind(app: Dash, services: Services) -> None:
    pages.bind(app, services)
    parts.bind(app, services, fits_of(services))
    targets.bind(app, services)
    scenarios.bind(app, services)
    kpis.bind(app, services)
    events.bind(app, services)
