from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from agent.cache import RedisCache
from agent.errors import Unavailable
from agent.resilience import RedisServer
from agent.secrets import Seal
from tests import servers
from tests.conftest import started

SECRET = "0123456789abcdef0123456789abcdef"


PAUSE = 0.2


def redis_cache(url: str, secret: str = SECRET) -> RedisCache:
    return RedisCache(RedisServer(url, pause=PAUSE), Seal(secret, "cache"))


@pytest.fixture
def raw(redis_url: str) -> Iterator[Any]:
    """Redis as anybody else on the network sees it."""
    import redis

    with redis.Redis.from_url(redis_url) as client:
        yield client


def wait_until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    give_up = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < give_up, "it does not come true"
        time.sleep(0.02)


@pytest.mark.server
def test_redis_killed_midway_and_back() -> None:
    port = servers.free_port()
    with started(servers.redis_server(port)) as url:
        cache = redis_cache(url)
        cache.set("a", b"in redis", 60)
        assert cache.get("a") == b"in redis"
    assert cache.get("a") == b"in redis", "it is near as well"
    assert cache.get("b") is None
    cache.set("a", b"in this process", 60)
    assert cache.get("a") == b"in this process"
    with pytest.raises(Unavailable, match=r"^Redis does not answer\. This process caches"):
        cache.ping()
    assert cache.counts()["failures"] == 2
    with started(servers.redis_server(port)):
        wait_until(lambda: answers(cache))
        cache.set("b", b"in redis again", 60)
        other = redis_cache(url)
        assert other.get("b") == b"in redis again"
        assert other.get("a") is None
        other.close()
        cache.close()


def answers(cache: RedisCache) -> bool:
    try:
        cache.ping()
    except Unavailable:
        return False
    return True


@pytest.mark.server
def test_frozen_redis_costs_one_wait_and_then_nothing(
    redis_url: str, raw: Any, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.resilience.redis_server.ANSWER_SECONDS", 1.0)
    cache, other = redis_cache(redis_url), redis_cache(redis_url)
    other.set("a", b"1", 60)
    process = raw.info("server")["process_id"]
    os.kill(process, signal.SIGSTOP)
    calls.clear()
    try:
        assert cache.get("a") is None
        # Long enough for several tries of the watching thread: none is ours to wait for.
        for _ in range(200):
            time.sleep(0.005)
            cache.get("a")
        cache.set("b", b"2", 60)
        assert cache.get("b") == b"2"
    finally:
        os.kill(process, signal.SIGCONT)
    assert len(calls) == 1
    assert cache.counts()["failures"] == 202
    wait_until(lambda: answers(cache))
    assert cache.get("a") == b"1"
    cache.close()
    other.close()


def test_a_redis_that_was_never_there() -> None:
    cache = redis_cache(f"redis://127.0.0.1:{servers.free_port()}/0")
    assert cache.get("a") is None
    cache.set("a", b"1", 60)
    assert cache.get("a") == b"1"
    assert cache.counts() == {"hits": 1, "misses": 1, "failures": 2}
    cache.close()


@pytest.mark.server
def test_a_wrong_password_is_said_and_not_shown(redis_url: str) -> None:
    cache = redis_cache(redis_url.replace("://", "://anna:hunter2@"))
    with pytest.raises(Unavailable, match="refuses the user or password") as refused:
        cache.ping()
    assert "hunter2" not in str(refused.value)
    assert cache.get("a") is None
    cache.close()


@pytest.mark.server
def test_readers_do_not_queue_for_a_slow_redis(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import redis

    cache, other = redis_cache(redis_url), redis_cache(redis_url)
    other.set("a", b"1", 60)
    # Nobody's question goes on before all six are asked: behind a lock the first would wait alone.
    together = threading.Barrier(6)
    real = redis.client.Pipeline.execute

    def slow(line: redis.client.Pipeline, raise_on_error: bool = True) -> Any:
        together.wait(60)
        return real(line, raise_on_error)

    monkeypatch.setattr(redis.client.Pipeline, "execute", slow)
    with ThreadPoolExecutor(6) as readers:
        assert list(readers.map(lambda _: cache.get("a"), range(6))) == [b"1"] * 6
    assert cache.counts() == {"hits": 6, "misses": 0, "failures": 0}
    cache.close()
    other.close()
