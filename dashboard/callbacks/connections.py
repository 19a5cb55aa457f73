"""The connections of the Sources page: how each is doing, and the form for another."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from agent import kinds
from agent.metrics import formats
from agent.records.roles import Role
from agent.records.runs import Run
from agent.resilience import Standing, pace_of
from agent.services import Services
from agent.words import n, t
from dashboard import components, moments, operating
from dashboard.callbacks import counting
from dashboard.calls import called, may_see
from dashboard.components import html
from dashboard.components.connections import Shown, connection_list
from dashboard.icons import ICONS
from dashboard.operating import Line
from dashboard.routes.people import who

PLAIN = "database"


def of(services: Services) -> Any:
    """All connections, and what else is asked outside."""
    lines = operating.lines(services)
    zone = moments.house_zone(services)
    heading = components.heading(
        t("Connections"), t("Circuit breaker: closed means that data flows")
    )
    rows = [_shown(services, line, zone) for line in lines]
    rows += [_other(services, one, zone) for one in operating.others(services)]
    nothing = components.empty(
        t("Nothing is connected yet"),
        t("Connect a shop, a database or an advertising account below, or bring a file."),
        sign="database",
    )
    content = [heading, *counting.now(services), connection_list(rows) if lines else nothing]
    content += [connection_list(rows)] if rows and not lines else []
    return html.Section(html.Div(content, className="cell w12"), className="band")


def connect(services: Services) -> Any:
    """The place of the form that makes a connection; for others, who may."""
    if not who().role.allows(Role.ADMIN):
        text = t("Connecting a source needs the role admin. An administrator can change your role.")
        content: Any = components.empty(t("You can look, not connect"), text, sign="lock")
    else:
        heading = components.heading(
            t("Connect a source"), t("Nothing is kept before it has answered")
        )
        content = [heading, html.Div(**{"data-connect": "1"})]
    return html.Section(html.Div(content, className="cell w12"), className="band")


def _shown(services: Services, line: Line, zone: ZoneInfo) -> Shown:
    one, standing = line.connection, line.standing
    state, tone = _state(line)
    return Shown(
        key=one.connection_id,
        name=one.name,
        icon=line.icon if line.icon in ICONS else PLAIN,
        kind=t(line.label or line.connection.kind),
        state=state,
        tone=tone,
        flow=_flow(services, standing, zone) if standing else t("Not asked since the start"),
        more=[*called(services, line.connection), *may_see(services, line.connection)],
        when=_when(services, line),
        problem=_problem(line),
        mendable=line.state == "failing",
        notes=one.notes,
        aside=_aside(services, line),
        syncing=line.state == "syncing",
        share=line.share,
        rate=_rate(standing) if standing else None,
        acts=_acts(line),
    )


def _aside(services: Services, line: Line) -> str:
    """How many documents could not be read, and why the first of them could not."""
    if not line.rejects:
        return ""
    said = n(
        "{count} document could not be read.",
        "{count} documents could not be read.",
        line.rejects,
        count=line.rejects,
    )
    first = services.records.rejects.all(line.connection.connection_id, 1)
    return f"{said} {first[0].reason}".strip() if first else said


def _other(services: Services, standing: Standing, zone: ZoneInfo) -> Shown:
    tone = {"closed": "pos", "half open": "near", "open": "neg"}[standing.state]
    words = {"closed": t("Closed"), "half open": t("Half open"), "open": t("Open")}
    return Shown(
        key=standing.name,
        name=t(standing.title),
        icon="mail" if standing.name == "mail" else PLAIN,
        kind="",
        state=words[standing.state],
        tone=tone,
        flow=_flow(services, standing, zone),
        when=t("Since {time}", time=moments.clock(standing.since, zone))
        if standing.since
        else t("Since the start"),
        problem=standing.reason if standing.state != "closed" else "",
    )


def _state(line: Line) -> tuple[str, str]:
    """In a word, with its tone; a breaker that is not closed says more than that a sync waits."""
    if line.state == "paused":
        return t("Paused"), "mut"
    if line.standing and line.standing.state == "open":
        return t("Open"), "neg"
    if line.standing and line.standing.state == "half open":
        return t("Half open"), "near"
    if line.state == "syncing":
        return t("Syncing"), "near"
    if line.state == "failing":
        return t("Failed"), "neg"
    if line.state == "new":
        return t("Waiting for its first sync"), "mut"
    return t("Closed"), "pos"


def _flow(services: Services, standing: Standing, zone: ZoneInfo) -> str:
    """What the breaker does, and what waits."""
    rests = standing.again_at is not None and standing.again_at > services.clock.now()
    if standing.state == "open" and standing.again_at and rests:
        now = services.clock.now()
        text = t("Next try {time}.", time=moments.soon(standing.again_at, zone, now))
    elif standing.state != "closed":
        text = t("The next call decides.")
    else:
        text = _took(standing)
    if not standing.waiting:
        return text
    waits = n("{count} call waits", "{count} calls wait", standing.waiting, count=standing.waiting)
    return f"{text}, {waits}" if text[-1:] != "." else f"{text} {waits}."


def _took(standing: Standing) -> str:
    calls = n("{count:,} call", "{count:,} calls", standing.calls, count=standing.calls)
    if not standing.calls:
        return t("Not asked yet")
    if standing.last_ms < 1:
        return t("{calls}, the last took less than 1 ms", calls=calls)
    last = formats.number(standing.last_ms, "count", style="full")
    return t("{calls}, the last took {count} ms", calls=calls, count=last)


def _when(services: Services, line: Line) -> str:
    one, run = line.connection, line.run
    if line.state == "syncing" and run is not None:
        return _step(line, run, moments.house_zone(services))
    if one.succeeded_at is None:
        return t(line.label or line.connection.kind)
    ago = moments.ago(services.clock.now() - one.succeeded_at)
    # Of an older sync than the last one nothing is told.
    last = run is not None and run.finished_at is not None and run.finished_at >= one.succeeded_at
    told = f", {run.message}" if run and last and run.message and not one.message else ""
    return (
        t("{kind}, complete to {ago}", kind=t(line.label or line.connection.kind), ago=ago) + told
    )


def _step(line: Line, run: Run, zone: ZoneInfo) -> str:
    """What the sync at work does now, how far it is, and since when it works."""
    said = run.step or t("Starting")
    if line.share is not None:
        said += f", {line.share:.0%}"
    elif run.done:
        said = t("{step}, {count} so far", step=said, count=f"{run.done:,}")
    since = moments.clock(run.started_at or run.claimed_at, zone)
    return t("{step}, since {time}", step=said, time=since)


def _rate(standing: Standing) -> tuple[str, float] | None:
    allowed = standing.rate.partition("/")[0]
    if not allowed.isdigit():
        return None
    words = t(
        "Calls of its rate: {used} of {rate}",
        used=f"{standing.used:,}",
        rate=pace_of(kinds.rate(standing.rate)),
    )
    return words, standing.used / int(allowed)


def _problem(line: Line) -> str:
    """What went wrong last: in a sync, or in a call that met it first."""
    if line.state == "failing":
        return f"{line.connection.message} {line.connection.hint}".strip()
    broken = line.standing is not None and line.standing.state != "closed"
    return line.standing.reason if line.standing is not None and broken else ""


def _acts(line: Line) -> tuple[str, ...]:
    if not who().role.allows(Role.ADMIN):
        return ()
    turn = "pause" if line.connection.enabled else "resume"
    if line.kindless:
        return ("remove",)
    return ("sync", "edit", "days", turn, *(("replay",) if line.rejects else ()), "remove")
