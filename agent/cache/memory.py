"""The embedded twin: one level, in this process."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from agent.cache.levels import Counts
from agent.cache.shelf import Shelf
from agent.ports import Level

ENTRIES = 4096
BYTES = 64 * 2**20


class MemoryCache:
    """In this process, bounded: the entries least recently used make room for new ones."""

    def __init__(
        self,
        entries: int = ENTRIES,
        size: int = BYTES,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._shelf = Shelf(entries, size, monotonic)
        self._counts = Counts()

    def get(self, key: str) -> bytes | None:
        return self._counts.found(self._shelf.get(key))

    def set(self, key: str, value: bytes, seconds: int) -> None:
        """Keep a value; not at all for 0 seconds, or when it alone is larger than the cache."""
        only_bytes(value)
        if seconds > 0:
            self._shelf.set(key, value, seconds)

    def clear(self, pattern: str) -> int:
        return len(self._shelf.forget(pattern))

    def counts(self) -> dict[str, int]:
        return self._counts.all()

    def levels(self) -> tuple[Level, ...]:
        return (self._counts.level("process", *self._shelf.held()),)

    def ping(self) -> None:
        return

    def close(self) -> None:
        self._shelf.clear()


def only_bytes(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError(f"the cache keeps bytes, not {type(value).__name__}")
    return value
