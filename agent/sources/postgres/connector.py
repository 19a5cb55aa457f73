"""The connection to a merchant's own PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

import pyarrow as pa

from agent.errors import NotConfigured, Refused
from agent.sources.connectors import Field, Link, Probe, Synced
from agent.sources.landing import Reject, land
from agent.sources.postgres import reading
from agent.sources.postgres.bringing import DAILY, WHOLE, all_new, days, entries, plain
from agent.sources.postgres.database import SSL_MODES, Catalogue, Database, opened
from agent.sources.postgres.mapping import DatabaseMapping, parse
from agent.sources.postgres.orders import Orders, order_of
from agent.sources.postgres.room import Brought, Room
from agent.sources.postgres.shops import shop_of
from agent.words import mark, n, t

SHOWN = 10
SECONDS = 30
MOST_SECONDS = 3_600

FIELDS: Sequence[Field] = (
    Field(
        "address",
        mark("Address"),
        "secret",
        mark("postgresql://USER:PASSWORD@HOST:5432/DATABASE, of a user that may only read."),
        required=True,
    ),
    Field(
        "replica",
        mark("Second address"),
        "secret",
        mark("Asked where the first does not answer: a replica."),
    ),
    Field(
        "ssl",
        mark("Encryption"),
        "choice",
        mark("What PostgreSQL calls sslmode."),
        default="require",
        choices=SSL_MODES,
    ),
    Field(
        "seconds",
        mark("Time limit"),
        "number",
        mark("Seconds that one question may take."),
        default=str(SECONDS),
    ),
    Field("shop", mark("Shop"), help=mark("A new name makes a new shop.")),
    Field("currency", mark("Currency"), help=mark("Of a new shop, such as EUR.")),
    Field("timezone", mark("Time zone"), help=mark("Of a new shop, such as Europe/Berlin.")),
    Field(
        "mapping",
        mark("Mapping"),
        "long",
        mark("Which tables and columns mean what: see docs/sources-postgres.md."),
    ),
)


@dataclass(frozen=True)
class PostgresConnector:
    """See agent.sources.connectors.Connector."""

    kind: str = "postgres"
    label: str = mark("PostgreSQL")
    icon: str = "database"
    help: str = mark("Tables or views of your own database, read and never written.")
    fields: Sequence[Field] = FIELDS
    cron: str = "*/15 * * * *"
    names_shop: bool = True

    def probe(self, link: Link) -> Probe:
        """What there is to read; with a mapping, the first rows as they would land. Raises
        Failure."""
        with _opened(link) as (database, catalogue):
            text, notes = link.setting("mapping"), []
            shown: pa.Table = pa.table({})
            if text:
                shown, rejects = _first(
                    Room(link, shop_of(link), database, catalogue, parse(text), Brought())
                )
                notes = _rejected(rejects)
            names = [c for c in shown.column_names if c not in ("shop_id", "revision")]
            rows = [
                ["" if row[name] is None else str(row[name]) for name in names]
                for row in shown.slice(0, SHOWN).to_pylist()
            ]
            facts = _facts(catalogue)
            return Probe(None, facts, (*_fallback(database), *notes), names, rows)

    def sync(self, link: Link) -> Synced:
        """What is new since the marks; at first everything, oldest first."""
        with _opened(link) as (database, catalogue):
            room = _room(link, database, catalogue)
            all_new(room)
            return _synced(room)

    def backfill(self, link: Link, first: date, last: date) -> Synced:
        """Days of the tables with dates anew, and orders placed on them."""
        if first > last:
            raise Refused(t("These days cannot be asked for: the first is after the last."))
        with _opened(link) as (database, catalogue):
            room = _room(link, database, catalogue)
            for part in room.mapping.tables:
                if part in DAILY:
                    days(room, part, (first, last))
            if "orders" in room.mapping.tables:
                Orders(room).placed(first, last)
            return _synced(room)

    def replay(self, link: Link, stream: str, documents: Sequence[str]) -> Sequence[str]:
        """Orders of rejected rows are read again; other tables are read anew by every sync."""
        again = t("The next sync reads this row again.")
        if stream != "orders":
            return [again for _ in documents]
        keys = [order_of(document) for document in documents]
        with _opened(link) as (database, catalogue):
            room = _room(link, database, catalogue)
            wrong = Orders(room).again([key for key in dict.fromkeys(keys) if key])
        return [wrong.get(key, "") if key else again for key in keys]


def _room(link: Link, database: Database, catalogue: Catalogue) -> Room:
    """Ready to bring rows; a shop that is new is made."""
    mapping, shop = _mapping(link), shop_of(link)
    if not link.connection.shop_id:
        if shop not in link.services.warehouse.shops():
            link.services.warehouse.put_shop(shop)
        connections = link.services.records.connections
        changed = connections.change(link.connection.connection_id, shop_id=shop.shop_id)
        link = replace(link, connection=changed)
    return Room(link, shop, database, catalogue, mapping, Brought())


def _synced(room: Room) -> Synced:
    done = room.done
    notes = (*_fallback(room.database), *done.notes)
    return Synced(done.read, done.changed, done.rejected, notes)


@contextmanager
def _opened(link: Link) -> Iterator[tuple[Database, Catalogue]]:
    """The database and what it has, closed afterwards. Raises Failure."""
    addresses = [a for a in (link.secret("address"), link.secret("replica")) if a]
    if not addresses:
        raise NotConfigured(t("{field} is missing.", field=t("Address")))
    text = link.setting("seconds", str(SECONDS))
    seconds = int(text) if text.isdecimal() and len(text) < 6 else SECONDS
    if not 1 <= seconds <= MOST_SECONDS:
        raise Refused(t("The time limit is from 1 to {most} seconds.", most=MOST_SECONDS))
    ssl = link.setting("ssl", "require")
    engines = [opened(address, ssl) for address in addresses]
    database = Database(engines, seconds, link.upstream.call)
    try:
        yield database, database.catalogue()
    finally:
        database.close()


def _mapping(link: Link) -> DatabaseMapping:
    text = link.setting("mapping")
    if not text:
        raise NotConfigured(
            t("This connection has no mapping."),
            hint=t("Say which tables and columns mean what: see docs/sources-postgres.md."),
        )
    return parse(text)


def _facts(catalogue: Catalogue) -> list[tuple[str, str]]:
    """Tables with their columns, the first of both."""
    facts = [(t("Tables"), f"{len(catalogue.tables):,}")]
    for (schema, name), columns in list(catalogue.tables.items())[:50]:
        shown = ", ".join(f"{column} ({kind})" for column, kind in list(columns.items())[:30])
        facts.append((f"{schema}.{name}", shown))
    return facts


def _fallback(database: Database) -> tuple[str, ...]:
    if not database.fallback:
        return ()
    return (t("The second address is asked: {why}", why=database.fallback),)


def _first(room: Room) -> tuple[pa.Table, Sequence[Reject]]:
    """The first rows of the first table of a mapping; the others are looked for."""
    sources = {part: room.source(part) for part in room.mapping.tables}
    part = next(iter(sources))
    if part == "orders":
        return Orders(room).first(SHOWN)
    rows = reading.first_rows(room.database, sources[part], SHOWN)
    if part in WHOLE:
        return entries(room, part, rows)
    services = room.link.services
    found = plain(sources[part], rows)
    landed = land(services.warehouse, room.shop, found, services.clock.now())
    return landed.tables[part], landed.rejects


def _rejected(rejects: Sequence[Reject]) -> list[str]:
    if not rejects:
        return []
    return [
        n(
            "{count:,} row cannot be used: {why}",
            "{count:,} rows cannot be used: {why}",
            len(rejects),
            count=len(rejects),
            why=rejects[0][1],
        )
    ]


CONNECTOR = PostgresConnector()
