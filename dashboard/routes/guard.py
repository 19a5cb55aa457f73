"""The door: nothing is answered to a stranger but what OPEN names, and nothing is changed from
another site.
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from flask import Flask, Response, g, jsonify, redirect, request
from werkzeug.wrappers import Response as Answer

from agent.errors import Unavailable
from agent.services import Services
from agent.words import t
from dashboard.routes.people import Person, known, recognise
from dashboard.routes.turns import take_turns

OPEN = (
    "/signin",
    "/link/",
    "/language",
    "/assets/",
    "/api/analytics/health",
    "/favicon.ico",
    "/_favicon.ico",
)
# Platforms call here: each call is believed by its own signature, checked where it arrives.
SIGNED = "webhooks.called"
# What is not there is not there for anyone.
NOWHERE = "api.nothing"
MACHINE = ("/api", "/_dash", "/_reload")
SAFE = ("GET", "HEAD", "OPTIONS")


def guard(server: Flask, services: Services) -> None:
    """Registered first, so that it runs before anything else of the server does."""

    @server.before_request
    def let_in() -> Answer | tuple[Response, int] | None:
        if request.endpoint in (NOWHERE, SIGNED):
            g.person = None
        elif _is(request.path, OPEN):
            g.person = None if request.path.startswith("/assets/") else _perhaps(services)
        else:
            g.person = recognise(services)
            if known() is None:
                return _turned_away()
        checked = request.method in SAFE or request.endpoint == SIGNED
        if not checked and not _own(services.settings.base_url):
            message = t("This request did not come from a page of this site.")
            return _refusal(message, t("Open the page anew and try again."), 403)
        return None

    take_turns(server, services)


def _perhaps(services: Services) -> Person | None:
    """Whoever asks; nobody while that cannot be looked up: these addresses answer strangers too."""
    try:
        return recognise(services)
    except Unavailable:
        return None


def inside(address: str) -> str:
    """An address to go on to after signing in, kept only when it stays on this site."""
    outside = _is(urlsplit(address.strip()).path, ("/signin", "/link/", "/signout"))
    return "/" if outside else ours(address)


def ours(address: str) -> str:
    """The address where it stays on this site, else "/"."""
    parts = urlsplit(address.strip())
    odd = "\\" in address or any(ord(sign) < 33 for sign in address)
    plain = address.startswith("/") and not address.startswith("//")
    return address if plain and not odd and not parts.scheme and not parts.netloc else "/"


def wants_json() -> bool:
    return _is(request.path, MACHINE) or request.accept_mimetypes.best == "application/json"


def _turned_away() -> Answer | tuple[Response, int]:
    if wants_json() or request.method not in SAFE:
        return _refusal(t("You are signed out."), t("Sign in, or send a token as a bearer."), 401)
    full = request.full_path if request.query_string else request.path
    return redirect("/signin" if full == "/" else f"/signin?next={quote(full, safe='')}")


def _refusal(message: str, hint: str, status: int) -> tuple[Response, int]:
    answer = jsonify({"error": {"message": message, "hint": hint, "permanent": True}})
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="analytics"'
    return answer, status


def _own(base_url: str) -> bool:
    """Whether a changing request was sent by one of our pages; a header of credentials is no
    browser's doing.
    """
    person = known()
    if person is not None and person.by != "cookie":
        return True
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    source = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(source).netloc in (request.host, urlsplit(base_url).netloc)


def _is(path: str, prefixes: tuple[str, ...]) -> bool:
    return any(
        path == prefix.rstrip("/") or path.startswith(prefix.rstrip("/") + "/")
        if not prefix.startswith("/_")
        else path.startswith(prefix)
        for prefix in prefixes
    )
