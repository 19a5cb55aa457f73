"""How each provider of secrets does: asked, answered, failed, resting."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass

REST_SECONDS = 5.0
"""A provider that does not answer is not asked again for so long."""


@dataclass(frozen=True)
class Standing:
    """`hits` were found there, `misses` were not, `failures` had no answer; `kept` were served from
    memory, `stale` of them because the provider failed. `age` is the seconds since the oldest value
    of it was read, None where none is held; `error` the sentence of its last failure, "" once it
    has answered again."""

    provider: str
    hits: int = 0
    misses: int = 0
    failures: int = 0
    kept: int = 0
    stale: int = 0
    age: float | None = None
    error: str = ""


class Standings:
    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._errors: dict[str, tuple[float, str, bool]] = {}
        self._lock = threading.Lock()

    def count(self, provider: str, what: str) -> None:
        with self._lock:
            self._counts[provider, what] += 1

    def answered(self, provider: str, found: bool) -> None:
        with self._lock:
            self._counts[provider, "hits" if found else "misses"] += 1
            self._errors.pop(provider, None)

    def failed(self, provider: str, at: float, sentence: str, *, rests: bool) -> None:
        with self._lock:
            self._counts[provider, "failures"] += 1
            self._errors[provider] = (at, sentence, rests)

    def resting(self, provider: str, now: float) -> str:
        """The sentence of a failure that is so new that nobody asks again, else ""."""
        with self._lock:
            at, sentence, rests = self._errors.get(provider, (0.0, "", False))
        return sentence if rests and now - at < REST_SECONDS else ""

    def of(self, provider: str, age: float | None) -> Standing:
        with self._lock:
            numbers = {what: n for (name, what), n in self._counts.items() if name == provider}
            error = self._errors.get(provider, (0.0, "", False))[1]
        return Standing(provider, **numbers, age=age, error=error)
