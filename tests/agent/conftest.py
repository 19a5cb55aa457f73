"""Fixtures of the agent's tests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.clock import FrozenClock

if TYPE_CHECKING:
    from agent.bus import RedisBus
    from agent.resilience import RedisServer
    from agent.services import Services

    Opener = Callable[..., Services]


@pytest.fixture
def opened(tmp_path: Path, clock: FrozenClock) -> Iterator[Opener]:
    """Opens services on a folder of this test, with more settings as named."""
    from agent.services import open_services
    from agent.settings import Settings

    made: list[Services] = []

    def make(**more: str) -> Services:
        settings = Settings.from_env({"DATA_DIR": str(tmp_path / "data")} | more)
        made.append(open_services(settings, clock))
        return made[-1]

    yield make
    for services in made:
        services.close()


@pytest.fixture
def services(opened: Opener) -> Services:
    return opened()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the test's own thread has asked of Redis: each may be a wait when Redis is frozen."""
    import redis

    asked: list[str] = []
    real = redis.Redis.execute_command

    def noted(client: redis.Redis, *words: Any, **options: Any) -> Any:
        if threading.current_thread() is threading.main_thread():
            asked.append(str(words[0]))
        return real(client, *words, **options)

    together = redis.client.Pipeline.execute

    def noted_together(line: redis.client.Pipeline, raise_on_error: bool = True) -> Any:
        if threading.current_thread() is threading.main_thread():
            asked.append("PIPELINE")
        return together(line, raise_on_error)

    monkeypatch.setattr(redis.Redis, "execute_command", noted)
    monkeypatch.setattr(redis.client.Pipeline, "execute", noted_together)
    return asked


@pytest.fixture
def make_redis_bus(redis_url: str) -> Iterator[Callable[[], RedisBus]]:
    """Each bus has a Redis connection of its own, as each process has."""
    from agent.bus import RedisBus
    from agent.resilience import RedisServer

    made: list[tuple[RedisBus, RedisServer]] = []

    def make(url: str = redis_url) -> RedisBus:
        server = RedisServer(url, pause=0.2)
        made.append((RedisBus(server), server))
        return made[-1][0]

    yield make
    for bus, server in made:
        bus.close()
        server.close()
