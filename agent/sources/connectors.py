"""What every connection to a source speaks: a form's fields in, batches for the warehouse out.

A connector is one file (or folder) and one row of CONNECTORS. It never writes but through
`Link.merge`, moves its watermark only after the rows are committed, and asks the outside only
through `Link.upstream`.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast, runtime_checkable

from agent.errors import NotConfigured, NotFound
from agent.errors import Stopped as Stopped
from agent.words import t

if TYPE_CHECKING:
    from agent.ports import Batch, Merged, Shop
    from agent.records.connections import Connection
    from agent.resilience import Upstream
    from agent.services import Services

Kind = Literal["text", "secret", "choice", "number", "flag", "folder", "long"]

REFERENCES = ("secret:", "sealed:")
"""How a secret field that names where its value is kept begins."""

CONNECTORS: Mapping[str, str] = {
    "shopify": "agent.sources.shopify:CONNECTOR",
    "postgres": "agent.sources.postgres:CONNECTOR",
    "http": "agent.sources.http:CONNECTOR",
    "folder": "agent.sources.folder:CONNECTOR",
    "redis": "agent.sources.counters:CONNECTOR",
}
"""Kind of connection -> where its connector stands. Imported when it is first looked up."""


@dataclass(frozen=True)
class Field:
    """One question of the connect form. `label` and `help` are marked for translation; a secret is
    typed, or names where it is kept (`secret:NAME`, resolved by the providers of the settings). A
    `place` says whom the secrets are sent to: when it changes, they are typed again.
    It is asked only `when` the first field is one of these; empty for always. A secret that
    `lingers` is believed for a while after another has taken its place (formers.py)."""

    name: str
    label: str
    kind: Kind = "text"
    help: str = ""
    default: str = ""
    choices: Sequence[str] = ()
    required: bool = False
    place: bool = False
    when: Sequence[str] = ()
    lingers: bool = False


@dataclass(frozen=True)
class Probe:
    """What a connection answered when it was tried: facts to show (label, value), sentences worth
    knowing, and the first rows that it would bring."""

    shop: Shop | None = None
    facts: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class Synced:
    """What a sync brought: rows read and changed, documents that could not be used, sentences that
    are now true of the connection."""

    read: int = 0
    changed: int = 0
    rejected: int = 0
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Watch:
    """How a sync tells where it is, and learns that it must end."""

    report: Callable[[int, int, str], None] = lambda done, total, step: None
    stopping: threading.Event = field(default_factory=threading.Event)

    def progress(self, done: int, total: int, step: str) -> None:
        """`done` of `total` (0: unknown), and in words what is being done."""
        self.report(done, total, step)

    def check(self) -> None:
        """A place to break off: raises Stopped when the program is stopping."""
        if self.stopping.is_set():
            raise Stopped(t("The program was stopped before the sync ended."))


@dataclass(frozen=True)
class Link:
    """A connection at work: what a connector may use of the house. `typed` holds secrets that were
    typed a moment ago and are kept nowhere yet; `anew` says that kept documents are read again, by
    rules that may have changed; `called` that the source called about what is brought; `tried`
    that somebody looks on to whom an answer tomorrow is none."""

    services: Services
    connection: Connection
    watch: Watch = field(default_factory=Watch)
    typed: Mapping[str, str] = field(default_factory=dict, repr=False)
    anew: bool = False
    called: bool = False
    tried: bool = False

    def setting(self, name: str, otherwise: str = "") -> str:
        """A field that is no secret."""
        return str(self.connection.settings.get(name) or otherwise)

    def secret(self, name: str) -> str:
        """A secret field's value, "" where it was left empty. Raises NotConfigured and Unavailable
        from its provider."""
        if name in self.typed:
            return self.typed[name]
        reference = self.setting(name)
        return self.services.secrets.resolve(reference) if reference else ""

    @property
    def upstream(self) -> Upstream:
        """The one policy for everything that this connection asks outside. What fails there is
        told to other processes and shown: no secret of ours stands in it."""
        name = f"{self.connection.kind}:{self.connection.connection_id}"
        upstreams = self.services.upstreams
        upstream = (upstreams.tried if self.tried else upstreams.of)(name, self.watch.stopping)
        return upstream.discreet(self.services.secrets.cleared)

    @cached_property
    def shop(self) -> Shop:
        """The shop whose rows these are, asked for once. Raises NotFound before it is known."""
        return self.services.shop(self.connection.shop_id)

    def merge(self, batch: Batch) -> Merged:
        """Write rows, in one transaction. The batch is noted with whose it is, why it came and how
        many rows of each table it carries."""
        rows = {name: len(table) for name, table in batch.tables.items() if len(table)}
        why = "again" if self.anew else "calls" if self.called else "sync"
        noted = {"connection": self.connection.connection_id, "by": why, "rows": rows}
        batch = replace(batch, summary={**noted, **batch.summary})
        if self.anew:
            once = f"{batch.fingerprint}:{uuid.uuid4().hex}"
            batch = replace(batch, anew=True, fingerprint=once)
        return self.services.warehouse.merge(batch)

    def state(self, stream: str) -> dict[str, Any]:
        """How far a stream was read; empty before its first sync."""
        return self.services.records.connections.state(self.connection.connection_id, stream)

    def save(self, stream: str, state: Mapping[str, Any]) -> None:
        """Remember how far a stream was read: only after its rows are committed."""
        self.services.records.connections.save_state(self.connection.connection_id, stream, state)

    def reject(self, stream: str, found: Sequence[tuple[str, str]]) -> int:
        """Keep (document, reason) pairs that could not be read, to be tried again by a person."""
        return self.services.records.rejects.keep(self.connection.connection_id, stream, found)


class Connector(Protocol):
    """A kind of connection. Failures carry the sentence for the Sources page: Unavailable where
    trying again can help, any other Failure where it cannot."""

    kind: str
    label: str
    icon: str
    help: str
    fields: Sequence[Field]
    cron: str
    """When a new connection is synced, in UTC."""
    names_shop: bool
    """Whether it says itself whose rows it brings, so that nobody chooses a shop for it."""

    def probe(self, link: Link) -> Probe:
        """Try it without writing anything. Raises Failure."""

    def sync(self, link: Link) -> Synced:
        """Bring what is new since the last time; a first sync brings everything, newest
        first where the source can."""

    def backfill(self, link: Link, first: date, last: date) -> Synced:
        """Bring the days from `first` to `last` again. Raises Refused where that makes no sense."""

    def replay(self, link: Link, stream: str, documents: Sequence[str]) -> Sequence[str]:
        """Read rejected documents again; returns the reason for each, "" where it is in now."""


@runtime_checkable
class Shopless(Protocol):
    """A connector some of whose kinds of rows belong to no shop, such as exchange rates."""

    shopless: Sequence[str]
    """Choices of the first field with which no shop is asked for."""

    def has_shop(self, values: Mapping[str, str]) -> bool:
        """Whether the rows of a form filled in like this belong to a shop. Raises Refused."""


@runtime_checkable
class Keeping(Protocol):
    """A connector that keeps the documents as they came."""

    def rebuild(self, link: Link) -> Synced:
        """Read them all again; the link is `anew`. Raises Failure."""

    def prune(self, link: Link, before: datetime) -> int:
        """Delete those that came before a moment; returns how many files."""

    def discard(self, link: Link) -> int:
        """Delete all of them, and forget whatever else lets it in: the connection is removed.
        Returns how many files. Raises Refused where they cannot be deleted."""


def connector(kind: str) -> Connector:
    """The connector of a kind. Raises NotFound, or NotConfigured where a library is absent."""
    if kind not in CONNECTORS:
        raise NotFound(t("There is no source of the kind {kind!r}.", kind=kind))
    module, attribute = CONNECTORS[kind].split(":")
    try:
        return cast(Connector, getattr(import_module(module), attribute))
    except ImportError as error:
        raise NotConfigured(
            f"A connection of the kind {kind!r} cannot run here: {error}."
        ) from error
