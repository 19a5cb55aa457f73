"""Connections made, changed and removed: forms checked, secrets sealed, the clock told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from agent.errors import Failure, Refused
from agent.records.connections import Connection
from agent.records.schedules import Schedule
from agent.sources import formers, leaving
from agent.sources.connectors import (
    REFERENCES,
    Connector,
    Field,
    Link,
    Probe,
    Shopless,
    connector,
)
from agent.words import t

if TYPE_CHECKING:
    from agent.services import Services

JOB = "sync"
LONGEST = 20_000
HOSTS = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s?#\"']+")


@dataclass(frozen=True)
class Form:
    """What a person filled in: the kind, a name, the shop whose rows it brings ("" where the source
    names its own), and the connector's fields."""

    kind: str
    name: str
    shop_id: str = ""
    values: Mapping[str, str] | None = None


def try_out(services: Services, form: Form, connection_id: str = "") -> Probe:
    """Ask the source with what was typed, and keep nothing; of a connection that there is, with its
    secrets where none were typed. Raises Failure."""
    room = connector(form.kind)
    kept = services.records.connections.get(connection_id).settings if connection_id else {}
    values = _checked(room, form.values or {}, kept)
    link = Link(
        services, Connection("new", form.kind, form.name or form.kind, form.shop_id, values)
    )
    typed = {
        field.name: values[field.name]
        for field in room.fields
        if field.kind == "secret" and _is_typed(values.get(field.name, ""))
    }
    for value in typed.values():
        services.secrets.cover(value)
    try:
        return room.probe(replace(link, typed=typed, tried=True))
    except Failure as failure:
        services.secrets.cleared(failure)
        raise


def connect(services: Services, form: Form, who: str) -> Connection:
    """Keep a connection that was tried, its secrets sealed, and have it synced from now on. Raises
    Refused, naming the field."""
    room = connector(form.kind)
    values = _checked(room, form.values or {}, kept={})
    shop_id = _whose(services, room, form.shop_id, values)
    records = services.records
    draft = Connection("", form.kind, form.name, shop_id, {}, cron=room.cron, created_by=who)
    made = records.connections.add(draft)
    sealed = _sealed(services, room, made.connection_id, values, who)
    made = records.connections.change(made.connection_id, settings=sealed)
    records.schedules.put(schedule(made))
    records.audit.note(who, "connected a source", made.name, made.kind)
    return made


def change(services: Services, connection_id: str, form: Form, who: str) -> Connection:
    """Change name, shop or fields; a secret left empty stays as it is, unless it would now be sent
    somewhere else. Raises Refused, NotFound."""
    old = services.records.connections.get(connection_id)
    room = connector(old.kind)
    values = _checked(room, form.values or {}, kept=old.settings)
    shop_id = _whose(services, room, form.shop_id or old.shop_id, values)
    formers.keep(services, room, old, values, who)
    sealed = _sealed(services, room, connection_id, values, who)
    changed = services.records.connections.change(
        connection_id, name=form.name, shop_id=shop_id, settings=sealed
    )
    services.records.audit.note(who, "changed a source", changed.name, changed.kind)
    return changed


def pause(services: Services, connection_id: str, paused: bool, who: str) -> Connection:
    """Stop or resume syncing. Raises NotFound."""
    changed = services.records.connections.change(connection_id, enabled=not paused)
    services.records.schedules.put(schedule(changed))
    deed = "paused a source" if paused else "resumed a source"
    services.records.audit.note(who, deed, changed.name, changed.kind)
    return changed


def remove(services: Services, connection_id: str, who: str) -> Connection:
    """Forget a connection with all that it keeps: how far it was read, calls, rejects, typed
    secrets, documents. The rows that it brought stay. Raises NotFound; Refused where its documents
    cannot be deleted, all else being gone."""
    gone = services.records.connections.remove(connection_id)
    services.records.schedules.remove(schedule_id(connection_id))
    services.records.audit.note(who, "removed a source", gone.name, gone.kind)
    leaving.secrets(services, connection_id, who)
    files = leaving.documents(Link(services, gone))
    if files:
        services.records.audit.note(
            who, "removed a source's documents", gone.name, f"{files} files"
        )
    return gone


def schedule_id(connection_id: str) -> str:
    return f"{JOB}:{connection_id}"


def schedule(connection: Connection) -> Schedule:
    """The clock's row of a connection."""
    return Schedule(
        schedule_id(connection.connection_id),
        JOB,
        connection.shop_id,
        connection.cron,
        "UTC",
        {"connection": connection.connection_id},
        enabled=connection.enabled and bool(connection.cron),
    )


def _checked(room: Connector, values: Mapping[str, str], kept: Mapping[str, Any]) -> dict[str, str]:
    """The connector's fields, trimmed; an empty secret is the kept one. Raises Refused."""
    typed = {field.name: str(values.get(field.name) or "").strip() for field in room.fields}
    found: dict[str, str] = {}
    for field in room.fields:
        text = typed[field.name]
        if field.kind == "secret":
            text = _secret(field, text, str(kept.get(field.name) or ""))
        found[field.name] = text or field.default
        _check(field, found[field.name])
    for field in room.fields:
        before = str(kept.get(field.name) or "")
        if field.place and before and _hosts(field, before) != _hosts(field, found[field.name]):
            _typed_again(room, typed, kept)
    return found


def _secret(field: Field, text: str, kept: str) -> str:
    # Only the house writes where it sealed something: else one form could send another's secret.
    if text.startswith("sealed:") and text != kept:
        raise Refused(
            t("{field} cannot be the secret of another source.", field=t(field.label)),
            hint=t("Type it, or write secret:NAME."),
        )
    return text or kept


def _typed_again(room: Connector, typed: Mapping[str, str], kept: Mapping[str, Any]) -> None:
    """Kept secrets go nowhere else. Raises Refused."""
    for field in room.fields:
        if field.kind == "secret" and kept.get(field.name) and not typed[field.name]:
            raise Refused(
                t("The address is another one: type {field} again.", field=t(field.label)),
                hint=t("What is kept is sent only where it was meant for."),
            )


def _hosts(field: Field, text: str) -> frozenset[str]:
    """Whom a text names: the hosts of its addresses, or all of it."""
    found = frozenset(HOSTS.findall(text.lower()))
    return found if found or field.kind == "long" else frozenset({text.strip().lower()})


def _whose(services: Services, room: Connector, shop_id: str, values: Mapping[str, str]) -> str:
    """The shop whose rows they are, "" where they belong to none or the source says it. Raises
    Refused where it stays unsaid, NotFound for an unknown shop."""
    if isinstance(room, Shopless) and not room.has_shop(values):
        return ""
    if shop_id:
        services.shop(shop_id)
    elif not room.names_shop:
        raise Refused(
            t("Choose the shop whose rows these are."),
            hint=t("Connect a Shopify shop or import a file with orders first."),
        )
    return shop_id


def _check(field: Field, text: str) -> None:
    label = t(field.label)
    if field.required and not text:
        raise Refused(t("{field} is missing.", field=label))
    if len(text) > LONGEST or "\0" in text:
        raise Refused(t("{field} is too long, or holds signs that no text has.", field=label))
    if text and field.choices and text not in field.choices:
        names = ", ".join(field.choices)
        raise Refused(
            t("{field} cannot be {text!r}.", field=label, text=text),
            hint=t("Choose one of: {names}.", names=names),
        )
    if text and field.kind == "number" and not text.isdigit():
        raise Refused(t("{field} is a whole number.", field=label))


def _is_typed(text: str) -> bool:
    return bool(text) and not text.startswith(REFERENCES)


def _sealed(
    services: Services, room: Connector, connection_id: str, values: dict[str, str], who: str
) -> dict[str, str]:
    """The values with every typed secret replaced by where it is kept."""
    kept = dict(values)
    for field in room.fields:
        text = values.get(field.name, "")
        if field.kind == "secret" and _is_typed(text):
            name = f"{connection_id}.{field.name}"
            kept[field.name] = services.secrets.put(name, text, who)
    return kept
