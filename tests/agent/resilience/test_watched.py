"""A PostgreSQL that freezes is hung up on; one that only takes its time is not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from agent.errors import Unavailable
from agent.records import open_records
from agent.resilience import watched
from agent.resilience.policies import POLICIES
from agent.resilience.watched import Patience, watched_engine
from tests import servers
from tests.clock import FrozenClock
from tests.conftest import started

PAUSE = POLICIES["records"].pause


def test_a_line_that_is_used_too_long_is_shut_and_no_other() -> None:
    patience = Patience(tick=0.01)
    late, slow = socket.socketpair(), socket.socketpair()
    with patience.of(0.01, late[0]), patience.of(60, slow[0]):
        # It would wait for ever: nobody writes.
        assert late[0].recv(1) == b""
        slow[1].sendall(b"x")
        assert slow[0].recv(1) == b"x"
    for line in (*late, *slow):
        line.close()


def test_a_line_in_time_stays_open() -> None:
    patience = Patience(tick=0.01)
    ours, theirs = socket.socketpair()
    for _ in range(20):
        with patience.of(60, ours):
            theirs.sendall(b"x")
            assert ours.recv(1) == b"x"
    theirs.sendall(b"y")
    assert ours.recv(1) == b"y"
    ours.close()
    theirs.close()


def test_one_thread_looks_after_all_and_ends_when_there_is_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watched, "RESTS", 2)
    patience, others = Patience(tick=0.001), set(threading.enumerate())
    ours, theirs = socket.socketpair()
    with patience.of(60, ours), patience.of(60, theirs):
        (looking,) = set(threading.enumerate()) - others
    looking.join(60)
    assert not looking.is_alive()
    with patience.of(0.001, ours):
        assert ours.recv(1) == b"", "the next line has its thread again"
    ours.close()
    theirs.close()


@pytest.fixture(scope="module")
def mortal() -> Iterator[servers.MortalPostgres]:
    with started(servers.mortal_postgres()) as server:
        yield server


@pytest.fixture
def engine(mortal: servers.MortalPostgres) -> Iterator[Any]:
    address = sa.make_url(mortal.url)
    engine = watched_engine(address, 3, connect_args={"connect_timeout": 2})
    yield engine
    engine.dispose()


@pytest.mark.server
@pytest.mark.timeout(120)
def test_a_frozen_server_ends_a_statement_and_the_next_ones_soon(
    mortal: servers.MortalPostgres, engine: Any
) -> None:
    with engine.connect() as line:
        assert line.execute(sa.text("SELECT 1")).scalar() == 1
        with mortal.frozen(), pytest.raises(sa.exc.OperationalError):
            line.execute(sa.text("SELECT 2"))
    with mortal.frozen(), pytest.raises(sa.exc.OperationalError):
        engine.connect()
    with engine.connect() as line:
        assert line.execute(sa.text("SELECT 3")).scalar() == 3


@pytest.mark.server
@pytest.mark.timeout(120)
def test_frozen_records_end_in_a_sentence_and_come_back(
    mortal: servers.MortalPostgres,
) -> None:
    clock = FrozenClock()
    records = open_records(mortal.url, clock)
    records.ping()
    with mortal.frozen(), pytest.raises(Unavailable, match="records database does not answer"):
        records.ping()
    # For a while nobody is made to wait for it again.
    with pytest.raises(Unavailable, match="It is tried again in"):
        records.ping()
    clock.advance(PAUSE)
    records.ping()
    mortal.stop()
    with pytest.raises(Unavailable, match="records database does not answer"):
        records.users.all()
    mortal.start()
    clock.advance(PAUSE)
    assert records.users.all() == ()
    records.close()
