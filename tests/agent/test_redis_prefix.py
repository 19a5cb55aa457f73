"""Two installations on one Redis: each has its own keys and channels."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from agent.bus import RedisBus
from agent.cache import RedisCache
from agent.kinds import Rate
from agent.resilience import RedisServer
from agent.resilience.standing import SharedState
from agent.resilience.windows import Windows
from agent.secrets import Seals
from agent.settings import Settings
from tests.clock import FrozenClock

pytestmark = pytest.mark.server
KEY = "0123456789abcdef0123456789abcdef"
# The second begins as the first does, the third reads as a pattern that fits both.
PREFIXES = ("tea", "tea2", "t*a")


@pytest.fixture
def lines(redis_url: str) -> Iterator[list[RedisServer]]:
    made = [RedisServer(redis_url, prefix=prefix) for prefix in PREFIXES]
    yield made
    for one in made:
        one.close()


def test_every_key_has_its_installations_name(lines: list[RedisServer], clock: FrozenClock) -> None:
    for line in lines:
        RedisCache(line, Seals((KEY,), "cache")).set("answer", b"1", 60)
        Windows(line).take("shop", Rate(5, 60, 5))
        SharedState("shopify:main", clock, line).note("It does not answer.")
    names = [name.decode() for name in lines[0].client.keys("*")]
    for prefix in PREFIXES:
        parts = {name.split(":")[1] for name in names if name.split(":")[0] == prefix}
        assert parts == {"cache", "rate", "upstream"}
    assert {name.split(":")[0] for name in names} == {*PREFIXES}


def test_answers_are_found_and_cleared_in_their_own_installation(lines: list[RedisServer]) -> None:
    caches = [RedisCache(line, Seals((KEY,), "cache")) for line in lines]
    for place, cache in enumerate(caches):
        cache.set("answer", str(place).encode(), 60)
    fresh = [RedisCache(line, Seals((KEY,), "cache")) for line in lines]
    assert [cache.get("answer") for cache in fresh] == [b"0", b"1", b"2"]
    assert caches[2].clear("*") == 1
    assert caches[0].levels()[1].entries == 1
    assert caches[0].clear("*") == 1
    again = [RedisCache(line, Seals((KEY,), "cache")) for line in lines]
    assert [cache.get("answer") for cache in again] == [None, b"1", None]


def test_breakers_and_rates_are_their_own(lines: list[RedisServer], clock: FrozenClock) -> None:
    one, other = (SharedState("shopify:main", clock, line) for line in lines[:2])
    one.state = "open"
    assert (one.look().state, other.look().state) == ("open", "closed")
    mine, theirs = (Windows(line) for line in lines[:2])
    rate = Rate(1, 60, 1)
    assert mine.take("shop", rate) == 0.0
    assert mine.take("shop", rate) > 0.0
    assert theirs.take("shop", rate) == 0.0


def test_messages_stay_in_their_installation(redis_url: str) -> None:
    prefixes = ("t*a", "t*a", "tea")
    buses = [RedisBus(RedisServer(redis_url, prefix=prefix)) for prefix in prefixes]
    heard: list[str] = []
    there = threading.Event()
    try:
        buses[0].subscribe("runs", lambda message: heard.append(message["from"]))
        buses[0].subscribe("last", lambda _: there.set())
        buses[2].publish("runs", {"from": "another installation"})
        buses[1].publish("runs", {"from": "another process"})
        buses[1].publish("last", {})
        assert there.wait(30)
        assert heard == ["another process"]
    finally:
        for bus in buses:
            bus.close()
            bus._server.close()


def test_the_setting_names_it(tmp_path: object) -> None:
    given = {"DATA_DIR": str(tmp_path), "REDIS_PREFIX": "tea"}
    assert Settings.from_env(given).redis_prefix == "tea"
    assert Settings.from_env({"DATA_DIR": str(tmp_path)}).redis_prefix == "royal"
