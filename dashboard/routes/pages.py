"""Addresses of pages: a known one answers 200, any other the same shell under 404; and the reader's
theme.
"""

from __future__ import annotations

from flask import Flask, Response, request

THEMES = ("light", "dark")


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
