"""Live counters, read from a real Redis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis

from agent.errors import NotConfigured, Refused, Unavailable
from agent.records.connections import Connection
from agent.services import Services, open_services
from agent.settings import Settings
from agent.sources import syncing
from agent.sources.connectors import Link, connector
from agent.sources.counters import CONNECTOR, Counter, live
from tests.clock import FrozenClock
from tests.servers import free_port

pytestmark = pytest.mark.server


@pytest.fixture
def services(tmp_path: Path, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """On the embedded twins; a busy machine's Redis may be slow to answer."""
    monkeypatch.setattr("agent.resilience.redis_reading.CONNECT_SECONDS", 10.0)
    monkeypatch.setattr("agent.resilience.redis_reading.ANSWER_SECONDS", 10.0)
    made = open_services(Settings.from_env({"DATA_DIR": str(tmp_path), "DEMO": "no"}), clock)
    yield made
    made.close()


@pytest.fixture
def there(redis_url: str) -> Iterator[redis.Redis]:
    """The Redis of the shop, as the shop writes to it."""
    with redis.Redis.from_url(redis_url) as client:
        yield client


Made = Callable[..., Connection]


@pytest.fixture
def connect(services: Services, redis_url: str) -> Made:
    def make(counters: str, url: str = redis_url, key: str = "one", **more: str) -> Connection:
        reference = services.secrets.put(f"{key}.url", url, "ana")
        settings = {"url": reference, "counters": counters, **more}
        return services.records.connections.add(Connection(key, "redis", key, "", settings))

    return make


def values(services: Services) -> dict[str, float]:
    return {one.name: one.value for one in live(services)}


def test_each_kind_of_key_is_counted_in_its_way(
    services: Services, there: redis.Redis, connect: Made, clock: FrozenClock
) -> None:
    now = clock.now().timestamp()
    there.incrby("orders", 41)
    there.incrbyfloat("revenue", "12.5")
    there.pfadd("uniques", *range(3))
    there.zadd("seconds", {"old": now - 301, "a": now - 299, "b": now, "ahead": now + 60})
    there.zadd("milliseconds", {"old": (now - 301) * 1000, "a": (now - 5) * 1000})
    there.sadd("carts", "a", "b")
    for total in ("7", "9.5"):
        there.xadd("events", {"visitors": total})
    lines = "\n".join(
        (
            "Orders = orders\n\n  Revenue=revenue",
            "Uniques = uniques\nSeconds = seconds\nMilliseconds = milliseconds",
            "Carts = carts\nEvents = events\nLast = events#visitors",
        )
    )
    connect(lines)
    done = syncing.sync(services, "one")
    assert (done.read, done.changed, done.notes) == (8, 8, ())
    assert values(services) == {
        "Orders": 41,
        "Revenue": 12.5,
        "Uniques": 3,
        "Seconds": 2,
        "Milliseconds": 1,
        "Carts": 2,
        "Events": 2,
        "Last": 9.5,
    }
    there.incr("orders")
    assert syncing.sync(services, "one").changed == 1


def test_a_pattern_adds_up_and_counts_nobody_twice(
    services: Services, there: redis.Redis, connect: Made
) -> None:
    for page in range(3):
        there.set(f"views:{page}", page)
        there.pfadd(f"people:{page}", "ana", f"only {page}")
    there.zadd("views:times", {"a": 1})
    connect("Views = views:*\nPeople = people:?\nBoth = p*e:0")
    syncing.sync(services, "one")
    assert values(services) == {"Views": 3, "People": 4, "Both": 2}


def test_the_window_is_the_connections_own(
    services: Services, there: redis.Redis, connect: Made, clock: FrozenClock
) -> None:
    now = clock.now().timestamp()
    there.zadd("visitors", {"a": now - 50, "b": now - 70})
    connect("Now = visitors", window="60")
    syncing.sync(services, "one")
    assert values(services) == {"Now": 1}


def test_a_value_says_when_it_was_read_and_that_it_is_old(
    services: Services, there: redis.Redis, connect: Made, clock: FrozenClock
) -> None:
    there.set("visitors", 5)
    connect("Visitors = visitors")
    assert live(services) == ()
    syncing.sync(services, "one")
    first = clock.now()
    assert live(services) == (Counter("one", "Visitors", 5, first, False),)
    clock.advance(180)
    assert not live(services)[0].stale
    clock.advance(1)
    assert live(services)[0].stale
    services.cache.clear("live:*")
    assert live(services) == (Counter("one", "Visitors", 5, first, True),), "from its state"
    services.records.connections.change("one", enabled=False)
    assert live(services) == ()


def test_what_lies_in_the_cache_damaged_does_not_show(
    services: Services, there: redis.Redis, connect: Made
) -> None:
    there.set("visitors", 5)
    connect("Visitors = visitors")
    syncing.sync(services, "one")
    for content in (b"{", b"[1]", b"\xff", b"null"):
        services.cache.set("live:one", content, 60)
        assert values(services) == {"Visitors": 5}
    for content in (
        b'{"at": 1, "values": {}}',
        b'{"at": "2026-01-01T00:00:00+00:00", "values": 7}',
    ):
        services.cache.set("live:one", content, 60)
        assert live(services) == ()


@pytest.mark.parametrize(
    ("key", "write", "said"),
    [
        ("absent", lambda there: None, "There is no key absent in this Redis."),
        ("none:*", lambda there: None, "There is no key none:* in this Redis."),
        ("a", lambda there: there.hset("a", "b", "1"), "a is a hash: no counter."),
        ("a", lambda there: there.rpush("a", "b"), "a is a list: no counter."),
        ("a", lambda there: there.set("a", "many"), "a holds no number."),
        ("a", lambda there: there.set("a", "nan"), "a holds no number."),
        ("a", lambda there: there.set("a", "1e999"), "a holds no number."),
        ("a", lambda there: there.set("a", "9" * 1_000_000), "a holds no number."),
        ("a", lambda there: there.set("a", b"\x00\xff"), "a holds no number."),
        ("a#x", lambda there: there.set("a", "1"), "a is no stream."),
        ("a#x", lambda there: there.xadd("a", {"y": 1}), "The last entry of a has no number x."),
        ("a#x", lambda there: there.xadd("a", {"x": "z"}), "The last entry of a has no number x."),
    ],
)
def test_a_key_that_counts_nothing_is_a_note_beside_the_others(
    services: Services, there: redis.Redis, connect: Made, key: str, write: Any, said: str
) -> None:
    there.set("good", 1)
    write(there)
    connect(f"Bad = {key}\nGood = good")
    assert syncing.sync(services, "one").notes == (said,)
    assert services.records.connections.get("one").notes == [said]
    assert values(services) == {"Good": 1}
    connect(f"Bad = {key}", key="two")
    with pytest.raises(Refused) as refused:
        syncing.sync(services, "two")
    assert refused.value.message == said


def test_a_pattern_that_fits_too_much_is_refused(
    services: Services, there: redis.Redis, connect: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    there.mset({f"views:{number}": 1 for number in range(501)})
    connect("Views = views:*")
    with pytest.raises(Refused, match="More than 500 keys fit"):
        syncing.sync(services, "one")
    monkeypatch.setattr("agent.resilience.redis_reading.STEP", 1)
    monkeypatch.setattr("agent.resilience.redis_reading.MOST_STEPS", 2)
    connect("Nothing = nothing:*", key="two")
    with pytest.raises(Refused, match="too many keys to search it for"):
        syncing.sync(services, "two")


@pytest.mark.parametrize(
    "counters",
    [
        *("", " \n ", "visitors", "= visitors", "Visitors =", "a = b\na = c", f"{'x' * 201} = a"),
        "\n".join(f"n{number} = a" for number in range(51)),
    ],
)
def test_lines_that_cannot_be_read_are_refused_before_anything_is_asked(
    services: Services, connect: Made, counters: str
) -> None:
    connect(counters, url=f"redis://127.0.0.1:{free_port()}/0")
    with pytest.raises(Refused):
        syncing.sync(services, "one")


@pytest.mark.parametrize("window", ["0", "86401", "soon", "-5", "٣٠٠"])
def test_a_window_that_is_none_is_refused(services: Services, connect: Made, window: str) -> None:
    connect("a = b", window=window)
    with pytest.raises(Refused, match="from 1 to 86400"):
        syncing.sync(services, "one")


@pytest.mark.parametrize(
    "url",
    [
        *("http://x.example", "redis://", "visitors", "unix:///tmp/redis.sock", "redis://h:port/0"),
        "redis://127.0.0.1:6379/0?socket_timeout=999",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(
    services: Services, connect: Made, url: str
) -> None:
    connect("a = b", url=url)
    with pytest.raises(Refused, match="no address of a Redis") as refused:
        syncing.sync(services, "one")
    assert url not in str(refused.value)


def test_a_redis_that_is_away_leaves_the_last_values(
    services: Services, there: redis.Redis, connect: Made, clock: FrozenClock
) -> None:
    there.set("visitors", 5)
    made = connect("Visitors = visitors")
    syncing.sync(services, "one")
    before = services.records.connections.state("one", "live")
    away = f"redis://:hunter2@127.0.0.1:{free_port()}/0"
    services.secrets.put("one.url", away, "ana")
    clock.advance(timedelta(minutes=5).total_seconds())
    with pytest.raises(Unavailable) as failed:
        CONNECTOR.probe(Link(services, made))
    assert "hunter2" not in str(failed.value)
    assert services.records.connections.state("one", "live") == before
    assert [(one.value, one.stale) for one in live(services)] == [(5, True)]


def test_the_second_address_stands_in_and_the_connection_says_so(
    services: Services, there: redis.Redis, connect: Made, redis_url: str
) -> None:
    there.set("visitors", 5)
    second = services.secrets.put("one.replica", redis_url, "ana")
    away = f"redis://:hunter2@127.0.0.1:{free_port()}/0"
    connect("Visitors = visitors", url=away, replica=second)
    syncing.sync(services, "one")
    assert values(services) == {"Visitors": 5}
    (note,) = services.records.connections.get("one").notes
    assert note == "The second address is asked: Redis does not answer."
    # Once the first answers, it is the one that is asked, and nothing is said.
    services.secrets.put("one.url", redis_url, "ana")
    syncing.sync(services, "one")
    assert services.records.connections.get("one").notes in ((), [])
    services.secrets.put("one.url", away, "ana")
    services.secrets.put("one.replica", away, "ana")
    with pytest.raises(Unavailable):
        syncing.sync(services, "one")


def test_a_user_that_may_only_read_is_enough_and_another_is_refused(
    services: Services, there: redis.Redis, connect: Made, redis_url: str
) -> None:
    there.set("views:1", 4)
    there.pfadd("people", "ana")
    there.execute_command("ACL", "SETUSER", "reader", "on", ">planted-pw", "~*", "+@read")
    there.execute_command("ACL", "SETUSER", "nobody", "on", ">planted-pw")
    try:
        host = redis_url.removeprefix("redis://")
        connect("Views = views:*\nPeople = people", url=f"redis://reader:planted-pw@{host}")
        syncing.sync(services, "one")
        assert values(services) == {"Views": 4, "People": 1}
        for at, user in enumerate(("nobody:planted-pw", "reader:wrong-planted-pw")):
            connect("Views = views:1", url=f"redis://{user}@{host}", key=f"bad{at}")
            with pytest.raises(NotConfigured, match="Redis refuses") as refused:
                syncing.sync(services, f"bad{at}")
            assert "planted" not in str(refused.value)
    finally:
        there.execute_command("ACL", "DELUSER", "reader", "nobody")


def test_only_commands_that_read_are_sent(
    services: Services, there: redis.Redis, connect: Made
) -> None:
    there.set("a:1", 1)
    there.pfadd("b", "x")
    there.zadd("c", {"x": 1})
    there.xadd("d", {"x": 1})
    there.sadd("e", "x")
    connect("A = a:*\nB = b\nC = c\nD = d\nX = d#x\nE = e")
    there.config_resetstat()
    syncing.sync(services, "one")
    sent = {name.removeprefix("cmdstat_") for name in there.info("commandstats")}
    writing = {str(name) for name in there.execute_command("ACL", "CAT", "write")}
    assert "b'set'" in writing
    assert [name for name in sent if str(name.encode()) in writing] == []
    assert {"type", "scan", "getrange", "pfcount", "zcount", "xlen", "xrevrange", "scard"} <= sent


def test_a_try_shows_the_values_and_keeps_nothing(
    services: Services, there: redis.Redis, connect: Made
) -> None:
    there.set("visitors", 5)
    made = connect("Visitors = visitors\nNothing = nothing")
    probe = connector("redis").probe(Link(services, made))
    assert probe.columns == ("Counter", "Now")
    assert list(probe.rows) == [("Visitors", "5"), ("Nothing", "—")]
    assert probe.notes == ("There is no key nothing in this Redis.",)
    assert live(services) == ()
    assert services.records.connections.states("one") == {}


def test_counters_have_no_past(services: Services, connect: Made) -> None:
    link = Link(services, connect("a = b"))
    with pytest.raises(Refused, match="have no past"):
        CONNECTOR.backfill(link, date(2026, 1, 1), date(2026, 1, 2))
    assert list(CONNECTOR.replay(link, "live", ["a", "b"])) == ["Live counters reject nothing."] * 2
