"""Signing in with a password or a one-time link, and signing out."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session
from werkzeug.wrappers import Response

from agent.errors import Failure, Throttled, Unavailable
from agent.services import Services
from agent.words import mark, t
from dashboard.routes.guard import inside
from dashboard.routes.language import carry
from dashboard.routes.people import known, remember

WRONG = mark("That e-mail and password do not belong together.")
USED_UP = mark("This link has been used or has run out.")
FRESH = mark("Start the app again to get a new one, or run: python app.py user link EMAIL")


def auth(services: Services) -> Blueprint:
    """GET and POST /signin, GET and POST /link/TOKEN, POST /signout."""
    rooms = Blueprint("auth", __name__)

    @rooms.get("/signin")
    def ask() -> Response | str:
        onward = inside(request.args.get("next", "/"))
        return redirect(onward) if known() else _form(services, onward)

    @rooms.post("/signin")
    def sign_in() -> Response | tuple[str, int]:
        onward = inside(request.form.get("next", "/"))
        email, password = request.form.get("email", ""), request.form.get("password", "")
        try:
            user = services.records.users.check_password(email.strip(), password)
        except Failure as failure:
            away = isinstance(failure, Unavailable) and not isinstance(failure, Throttled)
            return _form(services, onward, str(failure), email), 503 if away else 429
        if user is None:
            return _form(services, onward, t(WRONG), email), 401
        remember(services, user.user_id)
        services.records.audit.note(user.email, "signed in", "password")
        return carry(redirect(onward, 303), user.language or "")

    @rooms.get("/link/<token>")
    def offer(token: str) -> str:
        # Only a button uses the link up: mail scanners follow links, they do not press buttons.
        return render_template("link.html", token=token)

    @rooms.post("/link/<token>")
    def follow(token: str) -> Response | tuple[str, int]:
        user = services.records.links.use(token)
        if user is None:
            return _form(services, "/", f"{t(USED_UP)} {t(FRESH)}"), 410
        remember(services, user.user_id)
        services.records.audit.note(user.email, "signed in", "link")
        return carry(redirect("/", 303), user.language or "")

    @rooms.post("/signout")
    def sign_out() -> Response:
        session.clear()
        return redirect("/signin", 303)

    return rooms


def _form(services: Services, onward: str, problem: str = "", email: str = "") -> str:
    site = services.settings.base_url.split("://")[-1]
    return render_template(
        "signin.html", onward=onward, problem=problem, email=email[:254], site=site
    )
