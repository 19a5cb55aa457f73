from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from agent.errors import Throttled
from agent.kinds import Rate
from agent.resilience import TOPIC, Limits, RedisServer, rates_of
from agent.settings import Settings
from tests.agent.resilience.conftest import Ticking

RATES = {"questions": Rate(50, 60, 10), "charts": Rate(100, 60, 15), "fits": Rate(10, 300, 10)}


def limits(ticking: Ticking, server: RedisServer | None = None) -> Limits:
    return Limits(ticking.clock, RATES, server, time=ticking.time)


def test_the_limits_of_the_settings(tmp_path: Any) -> None:
    folder = {"DATA_DIR": str(tmp_path)}
    assert rates_of(Settings.from_env(folder)) == RATES
    other = Settings.from_env(folder | {"RATE_FITS": "none"})
    assert rates_of(other)["fits"] == Rate()


def test_a_burst_and_then_a_sentence_with_the_seconds(ticking: Ticking) -> None:
    own = limits(ticking)
    for _ in range(10):
        own.take("questions", "ann")
    with pytest.raises(Throttled) as refused:
        own.take("questions", "ann")
    assert str(refused.value) == (
        "More new figures are asked for than 50 a minute, which is the limit for one person."
        " Try again in 13 seconds."
    )
    assert refused.value.after == 13
    assert ticking.slept == []
    ticking.clock.advance(refused.value.after)
    own.take("questions", "ann")


def test_a_short_wait_is_waited_and_told(ticking: Ticking) -> None:
    told: list[tuple[str, Any]] = []
    own = Limits(ticking.clock, RATES, None, lambda *said: told.append(said), ticking.time)
    waiting: list[Any] = []
    ticking.before_sleep = lambda: waiting.append(own.waiting())
    for _ in range(10):
        own.take("questions", "ann")
    ticking.clock.advance(10.5)
    own.take("questions", "ann")
    assert ticking.slept == [1.501]
    assert waiting == [{"questions": 1, "charts": 0, "fits": 0}]
    assert own.waiting()["questions"] == 0
    assert told == [(TOPIC, {"name": "questions"})] * 2


def test_each_person_has_their_own(ticking: Ticking) -> None:
    own = limits(ticking)
    for _ in range(10):
        own.take("questions", "ann")
    own.take("questions", "bob")
    with pytest.raises(Throttled):
        own.take("questions", "ann")


@pytest.mark.parametrize(("name", "burst"), [("charts", 15), ("fits", 10)])
def test_each_limit_is_its_own(ticking: Ticking, name: str, burst: int) -> None:
    own = limits(ticking)
    for _ in range(burst):
        own.take(name)
    with pytest.raises(Throttled):
        own.take(name)
    own.take("questions")


def test_what_belongs_together_takes_one(ticking: Ticking) -> None:
    own = limits(ticking)
    for page in range(10):
        for _ in range(12):
            own.take("questions", "ann", once=f"/?page={page}")
    with pytest.raises(Throttled):
        own.take("questions", "ann", once="/?page=11")
    # What was let in before stays in.
    own.take("questions", "ann", once="/?page=9")


def test_after_a_minute_it_counts_again(ticking: Ticking) -> None:
    own = limits(ticking)
    for _ in range(10):
        own.take("questions", "ann", once="/")
        ticking.clock.advance(61)
    for page in range(10):
        own.take("questions", "ann", once=f"/?page={page}")
    with pytest.raises(Throttled):
        own.take("questions", "ann", once="/")


def test_twelve_parts_at_once_take_one_and_wait_once(ticking: Ticking) -> None:
    own, together = limits(ticking), threading.Barrier(12)
    for _ in range(9):
        own.take("questions", "ann")

    def part(_: int) -> None:
        together.wait(60)
        own.take("questions", "ann", once="/")

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(part, range(12)))
    with pytest.raises(Throttled):
        own.take("questions", "ann")


def test_parts_over_the_limit_are_all_refused(ticking: Ticking) -> None:
    own, together = limits(ticking), threading.Barrier(6)
    for _ in range(10):
        own.take("questions", "ann")

    def part(_: int) -> bool:
        together.wait(60)
        try:
            own.take("questions", "ann", once="/")
        except Throttled:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(part, range(6))) == [False] * 6


def test_none_is_no_limit(ticking: Ticking) -> None:
    own = Limits(ticking.clock, {"questions": Rate()}, time=ticking.time)
    for _ in range(500):
        own.take("questions", "ann", once="/")
        own.take("questions", "ann")


@pytest.mark.server
def test_processes_share_a_limit_and_redis_names_nobody(redis_url: str, ticking: Ticking) -> None:
    import redis

    lines = [RedisServer(redis_url), RedisServer(redis_url)]
    one, two = (limits(ticking, line) for line in lines)
    for _ in range(5):
        one.take("questions", "ann@tea.example", once="")
        two.take("questions", "ann@tea.example")
    one.take("questions", "bob@tea.example", once="/?country=AT")
    two.take("questions", "bob@tea.example", once="/?country=AT")
    with pytest.raises(Throttled):
        one.take("questions", "ann@tea.example")
    with redis.Redis.from_url(redis_url) as raw:
        keys = b" ".join(raw.keys())
    assert b"royal:rate" in keys
    assert not any(word in keys for word in (b"ann", b"tea.example", b"country"))
    for _ in range(9):
        two.take("questions", "bob@tea.example")
    with pytest.raises(Throttled):
        two.take("questions", "bob@tea.example")
    for line in lines:
        line.close()
