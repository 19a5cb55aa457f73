"""The one Flask server that pages, API and downloads share."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask_compress import Compress

from agent import words
from agent.services import Services
from agent.words import t
from dashboard.routes.assets import Assets
from dashboard.routes.guard import guard
from dashboard.routes.headers import add_headers, nonce
from dashboard.routes.language import speak
from dashboard.routes.lent import Lent
from dashboard.routes.local import UPLOADS, arriving
from dashboard.routes.problems import add_problems
from dashboard.routes.rooms import rooms
from dashboard.routes.times import lend

Server = Flask
TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
MAX_BODY = 2 * 1024**2
# Runs before anything is painted, so that a dark page never flashes white.
THEME = (
    "(function(d){var m=d.cookie.match(/(?:^|; )theme=(dark|light)/);"
    "var t=m?m[1]:matchMedia('(prefers-color-scheme: dark)').matches?'dark':'light';"
    "d.documentElement.dataset.bsTheme=t})(document)"
)


def make_server(services: Services, lent: Lent, assets: Assets, version: str) -> Flask:
    """A server with everything but the pages: the door, sign-in, API, downloads, assets, errors."""
    server = Flask("dashboard", static_folder=None, template_folder=str(TEMPLATES))
    secure = services.settings.base_url.startswith("https://")
    server.config.update(
        SECRET_KEY=services.settings.secret_key,
        SESSION_COOKIE_NAME="royal",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=services.settings.session_hours),
        MAX_CONTENT_LENGTH=MAX_BODY,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["br", "gzip"],
        COMPRESS_BR_LEVEL=5,
    )
    server.request_class = arriving(services.settings.data_dir / UPLOADS)
    speak(server, services)
    guard(server, services)
    add_headers(server, secure)
    Compress(server)
    add_problems(server)
    lend(server, lent.times)
    for room in rooms(services, lent, assets, version):
        server.register_blueprint(room)
    server.jinja_env.globals.update(
        nonce=nonce, assets=assets, version=version, theme_script=THEME, t=t, words=words
    )
    return server
