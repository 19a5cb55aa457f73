"""Fixtures for every room. A server starts with the first test that asks for it."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings

from tests import servers
from tests.clock import FrozenClock

SHARED = Path(__file__).resolve().parents[2] / "shared"
# Files are handed out whole, in this order, to the two workers: what takes long goes first, so that
# both end together.
LONG = (
    *("test_benchmarks.py", "agent/metrics/test_properties.py", "browser/test_axe.py"),
    *("browser/", "agent/sources/test_online_retail_truth.py", "commands/"),
    *("agent/metrics/test_online_retail", "reports/", "agent/warehouse/", "test_house.py"),
)


def pytest_configure(config: pytest.Config) -> None:
    """The same examples on every machine, however long one takes there."""
    slow = [HealthCheck.too_slow]
    settings.register_profile(
        "here", deadline=None, derandomize=True, database=None, suppress_health_check=slow
    )
    settings.load_profile("here")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        name = item.path.relative_to(here).as_posix() if item.path.is_relative_to(here) else ""
        return next((at for at, start in enumerate(LONG) if name.startswith(start)), len(LONG))

    items.sort(key=place)


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


@pytest.fixture(autouse=True, scope="session")
def hashes_cost_little() -> Iterator[None]:
    """In this process; a program that a test starts has the real cost."""
    from agent.records.passwords import Passwords

    cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("agent.records.records.Passwords", lambda: cheap)
        yield


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
def retail_made(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    from tests import retail

    return retail.imported(shared, tmp_path_factory)


@pytest.fixture(scope="module")
def retail_said(retail_made: tuple[Path, Any]) -> Any:
    """What the import of the published file said."""
    return retail_made[1]


@pytest.fixture(scope="module")
def retail_shop(
    retail_made: tuple[Path, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """Services of the module's own with the published file in them, as the shop UK Gifts."""
    from agent.services import open_services
    from agent.settings import Settings

    folder = shutil.copytree(retail_made[0], tmp_path_factory.mktemp("retail") / "data")
    settings = Settings.from_env({"DATA_DIR": str(folder), "DEMO": "no"})
    services = open_services(settings, FrozenClock())
    yield services
    services.close()


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
def redis_url(redis_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty Redis, to which a busy machine may be slow: it is not given up."""
    import redis

    monkeypatch.setattr("agent.resilience.redis_server.ANSWER_SECONDS", 10.0)
    monkeypatch.setattr("agent.bus.READY_SECONDS", 60.0)
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
