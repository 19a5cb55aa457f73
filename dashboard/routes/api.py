"""The questions over HTTP: GET /api/analytics/ask takes the address bar's own query string."""

from __future__ import annotations

import json
from typing import Any

import orjson
from flask import Blueprint, Response, request

from agent.errors import NotFound, Refused
from agent.metrics.frames import stale_json
from agent.services import Services
from agent.sources import histories
from agent.words import t
from dashboard.routes.events import calendar as calendar
from dashboard.routes.findings import standing

MAX_QUERY = 32_000
JSON = "application/json"
KNOWN = (
    *("ask", "events", "findings", "forecast", "forecast.csv"),
    *("health", "sources", "versions", "why"),
)
EVERY = ["GET", "POST", "PUT", "PATCH", "DELETE"]
NOBODY = {"findings": 0, "open": 0}


def api(services: Services) -> Blueprint:
    """GET /api/analytics/ask, GET /api/analytics/versions, and a JSON 404 for every other path
    under /api.
    """
    rooms = Blueprint("api", __name__)

    @rooms.get("/api/analytics/ask")
    def ask() -> Response:
        question = services.question(query_string())
        told = services.answer(question).to_json()
        told |= histories.noted(services, question.scope)
        return Response(as_json(told), content_type=JSON)

    @rooms.get("/api/analytics/versions")
    def versions() -> Response:
        shops = tuple(request.args.getlist("shop"))
        if not shops and not services.warehouse.shops():
            # A page of an app without a shop asks as others do.
            told = {"versions": {}, "at": services.clock.now().isoformat(), **NOBODY}
            return Response(as_json(told), content_type=JSON)
        shops = shops or _first(services)
        body: dict[str, Any] = {
            "versions": services.warehouse.versions(tuple(services.shop(s).shop_id for s in shops)),
            "at": services.clock.now().isoformat(),
            **standing(services, shops[0]),
        }
        if away := services.warehouse.away:
            body["stale"] = stale_json(away)
        return Response(as_json(body), content_type=JSON)

    @rooms.route("/api", methods=EVERY)
    @rooms.route("/api/", methods=EVERY)
    @rooms.route("/api/<path:path>", methods=EVERY)
    def nothing(path: str = "") -> Response:
        raise NotFound(
            t("There is no /api/{path}.", path=path),
            hint=t("Known under /api/analytics: {names}.", names=", ".join(KNOWN)),
        )

    return rooms


def query_string() -> str:
    """The request's query string as text. Raises Refused where it is not UTF-8 or too long."""
    raw = request.query_string
    if len(raw) > MAX_QUERY:
        raise Refused(t("The question is longer than {count:,} characters.", count=MAX_QUERY))
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Refused(t("The question is not written in UTF-8.")) from error


def as_json(value: Any) -> bytes:
    """Compact JSON; a whole number beyond 64 bits is beyond orjson, not beyond a ledger."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":")).encode()


def _first(services: Services) -> tuple[str, ...]:
    return (services.shop(None).shop_id,)
