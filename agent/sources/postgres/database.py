"""A merchant's database, read and never written: every transaction is READ ONLY, ends after a
while, and names no table that the catalogue does not have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from agent.errors import Failure, Refused, Unavailable
from agent.words import t

APPLICATION = "royal-analytics"
CONNECT_SECONDS = 10
SSL_MODES = ("require", "verify-full", "verify-ca", "prefer", "disable")
AT_ONCE = 1_000
T = TypeVar("T")

# Tables, views, materialised views, partitioned and foreign tables that this user may read.
_CATALOGUE = sa.text(
    "SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, NULL)"
    " FROM pg_catalog.pg_attribute a"
    " JOIN pg_catalog.pg_class c ON c.oid = a.attrelid"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped"
    " AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
    " AND has_schema_privilege(n.oid, 'USAGE')"
    " AND has_column_privilege(c.oid, a.attnum, 'SELECT')"
    " ORDER BY n.nspname, c.relname, a.attnum"
)
# Held within the transaction, so that a pool between us and the database hands nothing on.
_RULES = sa.text(
    "SELECT set_config('statement_timeout', :limit, true), set_config('lock_timeout', '5s', true),"
    " set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true),"
    " set_config('IntervalStyle', 'iso_8601', true), set_config('extra_float_digits', '1', true)"
)
_PASSES = ("08", "40", "53", "57P", "55P03")
"""Codes of errors, or their beginnings, after which trying again can help."""
FATAL = "FATAL:"
_SOON = ("starting up", "shutting down", "recovery", "too many", "slots are reserved")
"""What a server says that lets nobody in for now."""


@dataclass(frozen=True)
class Catalogue:
    """What there is to read: table -> column -> type."""

    tables: Mapping[tuple[str, str], Mapping[str, str]]

    def columns(self, schema: str, name: str) -> Mapping[str, str]:
        """Raises Refused."""
        if (schema, name) not in self.tables:
            known = ", ".join(f"{s}.{n}" for s, n in list(self.tables)[:20])
            raise Refused(
                t("There is no table {name} that this user may read.", name=f"{schema}.{name}"),
                hint=t("Found: {names}.", names=known or t("nothing")),
            )
        return self.tables[schema, name]

    def check(self, schema: str, name: str, columns: Sequence[str]) -> None:
        """Raises Refused, naming the first column that is not there."""
        found = self.columns(schema, name)
        for column in columns:
            if column not in found:
                raise Refused(
                    t(
                        "The table {name} has no column {column}.",
                        name=f"{schema}.{name}",
                        column=column,
                    ),
                    hint=t("Found: {names}.", names=", ".join(list(found)[:40]) or t("nothing")),
                )


@dataclass
class _Place:
    """Which of the addresses is being used, and why not one before it."""

    at: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Database:
    """The addresses of one database, tried in order: what fails over stays there until the sync
    ends. `call` runs an action behind the limits of the connection."""

    engines: Sequence[sa.Engine]
    seconds: int
    call: Callable[[Callable[[], Any]], Any]
    _place: _Place = field(default_factory=_Place, repr=False, compare=False)

    @property
    def fallback(self) -> str:
        """Why the second address is asked, "" while the first is."""
        return self._place.reason

    def read(self, work: Callable[[sa.Connection], T]) -> T:
        """What `work` makes of one consistent, read-only view of the database. Raises Failure."""
        found: T = self.call(lambda: self._once(work))
        return found

    def catalogue(self) -> Catalogue:
        """Raises Failure."""
        tables: dict[tuple[str, str], dict[str, str]] = {}
        for schema, name, column, kind in self.read(lambda c: c.execute(_CATALOGUE).all()):
            tables.setdefault((schema, name), {})[column] = kind
        return Catalogue(tables)

    def close(self) -> None:
        for engine in self.engines:
            engine.dispose()

    def _once(self, work: Callable[[sa.Connection], T]) -> T:
        with self._connected() as connection:
            try:
                connection.execute(_RULES, {"limit": f"{self.seconds}s"})
                return work(connection)
            except sa.exc.DBAPIError as error:
                raise said(error, self._host, self.seconds) from None
            except UnicodeDecodeError as error:
                raise Refused(
                    t("The database holds a text that is not in its own encoding.")
                ) from error

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        """A line to the first address that answers. Raises Unavailable where none does."""
        last: Failure | None = None
        for at in range(self._place.at, len(self.engines)):
            try:
                line = self.engines[at].connect()
            except sa.exc.DBAPIError as error:
                last = said(error, str(self.engines[at].url.host), self.seconds)
                continue
            if last is not None:
                self._place.at, self._place.reason = at, last.message
            with line as connection:
                yield connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            return
        raise last or Unavailable(t("The database does not answer."))

    @property
    def _host(self) -> str:
        return str(self.engines[self._place.at].url.host)


def opened(address: str, ssl: str) -> sa.Engine:
    """An engine that opens nothing yet. Raises Refused for what is no address of PostgreSQL."""
    return sa.create_engine(
        _url(address),
        pool_size=1,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "application_name": APPLICATION,
            "sslmode": ssl,
        },
    )


def _url(address: str) -> URL:
    wrong = Refused(
        t("The address of the database cannot be used."),
        hint=t("Write postgresql://USER:PASSWORD@HOST:5432/DATABASE."),
    )
    try:
        url = make_url(address)
    except (sa.exc.ArgumentError, ValueError):
        raise wrong from None
    if url.get_backend_name() not in ("postgresql", "postgres") or not url.host or not url.database:
        raise wrong
    if url.query:
        raise Refused(
            t("The address of the database has settings behind a question mark."),
            hint=t("Leave them out; the SSL mode has a field of its own."),
        )
    return url.set(drivername="postgresql+psycopg2")


def said(error: sa.exc.DBAPIError, host: str, seconds: int) -> Failure:
    """What the database said, in a sentence without passwords or rows."""
    code = str(getattr(error.orig, "pgcode", None) or "")
    text = str(error.orig or "")
    if "authentication failed" in text or code.startswith("28"):
        return Refused(
            t("The database {host} refuses the user or password.", host=host),
            hint=t("Check the address of this connection."),
        )
    if not code and FATAL in text:
        return _turned_away(text, host)
    if code == "57014":
        return Refused(
            t("The database {host} needs longer than {s} s for a question.", host=host, s=seconds),
            hint=t("Put an index on the column of the mark, or raise the time limit."),
        )
    if "SSL" in text and not code:
        return Refused(
            t("The database {host} and we do not agree on encryption.", host=host),
            hint=t("Choose another SSL mode."),
        )
    if not code or code.startswith(_PASSES):
        return _away(host)
    return Refused(
        t("The database {host} refuses: {why}.", host=host, why=_why(error)),
        hint=t("Nothing was changed. Mend the table, the view or the rights, then sync again."),
    )


def _turned_away(text: str, host: str) -> Failure:
    """A server that is there and lets nobody in: without a code, since no line was made."""
    why = text.rpartition(FATAL)[2].strip().partition("\n")[0][:200]
    if any(word in why for word in _SOON):
        return _away(host)
    return Refused(
        t("The database {host} refuses the connection: {why}.", host=host, why=why),
        hint=t("Check the address of this connection."),
    )


def _away(host: str) -> Unavailable:
    return Unavailable(
        t("The database {host} does not answer.", host=host),
        hint=t("It is asked again by itself. If that lasts, check its address and its firewall."),
    )


def _why(error: sa.exc.DBAPIError) -> str:
    said_ = getattr(getattr(error.orig, "diag", None), "message_primary", None)
    return " ".join(str(said_ or "it does not say why").split())[:200]
