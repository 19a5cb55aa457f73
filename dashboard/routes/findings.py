"""Findings over HTTP: what is out of the ordinary, and what a person says of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from agent.anomalies import handling, said
from agent.anomalies.handling import DEEDS, SNOOZES, TABS, verdicts
from agent.errors import Refused, Unavailable
from agent.records.findings import SNOOZED, VERDICTS, Finding, Handling
from agent.records.roles import Role
from agent.services import Services
from agent.words import mark, t
from dashboard import alerts
from dashboard.routes.people import Person, require

ADDRESS = "/api/analytics/findings"
BACK = "back"
TOLD = {
    "acknowledge": mark("Acknowledged."),
    "expected": mark("Marked as expected. It stands among the events; these days are not learnt."),
    "wrong": mark("Dismissed. It counts as a false alarm."),
    "reopen": mark("It is open again."),
    BACK: mark("It is as it was."),
}


def findings(services: Services) -> Blueprint:
    """GET /api/analytics/findings (shop, tab): those of the last 90 days and what people said of
    them. POST /api/analytics/findings/ID with a form of `deed` (acknowledge, snooze with `days`,
    expected, wrong, reopen; or back with `state`, `verdict`, `until`): analysts and above."""
    rooms = Blueprint("findings", __name__)

    @rooms.get(ADDRESS)
    def listed() -> Response:
        shop = services.shop(request.args.get("shop") or None)
        tab = request.args.get("tab", "")
        if tab and tab not in TABS:
            raise Refused(
                t("There is no tab {name!r}.", name=tab[:40]),
                hint=t("Known: {names}.", names=", ".join(TABS)),
            )
        found = alerts.alerts(services, shop)
        metrics = services.catalogue()
        rows = [
            {**alert.to_json(metrics), "note": alerts.unsettled(services, alert)}
            for alert in found
            if tab in ("", alert.tab)
        ]
        counts = verdicts(services, shop.shop_id)
        told = {"real": counts.real, "expected": counts.expected, "wrong": counts.wrong}
        return jsonify({"findings": rows, "verdicts": told})

    @rooms.post(f"{ADDRESS}/<finding_id>")
    def handle(finding_id: str) -> Response:
        person = require(Role.ANALYST)
        deed = request.form.get("deed", "")
        before = services.records.findings.get(finding_id)
        after = _done(services, before, deed, person)
        metric = handling.metric_of(services, after)
        shop = services.shop(after.shop_id)
        subject = said.title(after, metric, shop.currency) if metric else after.metric
        noted = DEEDS[deed][2] if deed in DEEDS else "took back what was said of a finding"
        services.records.audit.note(person.name, noted, subject)
        body = {"state": after.state, "verdict": after.verdict, "said": [_told(deed)]}
        undo = {"undo": _back(before)} if deed != BACK else {}
        opened = alerts.version(services, shop)[1]
        return jsonify({**body, **undo, "open": opened})

    return rooms


def standing(services: Services, shop_id: str) -> dict[str, int]:
    """For the pulse of pages: `findings` changes when any of them does, `open` counts them. Nothing
    while the records are away."""
    try:
        version, opened = alerts.version(services, services.shop(shop_id))
    except Unavailable:
        return {}
    return {"findings": version, "open": opened}


def _done(services: Services, before: Finding, deed: str, person: Person) -> Finding:
    if deed == BACK:
        return handling.put(services, before.finding_id, _as_it_was(person))
    days = request.form.get("days", "1")
    if not days.isascii() or not days.isdecimal() or int(days[:3]) not in SNOOZES:
        raise Refused(t("A finding is snoozed for a day or for a week."))
    return handling.handle(services, before.finding_id, deed, person.name, int(days[:3]))


def _as_it_was(person: Person) -> Handling:
    """What the browser was handed comes back as if it were typed: it is checked like that."""
    form = request.form
    state, verdict, until = form.get("state", ""), form.get("verdict", ""), form.get("until", "")
    if verdict and verdict not in VERDICTS:
        raise Refused(t("There is no verdict {verdict!r}.", verdict=verdict[:40]))
    return Handling(state, person.name, verdict, _moment(until) if state == SNOOZED else None)


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(t("{text} is not a moment.", text=text[:40])) from error
    if found.tzinfo is None:
        raise Refused(t("{text} is not a moment.", text=text[:40]))
    return found


def _told(deed: str) -> str:
    if deed == "snooze":
        return t("Snoozed. It comes back by itself.")
    return t(TOLD[deed])


def _back(before: Finding) -> dict[str, Any]:
    """What Undo posts to the same address."""
    until = before.snoozed_until.isoformat() if before.snoozed_until else ""
    return {"deed": BACK, "state": before.state, "verdict": before.verdict, "until": until}
