"""Every room of the web part: one blueprint each."""

from __future__ import annotations

from flask import Blueprint

from agent.services import Services
from dashboard.imports import Imports
from dashboard.routes.api import api
from dashboard.routes.assets import Assets, files
from dashboard.routes.auth import auth
from dashboard.routes.downloads import Reports, downloads
from dashboard.routes.health import health
from dashboard.routes.language import language
from dashboard.routes.local import local
from dashboard.routes.operate import operate
from dashboard.routes.palette import palette
from dashboard.routes.rows import rows
from dashboard.routes.views import views


def rooms(
    services: Services, reports: Reports | None, imports: Imports, assets: Assets, version: str
) -> tuple[Blueprint, ...]:
    """Sign-in, health, imports, downloads, API, files, and what the shell asks for."""
    return (
        auth(services),
        language(services),
        health(services, version),
        local(services, imports),
        operate(services),
        palette(services),
        views(services),
        downloads(services, reports),
        rows(services),
        api(services),
        files(assets),
    )
