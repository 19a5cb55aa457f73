"""The web part as one Flask server: routes, and Dash inside it."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any

import dash

from agent.ports import Shop
from agent.services import Services
from agent.sources.ingest import import_file
from dashboard import callbacks, shell
from dashboard.imports import Imports
from dashboard.pages import PAGES
from dashboard.routes.assets import Assets
from dashboard.routes.downloads import Reports
from dashboard.routes.headers import nonce
from dashboard.routes.pages import known_only, theme_of
from dashboard.routes.people import known
from dashboard.routes.server import THEME, Server, make_server

TITLE = "Royal Analytics"
CHANGELOG = Path(__file__).resolve().parents[1] / "CHANGELOG.md"

INDEX = """<!doctype html>
<html lang="en" data-bs-theme="light">
<head>
{%metas%}
<meta name="robots" content="noindex">
<title>{%title%}</title>
<script>PREPARE</script>
<link rel="icon" href="/assets/logo.svg" type="image/svg+xml">
{%css%}
</head>
<body>
{%app_entry%}
<noscript>Royal Analytics draws its pages with JavaScript. Switch it on for this address.</noscript>
{%config%}
{%scripts%}
{%renderer%}
</body>
</html>"""


def build_server(services: Services, *, reports: Reports | None = None) -> Server:
    """The whole web part for these services; `reports` prints, absent where nothing is printed."""
    imports = Imports(lambda path, options, watch: import_file(services, path, options, watch))
    assets = Assets()
    server = make_server(services, reports, imports, assets, version())
    known_only(server, tuple(PAGES))
    app = _dash(server, assets)
    app.layout = lambda: _layout(services)
    callbacks.bind(app, services)
    return server


def _layout(services: Services) -> Any:
    person = known()
    # Dash asks once for itself, at whatever request comes first, also a stranger's.
    if person is None:
        return shell.nobody()
    return shell.layout(person, _first_name(services.warehouse.shops()), theme_of())


def version() -> str:
    """The newest version that the changelog names."""
    text = CHANGELOG.read_text() if CHANGELOG.is_file() else ""
    found = re.search(r"^## \[?v?(\d+\.\d+\.\d+)", text, re.MULTILINE)
    return found[1] if found else "0.1.0"


class Guarded(dash.Dash):
    """Dash whose inline scripts carry the answer's nonce; the policy forbids all others."""

    def interpolate_index(self, *args: Any, **kwargs: Any) -> str:
        page = super().interpolate_index(*args, **kwargs)
        return re.sub(r"<script(?![^>]*\bsrc=)", f'<script nonce="{nonce()}"', page)


def _dash(server: Server, assets: Assets) -> Guarded:
    prepare = THEME
    if assets.plotly:
        # Dash would fetch the whole of Plotly, three times as large, under an address that is never
        # cached.
        url = f"{{get:function(){{return '{escape(assets.plotly)}'}},set:function(){{}}}}"
        prepare += f";Object.defineProperty(window,'_dashPlotlyJSURL',{url})"
    return Guarded(
        "dashboard",
        server=server,
        assets_url_path="assets/dash",
        include_assets_files=False,
        external_scripts=list(assets.scripts),
        external_stylesheets=list(assets.stylesheets),
        index_string=INDEX.replace("PREPARE", prepare),
        serve_locally=True,
        compress=False,
        suppress_callback_exceptions=True,
        update_title="",
        title=TITLE,
        add_log_handler=False,
    )


def _first_name(shops: tuple[Shop, ...]) -> str:
    return shops[0].name if shops else TITLE
