"""Live counters of a Redis: visitors now, carts open, whatever the shop counts there. They are read
every minute, shown while they are new, and never written to the ledger."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from agent.errors import Refused, Unavailable
from agent.kinds import KINDS
from agent.resilience.redis_reading import Counted, Wanted, count
from agent.sources.connectors import Field, Link, Probe, Synced
from agent.words import mark, t

if TYPE_CHECKING:
    from agent.services import Services

KIND = "redis"
STREAM = "live"
WINDOW = 300
KEPT_SECONDS = 90
"""In the cache: a process that has it in its own level learns of newer ones within that time."""
STALE = timedelta(seconds=180)
MOST = 50
LONGEST = 200

FIELDS: Sequence[Field] = (
    Field(
        "url",
        mark("Address"),
        "secret",
        mark("redis:// or rediss://, with USER:PASSWORD@ where it has one. Only read."),
        required=True,
    ),
    Field(
        "replica",
        mark("Second address"),
        "secret",
        mark("Asked where the first does not answer: a replica."),
    ),
    Field(
        "counters",
        mark("Counters"),
        "long",
        mark(
            "One a line: name = key. A number, HyperLogLog, sorted set by time, stream or set; "
            "a key with * adds up all that fit; key#field is a field of a stream's last entry."
        ),
        required=True,
    ),
    Field(
        "window",
        mark("Seconds that count as now"),
        "number",
        mark("For sorted sets, whose scores are times."),
        default=str(WINDOW),
    ),
)


@dataclass(frozen=True)
class Counter:
    """A number as it was at a moment; `stale` once it is older than three minutes."""

    connection_id: str
    name: str
    value: float
    at: datetime
    stale: bool


@dataclass(frozen=True)
class Counters:
    """The connector. What it reads is kept for pages, under live:<connection>, and in the state of
    the connection."""

    kind: str = KIND
    label: str = mark("Redis counters")
    icon: str = "activity"
    help: str = mark("Numbers that another program counts in Redis, such as visitors now.")
    fields: Sequence[Field] = FIELDS
    cron: str = "* * * * *"
    names_shop: bool = True

    def probe(self, link: Link) -> Probe:
        """Every counter as it is now. Raises as `sync`."""
        lines, found, instead = _read(link)
        rows = [
            (name, "—" if one.value is None else f"{one.value:g}")
            for name, one in zip(lines, found, strict=True)
        ]
        columns = (t("Counter"), t("Now"))
        return Probe(notes=(*instead, *_notes(found)), columns=columns, rows=rows)

    def sync(self, link: Link) -> Synced:
        """Raises Unavailable; Refused where a line cannot be read, or nothing is there to count."""
        lines, found, instead = _read(link)
        values = {
            name: one.value for name, one in zip(lines, found, strict=True) if one.value is not None
        }
        notes = (*instead, *_notes(found))
        if not values:
            raise Refused(" ".join(notes), hint=t("Check the names of the keys."))
        before = link.state(STREAM).get("values") or {}
        at = link.services.clock.now().isoformat()
        kept = {"at": at, "values": values}
        link.save(STREAM, kept)
        place = _place(link.connection.connection_id)
        link.services.cache.set(place, json.dumps(kept).encode(), KEPT_SECONDS)
        changed = sum(before.get(name) != value for name, value in values.items())
        return Synced(read=len(values), changed=changed, notes=notes)

    def backfill(self, link: Link, first: date, last: date) -> Synced:
        del link, first, last
        raise Refused(t("Live counters have no past: only their last values are kept."))

    def replay(self, link: Link, stream: str, documents: Sequence[str]) -> Sequence[str]:
        del link, stream
        return [t("Live counters reject nothing.")] * len(documents)


CONNECTOR = Counters()


def live(services: Services) -> tuple[Counter, ...]:
    """The newest value of every counter, by connection, in the order of their lines. Those of a
    paused connection are left out."""
    rows = [row for row in services.records.connections.all() if row.kind == KIND and row.enabled]
    return tuple(one for row in rows for one in _kept(services, row.connection_id))


def _kept(services: Services, connection_id: str) -> list[Counter]:
    text = services.cache.get(_place(connection_id))
    kept = _loaded(text) or services.records.connections.state(connection_id, STREAM)
    try:
        at = datetime.fromisoformat(kept["at"])
        stale = services.clock.now() - at > STALE
        return [
            Counter(connection_id, str(name), float(value), at, stale)
            for name, value in kept["values"].items()
        ]
    except (KeyError, TypeError, ValueError, AttributeError):
        # Before its first sync, or written by another version.
        return []


def _loaded(text: bytes | None) -> Mapping[str, Any]:
    try:
        found = json.loads(text or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _read(link: Link) -> tuple[list[str], tuple[Counted, ...], tuple[str, ...]]:
    """Names, what each counts, and a note where the second address was asked."""
    lines = _lines(link.setting("counters"))
    window = _window(link.setting("window", str(WINDOW)))
    first, second = _address(link.secret("url")), link.secret("replica")
    now = link.services.clock.now().timestamp()
    wanted = list(lines.values())

    def counted() -> tuple[tuple[Counted, ...], tuple[str, ...]]:
        try:
            return count(first, wanted, now, window), ()
        except Unavailable as failure:
            if not second:
                raise
            note = t("The second address is asked: {why}", why=failure.message)
            return count(_address(second), wanted, now, window), (note,)

    return (list(lines), *link.upstream.call(counted))


def _address(text: str) -> str:
    try:
        url = str(KINDS["redis_url"].read(text))
    except ValueError:
        url = ""
    # What stands behind ? could set timeouts of its own.
    if not url or "?" in url:
        raise Refused(
            t("This is no address of a Redis."),
            hint=t("redis://127.0.0.1:6379/0 is an example."),
        )
    return url


def _lines(text: str) -> dict[str, Wanted]:
    """Name -> what is counted. Raises Refused, naming the line."""
    found: dict[str, Wanted] = {}
    rows = [line.strip() for line in text.splitlines() if line.strip()]
    for at, line in enumerate(rows, start=1):
        name, equals, key = (part.strip() for part in line.partition("="))
        key, _, field = key.partition("#")
        if not (name and equals and key) or max(len(name), len(key), len(field)) > LONGEST:
            raise Refused(
                t("Line {at} of the counters is not name = key.", at=at),
                hint=t("visitors now = shop:visitors is an example."),
            )
        if name in found:
            raise Refused(t("Two counters are named {name}.", name=name))
        found[name] = Wanted(key, field)
    if not 0 < len(found) <= MOST:
        raise Refused(t("Name from 1 to {most} counters.", most=MOST))
    return found


def _window(text: str) -> float:
    seconds = float(text) if text.isdigit() and text.isascii() else math.nan
    if not 1 <= seconds <= 86_400:
        raise Refused(t("The seconds that count as now are from 1 to 86400."))
    return seconds


def _notes(found: Sequence[Counted]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.note for one in found if one.note))


def _place(connection_id: str) -> str:
    return f"live:{connection_id}"
