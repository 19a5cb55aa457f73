"""The only files that name Dash's inputs and outputs. Two callbacks draw everything: the page, and
each of its parts. The page Targets has forms, and theirs.
"""

from __future__ import annotations

from dash import Dash

from agent.services import Services
from dashboard.callbacks import kpis, pages, parts, targets
from dashboard.callbacks.pages import layout as layout


def bind(app: Dash, services: Services) -> None:
    pages.bind(app, services)
    parts.bind(app, services)
    targets.bind(app, services)
    kpis.bind(app, services)
