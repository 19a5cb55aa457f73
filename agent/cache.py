"""The cache twins, both on Flask-Caching's backends, both for bytes alone: nothing here unpickles.

Values live under keys that name their content (a question and its table versions), so a stale one
is never asked for again and nothing is deleted by hand.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cachelib.serializers import RedisSerializer
from flask_caching.backends import BaseCache
from flask_caching.backends import RedisCache as RedisBackend

from agent.errors import Unavailable
from agent.ports import Cache
from agent.secrets import Seal

if TYPE_CHECKING:
    from agent.resilience import RedisServer

ENTRIES = 4096
BYTES = 64 * 2**20
FALLBACK_BYTES = 16 * 2**20
KEY_PREFIX = "royal:cache:"
FOREVER = 365 * 86_400


class MemoryCache:
    """In this process, bounded: the entries least recently used make room for new ones."""

    def __init__(
        self,
        entries: int = ENTRIES,
        size: int = BYTES,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._shelf = Shelf(entries, size, monotonic)
        self._counts = _Counts()

    def get(self, key: str) -> bytes | None:
        return self._counts.found(self._shelf.get(key))

    def set(self, key: str, value: bytes, seconds: int) -> None:
        """Keep a value; not at all for 0 seconds, or when it alone is larger than the cache."""
        only_bytes(value)
        if seconds > 0:
            self._shelf.set(key, value, seconds)

    def counts(self) -> dict[str, int]:
        return self._counts.all()

    def ping(self) -> None:
        return

    def close(self) -> None:
        self._shelf.clear()


class RedisCache:
    """In Redis, sealed, shared by all processes; while Redis is away, a small shelf of our own.

    A value that was not sealed by this installation for this very key reads as absent.
    """

    def __init__(
        self,
        server: RedisServer,
        seal: Seal,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server
        self._seal = seal
        self._backend = RedisBackend(host=server.client, key_prefix=KEY_PREFIX)
        self._backend.serializer = BytesOnly()
        self._fallback = Shelf(ENTRIES, FALLBACK_BYTES, monotonic)
        self._counts = _Counts()

    def get(self, key: str) -> bytes | None:
        try:
            sealed: bytes | None = self._server.call(lambda _: self._backend.get(key))
        except Unavailable:
            self._counts.add("failures")
            return self._counts.found(self._fallback.get(key))
        return self._counts.found(None if sealed is None else self._seal.open(sealed, key))

    def set(self, key: str, value: bytes, seconds: int) -> None:
        only_bytes(value)
        if seconds <= 0:
            return
        sealed = self._seal.close(value, key)
        try:
            self._server.call(lambda _: self._backend.set(key, sealed, seconds))
        except Unavailable:
            self._counts.add("failures")
            self._fallback.set(key, value, seconds)

    def counts(self) -> dict[str, int]:
        return self._counts.all()

    def ping(self) -> None:
        try:
            self._server.ping()
        except Unavailable as error:
            raise Unavailable(
                f"{error.message} This process caches for itself.",
                hint="Start Redis or correct REDIS_URL.",
            ) from error

    def close(self) -> None:
        self._fallback.clear()
        self._server.close()


class Shelf(BaseCache):
    """A Flask-Caching backend in this process: bounded by entries and by bytes, least recent out.

    Flask-Caching's own SimpleCache pickles, counts no bytes and drops by age instead of by use.
    """

    def __init__(self, entries: int, size: int, monotonic: Callable[[], float]) -> None:
        super().__init__(default_timeout=FOREVER)
        self._entries, self._size, self._monotonic = entries, size, monotonic
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes | None:
        with self._lock:
            until, value = self._kept.get(key, (0.0, b""))
            if until <= self._monotonic():
                self._drop(key)
                return None
            self._kept.move_to_end(key)
            return value

    def set(self, key: str, value: bytes, timeout: int | timedelta | None = None) -> bool:
        until = self._monotonic() + (self._normalize_timeout(timeout) or FOREVER)
        with self._lock:
            self._drop(key)
            if _weight(key, value) > self._size:
                return False
            self._kept[key] = (until, value)
            self._bytes += _weight(key, value)
            while self._bytes > self._size or len(self._kept) > self._entries:
                self._drop(next(iter(self._kept)))
        return True

    def add(self, key: str, value: bytes, timeout: int | timedelta | None = None) -> bool:
        return not self.has(key) and self.set(key, value, timeout)

    def has(self, key: str) -> bool:
        return self.get(key) is not None

    def delete(self, key: str) -> bool:
        with self._lock:
            return self._drop(key)

    def clear(self) -> bool:
        with self._lock:
            self._kept.clear()
            self._bytes = 0
        return True

    def _drop(self, key: str) -> bool:
        found = self._kept.pop(key, None)
        if found is not None:
            self._bytes -= _weight(key, found[1])
        return found is not None


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


class Front(BaseCache):
    """Either twin as a backend of Flask-Caching, for code that speaks to `flask_caching.Cache`.

    Cache(app, config={"CACHE_TYPE": "agent.cache.Front", "CACHE_ARGS": [services.cache]})
    """

    def __init__(self, cache: Cache, default_timeout: int = 300) -> None:
        super().__init__(default_timeout=default_timeout)
        self._cache = cache

    @classmethod
    def factory(
        cls, app: Any, config: dict[str, Any], args: list[Any], kwargs: dict[str, Any]
    ) -> Front:
        return cls(args[0], kwargs["default_timeout"])

    def get(self, key: str) -> bytes | None:
        return self._cache.get(key)

    def set(self, key: str, value: bytes, timeout: int | timedelta | None = None) -> bool:
        self._cache.set(key, value, self._normalize_timeout(timeout) or FOREVER)
        return True

    def has(self, key: str) -> bool:
        return self._cache.get(key) is not None


def only_bytes(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError(f"the cache keeps bytes, not {type(value).__name__}")
    return value


class _Counts:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = Counter(hits=0, misses=0, failures=0)

    def add(self, name: str) -> None:
        with self._lock:
            self._numbers[name] += 1

    def found(self, value: bytes | None) -> bytes | None:
        self.add("misses" if value is None else "hits")
        return value

    def all(self) -> dict[str, int]:
        with self._lock:
            return dict(self._numbers)


def _weight(key: str, value: bytes) -> int:
    # About what the entry, its key and its tuple take beside the value itself.
    return len(value) + len(key) + 200
