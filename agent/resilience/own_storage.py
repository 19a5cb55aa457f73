"""A storage of `limits` in this process: moving windows alone, by a clock that can be given.

The library's MemoryStorage starts a thread at nearly every call, to forget what is over: under load
that costs several times what the call does.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import NoReturn

from limits.storage import MovingWindowSupport, Storage

SWEPT_SECONDS = 60.0


class OwnStorage(Storage, MovingWindowSupport):
    STORAGE_SCHEME = None

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__()
        self._now = now
        self._taken: dict[str, deque[float]] = {}
        self._over: dict[str, float] = {}
        self._swept = now()
        self._lock = threading.Lock()

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        with self._lock:
            now = self._now()
            self._sweep(now)
            taken = self._within(key, now - expiry)
            if len(taken) + amount > limit:
                return False
            taken.extend([now] * amount)
            self._over[key] = now + expiry
            return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """(when the oldest was taken, how many were)."""
        with self._lock:
            now = self._now()
            taken = self._within(key, now - expiry) if key in self._taken else ()
            return (taken[0], len(taken)) if taken else (now, 0)

    def check(self) -> bool:
        return True

    def clear(self, key: str) -> None:
        with self._lock:
            self._taken.pop(key, None)
            self._over.pop(key, None)

    def reset(self) -> int:
        with self._lock:
            count = len(self._taken)
            self._taken.clear()
            self._over.clear()
        return count

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> NoReturn:
        raise NotImplementedError("only moving windows are counted")

    def get(self, key: str) -> NoReturn:
        raise NotImplementedError("only moving windows are counted")

    def get_expiry(self, key: str) -> NoReturn:
        raise NotImplementedError("only moving windows are counted")

    def _within(self, key: str, since: float) -> deque[float]:
        taken = self._taken.setdefault(key, deque())
        while taken and taken[0] < since:
            taken.popleft()
        return taken

    def _sweep(self, now: float) -> None:
        """Forget the windows of those who come no more."""
        if now - self._swept < SWEPT_SECONDS:
            return
        self._swept = now
        for key in [key for key, until in self._over.items() if until < now]:
            del self._taken[key], self._over[key]
