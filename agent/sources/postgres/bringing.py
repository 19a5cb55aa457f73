"""Mapped tables into the warehouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from agent.sources.differing import differing
from agent.sources.landing import Plain, Reject, land
from agent.sources.postgres import reading
from agent.sources.postgres.orders import Orders
from agent.sources.postgres.reading import Source
from agent.sources.postgres.room import Room
from agent.sources.trailing import Trailing, dated, revision_of
from agent.sources.values import MAX_TEXT
from agent.warehouse import schema
from agent.words import t

DAY = timedelta(days=1)
PIECE = 90
DAILY = ("sessions", "spend", "costs")
WHOLE = {
    "products": (schema.PRODUCTS, "product_id", "title"),
    "customers": (schema.PROFILES, "customer_id", "rfm_group"),
}
"""Tables that are read whole -> where they land, their key, and what a row must have."""
MAPPED_TITLE = 2**62 + 2**41
"""Beyond every revision of a title that lines gave: what the catalogue says stands."""


def all_new(room: Room) -> None:
    """What is new in every table of the mapping. Raises Failure: what was merged before stays, and
    its marks have moved."""
    for part in room.mapping.tables:
        room.source(part)
    for part in room.mapping.tables:
        if part == "orders":
            Orders(room).new()
        elif part in WHOLE:
            _whole(room, part)
        elif part in DAILY:
            days(room, part)


def days(room: Room, part: str, asked: tuple[date, date] | None = None) -> None:
    """Days of a table anew: those asked for, else the trailing ones, and at first all. Raises
    Failure."""
    found, known = room.source(part), room.link.state(part)
    ends = reading.ends(room.database, found)
    if ends is None:
        return
    first, last = asked or ends
    if asked is None and known.get("last"):
        # Days may have come later than the last that was read, by more than the window.
        since = min(last - (found.mapped.days - 1) * DAY, date.fromisoformat(known["last"]))
        first = max(first, since)
    trailing = Trailing(room.link, room.shop, part, set(known.get("owned", ())))
    while first <= last:
        start = max(first, last - (PIECE - 1) * DAY)
        _piece(room, found, trailing, (start, last))
        last = start - DAY
    reached = known.get("last", "") if asked else str(ends[1])
    state = {"target": part, "owned": sorted(trailing.owned), "last": reached}
    room.link.save(part, state)


def _piece(room: Room, found: Source, trailing: Trailing, days: tuple[date, date]) -> None:
    part = found.mapped.part
    room.step(t("{first} to {last}", first=days[0], last=days[1]))
    rows = reading.every_row(room.database, found, days)
    services = room.link.services
    landed = land(services.warehouse, room.shop, plain(found, rows), services.clock.now())
    room.refuse_all(part, len(rows), landed.rejects, landed.count)
    changed, _ = trailing.put(landed.tables[part], days, len(landed.rejects))
    room.count(part, (len(rows), changed), landed.rejects)


def plain(found: Source, rows: Sequence[Mapping[str, Any]]) -> Plain:
    """Rows of a table with dates, as columns of text."""
    columns = {
        name: pa.array([row[name] for row in rows], pa.string()) for name in found.mapped.columns
    }
    if found.mapped.channel and "channel" not in columns:
        columns["channel"] = pa.array([found.mapped.channel] * len(rows), pa.string())
    return Plain(found.mapped.part, pa.table(columns))


def _whole(room: Room, part: str) -> None:
    """Products or customers: all of them, of which those that differ are merged."""
    room.step(t("products") if part == "products" else t("customers"))
    target, key, _ = WHOLE[part]
    rows = reading.every_row(room.database, room.source(part))
    table, rejects = entries(room, part, rows)
    room.refuse_all(part, len(rows), rejects, len(table))
    shop = room.shop.shop_id
    fresh = differing(room.link.services.warehouse, shop, target, table, key)
    above = MAPPED_TITLE if part == "products" else 0
    revised = dated(fresh, above + revision_of(room.link))
    changed = room.write({target.name: revised}) if len(fresh) else 0
    room.count(part, (len(rows), changed), rejects)


def entries(
    room: Room, part: str, rows: Sequence[Mapping[str, Any]]
) -> tuple[pa.Table, Sequence[Reject]]:
    """Products or customers as the warehouse has them, one row a key."""
    target, key, needed = WHOLE[part]
    wanted = schema.arrow_schema(target)
    own = {"shop_id": room.shop.shop_id, "revision": 0}
    good: dict[str, dict[str, Any]] = {}
    rejects: list[Reject] = []
    for row in rows:
        if not row[key] or not row[needed]:
            rejects.append((repr(dict(row))[:MAX_TEXT], f"The {key} or the {needed} is missing."))
        elif any(len(value or "") > MAX_TEXT for value in row.values()):
            rejects.append((repr(dict(row))[:MAX_TEXT], "A field is too long."))
        else:
            good[row[key]] = {name: own.get(name, row.get(name) or None) for name in wanted.names}
    return pa.Table.from_pylist(list(good.values()), schema=wanted), rejects
