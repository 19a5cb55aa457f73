"""How often a text of the narrator was used, and why not where it was not."""

from __future__ import annotations

import threading
from collections import Counter


class Tally:
    """Counts since the start of the program. For several threads."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def count(self, outcome: str) -> None:
        with self._lock:
            self._counts[outcome] += 1

    def counts(self) -> dict[str, int]:
        """By outcome: asked, used, kept (used again), or the reason it was not."""
        with self._lock:
            return dict(self._counts)
