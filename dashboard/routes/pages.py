"""Addresses of pages: a known one answers 200, any other the same shell under 404; and the reader's
theme.
"""

from __future__ import annotations

from flask import Flask, Response, has_request_context, redirect, request
from werkzeug.wrappers import Response as Answer

from agent.services import Services
from dashboard.pages import PAGES
from dashboard.routes.people import known
from dashboard.routes.views import start_of

THEMES = ("light", "dark")


def start_somewhere(server: Flask, services: Services) -> None:
    """Whoever asks for nothing but the app arrives at the view of their choice."""

    @server.before_request
    def arrive() -> Answer | None:
        bare = request.path == "/" and request.method == "GET" and not request.query_string
        start = start_of(services, known()) if bare else ""
        return redirect(start) if start else None


def known_only(server: Flask, paths: tuple[str, ...]) -> None:
    """Dash answers 200 to every path; a page that does not exist says so."""

    @server.after_request
    def mark(response: Response) -> Response:
        rule = request.url_rule.rule if request.url_rule else ""
        page = rule in ("/", "/<path:path>") and response.status_code == 200
        if page and request.path not in paths:
            response.status_code = 404
        return response


def theme_of() -> str:
    """light or dark, as the cookie says; the page's first script sets it."""
    theme = request.cookies.get("theme", "")
    return theme if theme in THEMES else THEMES[0]


def asked_shop() -> str | None:
    """The shop that the address names; None for the first."""
    return (request.args.get("shop") or None) if has_request_context() else None


def opened() -> str:
    """The path of the page that is opened; empty where Dash asks for itself."""
    return request.path if has_request_context() and request.path in PAGES else ""
