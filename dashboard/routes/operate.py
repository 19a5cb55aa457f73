"""What the person who runs the app asks of it while it runs."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, jsonify, request

from agent.backups import back_up
from agent.errors import Refused
from agent.records.roles import Role
from agent.services import Services
from agent.words import t
from dashboard.routes.people import require


def operate(services: Services) -> Blueprint:
    """POST /api/analytics/backup (a form with `folder`, on the app's own machine): admins only."""
    rooms = Blueprint("operate", __name__)

    @rooms.post("/api/analytics/backup")
    def backup() -> Response:
        person = require(Role.ADMIN)
        folder = Path(request.form.get("folder", ""))
        if not folder.is_absolute():
            raise Refused(t("The folder of a backup is written in full, from / on."))
        services.records.audit.note(person.name, "made a backup", str(folder))
        back_up(services, folder)
        return jsonify({"folder": str(folder)})

    return rooms
