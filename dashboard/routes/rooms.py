"""Every room of the web part: one blueprint each."""

from __future__ import annotations

from flask import Blueprint

from agent.services import Services
from dashboard.routes.analytics import analytics
from dashboard.routes.assets import Assets, files
from dashboard.routes.auth import auth
from dashboard.routes.downloads import downloads
from dashboard.routes.health import health
from dashboard.routes.language import language
from dashboard.routes.lent import Lent
from dashboard.routes.operate import begun, operate
from dashboard.routes.palette import palette
from dashboard.routes.previews import bringing
from dashboard.routes.rows import rows
from dashboard.routes.sources import sources
from dashboard.routes.views import views
from dashboard.routes.webhooks import webhooks


def rooms(services: Services, lent: Lent, assets: Assets, version: str) -> tuple[Blueprint, ...]:
    """Sign-in, health, imports, downloads, API, files, and what the shell asks for."""
    return (
        auth(services),
        language(services),
        health(services, version),
        *bringing(services, lent.imports),
        operate(services),
        begun(services, lent.start),
        sources(services, lent.start),
        webhooks(services, lent.wake),
        palette(services),
        views(services),
        downloads(services, lent.reports),
        rows(services),
        *analytics(services),
        files(assets),
    )
