"""What the person who runs the app asks of it while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
from flask import Blueprint, Response, jsonify, request

from agent.backups import back_up
from agent.errors import Refused
from agent.records.roles import Role
from agent.services import Services
from agent.sources import operations
from agent.words import t
from dashboard.files.sheets import LIMIT, Heading, Sheet
from dashboard.routes.attachments import sent
from dashboard.routes.begun import begun as begun
from dashboard.routes.people import require

LONGEST = 500


def operate(services: Services) -> Blueprint:
    """POST /api/analytics/backup (a form with `folder`, on the app's own machine), GET
    /api/analytics/cache (the numbers of each level), POST /api/analytics/cache/clear (a form with
    `pattern`), POST /api/analytics/warehouse/DEED (a form with `shop`, or `keep_months` and
    `ledger`), GET /api/analytics/audit.csv: admins only."""
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

    @rooms.get("/api/analytics/cache")
    def levels() -> Response:
        require(Role.ADMIN)
        found = services.cache.levels()
        body = [{**asdict(level), "rate": level.rate} for level in found]
        return jsonify({"levels": body, "counts": services.cache.counts()})

    @rooms.post("/api/analytics/cache/clear")
    def clear() -> Response:
        person = require(Role.ADMIN)
        pattern = request.form.get("pattern", "").strip()[:LONGEST]
        if not pattern:
            raise Refused(t("Name a pattern of keys."), hint=t("* clears everything that is kept."))
        # Before it happens: what was tried stands there too.
        services.records.audit.note(person.name, "cleared the cache", pattern)
        return jsonify({"pattern": pattern, "cleared": services.clear(pattern)})

    @rooms.get("/api/analytics/audit.csv")
    def audit() -> Response:
        require(Role.ADMIN)
        return sent(_entries(services), "csv", "audit")

    @rooms.post("/api/analytics/warehouse/<deed>")
    def warehouse(deed: str) -> Response:
        person = require(Role.ADMIN)
        if deed not in DEEDS:
            raise Refused(
                t("The warehouse cannot be asked to {deed!r}.", deed=deed[:100]),
                hint=t("It takes {names}.", names=", ".join(DEEDS)),
            )
        shop = request.form.get("shop", "")
        services.records.audit.note(person.name, DEEDS[deed].noted, shop)
        return jsonify({"said": DEEDS[deed].run(services, request.form)})

    return rooms


def _entries(services: Services) -> Sheet:
    """The newest lines of the audit log."""
    found = services.records.audit.recent(LIMIT)
    columns = {
        t("Time"): [entry.at.isoformat() for entry in found],
        t("Who"): [entry.who for entry in found],
        t("What"): [entry.what for entry in found],
        t("On"): [entry.subject for entry in found],
        t("Detail"): [entry.detail for entry in found],
    }
    table = pa.table(
        {str(place): pa.array(texts, pa.string()) for place, texts in enumerate(columns.values())}
    )
    return Sheet(t("Audit log"), tuple(Heading(label) for label in columns), table.to_batches())


@dataclass(frozen=True)
class _Deed:
    """What is written into the audit log, and what is done: form in, sentences out."""

    noted: str
    run: Callable[[Services, Mapping[str, str]], list[str]]


def _check(services: Services, form: Mapping[str, str]) -> list[str]:
    found = operations.inspect(services, form.get("shop", ""))
    return [
        f"{shop_id}: {said}"
        for shop_id, findings in found.items()
        for said in operations.sentences(findings)
    ]


def _tidy(services: Services, form: Mapping[str, str]) -> list[str]:
    del form
    services.warehouse.checkpoint()
    return [t("The warehouse is tidy.")]


def _rebuild(services: Services, form: Mapping[str, str]) -> list[str]:
    if not form.get("shop"):
        raise Refused(t("Name the shop to rebuild."))
    return operations.rebuild(services, form["shop"]).sentences()


def _forget(services: Services, form: Mapping[str, str]) -> list[str]:
    months = form.get("keep_months", "")
    if not months.isascii() or not months.isdecimal():
        raise Refused(t("Say how many months to keep."))
    ledger = form.get("ledger") == "yes"
    return operations.forget_old(services, int(months[:6]), ledger=ledger).sentences()


DEEDS: Mapping[str, _Deed] = {
    "check": _Deed("checked the data", _check),
    "tidy": _Deed("tidied the warehouse", _tidy),
    "rebuild": _Deed("rebuilt a shop", _rebuild),
    "retention": _Deed("removed what is old", _forget),
}
"""What the warehouse can be asked, here and on the command line."""
