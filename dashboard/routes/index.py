"""The one HTML page around all of Dash: its language, its scripts, what they say."""

from __future__ import annotations

import re
from html import escape

import orjson
from flask import request

from agent import words
from agent.words import mark, t
from dashboard.pages import PAGES
from dashboard.routes.assets import Assets
from dashboard.routes.headers import nonce
from dashboard.routes.server import THEME

NOSCRIPT = mark("Royal Analytics draws its pages with JavaScript. Switch it on for this address.")
# What Dash puts into every page and none of ours uses.
UNUSED = re.compile(r'<script src="/_dash-component-suites/dash/dash_table/[^"]*"></script>\s*')
EARLY = re.compile(r'<link rel="preload" as="script"[^>]*>\s*')
INDEX = """<!doctype html>
<html lang="@lang@" data-bs-theme="light">
<head>
{%metas%}
<meta name="robots" content="noindex">
<title>{%title%}</title>
<script>@prepare@</script>
<script type="application/json" id="words">@words@</script>
<link rel="icon" href="/assets/logo.svg" type="image/svg+xml">
{%css%}
@early@
</head>
<body>
{%app_entry%}
<noscript>@noscript@</noscript>
{%config%}
{%scripts%}
{%renderer%}
</body>
</html>"""


def index(assets: Assets) -> str:
    """The page as Dash fills it in; what changes with the reader is left to `dressed`."""
    prepare = THEME
    if assets.plotly:
        # Dash would fetch the whole of Plotly, three times as large, under an address that is never
        # cached.
        url = f"{{get:function(){{return '{escape(assets.plotly)}'}},set:function(){{}}}}"
        prepare += f";Object.defineProperty(window,'_dashPlotlyJSURL',{url})"
    # Asked for with the page, not after its first chart has arrived.
    early = [assets.plotly] if assets.plotly else []
    links = [f'<link rel="preload" as="script" href="{escape(address)}">' for address in early]
    return INDEX.replace("@prepare@", prepare).replace("@early@", "\n".join(links))


def _has_charts() -> bool:
    """Whether the page that is asked for draws any: what is fetched for nothing is no help."""
    asked = PAGES.get(request.path)
    return asked is not None and bool(asked.panels)


def dressed(page: str) -> str:
    """The page in the language spoken; its inline scripts carry the answer's nonce, the policy
    forbids all others."""
    told = orjson.dumps(words.told_in("assets/")).decode().replace("<", "\\u003c")
    fill = {"lang": words.tag(), "words": told, "noscript": t(NOSCRIPT)}
    page = re.sub("@(lang|words|noscript)@", lambda found: fill[found[1]], page)
    page = UNUSED.sub("", page)
    if not _has_charts():
        page = EARLY.sub("", page)
    return re.sub(r"<script(?![^>]*\bsrc=)", f'<script nonce="{nonce()}"', page)
