"""What people know of a shop's days: promotions, campaigns, changed prices, outages, closures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from agent.errors import NotFound, Refused
from agent.records.schema import EVENTS
from agent.records.store import Store, new_id, rows
from agent.words import mark, t

KINDS: Mapping[str, str] = {
    "promotion": mark("Promotion"),
    "campaign": mark("Campaign"),
    "price": mark("Price change"),
    "stock": mark("Out of stock"),
    "deploy": mark("Deploy"),
    "outage": mark("Outage"),
    "closure": mark("Closed"),
    "shipping": mark("Shipping cut-off"),
    "holiday": mark("Holiday"),
    "expected": mark("Marked as expected"),
    "other": mark("Other"),
}
LONGEST_NAME = 120
LONGEST_DAYS = 366


@dataclass(frozen=True)
class Event:
    """`first` and `last` are local days, both included. `part` is what of the shop it is about
    (dimension -> value, empty for all of it), `effect` what it changes by (discount 0.15);
    `repeats` is "year" where it comes again on the same days."""

    shop_id: str
    name: str
    kind: str
    first: date
    last: date
    part: Mapping[str, str] = field(default_factory=dict)
    effect: Mapping[str, float] = field(default_factory=dict)
    repeats: str = ""
    note: str = ""
    made_by: str = ""
    event_id: str = ""
    made_at: datetime | None = None


@dataclass(frozen=True)
class Events:
    store: Store

    def put(self, event: Event) -> Event:
        """Insert, or replace the one of the same id. Raises Refused for what cannot be."""
        (kept,) = self.put_all([event])
        return kept

    def put_all(self, events: Iterable[Event]) -> tuple[Event, ...]:
        """All or none. Raises Refused as `put`."""
        wanted = [checked(event) for event in events]
        now = self.store.now()
        kept = tuple(
            replace(event, event_id=event.event_id or new_id(), made_at=event.made_at or now)
            for event in wanted
        )
        with self.store.write() as connection:
            for event in kept:
                self.store.upsert(connection, EVENTS, _row(event))
        return kept

    def get(self, event_id: str) -> Event:
        """Raises NotFound."""
        with self.store.read() as connection:
            found = rows(connection, sa.select(EVENTS).where(EVENTS.c.event_id == event_id))
        if not found:
            raise NotFound(t("There is no such event; it may have been removed."))
        return _event(found[0])

    def remove(self, event_id: str) -> Event:
        """What was removed, to be put back as it was. Raises NotFound."""
        event = self.get(event_id)
        with self.store.write() as connection:
            connection.execute(sa.delete(EVENTS).where(EVENTS.c.event_id == event_id))
        return event

    def all(self, shop_id: str) -> tuple[Event, ...]:
        """A shop's events, the latest first."""
        ordered = (
            sa.select(EVENTS)
            .where(EVENTS.c.shop_id == shop_id)
            .order_by(EVENTS.c.first.desc(), EVENTS.c.name, EVENTS.c.event_id)
        )
        with self.store.read() as connection:
            return tuple(_event(row) for row in rows(connection, ordered))

    def between(self, shop_id: str, first: date, last: date) -> tuple[Event, ...]:
        """The events that touch these days, in order; those that repeat once a year, moved to each
        year that they fall in."""
        found: list[Event] = []
        for event in self.all(shop_id):
            years = range(first.year - 1, last.year + 1) if event.repeats else (event.first.year,)
            moved = (_in_year(event, year) for year in years if year >= event.first.year)
            found += [one for one in moved if one.first <= last and one.last >= first]
        return tuple(sorted(found, key=lambda one: (one.first, one.name)))


def _in_year(event: Event, year: int) -> Event:
    first = _placed(event.first, year)
    return replace(event, first=first, last=first + (event.last - event.first))


def _placed(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:  # the 29th of February
        return day.replace(year=year, day=28)


def checked(event: Event) -> Event:
    """The event with its name tidied. Raises Refused for what cannot be kept."""
    name = " ".join(event.name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Refused(t("An event needs a name of at most {count} characters.", count=LONGEST_NAME))
    if event.kind not in KINDS:
        raise Refused(
            t("There is no kind of event called {kind!r}.", kind=event.kind),
            hint=t("Known: {kinds}.", kinds=", ".join(KINDS)),
        )
    if event.last < event.first:
        raise Refused(t("The event {name!r} ends before it begins.", name=name))
    if (event.last - event.first).days >= LONGEST_DAYS:
        raise Refused(t("The event {name!r} lasts longer than a year.", name=name))
    if event.repeats not in ("", "year"):
        raise Refused(t("An event repeats every year or not at all."))
    if not all(math.isfinite(value) for value in event.effect.values()):
        raise Refused(t("What the event {name!r} changes is no number.", name=name))
    return replace(event, name=name)


def _row(event: Event) -> dict[str, Any]:
    values = asdict(event)
    return values | {
        "first": event.first.isoformat(),
        "last": event.last.isoformat(),
        "part": dict(event.part),
        "effect": dict(event.effect),
    }


def _event(row: sa.RowMapping) -> Event:
    days = {name: date.fromisoformat(row[name]) for name in ("first", "last")}
    return Event(**{**row, **days})
