"""Bytes kept in this process, bounded by entries and by bytes: the least recent make room."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from fnmatch import translate
from re import compile as pattern_of

from flask_caching.backends import BaseCache

FOREVER = 365 * 86_400


class Shelf(BaseCache):
    """A Flask-Caching backend in this process.

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

    def set(self, key: str, value: bytes, timeout: float | timedelta | None = None) -> bool:
        """Keep a value for some seconds, which may be parts of one."""
        if isinstance(timeout, timedelta):
            timeout = timeout.total_seconds()
        until = self._monotonic() + (timeout or FOREVER)
        with self._lock:
            self._drop(key)
            if _weight(key, value) > self._size:
                return False
            self._kept[key] = (until, value)
            self._bytes += _weight(key, value)
            while self._bytes > self._size or len(self._kept) > self._entries:
                self._drop(next(iter(self._kept)))
        return True

    def add(self, key: str, value: bytes, timeout: float | timedelta | None = None) -> bool:
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

    def forget(self, pattern: str) -> tuple[str, ...]:
        """Drop every key that a pattern of `matcher` fits; returns those keys."""
        fits = matcher(pattern)
        with self._lock:
            found = tuple(key for key in self._kept if fits(key))
            for key in found:
                self._drop(key)
        return found

    def held(self) -> tuple[int, int]:
        """Entries and bytes, those among them whose time is over but which nobody asked for."""
        with self._lock:
            return len(self._kept), self._bytes

    def _drop(self, key: str) -> bool:
        found = self._kept.pop(key, None)
        if found is not None:
            self._bytes -= _weight(key, found[1])
        return found is not None


def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a key fits a pattern of a shell: * is any text, ? a letter, [ab] one of these. The
    same for both levels: Redis reads brackets and backslashes in a way of its own."""
    found = pattern_of(translate(pattern))
    return lambda key: found.match(key) is not None


def _weight(key: str, value: bytes) -> int:
    # About what the entry, its key and its tuple take beside the value itself.
    return len(value) + len(key) + 200
