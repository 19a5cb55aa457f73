from __future__ import annotations

import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agent.cache import Front, MemoryCache, RedisCache
from agent.cache.shared import NEAR_SECONDS
from agent.errors import Unavailable
from agent.resilience import RedisServer
from agent.secrets import Seals
from tests import servers
from tests.agent.test_resilience import wait_until

SECRET = "0123456789abcdef0123456789abcdef"
KEY_PREFIX = "royal:cache:"

PAUSE = 0.2


def redis_cache(
    url: str, *secrets: str, bus: Any = None, watch: Any = time.monotonic
) -> RedisCache:
    """A process's own; `secrets` are its keys, the newest first."""
    seals = Seals(secrets or (SECRET,), "cache")
    return RedisCache(RedisServer(url, pause=PAUSE), seals, bus, watch)


@pytest.fixture
def own_redis(redis_url: str) -> Iterator[RedisCache]:
    cache = redis_cache(redis_url)
    yield cache
    cache.close()


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.server)])
def cache(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "memory":
        yield MemoryCache()
    else:
        yield request.getfixturevalue("own_redis")


@pytest.fixture
def raw(redis_url: str) -> Iterator[Any]:
    """Redis as anybody else on the network sees it."""
    import redis

    with redis.Redis.from_url(redis_url) as client:
        yield client


# The contract of both twins.


def test_a_kept_value_comes_back(cache: Any) -> None:
    assert cache.get("a") is None
    cache.set("a", b"\x00\xff one", 60)
    cache.set("b", b"", 60)
    assert cache.get("a") == b"\x00\xff one"
    assert cache.get("b") == b""
    assert cache.counts() == {"hits": 2, "misses": 1, "failures": 0}


def test_the_last_value_wins(cache: Any) -> None:
    cache.set("a", b"one", 60)
    cache.set("a", b"two", 60)
    assert cache.get("a") == b"two"


def test_a_value_ends_with_its_seconds(cache: Any) -> None:
    cache.set("short", b"1", 1)
    cache.set("long", b"2", 60)
    time.sleep(1.1)
    assert cache.get("short") is None
    assert cache.get("long") == b"2"


def test_no_seconds_keeps_nothing(cache: Any) -> None:
    cache.set("a", b"1", 0)
    assert cache.get("a") is None


@pytest.mark.parametrize("value", ["text", 1, None, {"a": 1}, bytearray(b"x")])
def test_only_bytes_are_kept(cache: Any, value: Any) -> None:
    with pytest.raises(TypeError, match="keeps bytes"):
        cache.set("a", value, 60)
    assert cache.get("a") is None


def test_any_text_is_a_key(cache: Any) -> None:
    for key in ("", "ä ö", "a\nb", "x" * 2000, "royal:cache:a"):
        cache.set(key, key.encode(), 60)
    for key in ("", "ä ö", "a\nb", "x" * 2000, "royal:cache:a"):
        assert cache.get(key) == key.encode()


def test_many_threads(cache: Any) -> None:
    wrong: list[object] = []

    def work(me: int) -> None:
        for turn in range(50):
            key = f"{turn % 7}"
            cache.set(key, key.encode() * 100, 60)
            found = cache.get(key)
            if found != key.encode() * 100:
                wrong.append((me, key, found))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert cache.counts() == {"hits": 400, "misses": 0, "failures": 0}


def test_ping(cache: Any) -> None:
    cache.ping()


def test_flask_caching_speaks_to_both(cache: Any) -> None:
    import flask
    import flask_caching

    app = flask.Flask("test")
    front = flask_caching.Cache(
        app, config={"CACHE_TYPE": "agent.cache.Front", "CACHE_ARGS": [cache]}
    )
    with app.app_context():
        assert isinstance(front.cache, Front)
        assert front.get("a") is None
        front.set("a", b"one", timeout=60)
        assert front.get("a") == b"one"
        assert front.has("a")
        front.set("b", b"no end", timeout=0)
        assert front.get("b") == b"no end"
    assert cache.get("a") == b"one"


# The embedded twin's bounds.


class Stopwatch:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_least_used_entry_makes_room() -> None:
    cache = MemoryCache(entries=3)
    for key in "abc":
        cache.set(key, b"1", 60)
    assert cache.get("a") == b"1"
    cache.set("d", b"1", 60)
    assert [key for key in "abcd" if cache.get(key)] == ["a", "c", "d"]


def test_bytes_are_bounded() -> None:
    cache = MemoryCache(size=10_000)
    for number in range(100):
        cache.set(f"{number:02}", b"x" * 1_000, 60)
    kept = [number for number in range(100) if cache.get(f"{number:02}")]
    assert kept == list(range(92, 100))


def test_a_value_larger_than_the_cache_is_not_kept_and_pushes_nothing_out() -> None:
    cache = MemoryCache(size=10_000)
    cache.set("small", b"x", 60)
    cache.set("large", b"x" * 10_000, 60)
    assert cache.get("large") is None
    assert cache.get("small") == b"x"


def test_a_too_large_value_does_not_leave_the_old_one() -> None:
    cache = MemoryCache(size=10_000)
    cache.set("a", b"old", 60)
    cache.set("a", b"x" * 10_000, 60)
    assert cache.get("a") is None


def test_time_is_the_monotonic_one() -> None:
    watch = Stopwatch()
    cache = MemoryCache(monotonic=watch)
    cache.set("a", b"1", 60)
    watch.now += 59.9
    assert cache.get("a") == b"1"
    watch.now += 0.2
    assert cache.get("a") is None


# What the server twin promises beside: sealed values, and life without Redis.


@pytest.mark.server
def test_redis_holds_nothing_readable(own_redis: RedisCache, raw: Any) -> None:
    own_redis.set("question", b"net sales 412,640", 60)
    stored = raw.get(f"{KEY_PREFIX}question")
    assert b"net sales" not in stored
    assert len(stored) == 1 + 12 + len(b"net sales 412,640") + 16
    assert 0 < raw.ttl(f"{KEY_PREFIX}question") <= 60


@pytest.mark.server
def test_two_processes_share_by_the_secret_alone(redis_url: str) -> None:
    one, two, stranger = (
        redis_cache(redis_url),
        redis_cache(redis_url),
        redis_cache(redis_url, SECRET[::-1]),
    )
    one.set("a", b"1", 60)
    assert two.get("a") == b"1"
    assert stranger.get("a") is None
    assert stranger.counts() == {"hits": 0, "misses": 1, "failures": 0}
    for cache in (one, two, stranger):
        cache.close()


@pytest.mark.server
def test_a_changed_value_is_a_miss(own_redis: RedisCache, redis_url: str, raw: Any) -> None:
    with closing(redis_cache(redis_url)) as other:
        other.set("a", b"one", 60)
    stored = bytearray(raw.get(f"{KEY_PREFIX}a"))
    stored[-1] ^= 1
    raw.set(f"{KEY_PREFIX}a", bytes(stored))
    assert own_redis.get("a") is None
    for planted in (b"", b"x", b"one", bytes(stored[:13]), b"123"):
        raw.set(f"{KEY_PREFIX}a", planted)
        assert own_redis.get("a") is None
    assert own_redis.counts() == {"hits": 0, "misses": 6, "failures": 0}


@pytest.mark.server
def test_a_value_moved_to_another_key_is_a_miss(own_redis: RedisCache, raw: Any) -> None:
    own_redis.set("mine", b"one", 60)
    raw.copy(f"{KEY_PREFIX}mine", f"{KEY_PREFIX}yours")
    assert own_redis.get("yours") is None
    assert own_redis.get("mine") == b"one"


@pytest.mark.server
def test_a_key_is_changed_without_losing_what_the_one_before_sealed(
    redis_url: str, raw: Any
) -> None:
    new = SECRET[::-1]
    before, during, after = (
        redis_cache(redis_url, SECRET),
        redis_cache(redis_url, new, SECRET),
        redis_cache(redis_url, new),
    )
    before.set("old", b"sealed before", 60)
    during.set("new", b"sealed since", 60)
    assert during.get("old") == b"sealed before"
    assert after.get("old") is None
    assert after.get("new") == b"sealed since"
    assert redis_cache(redis_url, SECRET).get("new") is None
    # The first byte names the key.
    assert raw.get(f"{KEY_PREFIX}old")[:1] != raw.get(f"{KEY_PREFIX}new")[:1]
    for cache in (before, during, after):
        cache.close()


# Two levels.


@pytest.mark.server
def test_what_is_near_is_answered_without_redis(
    own_redis: RedisCache, redis_url: str, calls: list[str]
) -> None:
    with closing(redis_cache(redis_url)) as other:
        other.set("a", b"1", 60)
    calls.clear()
    assert own_redis.get("a") == b"1"
    assert calls == ["PIPELINE"], "a value and its time in one round trip"
    calls.clear()
    assert [own_redis.get("a") for _ in range(10)] == [b"1"] * 10
    own_redis.set("b", b"2", 60)
    assert own_redis.get("b") == b"2"
    assert calls == ["SET"]


@pytest.mark.server
def test_each_level_counts_for_itself(own_redis: RedisCache, redis_url: str) -> None:
    with closing(redis_cache(redis_url)) as other:
        other.set("a", b"1" * 100, 60)
        other.set("b", b"2" * 100, 60)
    for key in ("a", "a", "a", "b", "none"):
        own_redis.get(key)
    near, far = own_redis.levels()
    assert (near.name, near.hits, near.misses, near.failures) == ("process", 2, 3, 0)
    assert (far.name, far.hits, far.misses, far.failures) == ("redis", 2, 1, 0)
    assert near.rate == 0.4
    assert near.entries == far.entries == 2
    assert (far.size, far.whole, far.trouble) == (2 * (1 + 12 + 100 + 16), True, "")
    assert near.size > 200
    assert own_redis.counts() == {"hits": 4, "misses": 1, "failures": 0}


def test_the_embedded_cache_has_one_level() -> None:
    cache = MemoryCache()
    assert cache.levels()[0].rate is None
    cache.set("a", b"1", 60)
    cache.get("a")
    cache.get("b")
    (level,) = cache.levels()
    assert (level.name, level.hits, level.misses, level.entries) == ("process", 1, 1, 1)


def test_a_level_that_is_away_says_so() -> None:
    cache = redis_cache(f"redis://127.0.0.1:{servers.free_port()}/0")
    cache.get("a")
    far = cache.levels()[1]
    assert (far.failures, far.trouble, far.whole) == (1, "Redis does not answer.", False)
    cache.close()


@pytest.mark.server
def test_what_is_near_ends_with_its_time_in_redis(redis_url: str, raw: Any) -> None:
    watch = Stopwatch()
    with closing(redis_cache(redis_url)) as other:
        other.set("short", b"1", 10)
        other.set("long", b"2", 86_400)
    cache = redis_cache(redis_url, watch=watch)
    assert cache.get("short") == b"1"
    assert cache.get("long") == b"2"
    raw.flushall()
    watch.now += 9
    assert cache.get("short") == b"1"
    watch.now += 2
    assert cache.get("short") is None
    # Who did not hear of a clearing keeps it for a while only.
    watch.now += NEAR_SECONDS
    assert cache.get("long") is None
    cache.close()


# Clearing by pattern.

KEYS = (
    "shop:almas:answer:net_sales:by:month:reads:sales:1",
    "shop:almas:answer:sessions:reads:sessions:2",
    "shop:almas:shop:hearth:answer:orders:reads:orders:3",
    "shop:hearth:answer:gross_sales,orders:reads:sales,orders:4",
)


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("shop:almas:*", (3,)),
        ("*sales*", (1, 2)),
        ("*shop:hearth:*", (0, 1)),
        ("*:reads:*orders*", (0, 1)),
        ("shop:?????:answer:*", (2, 3)),
        ("*:[12]", (2, 3)),
        ("almas", (0, 1, 2, 3)),
        ("", (0, 1, 2, 3)),
        ("*", ()),
    ],
)
def test_a_pattern_forgets_what_it_fits(cache: Any, pattern: str, left: tuple[int, ...]) -> None:
    for key in KEYS:
        cache.set(key, b"1", 60)
    assert cache.clear(pattern) == len(KEYS) - len(left)
    assert tuple(n for n, key in enumerate(KEYS) if cache.get(key)) == left
    assert cache.levels()[-1].entries == len(left)


@pytest.mark.server
def test_a_pattern_is_cleared_in_every_process_and_touches_nobody_elses_keys(
    redis_url: str, raw: Any, make_redis_bus: Any
) -> None:
    one, two = (redis_cache(redis_url, bus=make_redis_bus()) for _ in range(2))
    raw.set("shop:almas:not-ours", "1")
    for number in range(2_500):
        raw.set(f"{KEY_PREFIX}shop:almas:{number}", b"x", ex=60)
    one.set(KEYS[0], b"1", 60)
    assert two.get(KEYS[0]) == b"1"
    assert one.clear("shop:almas:*") == 2_501
    wait_until(lambda: two.get(KEYS[0]) is None)
    assert raw.keys("*") == [b"shop:almas:not-ours"]
    one.close()
    two.close()


def test_a_pattern_that_redis_did_not_hear_is_said() -> None:
    cache = redis_cache(f"redis://127.0.0.1:{servers.free_port()}/0")
    cache.set("a", b"1", 60)
    with pytest.raises(Unavailable, match=r"^This process forgot 1 answer; Redis still has"):
        cache.clear("*")
    assert cache.get("a") is None
    cache.close()


class Bomb:
    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> Any:
        return Path.touch, (self.file,)


@pytest.mark.server
@pytest.mark.parametrize("mark", [b"", b"!"])
def test_a_planted_pickle_is_never_loaded(
    own_redis: RedisCache, raw: Any, tmp_path: Path, mark: bytes
) -> None:
    bomb = mark + pickle.dumps(Bomb(tmp_path / "ran"))
    raw.set(f"{KEY_PREFIX}a", bomb)
    assert own_redis.get("a") is None
    assert not (tmp_path / "ran").exists()
    pickle.loads(bomb[len(mark) :])
    assert (tmp_path / "ran").exists(), "the bomb would have gone off"


@pytest.mark.server
def test_a_key_of_another_type_is_a_failure_that_closes_nothing(
    own_redis: RedisCache, raw: Any
) -> None:
    raw.rpush(f"{KEY_PREFIX}list", "x")
    assert own_redis.get("list") is None
    own_redis.set("a", b"1", 60)
    assert own_redis.get("a") == b"1"
    assert own_redis.counts()["failures"] == 1


def test_the_embedded_cache_loads_no_redis() -> None:
    code = "import sys, agent.cache, agent.bus; sys.exit('redis' in sys.modules)"
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
