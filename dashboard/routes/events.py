"""The shop's events over HTTP: read by everybody, changed by whom may set targets."""

from __future__ import annotations

import math
from datetime import timedelta

from flask import Blueprint, Response, jsonify, request

from agent import events
from agent.errors import Refused
from agent.records.events import Event
from agent.records.roles import Role
from agent.services import Services
from agent.words import t
from dashboard import scheduled
from dashboard.routes.people import require

ADDRESS = "/api/analytics/events"
LONGEST = timedelta(days=3_660)


def calendar(services: Services) -> Blueprint:
    """GET /api/analytics/events (shop; from and to, both or neither: what touches these days) for
    everybody. Analysts: POST … adds one (a form with shop and scheduled.FIELDS; shares as 0.15),
    POST …/ID says it anew, DELETE …/ID removes it; all answer with the event.
    """
    rooms = Blueprint("events", __name__)

    @rooms.get(ADDRESS)
    def listed() -> Response:
        shop_id = services.shop(request.args.get("shop")).shop_id
        found = _between(services, shop_id) if _named() else services.records.events.all(shop_id)
        return jsonify({"shop": shop_id, "events": [scheduled.to_json(one) for one in found]})

    @rooms.post(ADDRESS)
    def add() -> tuple[Response, int]:
        person = require(Role.ANALYST)
        new, _ = scheduled.save(services, person.name, _wanted(services))
        return jsonify(scheduled.to_json(new)), 201

    @rooms.post(f"{ADDRESS}/<event_id>")
    def change(event_id: str) -> Response:
        person = require(Role.ANALYST)
        new, _ = scheduled.save(services, person.name, _wanted(services), event_id)
        return jsonify(scheduled.to_json(new))

    @rooms.delete(f"{ADDRESS}/<event_id>")
    def remove(event_id: str) -> Response:
        person = require(Role.ANALYST)
        return jsonify(scheduled.to_json(scheduled.remove(services, person.name, event_id)))

    return rooms


def _named() -> bool:
    return "from" in request.args or "to" in request.args


def _between(services: Services, shop_id: str) -> tuple[Event, ...]:
    first, last = (scheduled.day(request.args.get(word, "")) for word in ("from", "to"))
    if first > last:
        raise Refused(t("The first day lies after the last one."))
    if last - first > LONGEST:
        raise Refused(t("Ask for ten years at most."))
    return services.records.events.between(shop_id, first, last)


def _wanted(services: Services) -> Event:
    form = request.form
    if not form.get("shop"):
        raise Refused(t("Name the shop."))
    shop_id = services.shop(form["shop"]).shop_id
    figures = {name: _figure(name, form.get(name, "")) for name in events.EFFECTS}
    return scheduled.typed(shop_id, form, figures)


def _figure(name: str, text: str) -> float | None:
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise Refused(
            t("{name} is no number.", name=name), hint=t("Write a share as 0.15, money as 1200.50.")
        )
    return value
