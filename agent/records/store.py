"""The one connection to the records database: reads, writes, locks and what failure means."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url

from agent.errors import BadSetting, Busy, Unavailable
from agent.ports import Clock
from agent.words import mark, t

BUSY_SECONDS = 30
ANSWER_SECONDS = 120
AWAY = mark("The records database does not answer.")
FAULTS = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)
_BEGIN = {"read": "BEGIN", "write": "BEGIN IMMEDIATE", "alone": "BEGIN EXCLUSIVE"}


T = TypeVar("T")


class Asking(Protocol):
    """How a line to the server is opened: through a breaker, that raises Unavailable without asking
    while it is open."""

    def __call__(self, action: Callable[[], T], /) -> T: ...


def _plainly(action: Callable[[], T], /) -> T:
    return action()


@dataclass(frozen=True)
class Store:
    engine: sa.Engine
    clock: Clock
    ask: Asking = field(default=_plainly, repr=False, compare=False)
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def embedded(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def now(self) -> datetime:
        return self.clock.now()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that sees one state of the whole database and writes nothing."""
        level = {} if self.embedded else {"isolation_level": "REPEATABLE READ"}
        with self._begin("read", level) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that writes; raises Unavailable, Busy when another writer stays long."""
        with self._begin("write", {}) as connection:
            yield connection

    @contextmanager
    def alone(self, lock: str) -> Iterator[sa.Connection]:
        """A writing transaction that no other process runs at the same time under the same lock."""
        with self._begin("alone", {}) as connection:
            self.lock(connection, lock)
            yield connection

    def ping(self) -> None:
        """Returns when the database answers; raises Unavailable."""
        with self.read() as connection:
            connection.execute(sa.select(1))

    def lock(self, connection: sa.Connection, name: str) -> None:
        """Wait for a named lock until the transaction ends. SQLite's one writer has it already."""
        if self.embedded:
            return
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))

    def upsert(self, connection: sa.Connection, table: sa.Table, values: Mapping[str, Any]) -> None:
        """Insert a row, or replace the other columns where the primary key exists."""
        insert = sqlite.insert if self.embedded else postgresql.insert
        keys = [column.name for column in table.primary_key]
        rest = {name: value for name, value in values.items() if name not in keys}
        statement = insert(table).values(**values)
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest))

    @contextmanager
    def _begin(self, kind: str, options: Mapping[str, Any]) -> Iterator[sa.Connection]:
        try:
            with (
                self._turn_for(kind),
                self._connected() as plain,
                plain.execution_options(begin=kind, **options) as connection,
                connection.begin(),
            ):
                yield connection
        except FAULTS as error:
            raise _unavailable(error) from error

    def _connected(self) -> sa.Connection:
        def connect() -> sa.Connection:
            try:
                return self.engine.connect()
            except FAULTS as error:
                raise _unavailable(error) from error

        try:
            return self.ask(connect)
        except Busy:
            raise
        except Unavailable as failure:
            # While nobody is asked it says when that will be; in either case, what fails.
            raise Unavailable(t(AWAY), hint=failure.hint) from failure

    @contextmanager
    def _turn_for(self, kind: str) -> Iterator[None]:
        """This process's writers queue here: SQLite's own waiting is unfair sleeping."""
        if kind == "read" or not self.embedded:
            yield
            return
        if not self._turn.acquire(timeout=BUSY_SECONDS):
            raise _busy()
        try:
            yield
        finally:
            self._turn.release()


def open_store(url: str, clock: Clock) -> Store:
    """Connect to `sqlite:///path` or `postgresql://...`; raises BadSetting and Unavailable."""
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError:
        raise _bad_url() from None
    if parsed.drivername.startswith("sqlite"):
        return Store(_sqlite(parsed), clock)
    if parsed.get_backend_name() in ("postgresql", "postgres"):
        return _postgres(parsed, clock)
    raise _bad_url()


def _postgres(url: sa.URL, clock: Clock) -> Store:
    from agent.resilience import Upstreams
    from agent.resilience.watched import CONNECT_SECONDS, watched_engine

    engine = watched_engine(
        url,
        ANSWER_SECONDS,
        hide_parameters=True,
        connect_args={"connect_timeout": CONNECT_SECONDS},
    )
    upstream = Upstreams(clock).of("records")
    return Store(engine, clock, lambda action: upstream.call(action, tries=1))


def digest(text: str) -> str:
    """What is stored in place of a secret of 256 random bits: it needs no salt and no slow hash."""
    return hashlib.sha256(text.encode()).hexdigest()


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def new_id() -> str:
    return secrets.token_hex(12)


def rows(connection: sa.Connection, statement: sa.Select[Any]) -> Sequence[sa.RowMapping]:
    return connection.execute(statement).mappings().all()


def _sqlite(url: sa.URL) -> sa.Engine:
    if not url.database or url.database == ":memory:":
        raise _bad_url()
    path = Path(url.database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        raise BadSetting(f"DATABASE_URL names a file that cannot be written: {error}.") from error
    engine = sa.create_engine(
        url.set(drivername="sqlite+pysqlite"),
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS},
    )
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN comes too late for DDL and too weak for writers: see _begin_sqlite.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


def _begin_sqlite(connection: sa.Connection) -> None:
    # A transaction that starts reading and then writes fails at once when another wrote meanwhile,
    # whatever the busy timeout; one that says so at the start waits its turn.
    kind = connection.get_execution_options().get("begin", "write")
    connection.exec_driver_sql(_BEGIN[kind])


def _bad_url() -> BadSetting:
    return BadSetting(
        "DATABASE_URL is not an address of a records database.",
        hint="Use sqlite:///folder/records.sqlite or postgresql://user:password@host/name.",
    )


def _unavailable(error: Exception) -> Unavailable:
    if "database is locked" in str(error) or isinstance(error, sa.exc.TimeoutError):
        return _busy()
    return Unavailable(
        t(AWAY),
        hint=t("Check DATABASE_URL and that the server runs; sign-in and schedules wait for it."),
    )


def _busy() -> Busy:
    return Busy("The records database is busy.", hint="Try again in a moment.")
