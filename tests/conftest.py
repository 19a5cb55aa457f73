"""Fixtures for every room. A server starts with the first test that asks for it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import servers
from tests.clock import FrozenClock

SHARED = Path(__file__).resolve().parents[2] / "shared"


@contextmanager
def started(server: AbstractContextManager[Any]) -> Iterator[Any]:
    """A server, or a skip that says what is missing; in CI nothing is missing."""
    try:
        entered = server.__enter__()
    except servers.Missing as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    try:
        yield entered
    finally:
        server.__exit__(None, None, None)


@pytest.fixture(autouse=True)
def logs_end_with_their_test() -> Iterator[None]:
    """A log opened by a test writes to that test's stream, which is closed afterwards."""
    root = logging.getLogger()
    before = root.handlers[:]
    yield
    for handler in root.handlers[:]:
        if handler not in before and type(handler) is logging.StreamHandler:
            root.removeHandler(handler)


@pytest.fixture
def clock() -> FrozenClock:
    """Stands at 2026-11-17 07:41 UTC, a Tuesday."""
    return FrozenClock()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the real data, beside the repository."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared with the real data is not beside the repository")
    return SHARED


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[servers.PostgresServer]:
    with started(servers.postgres_server()) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: servers.PostgresServer) -> Iterator[str]:
    """The address of a fresh, empty database: postgresql+psycopg2://..."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    with started(servers.redis_server()) as url:
        yield url


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The address of an empty Redis."""
    import redis

    with redis.Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


@pytest.fixture(scope="session")
def smtp() -> Iterator[servers.SmtpServer]:
    with started(servers.smtp_server()) as server:
        yield server


@pytest.fixture
def smtp_server(smtp: servers.SmtpServer) -> servers.SmtpServer:
    """An SMTP server with an empty box: .url, .port, .letters, .envelopes, .reply."""
    smtp.clear()
    return smtp


@pytest.fixture
def duckdb_warehouse(tmp_path: Path, clock: FrozenClock) -> Iterator[Any]:
    from agent.warehouse.duckdb import DuckDBWarehouse

    warehouse = DuckDBWarehouse(tmp_path / "warehouse.duckdb", clock=clock)
    yield warehouse
    warehouse.close()


@pytest.fixture
def postgres_warehouse(postgres_url: str, clock: FrozenClock) -> Iterator[Any]:
    from agent.warehouse.postgres import PostgresWarehouse

    warehouse = PostgresWarehouse(postgres_url, clock=clock)
    yield warehouse
    warehouse.close()


@pytest.fixture(params=["duckdb", pytest.param("postgres", marks=pytest.mark.server)])
def warehouse(request: pytest.FixtureRequest) -> Any:
    """Both twins of the warehouse, one after the other, empty."""
    return request.getfixturevalue(f"{request.param}_warehouse")
