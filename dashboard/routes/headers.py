"""What every answer carries: the content security policy with its nonce, and how long it may be
kept.
"""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request

from dashboard.routes.assets import YEAR, keeps

POLICY = (
    "default-src 'none'",
    # Plotly and Dash write style elements and attributes while they draw.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


def nonce() -> str:
    """This answer's own random word: an inline script runs only when it carries it."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(18)
    return str(g.nonce)


def add_headers(server: Flask, secure: bool) -> None:
    """`secure` when people reach the app over https: browsers are then told to stay there."""

    @server.after_request
    def dress(response: Response) -> Response:
        for name, value in FIXED.items():
            response.headers.setdefault(name, value)
        script = f"script-src 'self' 'nonce-{nonce()}'"
        response.headers.setdefault("Content-Security-Policy", "; ".join((script, *POLICY)))
        if secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        _keep(response)
        return response


def _keep(response: Response) -> None:
    path = request.path
    fixed = path.startswith("/_dash-component-suites/") and response.cache_control.max_age
    if response.status_code == 200 and (fixed or keeps(path, request.query_string.decode())):
        response.headers["Cache-Control"] = YEAR
    elif not path.startswith(("/assets/", "/_dash-component-suites/")):
        response.headers["Cache-Control"] = "no-store"
