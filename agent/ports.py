"""What stands outside the house, as protocols: each has an embedded twin and a server twin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

import pyarrow as pa
import sqlalchemy as sa


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, aware, in UTC."""


@dataclass(frozen=True)
class Shop:
    """One shop: `shop_id` is its slug in every key, `timezone` an IANA name that decides the
    day."""

    shop_id: str
    name: str
    currency: str
    timezone: str
    source: str = ""


RATES_SHOP = Shop("*", "Exchange rates", "", "UTC", "rates")
"""Whose rows exchange rates are: every shop's, so no shop's. `Warehouse.shops` never lists it, and
its versions count for every shop."""


@dataclass(frozen=True)
class Span:
    """Rows of a table that a batch takes the place of: those of the days `first` to `last` whose
    columns have the values of `where`. What the batch does not bring again is removed."""

    table: str
    first: date
    last: date
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """Rows for one shop, or rates for RATES_SHOP, that arrive together or not at all.

    `tables` maps a table name of agent.warehouse.schema to rows with that table's columns, without
    `batch_id` (a column that a later layout added may be left out: NULL); `fingerprint` names the
    content: the same fingerprint for the same shop is merged once.

    `spans` are days of sessions, spend, costs or stock that the batch states anew. `whole_orders`
    says that every order comes with all its ledger rows: its rows of a lower revision that do not
    come again are removed. `gone` maps orders that were deleted to the revision of their deletion:
    their rows of a lower or equal revision are removed, and do not come back. `anew` says that what
    was read before is read again, by rules that may have changed: a row of an equal revision that
    says something else is replaced too.
    """

    shop: Shop
    source: str
    fingerprint: str
    tables: Mapping[str, pa.Table]
    file_name: str = ""
    lines: int = 0
    rejected: int = 0
    summary: Mapping[str, Any] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()
    whole_orders: bool = False
    gone: Mapping[str, int] = field(default_factory=dict)
    anew: bool = False


@dataclass(frozen=True)
class Merged:
    """What a merge did, in rows per table; `already` when the fingerprint was known and nothing
    was touched."""

    batch_id: str
    inserted: Mapping[str, int] = field(default_factory=dict)
    replaced: Mapping[str, int] = field(default_factory=dict)
    unchanged: Mapping[str, int] = field(default_factory=dict)
    removed: Mapping[str, int] = field(default_factory=dict)
    already: bool = False


@dataclass(frozen=True)
class Away:
    """A part that does not answer: when it last did, and what it says instead."""

    since: datetime
    reason: str


class Warehouse(Protocol):
    dialect: str
    """Name of the SQL dialect: duckdb or postgresql."""

    @property
    def away(self) -> Away | None:
        """Since when and why the last question was not answered; None where it was."""

    def read(self, statement: sa.Select[Any] | sa.CompoundSelect[Any]) -> pa.Table:
        """The rows of a statement, columns and Arrow types as `schema.arrow_schema_of(statement)`
        says.

        Each call reads on a cursor of its own, so calls may run side by side. Raises Unavailable.
        """

    def sql(self, statement: sa.Select[Any] | sa.CompoundSelect[Any]) -> str:
        """The statement as text with its values written in: for receipts, never executed."""

    @property
    def kept(self) -> Callable[[sa.CTE], sa.FromClause | None] | None:
        """Gives a table of rows that many statements need, worked out once for them all, or None
        where they are too many; is None where the warehouse keeps none. Raises Unavailable."""

    def versions(self, shops: tuple[str, ...]) -> dict[str, int]:
        """Table name -> version, summed over the shops and the rates that all of them share; a
        table never written has version 0."""

    def shops(self) -> tuple[Shop, ...]:
        """All shops, oldest first, without RATES_SHOP."""

    def put_shop(self, shop: Shop) -> None:
        """Insert or rename a shop; currency and time zone of a shop with rows cannot change
        (Refused)."""

    def merge(self, batch: Batch) -> Merged:
        """Write a batch in one transaction, idempotently.

        A row whose key is new is inserted; one whose key exists is replaced only by a higher
        `revision`. Customers' first and second order and every order's place in its customer's
        history are brought up to date, versions of the tables that changed are raised, and the
        batch is noted, all in the same transaction.
        """

    def drop_shop(self, shop_id: str) -> None:
        """Remove a shop and all its rows."""

    def forget_customers(self, shop_id: str, customer_ids: tuple[str, ...]) -> int:
        """Take these people out of every row, for good: their orders stay without a customer, later
        batches too. Returns how many orders lost theirs."""

    def rederive(self, shop_id: str) -> None:
        """Make everything that merge derives of a shop anew from its ledger."""

    def last_sync(self, shops: tuple[str, ...]) -> datetime | None:
        """When the newest batch of these shops was merged, in UTC; None while they have none."""

    def batches(self, shop_id: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
        """The newest batches: batch_id, shop_id, source, file_name, merged_at, lines, rejected,
        summary."""

    def ping(self) -> None:
        """Returns when the warehouse answers; raises Unavailable."""

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the file, where there is one."""

    def backup(self, folder: str) -> None:
        """Write a copy of every table into an empty folder (one Parquet file a table)."""

    def restore(self, folder: str) -> None:
        """Replace everything by what `backup` wrote."""

    def close(self) -> None: ...


@dataclass(frozen=True)
class Level:
    """One level of a cache.

    `failures` are times it could not be asked; `entries` and `size` (bytes) are what it holds now,
    of which `whole` says that all was counted; `trouble` is why it cannot be asked at present,
    empty where it can.
    """

    name: str
    hits: int
    misses: int
    failures: int
    entries: int
    size: int
    whole: bool = True
    trouble: str = ""

    @property
    def rate(self) -> float | None:
        """Hits of what was asked; None before anything was."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else None


class Cache(Protocol):
    """Keys are words with colons between, so that a pattern can name some of them."""

    def get(self, key: str) -> bytes | None: ...

    def set(self, key: str, value: bytes, seconds: int) -> None: ...

    def clear(self, pattern: str) -> int:
        """Forget every key that a pattern fits (* is any text, ? a letter); returns how many.
        Raises Unavailable where a part of the cache could not be told."""

    def counts(self) -> dict[str, int]:
        """Hits, misses and failures since the start, of all levels together."""

    def levels(self) -> tuple[Level, ...]:
        """What each level did and holds, the nearest first."""

    def ping(self) -> None: ...

    def close(self) -> None: ...


class Bus(Protocol):
    def publish(self, topic: str, message: Mapping[str, Any]) -> None: ...

    def subscribe(
        self, topic: str, handler: Callable[[dict[str, Any]], None]
    ) -> Callable[[], None]:
        """Calls `handler` for each message from now on; the returned function ends that."""

    def ping(self) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Attachment:
    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True)
class Letter:
    """A mail ready to send. `inline` maps a Content-ID to an image used by the HTML part."""

    message_id: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()
    inline: Mapping[str, Attachment] = field(default_factory=dict)


class Mailer(Protocol):
    def send(self, letter: Letter) -> str:
        """Hand the letter over; returns where it went. Raises Unavailable (try again) or Refused
        (never)."""

    def ping(self) -> None: ...
