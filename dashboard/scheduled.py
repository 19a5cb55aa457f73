"""What people do with the shop's events, by the form or over the API: one way, one audit entry."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from agent import events
from agent.errors import NotFound, Refused
from agent.records.events import Event
from agent.services import Services
from agent.words import t

FIELDS = (
    *("name", "kind", "first", "last", "dimension", "value"),
    *events.EFFECTS,
    *("repeats", "note"),
)
"""What a form or a request says of an event, and what a file has as columns."""


def typed(shop_id: str, given: Mapping[str, str], figures: Mapping[str, float | None]) -> Event:
    """The event that words and figures describe, not kept yet. Raises Refused."""
    first = day(given.get("first", ""))
    return Event(
        shop_id,
        given.get("name", ""),
        given.get("kind", ""),
        first,
        day(given["last"]) if given.get("last") else first,
        part=events.part_of(given.get("dimension", ""), given.get("value", "")),
        effect={name: value for name, value in figures.items() if value is not None},
        repeats=given.get("repeats", ""),
        note=given.get("note", ""),
    )


def day(text: str) -> date:
    """Raises Refused."""
    if not text.strip():
        raise Refused(t("An event needs its first day."))
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Refused(
            t("{text} is no day.", text=text[:40]), hint=t("Write it as 2026-11-27.")
        ) from None


def save(
    services: Services, who: str, wanted: Event, event_id: str = ""
) -> tuple[Event, Event | None]:
    """Keep an event, in place of the one of the id where one is given; returns it and that one.
    Raises Refused, NotFound."""
    kept = services.records.events
    old = _of_shop(services, event_id, wanted.shop_id) if event_id else None
    part = events.known_part(services.known, wanted.shop_id, wanted.part)
    fields = {**vars(events.checked(wanted)), "part": part}
    fields |= {"event_id": event_id, "made_by": who}
    if old is not None:
        fields |= {"made_by": old.made_by, "made_at": old.made_at}
    new = kept.put(Event(**fields))
    _note(services, who, "changed an event" if old else "added an event", new)
    return new, old


def remove(services: Services, who: str, event_id: str, deed: str = "removed an event") -> Event:
    """What was removed. Raises NotFound."""
    gone = services.records.events.remove(event_id)
    _note(services, who, deed, gone)
    return gone


def put_back(services: Services, who: str, row: Mapping[str, Any]) -> Event:
    """An event as `to_json` told it, under its own id. Raises Refused, NotFound."""
    shop_id = services.shop(str(row.get("shop", ""))).shop_id
    event_id = str(row.get("event_id", ""))[:64]
    words = {name: str(row.get(name) or "") for name in FIELDS}
    figures = {name: _number(row.get(name)) for name in events.EFFECTS}
    wanted = events.checked(typed(shop_id, words, figures))
    with suppress(NotFound):
        if services.records.events.get(event_id).shop_id != shop_id:
            raise Refused(t("This event belongs to another shop."))
    fields = {**vars(wanted), "event_id": event_id, "made_by": who}
    kept = services.records.events.put(Event(**fields))
    _note(services, who, "put back an event", kept)
    return kept


def to_json(event: Event) -> dict[str, Any]:
    """The event under the names of FIELDS, with its shop and its id."""
    effects = {name: event.effect.get(name) for name in events.EFFECTS}
    return {
        "event_id": event.event_id,
        "shop": event.shop_id,
        **fields_of(event),
        **effects,
        "made_by": event.made_by,
    }


def fields_of(event: Event) -> dict[str, str]:
    """Its words and days as a form shows them."""
    dimension, value = next(iter(event.part.items()), ("", ""))
    return {
        "name": event.name,
        "kind": event.kind,
        "first": event.first.isoformat(),
        "last": event.last.isoformat(),
        "dimension": dimension,
        "value": value,
        "repeats": event.repeats,
        "note": event.note,
    }


def _of_shop(services: Services, event_id: str, shop_id: str) -> Event:
    """Raises NotFound, also for an event of another shop."""
    found = services.records.events.get(event_id)
    if found.shop_id != shop_id:
        raise NotFound(t("There is no such event; it may have been removed."))
    return found


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _note(services: Services, who: str, deed: str, event: Event) -> None:
    said = events.days_said(event.first, event.last)
    services.records.audit.note(who, deed, f"{event.shop_id}: {event.name}", said)
