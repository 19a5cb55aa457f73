"""Breakers that processes share through a real Redis, and what is left of that without it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from agent.errors import Unavailable
from agent.resilience import Policy, RedisServer, Upstreams
from agent.resilience.standing import SharedState
from tests import servers
from tests.agent.resilience.conftest import Ticking
from tests.agent.resilience.test_upstreams import AWAY, NAME, Acting, failing, only
from tests.conftest import started

pytestmark = pytest.mark.server
KEYS = "royal:upstream:"
POLICY = Policy(failures=3, pause=30)


class Process:
    """What one process has: its own line to Redis and its own upstreams."""

    def __init__(self, url: str, ticking: Ticking, policy: Policy = POLICY) -> None:
        # Nobody looks by itself whether Redis is back: a test says when.
        self.server = RedisServer(url, pause=3600)
        self.upstreams = Upstreams(
            ticking.clock, self.server, {"shopify": policy}, time=ticking.time
        )

    @property
    def shop(self) -> Any:
        return self.upstreams.of(NAME)


@pytest.fixture
def pair(redis_url: str, ticking: Ticking) -> Iterator[tuple[Process, Process]]:
    one, two = Process(redis_url, ticking), Process(redis_url, ticking)
    yield one, two
    one.server.close()
    two.server.close()


def answers(server: RedisServer) -> bool:
    return server._answers()


def test_what_one_finds_out_the_other_knows(pair: tuple[Process, Process]) -> None:
    one, two = pair
    assert two.shop.call(Acting(1)) == 1
    failing(one.shop, AWAY, 3)
    action = Acting(1)
    with pytest.raises(Unavailable, match=r"did not answer of late\. The shop does not answer\."):
        two.shop.call(action)
    assert action.calls == 0
    mine, theirs = only(one.upstreams), only(two.upstreams)
    assert (mine.state, theirs.state) == ("open", "open")
    assert (mine.since, mine.again_at, mine.reason) == (
        theirs.since,
        theirs.again_at,
        theirs.reason,
    )


def test_failures_are_counted_together(pair: tuple[Process, Process]) -> None:
    one, two = pair
    failing(one.shop, AWAY, 2)
    failing(two.shop, AWAY, 1)
    assert only(one.upstreams).state == "open"


def test_one_try_in_all_processes(pair: tuple[Process, Process], ticking: Ticking) -> None:
    one, two = pair
    failing(one.shop, AWAY, 3)
    ticking.clock.advance(30)
    other = Acting(1)

    def trial() -> str:
        with pytest.raises(Unavailable, match="One call is trying it right now"):
            two.shop.call(other)
        return "here"

    assert one.shop.call(trial) == "here"
    assert other.calls == 0
    assert two.shop.call(other) == 1
    assert only(two.upstreams).state == "closed"


def test_a_call_that_ends_late_undoes_nobodys_later_word(pair: tuple[Process, Process]) -> None:
    one, two = pair
    failing(two.shop, AWAY, 1)

    def slow() -> str:
        failing(one.shop, AWAY, 2)
        assert only(one.upstreams).state == "open"
        return "here"

    assert two.shop.call(slow) == "here"
    assert (only(one.upstreams).state, only(two.upstreams).state) == ("open", "open")


def test_a_try_that_took_too_long_gives_back_nobody_elses(
    pair: tuple[Process, Process], ticking: Ticking
) -> None:
    one, two = (SharedState("x", ticking.clock, process.server) for process in pair)
    late = one.claim(0.001)
    ticket = ""
    while not ticket:  # Until Redis has let go of it.
        ticket = two.claim(60)
    one.release(late)
    assert one.claim(60) == ""
    two.release(ticket)
    assert one.claim(60) != ""


def test_what_redis_learned_meanwhile_is_newer(ticking: Ticking) -> None:
    port = servers.free_port()
    with started(servers.redis_server(port)) as url:
        one, two = Process(url, ticking), Process(url, ticking)
        assert one.shop.call(Acting(1)) == 1
    failing(one.shop, AWAY, 1)
    with started(servers.redis_server(port)):
        # One is told later than two that Redis is back.
        assert answers(two.server)
        ticking.clock.advance(1)
        failing(two.shop, AWAY, 3)
        assert answers(one.server)
        assert only(one.upstreams).state == "open"
        assert only(two.upstreams).state == "open"
    one.server.close()
    two.server.close()


def test_a_try_whose_process_died_is_made_by_another(
    redis_url: str, pair: tuple[Process, Process], ticking: Ticking
) -> None:
    import redis

    one, two = pair
    failing(one.shop, AWAY, 3)
    ticking.clock.advance(30)
    with redis.Redis.from_url(redis_url) as raw:
        # What a process leaves that is killed while it tries.
        raw.hset(f"{KEYS}{NAME}", "state", "half-open")
        raw.set(f"{KEYS}{NAME}:try", "dead", px=60_000)
        with pytest.raises(Unavailable):
            two.shop.call(Acting(1))
        raw.delete(f"{KEYS}{NAME}:try")  # Its time is over.
    assert two.shop.call(Acting(1)) == 1


def test_the_try_is_given_back_by_itself(
    redis_url: str, pair: tuple[Process, Process], ticking: Ticking
) -> None:
    import redis

    one, _ = pair
    failing(one.shop, AWAY, 3)
    ticking.clock.advance(30)
    kept: list[int] = []

    def trial() -> None:
        with redis.Redis.from_url(redis_url) as raw:
            kept.append(raw.pttl(f"{KEYS}{NAME}:try"))

    one.shop.call(trial)
    assert 0 < kept[0] <= 30_000


def test_a_process_that_starts_later_knows(
    redis_url: str, pair: tuple[Process, Process], ticking: Ticking
) -> None:
    failing(pair[0].shop, AWAY, 3)
    late = Process(redis_url, ticking)
    with pytest.raises(Unavailable, match="did not answer of late"):
        late.shop.call(Acting(1))
    late.server.close()


@pytest.mark.parametrize(
    "kept",
    [
        {"state": "ajar", "counted": "1", "since": "0", "opened": "0", "reason": ""},
        {"state": "open", "counted": "many", "since": "0", "opened": "0", "reason": ""},
        {"state": "open", "counted": "1", "since": "nan", "opened": "inf", "reason": ""},
        {"state": "open"},
        {"state": b"\xff\xfe"},
    ],
)
def test_what_is_not_ours_is_left_aside(
    redis_url: str, pair: tuple[Process, Process], kept: dict[str, str]
) -> None:
    import redis

    with redis.Redis.from_url(redis_url) as raw:
        raw.hset(f"{KEYS}{NAME}", mapping=kept)
    assert pair[0].shop.call(Acting(1)) == 1
    assert only(pair[0].upstreams).state == "closed"


def test_a_key_of_another_kind_is_left_aside(redis_url: str, pair: tuple[Process, Process]) -> None:
    import redis

    with redis.Redis.from_url(redis_url) as raw:
        raw.set(f"{KEYS}{NAME}", "a text")
    failing(pair[0].shop, AWAY, 3)
    assert only(pair[0].upstreams).state == "open"
    assert pair[0].server.call(lambda client: client.ping())


def test_redis_killed_the_process_goes_on_with_what_it_knew(ticking: Ticking) -> None:
    port = servers.free_port()
    with started(servers.redis_server(port)) as url:
        one = Process(url, ticking)
        failing(one.shop, AWAY, 2)
    failing(one.shop, AWAY, 1)
    assert only(one.upstreams).state == "open"
    with pytest.raises(Unavailable, match="did not answer of late"):
        one.shop.call(Acting(1))
    with started(servers.redis_server(port)):
        # An empty Redis is told.
        assert answers(one.server)
        two = Process(url, ticking)
        assert only(one.upstreams).state == "open"
        with pytest.raises(Unavailable, match="did not answer of late"):
            two.shop.call(Acting(1))
        ticking.clock.advance(30)
        assert two.shop.call(Acting(1)) == 1
        assert only(one.upstreams).state == "closed"
        two.server.close()
    one.server.close()


def test_redis_frozen_costs_one_wait(
    redis_url: str,
    ticking: Ticking,
    calls: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import redis

    monkeypatch.setattr("agent.resilience.redis_server.ANSWER_SECONDS", 1.0)
    one = Process(redis_url, ticking, Policy("200/minute", 20, failures=3))
    assert one.shop.call(Acting(1)) == 1
    with redis.Redis.from_url(redis_url) as raw:
        process = raw.info("server")["process_id"]
    os.kill(process, signal.SIGSTOP)
    calls.clear()
    try:
        for _ in range(10):
            assert one.shop.call(Acting(1)) == 1
        failing(one.shop, AWAY, 3)
        assert only(one.upstreams).state == "open"
    finally:
        os.kill(process, signal.SIGCONT)
    assert len(calls) == 1
    assert answers(one.server)
    two = Process(redis_url, ticking)
    # The next call tells what was found out meanwhile.
    with pytest.raises(Unavailable):
        one.shop.call(Acting(1))
    with pytest.raises(Unavailable, match="did not answer of late"):
        two.shop.call(Acting(1))
    one.server.close()
    two.server.close()


def test_what_is_not_shared_stays_here(redis_url: str, ticking: Ticking) -> None:
    alone = Policy(failures=1, shared=False)
    one, two = (Process(redis_url, ticking, alone) for _ in range(2))
    failing(one.shop, AWAY, 1)
    assert two.shop.call(Acting(1)) == 1
    one.server.close()
    two.server.close()


def test_a_try_that_could_not_be_given_back_is_ours_again(
    pair: tuple[Process, Process], ticking: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (SharedState("x", ticking.clock, process.server) for process in pair)
    ticket = one.claim(60)

    def away(action: Any) -> Any:
        raise Unavailable("Redis does not answer.")

    with monkeypatch.context() as patch:
        patch.setattr(pair[0].server, "call", away)
        one.release(ticket)
    assert two.claim(60) == ""
    again = one.claim(60)
    assert again != ""
    one.release(again)
    assert two.claim(60) != ""
