"""What arrived, as a person reads it: batches that came together from one source are one line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

Why = Literal["", "sync", "calls", "again"]
DEMO = "demo"
PAUSE = timedelta(minutes=5)
"""Batches of a sync that lie further apart are of two."""


@dataclass(frozen=True)
class Arrival:
    """Batches of one shop and source, of one day of the shop. `connection` is its id, "" where none
    brought them; `file` its name; `why` they came, "" where nobody noted it; `rows` of each table,
    `lines` and `rejected` of all; `first` and `last` when they were merged."""

    shop_id: str
    source: str
    connection: str
    file: str
    why: Why
    rows: Mapping[str, int]
    lines: int
    rejected: int
    first: datetime
    last: datetime

    @property
    def key(self) -> tuple[str, ...]:
        return (self.shop_id, self.source, self.connection, self.file, self.why)

    def with_older(self, older: Arrival) -> Arrival:
        """Both as one."""
        names = {*self.rows, *older.rows}
        return replace(
            self,
            rows={name: self.rows.get(name, 0) + older.rows.get(name, 0) for name in names},
            lines=self.lines + older.lines,
            rejected=self.rejected + older.rejected,
            first=older.first,
        )


def gathered(
    batches: Iterable[Mapping[str, Any]], zones: Mapping[str, ZoneInfo]
) -> tuple[Arrival, ...]:
    """The batches, newest first, as arrivals, those with the newest batch first. A file is always
    one of its own; `zones` are those of shops, which say where a day ends."""
    found: list[Arrival] = []
    places: dict[tuple[str, ...], int] = {}
    for one in map(_arrival, batches):
        place = places.get(one.key)
        zone = zones.get(one.shop_id, ZoneInfo("UTC"))
        if place is not None and _together(found[place], one, zone):
            found[place] = found[place].with_older(one)
            continue
        places[one.key] = len(found)
        found.append(one)
    return tuple(found)


def _arrival(batch: Mapping[str, Any]) -> Arrival:
    noted: Mapping[str, Any] = batch["summary"]
    why: Sequence[Why] = [known for known in ("sync", "calls", "again") if noted.get("by") == known]
    kind, _, named = str(batch["source"]).partition(":")
    rows = noted.get("rows")
    return Arrival(
        shop_id=batch["shop_id"],
        source=kind,
        connection=str(noted.get("connection") or named),
        file=batch["file_name"],
        why=why[0] if why else "",
        rows=rows if isinstance(rows, Mapping) else {},
        lines=batch["lines"],
        rejected=batch["rejected"],
        first=batch["merged_at"],
        last=batch["merged_at"],
    )


def _together(newer: Arrival, older: Arrival, zone: ZoneInfo) -> bool:
    if newer.file or older.file:
        return False
    if older.last.astimezone(zone).date() != newer.first.astimezone(zone).date():
        return False
    # Calls and the demo shop's minutes come one by one, all day long.
    return newer.why == "calls" or newer.source == DEMO or newer.first - older.last <= PAUSE
