from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
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


def wait_until(true: Callable[[], bool], seconds: float = 5.0) -> None:
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
    assert cache.get("a") is None
    cache.set("a", b"in this process", 60)
    assert cache.get("a") == b"in this process"
    with pytest.raises(Unavailable, match=r"^Redis does not answer\. This process caches"):
        cache.ping()
    assert cache.counts()["failures"] == 3
    with started(servers.redis_server(port)):
        wait_until(lambda: answers(cache))
        cache.set("b", b"in redis again", 60)
        assert cache.get("b") == b"in redis again"
        assert cache.get("a") is None
        cache.close()


def answers(cache: RedisCache) -> bool:
    try:
        cache.ping()
    except Unavailable:
        return False
    return True


@pytest.mark.server
def test_frozen_redis_costs_one_wait_and_then_nothing(redis_url: str, raw: Any) -> None:
    cache = redis_cache(redis_url)
    cache.set("a", b"1", 60)
    process = raw.info("server")["process_id"]
    os.kill(process, signal.SIGSTOP)
    try:
        first, _ = timed(lambda: cache.get("a"))
        # Long enough for several tries of the watching thread: none is ours to wait for.
        rest = [timed(lambda: cache.get("a"))[0] for _ in range(200) if not time.sleep(0.005)]
        cache.set("b", b"2", 60)
        assert cache.get("b") == b"2"
    finally:
        os.kill(process, signal.SIGCONT)
    assert 0.2 < first < 1
    # Callers that try again themselves would wait 0.25 s about five times; a busy machine may hold
    # one or two.
    assert sorted(rest)[-3] < 0.1
    assert cache.counts()["failures"] == 203
    wait_until(lambda: answers(cache))
    assert cache.get("a") == b"1"
    cache.close()


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    start = time.monotonic()
    result = action()
    return time.monotonic() - start, result


def test_a_redis_that_was_never_there() -> None:
    cache = redis_cache(f"redis://127.0.0.1:{servers.free_port()}/0")
    assert cache.get("a") is None
    cache.set("a", b"1", 60)
    assert cache.get("a") == b"1"
    assert cache.counts() == {"hits": 1, "misses": 1, "failures": 3}
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
def test_readers_do_not_queue_for_a_slow_redis(redis_url: str, raw: Any) -> None:
    cache = redis_cache(redis_url)
    for _ in range(2):
        raw.ping()
    process = raw.info("server")["process_id"]
    waits: list[float] = []
    threads = [
        threading.Thread(target=lambda: waits.append(timed(lambda: cache.get("a"))[0]))
        for _ in range(6)
    ]
    os.kill(process, signal.SIGSTOP)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        os.kill(process, signal.SIGCONT)
    assert len(waits) == 6
    assert max(waits) < 1.2, "six waits one after the other would be 1.5 s"
    wait_until(lambda: answers(cache))
    cache.close()
