"""GET /api/analytics/health: whether the app lives and can answer. Open, and without secrets."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from agent.health import OK
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
    """`down` when no question can be answered, `degraded` when something is missing that answers
    can do without.
    """
    found = services.health()
    # A part's own sentence may name hosts and files: this answer is open to everybody.
    parts = {name: OK if said == OK else "unavailable" for name, said in found.items()}
    troubled = [name for name, said in parts.items() if said != OK]
    ready = not any(name in troubled for name in NEEDED)
    return {
        "status": "ok" if not troubled else "degraded" if ready else "down",
        "live": True,
        "ready": ready,
        "version": version,
        "parts": parts,
        "degraded": troubled,
    }
