"""What each level of a cache did, counted."""

from __future__ import annotations

import threading
from collections import Counter

from agent.ports import Level


class Counts:
    """Hits, misses and failures since the start, for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = Counter(hits=0, misses=0, failures=0)

    def add(self, name: str) -> None:
        with self._lock:
            self._numbers[name] += 1

    def found(self, value: bytes | None) -> bytes | None:
        self.add("misses" if value is None else "hits")
        return value

    def level(
        self, name: str, entries: int, size: int, *, whole: bool = True, trouble: str = ""
    ) -> Level:
        """With what a level holds now, how it is doing."""
        counts = self.all()
        done = (counts["hits"], counts["misses"], counts["failures"])
        return Level(name, *done, entries, size, whole, trouble)

    def all(self) -> dict[str, int]:
        with self._lock:
            return dict(self._numbers)
