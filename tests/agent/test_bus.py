from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from agent.bus import LocalBus

PAUSE = 0.2


class Ear:
    """A handler that remembers what it heard."""

    def __init__(self) -> None:
        self.heard: queue.Queue[dict[str, Any]] = queue.Queue()

    def __call__(self, message: dict[str, Any]) -> None:
        self.heard.put(message)

    def next(self) -> dict[str, Any]:
        return self.heard.get(timeout=60)

    def silent(self, seconds: float = 0.3) -> bool:
        try:
            self.heard.get(timeout=seconds)
        except queue.Empty:
            return True
        return False


@pytest.fixture(params=["local", pytest.param("redis", marks=pytest.mark.server)])
def bus(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "redis":
        yield request.getfixturevalue("make_redis_bus")()
    else:
        local = LocalBus()
        yield local
        local.close()


# The contract of both twins.


def test_each_subscriber_hears_its_topic_in_order(bus: Any) -> None:
    one, two, other = Ear(), Ear(), Ear()
    bus.subscribe("tables", one)
    bus.subscribe("tables", two)
    bus.subscribe("jobs", other)
    for number in range(50):
        bus.publish("tables", {"shop": "alma", "version": number})
    for ear in (one, two):
        assert [ear.next()["version"] for _ in range(50)] == list(range(50))
        assert ear.silent(), "nothing comes twice"
    assert other.silent(0.05)


def test_only_from_now_on(bus: Any) -> None:
    bus.publish("tables", {"version": 1})
    ear = Ear()
    bus.subscribe("tables", ear)
    bus.publish("tables", {"version": 2})
    assert ear.next() == {"version": 2}


def test_a_subscription_ends(bus: Any) -> None:
    ear, other = Ear(), Ear()
    end = bus.subscribe("tables", ear)
    bus.subscribe("tables", other)
    bus.publish("tables", {"version": 1})
    assert ear.next() == other.next() == {"version": 1}
    end()
    end()
    bus.publish("tables", {"version": 2})
    assert other.next() == {"version": 2}
    assert ear.silent(0.1)


def test_the_same_handler_may_listen_twice(bus: Any) -> None:
    ear = Ear()
    end = bus.subscribe("tables", ear)
    bus.subscribe("tables", ear)
    end()
    bus.publish("tables", {"version": 1})
    assert ear.next() == {"version": 1}
    assert ear.silent(0.1)


def test_no_handler_sees_anothers_marks(bus: Any) -> None:
    ear = Ear()
    bus.subscribe("tables", lambda message: message["names"].clear())
    bus.subscribe("tables", ear)
    sent = {"names": ["sales"]}
    bus.publish("tables", sent)
    assert ear.next() == sent == {"names": ["sales"]}


def test_a_failing_handler_is_logged_and_disturbs_nobody(
    bus: Any, caplog: pytest.LogCaptureFixture
) -> None:
    ear = Ear()

    def fail(message: dict[str, Any]) -> None:
        raise ZeroDivisionError(str(message))

    bus.subscribe("tables", fail)
    bus.subscribe("tables", ear)
    with caplog.at_level(logging.ERROR):
        bus.publish("tables", {"version": 1})
        bus.publish("tables", {"version": 2})
        assert [ear.next()["version"], ear.next()["version"]] == [1, 2]
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record.exc_info[0] for record in errors if record.exc_info] == [ZeroDivisionError] * 2


def test_a_slow_handler_does_not_hold_the_publisher(bus: Any) -> None:
    done = threading.Event()
    bus.subscribe("tables", lambda _: done.wait(60))
    bus.publish("warm", {})
    start = time.monotonic()
    bus.publish("tables", {})
    assert time.monotonic() - start < 50
    done.set()


def test_a_handler_may_publish_and_subscribe(bus: Any) -> None:
    ear = Ear()

    def answer(message: dict[str, Any]) -> None:
        bus.subscribe("answers", ear)
        bus.publish("answers", {"to": message["version"]})

    bus.subscribe("tables", answer)
    bus.publish("tables", {"version": 1})
    assert ear.next() == {"to": 1}


@pytest.mark.parametrize("wrong", [{"at": object()}, {"share": float("nan")}, {"rows": {1, 2}}])
def test_what_is_no_json_is_refused_at_once(bus: Any, wrong: dict[str, Any]) -> None:
    ear = Ear()
    bus.subscribe("tables", ear)
    with pytest.raises((TypeError, ValueError)):
        bus.publish("tables", wrong)
    assert ear.silent(0.05)


def test_threads_publish_together(bus: Any) -> None:
    ear = Ear()
    bus.subscribe("tables", ear)
    threads = [
        threading.Thread(
            target=lambda n=n: [bus.publish("tables", {"from": n, "n": i}) for i in range(20)]
        )
        for n in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    heard = [ear.next() for _ in range(100)]
    for sender in range(5):
        assert [m["n"] for m in heard if m["from"] == sender] == list(range(20))
    assert ear.silent(0.1)


def test_a_closed_bus_is_quiet(bus: Any) -> None:
    ear = Ear()
    bus.subscribe("tables", ear)
    bus.close()
    bus.publish("tables", {"version": 1})
    assert ear.silent(0.1)
    bus.close()


def test_ping(bus: Any) -> None:
    bus.ping()
