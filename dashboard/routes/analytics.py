"""What is known of a shop, over HTTP: answers, forecasts, findings, its calendar of events."""

from __future__ import annotations

from flask import Blueprint

from agent.services import Services
from dashboard.routes.api import api
from dashboard.routes.events import calendar
from dashboard.routes.findings import findings
from dashboard.routes.forecasts import forecasts
from dashboard.routes.why import why


def analytics(services: Services) -> tuple[Blueprint, ...]:
    """One blueprint each; that of the API also says what is nowhere."""
    return calendar(services), findings(services), forecasts(services), why(services), api(services)
