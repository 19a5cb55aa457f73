"""Sources on the command line: listed, synced, asked for days again, replayed, removed."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import date
from typing import Any

from agent.errors import NotFound
from agent.services import Services
from agent.settings import Settings
from agent.sources import connecting, replaying, syncing
from agent.sources.base import Progress
from agent.sources.connectors import Synced, Watch
from agent.words import n, t
from commands.progress import Bar
from commands.remote import Running
from commands.running import services_or_running

WHO = "command line"
ADDRESS = "/api/analytics/sources"


def add(parser: argparse.ArgumentParser) -> None:
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="DEED")
    deeds.add_parser("list", help="each source and how its last sync went")
    for deed, about in (
        ("sync", "bring what is new"),
        ("backfill", "bring days again"),
        ("replay", "read what was rejected again"),
        ("remove", "forget a source; its rows stay"),
    ):
        room = deeds.add_parser(deed, help=about)
        room.add_argument("name", help="its name or id")
        if deed == "backfill":
            room.add_argument("--from", dest="first", type=date.fromisoformat, required=True)
            room.add_argument("--to", dest="last", type=date.fromisoformat, required=True)


def run(given: argparse.Namespace, settings: Settings) -> int:
    with services_or_running(settings) as host:
        known = _known(host)
        if given.deed == "list":
            print("\n".join(map(_line, known)) or t("No source is connected."))
            return 0
        one = _chosen(known, given.name)
        print(_asked(host, given, one) if isinstance(host, Running) else _done(host, given, one))
    return 0


def _known(host: Services | Running) -> list[Mapping[str, Any]]:
    if isinstance(host, Running):
        found: list[Mapping[str, Any]] = host.json(ADDRESS)["sources"]
        return found
    return [
        {
            "id": one.connection_id,
            "kind": one.kind,
            "name": one.name,
            "shop": one.shop_id,
            "succeeded_at": one.succeeded_at.isoformat() if one.succeeded_at else None,
            "message": one.message,
        }
        for one in host.records.connections.all()
    ]


def _line(one: Mapping[str, Any]) -> str:
    state = one["message"] or one["succeeded_at"] or t("never synced")
    return f"{one['name']:<28} {one['kind']:<10} {one['shop']:<20} {state}"


def _chosen(known: list[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    for one in known:
        if name in (one["id"], one["name"]):
            return one
    names = ", ".join(str(one["name"]) for one in known)
    raise NotFound(
        t("There is no source {name!r}.", name=name),
        hint=t("There are {names}.", names=names)
        if names
        else t("Connect one on the Sources page."),
    )


def _asked(host: Running, given: argparse.Namespace, one: Mapping[str, Any]) -> str:
    """The running app does it; a sync goes on after this command has ended."""
    if given.deed == "remove":
        host.delete(f"{ADDRESS}/{one['id']}")
        return _removed(one)
    form = {}
    if given.deed == "backfill":
        form = {"from": given.first.isoformat(), "to": given.last.isoformat()}
    (told,) = host.post(f"{ADDRESS}/{one['id']}/{given.deed}", form)
    if given.deed == "replay":
        return str(told["message"])
    return t("The app is running: it has begun. The Sources page shows how far it is.")


def _done(services: Services, given: argparse.Namespace, one: Mapping[str, Any]) -> str:
    connection_id, audit = str(one["id"]), services.records.audit
    if given.deed == "remove":
        connecting.remove(services, connection_id, WHO)
        return _removed(one)
    if given.deed == "replay":
        audit.note(WHO, "replayed rejects", one["name"], one["kind"])
        count, left = replaying.replay(services, connection_id)
        return _replayed(count, left)
    audit.note(WHO, "synced a source", one["name"], one["kind"])
    with Bar() as bar:
        watch = Watch(lambda done, total, step: bar.show(Progress(step, done, total)))
        if given.deed == "backfill":
            days = (given.first, given.last)
            return _synced(syncing.backfill(services, connection_id, days, watch))
        return _synced(syncing.sync(services, connection_id, watch))


def _removed(one: Mapping[str, Any]) -> str:
    return t("{name} is removed; the rows that it brought stay.", name=one["name"])


def _replayed(count: int, left: int) -> str:
    now = n("{count} document is in now.", "{count} documents are in now.", count, count=count)
    return f"{now} {n('{left} is still rejected.', '{left} are still rejected.', left, left=left)}"


def _synced(done: Synced) -> str:
    counts = t(
        "{read:,} rows read, {changed:,} changed, {rejected:,} rejected.",
        read=done.read,
        changed=done.changed,
        rejected=done.rejected,
    )
    return "\n".join([counts, *done.notes])
