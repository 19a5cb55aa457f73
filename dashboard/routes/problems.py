"""Every failure of a route as an answer: JSON for machines, a page for people."""

from __future__ import annotations

import math

from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from agent.errors import Failure, NotAllowed, NotFound, Refused, Throttled, Unavailable
from agent.words import mark, t
from dashboard.faults import fault_of
from dashboard.routes.guard import wants_json

SORRY = mark("Something went wrong while answering.")
WORDS = {
    400: mark("This request cannot be read."),
    404: mark("There is nothing at this address."),
    405: mark("This address does not take that kind of request."),
    413: mark(
        "This is larger than the app takes: a file may have 1 GB. Stop the app to import it."
    ),
}


def add_problems(server: Flask) -> None:
    server.register_error_handler(Failure, _failed)
    server.register_error_handler(HTTPException, _turned_down)
    # The route's edge: the one place that turns whatever broke into an answer.
    server.register_error_handler(Exception, _broke)


def problem(
    message: str, hint: str = "", permanent: bool = True, status: int = 400
) -> tuple[Response, int]:
    """The API's one form of an error."""
    body = {"error": {"message": message, "hint": hint, "permanent": permanent}}
    return jsonify(body), status


def status_of(failure: Failure) -> int:
    table = (
        *((NotFound, 404), (NotAllowed, 403), (Refused, 400)),
        *((Throttled, 429), (Unavailable, 503)),
    )
    return next((status for kind, status in table if isinstance(failure, kind)), 422)


def _failed(failure: Failure) -> tuple[Response | str, int, dict[str, str]]:
    body, status = _answer(failure.message, failure.hint, failure.permanent, status_of(failure))
    after = math.ceil(failure.after) if isinstance(failure, Throttled) else 0
    return body, status, {"Retry-After": str(after)} if after else {}


def _turned_down(error: HTTPException) -> tuple[Response, int] | tuple[str, int] | HTTPException:
    if error.code is None or error.code < 400:
        return error
    words = t(WORDS[error.code]) if error.code in WORDS else error.name
    return _answer(words, "", error.code < 500, error.code)


def _broke(error: Exception) -> tuple[Response, int] | tuple[str, int]:
    reference = fault_of(error, request.path).reference
    return _answer(
        t(SORRY), t("The log has the details under {reference}.", reference=reference), False, 500
    )


def _answer(
    message: str, hint: str, permanent: bool, status: int
) -> tuple[Response, int] | tuple[str, int]:
    if wants_json() or request.method not in ("GET", "HEAD"):
        return problem(message, hint, permanent, status)
    heading = t("Not found") if status == 404 else t("This did not work")
    return render_template("problem.html", heading=heading, message=f"{message} {hint}"), status
