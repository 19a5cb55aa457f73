"""The server twin: a level in this process before one in Redis, which all processes share."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from cachelib.serializers import RedisSerializer
from flask_caching.backends import RedisCache as RedisBackend

from agent.cache.levels import Counts
from agent.cache.memory import ENTRIES, only_bytes
from agent.cache.shelf import Shelf, matcher
from agent.errors import Unavailable
from agent.ports import Level
from agent.words import n, t

if TYPE_CHECKING:
    from agent.ports import Bus
    from agent.resilience import RedisServer

LOG = logging.getLogger(__name__)
PART = "cache"
CLEARED = "cache.cleared"
"""The topic under which processes tell one another which pattern to forget."""
NEAR_BYTES = 32 * 2**20
NEAR_SECONDS = 300.0
"""A process that did not hear of a clearing keeps what was cleared no longer than this."""
STEP = 1_000
MOST_STEPS = 2_000
COUNTED_STEPS = 20


class Sealing(Protocol):
    """What closes values so that only this installation opens them, and only under their key."""

    def close(self, value: bytes, place: str) -> bytes: ...

    def open(self, sealed: bytes, place: str) -> bytes | None: ...


class RedisCache:
    """In this process, and sealed in Redis. What is near is answered without asking Redis; while
    Redis is away, this process goes on with its own level.

    A value that was not sealed by this installation for this very key reads as absent. With a
    `bus`, a pattern that one process clears is cleared in all of them.
    """

    def __init__(
        self,
        server: RedisServer,
        seal: Sealing,
        bus: Bus | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server, self._seal, self._bus = server, seal, bus
        self._prefix = server.named(PART)
        self._backend = RedisBackend(host=server.client, key_prefix=self._prefix)
        self._backend.serializer = BytesOnly()
        self._near = Shelf(ENTRIES, NEAR_BYTES, monotonic)
        self._near_counts, self._far_counts = Counts(), Counts()
        self._end = bus.subscribe(CLEARED, self._told) if bus else _nothing

    def get(self, key: str) -> bytes | None:
        value = self._near_counts.found(self._near.get(key))
        return self._fetched(key) if value is None else value

    def set(self, key: str, value: bytes, seconds: int) -> None:
        only_bytes(value)
        if seconds <= 0:
            return
        sealed = self._seal.close(value, key)
        near = min(float(seconds), NEAR_SECONDS)
        try:
            self._server.call(lambda _: self._backend.set(key, sealed, seconds))
        except Unavailable:
            self._far_counts.add("failures")
            near = float(seconds)
        self._near.set(key, value, near)

    def clear(self, pattern: str) -> int:
        """As `Cache.clear`, in Redis and in every process. Raises Unavailable where Redis keeps
        what this process forgot."""
        near = self._near.forget(pattern)
        try:
            far = self._forgotten(pattern)
        except Unavailable as error:
            self._far_counts.add("failures")
            raise Unavailable(
                n(
                    "This process forgot {count} answer; Redis still has its own.",
                    "This process forgot {count} answers; Redis still has its own.",
                    len(near),
                    count=len(near),
                ),
                hint=t("Clear again when Redis answers."),
            ) from error
        if self._bus:
            self._bus.publish(CLEARED, {"pattern": pattern})
        return len({*near, *far})

    def counts(self) -> dict[str, int]:
        near, far = self._near_counts.all(), self._far_counts.all()
        return {
            "hits": near["hits"] + far["hits"],
            "misses": near["misses"] - far["hits"],
            "failures": far["failures"],
        }

    def levels(self) -> tuple[Level, ...]:
        near = self._near_counts.level("process", *self._near.held())
        return near, self._far_level()

    def ping(self) -> None:
        try:
            self._server.ping()
        except Unavailable as error:
            raise Unavailable(
                f"{error.message} This process caches for itself.",
                hint="Start Redis or correct REDIS_URL.",
            ) from error

    def close(self) -> None:
        self._end()
        self._near.clear()
        self._server.close()

    def _fetched(self, key: str) -> bytes | None:
        """The value in Redis, from now on near for as long as Redis has it."""
        try:
            sealed, left = self._server.call(lambda client: _with_time(client, self._prefix + key))
        except Unavailable:
            self._far_counts.add("failures")
            return None
        value = None if sealed is None else self._seal.open(sealed, key)
        if value is not None and left > 0:
            self._near.set(key, value, min(left / 1000, NEAR_SECONDS))
        return self._far_counts.found(value)

    def _told(self, message: dict[str, Any]) -> None:
        self._near.forget(str(message.get("pattern", "")))

    def _forgotten(self, pattern: str) -> tuple[str, ...]:
        """The keys in Redis that a pattern fitted, removed step by step: others are served between
        the steps."""
        fits, found = matcher(pattern), dict[str, None]()
        for step in islice(self._steps(), MOST_STEPS):
            keys = [key for key in step if fits(key)]
            if keys:
                self._server.call(partial(_unlinked, self._backend, keys))
            found.update(dict.fromkeys(keys))
        return tuple(found)

    def _steps(self) -> Iterator[list[str]]:
        """All keys of ours in Redis, some at a time; a key may come twice."""
        place = -1
        while place != 0:
            start = max(place, 0)
            place, names = self._server.call(partial(_scanned, self._server.all_of(PART), start))
            yield [name.decode(errors="replace").removeprefix(self._prefix) for name in names]

    def _far_level(self) -> Level:
        try:
            entries, size, whole = self._far_held()
        except Unavailable as error:
            return self._far_counts.level("redis", 0, 0, whole=False, trouble=error.message)
        return self._far_counts.level("redis", entries, size, whole=whole)

    def _far_held(self) -> tuple[int, int, bool]:
        """Entries and bytes in Redis, counted up to some number of steps."""
        entries = size = 0
        steps = self._steps()
        for step in islice(steps, COUNTED_STEPS):
            names = [self._prefix + key for key in step]
            sizes = self._server.call(partial(_sizes, names))
            entries, size = entries + len(names), size + sum(sizes)
        return entries, size, next(steps, None) is None


class BytesOnly(RedisSerializer):
    """Takes the place of Flask-Caching's pickle: whoever writes to Redis must not run code here."""

    def dumps(self, value: Any, protocol: int = 0) -> bytes:
        return only_bytes(value)

    def loads(self, bvalue: bytes | None) -> bytes | None:
        return bvalue

    def dump(self, value: Any, f: Any, protocol: int = 0) -> None:
        f.write(only_bytes(value))

    def load(self, f: Any) -> bytes:
        return bytes(f.read())


def _with_time(client: Any, name: str) -> tuple[bytes | None, int]:
    """A value and the milliseconds it has left, in one round trip."""
    asked = client.pipeline(transaction=False)
    asked.get(name)
    asked.pttl(name)
    value, left = asked.execute()
    return value, left


def _scanned(pattern: str, start: int, client: Any) -> tuple[int, list[bytes]]:
    place, names = client.scan(start, pattern, STEP)
    return place, names


def _unlinked(backend: Any, keys: list[str], _: Any) -> None:
    backend.unlink(*keys)


def _sizes(names: list[str], client: Any) -> list[int]:
    asked = client.pipeline(transaction=False)
    for name in names:
        asked.strlen(name)
    # A key of another type under our prefix is nobody's answer.
    return [size for size in asked.execute(raise_on_error=False) if isinstance(size, int)]


def _nothing() -> None:
    return
