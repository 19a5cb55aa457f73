"""What the bus over Redis promises beside the contract of both twins."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable

import pytest

from agent.bus import RedisBus
from agent.errors import Unavailable
from agent.resilience import RedisServer
from tests import servers
from tests.agent.test_bus import Ear
from tests.conftest import started

CHANNELS = "royal:bus:"
PAUSE = 0.2


@pytest.mark.server
def test_processes_hear_each_other_once(make_redis_bus: Callable[[], RedisBus]) -> None:
    one, two = make_redis_bus(), make_redis_bus()
    here, there = Ear(), Ear()
    one.subscribe("tables", here)
    two.subscribe("tables", there)
    one.publish("tables", {"shop": "ä", "version": 1})
    assert here.next() == there.next() == {"shop": "ä", "version": 1}
    two.publish("tables", {"version": 2})
    assert here.next() == there.next() == {"version": 2}
    assert here.silent()
    assert there.silent(0.05)


@pytest.mark.server
def test_strange_messages_are_left_out(
    make_redis_bus: Callable[[], RedisBus], redis_url: str
) -> None:
    import redis

    one, two = make_redis_bus(), make_redis_bus()
    ear = Ear()
    one.subscribe("tables", ear)
    strange = [b"\x80\x04", b"text", b"[1]", b"{}", b'{"from":1,"text":2}', b"null"]
    strange += [b'{"from":"x","text":"[1]"}', b'{"from":"x","text":"{"}', b"[" * 100_000]
    with redis.Redis.from_url(redis_url) as client:
        for content in strange:
            client.publish(f"{CHANNELS}tables", content)
    two.publish("tables", {"version": 1})
    assert ear.next() == {"version": 1}
    assert ear.silent(0.05)


@pytest.mark.server
def test_without_redis_a_process_still_hears_itself() -> None:
    port = servers.free_port()
    server = RedisServer(f"redis://127.0.0.1:{port}/0", pause=PAUSE)
    bus = RedisBus(server)
    ear = Ear()
    bus.subscribe("tables", ear)
    bus.publish("tables", {"version": 1})
    assert ear.next() == {"version": 1}
    with pytest.raises(Unavailable, match=r"^Redis does not answer\. Live messages stay"):
        bus.ping()
    bus.close()
    server.close()


@pytest.mark.server
def test_the_line_is_taken_up_again(make_redis_bus: Callable[[str], RedisBus]) -> None:
    port = servers.free_port()
    with started(servers.redis_server(port)) as url:
        one, two = make_redis_bus(url), make_redis_bus(url)
        here, there = Ear(), Ear()
        one.subscribe("tables", here)
        two.subscribe("tables", there)
        one.publish("tables", {"version": 1})
        assert here.next() == there.next() == {"version": 1}
    one.publish("tables", {"version": 2})
    assert here.next() == {"version": 2}
    with started(servers.redis_server(port)):
        number, give_up = 3, time.monotonic() + 60
        while there.silent(0.1):
            number += 1
            assert time.monotonic() < give_up, "the other process hears nothing any more"
            one.publish("tables", {"version": number})
            assert here.next() == {"version": number}


@pytest.mark.server
def test_frozen_redis_holds_a_publisher_once(
    make_redis_bus: Callable[[], RedisBus],
    redis_url: str,
    calls: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import redis

    monkeypatch.setattr("agent.resilience.redis_server.ANSWER_SECONDS", 1.0)
    bus, ear = make_redis_bus(), Ear()
    bus.subscribe("tables", ear)
    with redis.Redis.from_url(redis_url) as client:
        process = client.info("server")["process_id"]
    bus.ping()
    os.kill(process, signal.SIGSTOP)
    calls.clear()
    try:
        for number in range(20):
            bus.publish("tables", {"version": number})
        assert [ear.next()["version"] for _ in range(20)] == list(range(20))
    finally:
        os.kill(process, signal.SIGCONT)
    assert calls == ["PUBLISH"], "one wait of ours, and no second one"
    assert ear.silent(), "nothing comes a second time when Redis goes on"


@pytest.mark.server
def test_no_thread_stays_behind(redis_url: str) -> None:
    server = RedisServer(redis_url)
    bus = RedisBus(server)
    bus.subscribe("tables", Ear())
    names = {thread.name for thread in threading.enumerate()}
    assert "bus-redis" in names
    bus.close()
    server.close()
    assert "bus-redis" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.server
def test_a_line_that_has_gone_silent_is_given_up(
    make_redis_bus: Callable[[], RedisBus], redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import redis

    for name, seconds in (("PING_SECONDS", 0.1), ("READ_SECONDS", 0.05), ("SILENT_SECONDS", 1.5)):
        monkeypatch.setattr(f"agent.bus.{name}", seconds)
    one, two = make_redis_bus(), make_redis_bus()
    ear = Ear()
    one.subscribe("tables", ear)
    with redis.Redis.from_url(redis_url) as client:
        process = client.info("server")["process_id"]

        def line() -> list[str]:
            return [c["id"] for c in client.client_list() if c["psub"] == "1"]

        before = line()
        time.sleep(2)
        assert line() == before, "pings keep a quiet line"
        os.kill(process, signal.SIGSTOP)
        time.sleep(2)
        os.kill(process, signal.SIGCONT)
    give_up = time.monotonic() + 60
    while ear.silent(0.1):
        assert time.monotonic() < give_up, "the line is not taken up again"
        two.publish("tables", {"version": 1})
