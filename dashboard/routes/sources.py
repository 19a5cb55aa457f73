"""Connections to sources: the forms that make them, and what a person does with one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, render_template, request

from agent.errors import Busy, Refused
from agent.records.roles import Role
from agent.services import Services
from agent.sources import connecting
from agent.sources.connecting import Form
from agent.sources.connectors import connector
from agent.sources.shopify.hooks import KIND
from agent.sources.shopify.subscriptions import PATH
from agent.words import n, t
from dashboard import operating
from dashboard.icons import ICONS
from dashboard.routes.people import Person, require

if TYPE_CHECKING:
    from agent.records.connections import Connection

Start = Callable[[str, str, Mapping[str, Any]], str]
"""Begins a job for a shop with arguments, now; returns the run's id."""
ADDRESS = "/api/analytics/sources"
WEEK = timedelta(days=7)
OWN = ("kind", "name", "shop_id", "id")


def sources(services: Services, start: Start | None) -> Blueprint:
    """GET /api/analytics/sources lists them. Admins only: POST …/try (a form with kind, name,
    shop_id and the kind's fields; with id too, of one that there is) asks without keeping anything,
    POST … keeps it where that went well, POST …/ID changes it, DELETE …/ID forgets it, POST
    …/ID/sync, /pause, /resume, /replay, and /backfill (from, to).
    """
    rooms = Blueprint("sources", __name__)

    @rooms.get(ADDRESS)
    def listed() -> Response:
        return jsonify({"sources": [line.to_json() for line in operating.lines(services)]})

    @rooms.get("/sources/connect")
    def form() -> str:
        require(Role.ADMIN)
        return render_template("connect.html", **_offered(services))

    @rooms.post(f"{ADDRESS}/try")
    def attempt() -> Response | str:
        require(Role.ADMIN)
        tried = request.form.get("id", "")
        probe = connecting.try_out(services, _form(request.form.get("kind", "")), tried)
        facts = [{"label": label, "value": value} for label, value in probe.facts]
        told = {"facts": facts, "notes": list(probe.notes), "columns": list(probe.columns)}
        return jsonify({**told, "rows": [list(row) for row in probe.rows]})

    @rooms.post(ADDRESS)
    def connect() -> tuple[Response, int]:
        person = require(Role.ADMIN)
        begin = _beginner(start)
        form = _form(request.form.get("kind", ""))
        connecting.try_out(services, form)
        made = connecting.connect(services, form, person.name)
        begun = begin(connecting.JOB, made.shop_id, {"connection": made.connection_id})
        if made.kind == KIND:
            # The shop calls from now on, and not only after the next night.
            begin("subscriptions", "", {})
        return jsonify({"id": made.connection_id, "name": made.name, "run": begun}), 201

    _one(rooms, services, start)
    return rooms


def _one(rooms: Blueprint, services: Services, start: Start | None) -> None:
    """What is done with one that there is."""

    @rooms.post(f"{ADDRESS}/<connection_id>")
    def change(connection_id: str) -> Response:
        person = require(Role.ADMIN)
        kind = services.records.connections.get(connection_id).kind
        made = connecting.change(services, connection_id, _form(kind), person.name)
        return jsonify({"id": made.connection_id, "name": made.name})

    @rooms.delete(f"{ADDRESS}/<connection_id>")
    def remove(connection_id: str) -> Response:
        gone = connecting.remove(services, connection_id, require(Role.ADMIN).name)
        return jsonify({"id": gone.connection_id, "name": gone.name})

    @rooms.post(f"{ADDRESS}/<connection_id>/<deed>")
    def act(connection_id: str, deed: str) -> Response:
        person = require(Role.ADMIN)
        if deed not in DEEDS:
            raise Refused(
                t("A source cannot be asked to {deed!r}.", deed=deed),
                hint=t("It takes {names}.", names=", ".join(DEEDS)),
            )
        return jsonify(DEEDS[deed](_Asked(services, start, connection_id, person)))


class _Asked:
    """A deed that somebody asks for, with one connection."""

    def __init__(
        self, services: Services, start: Start | None, connection_id: str, person: Person
    ) -> None:
        self.services, self.person = services, person
        self.connection = services.records.connections.get(connection_id)
        self._start = start

    def begin(self, deed: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        one = self.connection
        if operating.at_work(self.services, one.connection_id):
            raise Busy(
                t("{name} is being synced already.", name=one.name),
                hint=t("Ask again when that has ended."),
            )
        begin = _beginner(self._start)
        run = begin(connecting.JOB, one.shop_id, {"connection": one.connection_id, **arguments})
        self.services.records.audit.note(self.person.name, deed, one.name, one.kind)
        return {"id": one.connection_id, "name": one.name, "run": run}


def _sync(asked: _Asked) -> dict[str, Any]:
    return asked.begin("synced a source", {})


def _backfill(asked: _Asked) -> dict[str, Any]:
    days = []
    for word in ("from", "to"):
        try:
            days.append(date.fromisoformat(request.form.get(word, "")))
        except ValueError:
            raise Refused(
                t("A backfill needs the days from and to."), hint=t("Write them as 2026-11-30.")
            ) from None
    if days[0] > days[1]:
        raise Refused(t("The first day lies after the last one."))
    arguments = {"from": days[0].isoformat(), "to": days[1].isoformat()}
    return asked.begin("asked a source for days again", arguments)


def _pause(asked: _Asked) -> dict[str, Any]:
    return _switched(asked, paused=True)


def _resume(asked: _Asked) -> dict[str, Any]:
    return _switched(asked, paused=False)


def _switched(asked: _Asked, *, paused: bool) -> dict[str, Any]:
    one = connecting.pause(
        asked.services, asked.connection.connection_id, paused, asked.person.name
    )
    return {"id": one.connection_id, "name": one.name}


def _replay(asked: _Asked) -> dict[str, Any]:
    """Read what was rejected again; what goes in now is forgotten as a reject."""
    from agent.sources import replaying

    services, one = asked.services, asked.connection
    done, left = replaying.replay(services, one.connection_id)
    services.records.audit.note(asked.person.name, "replayed rejects", one.name, one.kind)
    words = n("{count} document is in now.", "{count} documents are in now.", done, count=done)
    if left:
        still = n(
            "{count} still cannot be read.", "{count} still cannot be read.", left, count=left
        )
        words = f"{words} {still}"
    return {"id": one.connection_id, "name": one.name, "message": words, "left": left}


DEEDS: Mapping[str, Callable[[_Asked], dict[str, Any]]] = {
    "sync": _sync,
    "backfill": _backfill,
    "pause": _pause,
    "resume": _resume,
    "replay": _replay,
}


def _beginner(start: Start | None) -> Start:
    """Raises Busy where nobody begins jobs."""
    if start is None:
        raise Busy(t("Nothing runs jobs here."), hint=t("Start the app with python app.py."))
    return start


def _form(kind: str) -> Form:
    form = request.form
    values = {key: value for key, value in form.items() if key not in OWN}
    return Form(kind, form.get("name", ""), form.get("shop_id", ""), values)


def _offered(services: Services) -> dict[str, Any]:
    """The kinds, one of them chosen, and the shops that rows may go to."""
    edited = request.args.get("id", "")
    connection = services.records.connections.get(edited) if edited else None
    kind = connection.kind if connection else request.args.get("kind", "")
    today = services.clock.now().date()
    return {
        "today": today.isoformat(),
        "week_ago": (today - WEEK).isoformat(),
        "kinds": operating.offered(),
        "kind": kind,
        "room": connector(kind) if kind else None,
        "connection": connection,
        "days": bool(connection and request.args.get("days")),
        "shops": [shop for shop in services.warehouse.shops() if shop.source != "demo"],
        "calls_at": _calls_at(services, connection) if connection else "",
        "icon_of": lambda name: name if name in ICONS else "database",
    }


def _calls_at(services: Services, connection: Connection) -> str:
    """Where a shop calls: also what is typed into the app's configuration for the calls that the
    law asks for, which no program can subscribe to."""
    if connection.kind != KIND:
        return ""
    return f"{services.settings.base_url}{PATH}/{connection.connection_id}"
