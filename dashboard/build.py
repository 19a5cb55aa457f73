"""The web part as one Flask server: routes, and Dash inside it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import dash

from agent.services import Services
from agent.sources.taking import take
from dashboard import callbacks
from dashboard.imports import Imports
from dashboard.pages import PAGES
from dashboard.routes.assets import Assets
from dashboard.routes.index import dressed, index
from dashboard.routes.lent import Lent, Reports, Start, Times, Wake
from dashboard.routes.pages import known_only, start_somewhere
from dashboard.routes.server import Server, make_server

TITLE = "Royal Analytics"
CHANGELOG = Path(__file__).resolve().parents[1] / "CHANGELOG.md"


def build_server(
    services: Services,
    *,
    reports: Reports | None = None,
    start: Start | None = None,
    wake: Wake | None = None,
    times: Times | None = None,
) -> Server:
    """The whole web part for these services; `reports` prints, `start` begins jobs and `wake` has
    worked on what platforms called about, `times` says when a schedule is due: absent where nobody
    does."""
    imports = Imports(lambda path, options, watch: take(services, path, options, watch))
    assets = Assets()
    server = make_server(services, Lent(imports, reports, start, wake, times), assets, version())
    known_only(server, tuple(PAGES))
    start_somewhere(server, services)
    app = _dash(server, assets)
    app.layout = lambda: callbacks.layout(services, TITLE)
    callbacks.bind(app, services)
    return server


def version() -> str:
    """The newest version that the changelog names."""
    text = CHANGELOG.read_text() if CHANGELOG.is_file() else ""
    found = re.search(r"^## \[?v?(\d+\.\d+\.\d+)", text, re.MULTILINE)
    return found[1] if found else "0.1.0"


class Guarded(dash.Dash):
    """Dash within our own page."""

    def interpolate_index(self, *args: Any, **kwargs: Any) -> str:
        page = super().interpolate_index(*args, **kwargs)
        layout, dependencies = self.serve_layout(), self.dependencies()
        return dressed(page, layout.get_data(as_text=True), dependencies.get_data(as_text=True))


def _dash(server: Server, assets: Assets) -> Guarded:
    return Guarded(
        "dashboard",
        server=server,
        assets_url_path="assets/dash",
        include_assets_files=False,
        external_scripts=list(assets.scripts),
        external_stylesheets=list(assets.stylesheets),
        index_string=index(assets),
        serve_locally=True,
        compress=False,
        suppress_callback_exceptions=True,
        update_title="",
        title=TITLE,
        add_log_handler=False,
    )
