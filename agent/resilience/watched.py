"""A PostgreSQL that may freeze: what it does not answer in time is hung up on.

The server's own statement_timeout ends with the server, and the kernel of a machine whose server
hangs goes on acknowledging what it is sent: without a clock on our side a call would never return.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2

CONNECT_SECONDS = 3
PING_SECONDS = 2.0
TICK = 0.25
RESTS = 40
"""Ticks without a line after which the thread ends; the next line starts another."""


def watched_engine(address: sa.URL, answer_seconds: float, **options: Any) -> sa.Engine:
    """An engine over psycopg2 whose every statement has `answer_seconds` to be answered, and whose
    connections are asked before each use. The failure is that of a server that closed the line."""
    registry.register("postgresql.watched", __name__, "Watched")
    return sa.create_engine(
        address.set(drivername="postgresql+watched"),
        answer_seconds=answer_seconds,
        pool_pre_ping=True,
        **options,
    )


class Watched(PGDialect_psycopg2):
    supports_statement_cache = True

    def __init__(self, answer_seconds: float = 60.0, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]  # typed in part
        self._seconds = answer_seconds
        self._patience = Patience()

    def do_ping(self, dbapi_connection: Any) -> bool:
        with self._patience.of(PING_SECONDS, dbapi_connection):
            return bool(super().do_ping(dbapi_connection))  # type: ignore[no-untyped-call]

    def do_execute(self, cursor: Any, *words: Any, **more: Any) -> None:
        with self._patience.of(self._seconds, cursor.connection):
            super().do_execute(cursor, *words, **more)  # type: ignore[no-untyped-call]  # typed in part

    def do_executemany(self, cursor: Any, *words: Any, **more: Any) -> None:
        with self._patience.of(self._seconds, cursor.connection):
            super().do_executemany(cursor, *words, **more)  # type: ignore[no-untyped-call]  # typed in part

    def do_commit(self, dbapi_connection: Any) -> None:
        with self._patience.of(self._seconds, dbapi_connection):
            super().do_commit(dbapi_connection)  # type: ignore[no-untyped-call]  # typed in part

    def do_rollback(self, dbapi_connection: Any) -> None:
        with self._patience.of(PING_SECONDS, dbapi_connection):
            super().do_rollback(dbapi_connection)  # type: ignore[no-untyped-call]  # typed in part


class Patience:
    """Shuts the line of a connection that is used for longer than it may: whoever reads from it is
    told that it has ended. One thread looks after all of them, and rests while there are none."""

    def __init__(self, tick: float = TICK) -> None:
        self._tick = tick
        self._lines: dict[int, tuple[float, socket.socket]] = {}
        self._changed = threading.Condition()
        self._numbers = count()
        self._looking = False

    @contextmanager
    def of(self, seconds: float, connection: Any) -> Iterator[None]:
        # A number of our own: the connection's may be another's by the time that it is over.
        line = socket.socket(fileno=os.dup(connection.fileno()))
        number = next(self._numbers)
        with self._changed:
            self._lines[number] = (time.monotonic() + seconds, line)
            if not self._looking:
                self._look()
        try:
            yield
        finally:
            with self._changed:
                del self._lines[number]
                line.close()

    def _look(self) -> None:
        self._looking = True
        threading.Thread(target=self._hang_up, name="patience", daemon=True).start()

    def _hang_up(self) -> None:
        with self._changed:
            rests = 0
            while rests < RESTS:
                self._changed.wait(self._tick)
                rests = 0 if self._lines else rests + 1
                now = time.monotonic()
                late = [line for until, line in self._lines.values() if until <= now]
                _shut(late)
            self._looking = False


def _shut(lines: Sequence[socket.socket]) -> None:
    for line in lines:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
