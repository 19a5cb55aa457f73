"""The one HTML page around all of Dash: its language, its scripts, what they say."""

from __future__ import annotations

import re
from html import escape

import orjson
from flask import request

from agent import words
from agent.words import mark, t
from dashboard.address import own_words
from dashboard.pages import PAGES
from dashboard.routes.assets import Assets
from dashboard.routes.headers import nonce
from dashboard.routes.server import THEME

NOSCRIPT = mark("Royal Analytics draws its pages with JavaScript. Switch it on for this address.")
# What Dash puts into every page and none of ours uses.
UNUSED = re.compile(
    r'<script src="/_dash-component-suites/dash/(dash_table/|deps/polyfill@)[^"]*"></script>\s*'
)
EARLY = re.compile(r'<link rel="preload" as="script"[^>]*>\s*')
INDEX = """<!doctype html>
<html lang="@lang@" data-bs-theme="light" data-plotly="@plotly@" data-own="@own@">
<head>
{%metas%}
<meta name="robots" content="noindex">
<title>{%title%}</title>
<script>@prepare@</script>
<script type="application/json" id="words">@words@</script>
<script type="application/json" id="_dash-layout">@layout@</script>
<script type="application/json" id="_dash-dependencies">@dependencies@</script>
<script>@first@</script>
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
    # Asked for with the page, not after its first chart has arrived.
    early = f'<link rel="preload" as="script" href="{escape(assets.plotly)}">'
    return (
        INDEX.replace("@prepare@", THEME)
        .replace("@plotly@", escape(assets.plotly))
        .replace("@own@", " ".join(own_words()))
        .replace("@first@", assets.first)
        .replace("@early@", early if assets.plotly else "")
    )


def _has_charts() -> bool:
    """Whether the page that is asked for draws any: what is fetched for nothing is no help."""
    asked = PAGES.get(request.path)
    return asked is not None and bool(asked.panels)


def dressed(page: str, layout: str, dependencies: str) -> str:
    """The page in the language spoken, with what Dash would ask for next; its inline scripts carry
    the answer's nonce, the policy forbids all others."""
    told = orjson.dumps(words.told_in("assets/")).decode()
    fill = {
        "lang": words.tag(),
        "words": _inline(told),
        "layout": _inline(layout),
        "dependencies": _inline(dependencies),
        "noscript": t(NOSCRIPT),
    }
    page = re.sub(f"@({'|'.join(fill)})@", lambda found: fill[found[1]], page)
    page = UNUSED.sub("", page)
    if not _has_charts():
        page = EARLY.sub("", page)
    return re.sub(r"<script(?![^>]*\bsrc=)", f'<script nonce="{nonce()}"', page)


def _inline(data: str) -> str:
    """JSON that no browser takes for the end of its script."""
    return data.replace("<", "\\u003c")
