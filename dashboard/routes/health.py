"""GET /api/analytics/health: whether the app lives and can answer. Open, and without secrets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify

from agent.errors import Failure
from agent.services import Services

NEEDED = ("warehouse", "records")


def health(services: Services, version: str) -> Blueprint:
    rooms = Blueprint("health", __name__)

    @rooms.get("/api/analytics/health")
    def answer() -> tuple[Response, int]:
        report = state(services, version)
        return jsonify(report), 200 if report["ready"] else 503

    return rooms


def state(services: Services, version: str) -> dict[str, Any]:
    """`down` when no question can be answered, `degraded` when something is missing that answers can do without."""
    parts = {
        "warehouse": _state(services.warehouse.ping),
        "records": _state(services.records.ping),
        "cache": _state(services.cache.ping),
        "mail": _state(services.mailer.ping),
    }
    troubled = [name for name, found in parts.items() if found != "ok"]
    ready = not any(name in troubled for name in NEEDED)
    return {
        "status": "ok" if not troubled else "degraded" if ready else "down",
        "live": True,
        "ready": ready,
        "version": version,
        "parts": parts,
        "degraded": troubled,
    }


def _state(ping: Callable[[], None]) -> str:
    # The failure's own sentence may name hosts and files: this answer is open to everybody.
    try:
        ping()
    except Failure:
        return "unavailable"
    return "ok"
