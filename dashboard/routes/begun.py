"""Jobs that somebody begins by hand: the work on the warehouse, and the comparison with a shop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request

from agent.errors import Busy, NotFound, Refused
from agent.records.roles import Role
from agent.services import Services
from agent.sources import connecting
from agent.words import n, t
from dashboard import operating
from dashboard.routes.people import require
from dashboard.routes.sources import Start

Asked = Mapping[str, str]
MONTHS = (12, 24, 36, 60, 120)
ALL = "sync-all"


def begun(services: Services, start: Start | None) -> Blueprint:
    """POST /api/analytics/jobs/NAME begins a job, for admins: agreement (connection), quality and
    rebuild (shop), retention (keep_months, ledger), checkpoint; sync-all begins one sync for each
    connection. And the forms for it."""
    rooms = Blueprint("begun", __name__)

    @rooms.post("/api/analytics/jobs/<name>")
    def begin(name: str) -> Response:
        person = require(Role.ADMIN)
        if start is None:
            raise Busy(t("Nothing runs jobs here."), hint=t("Start the app with python app.py."))
        if name == ALL:
            runs = _all(services, start)
            services.records.audit.note(person.name, "synced all sources", "")
            words = n(
                "{count} source is synced.",
                "{count} sources are synced.",
                len(runs),
                count=len(runs),
            )
            return jsonify({"runs": runs, "said": [words]})
        if name not in JOBS:
            raise NotFound(
                t("There is no job {name!r} to begin.", name=name[:100]),
                hint=t("It takes {names}.", names=", ".join((*JOBS, ALL))),
            )
        arguments = JOBS[name](services, request.form)
        subject = ", ".join(arguments.values())
        if operating.at_work_on(services, name, next(iter(arguments.values()), "")):
            raise Busy(t("This is at work already."), hint=t("Ask again when it has ended."))
        run = start(name, arguments.get("shop", ""), arguments)
        services.records.audit.note(person.name, "began a job", name, subject)
        return jsonify({"run": run})

    @rooms.get("/data-health/upkeep")
    def upkeep() -> str:
        require(Role.ADMIN)
        connections = services.records.connections.all()
        counts = {
            one.connection_id: services.records.rejects.count(one.connection_id)
            for one in connections
        }
        return render_template(
            "upkeep.html",
            shops=services.warehouse.shops(),
            rejects=[
                (one, counts[one.connection_id]) for one in connections if counts[one.connection_id]
            ],
            connections=connections,
            months=MONTHS,
        )

    @rooms.get("/system/clear")
    def clear() -> str:
        require(Role.ADMIN)
        return render_template("clear.html")

    return rooms


def _all(services: Services, start: Start) -> list[str]:
    """One sync for each connection that is not paused and not at work."""
    return [
        start(connecting.JOB, one.shop_id, {"connection": one.connection_id})
        for one in services.records.connections.all()
        if one.enabled and not operating.at_work(services, one.connection_id)
    ]


def _connection(services: Services, form: Asked) -> dict[str, str]:
    return {
        "connection": services.records.connections.get(form.get("connection", "")).connection_id
    }


def _shop(services: Services, form: Asked) -> dict[str, str]:
    if not form.get("shop"):
        raise Refused(t("Name the shop."))
    return {"shop": services.shop(form["shop"]).shop_id}


def _months(services: Services, form: Asked) -> dict[str, str]:
    del services
    months = form.get("keep_months", "")
    if not months.isascii() or not months.isdecimal() or not 1 <= int(months[:6]) <= 1200:
        raise Refused(t("Say how many months to keep."))
    return {"keep_months": months, **({"ledger": "yes"} if form.get("ledger") == "yes" else {})}


JOBS: Mapping[str, Callable[[Services, Asked], dict[str, Any]]] = {
    "agreement": _connection,
    "quality": _shop,
    "rebuild": _shop,
    "retention": _months,
    "checkpoint": lambda services, form: {},
}
"""What a person can begin, and what is read of the form for it. Raises Refused and NotFound."""
