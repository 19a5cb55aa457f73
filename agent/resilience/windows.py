"""How often something may be done: moving windows, counted here or in Redis for all processes.

A rate with a burst is two windows. "200/minute, burst 20" takes 20 within any 6 seconds, the time
in which the rate earns 20, and 200 within any minute. So 20 may come at once, the pace never goes
above the rate for long, and no minute, wherever it begins, holds more than 200.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import TypeVar

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter

from agent.errors import Unavailable
from agent.kinds import Rate
from agent.resilience.own_storage import OwnStorage
from agent.resilience.redis_server import RedisServer

PART = "rate"
# A window is free again a moment after its oldest entry has left it, not at that very instant.
MOMENT = 0.001
T = TypeVar("T")


class Windows:
    """While Redis is away each process counts for itself, from what it has done so far."""

    def __init__(
        self, server: RedisServer | None = None, now: Callable[[], float] = time.time
    ) -> None:
        """`now` is in seconds since 1970, as all processes know it."""
        self._server, self._now = server, now
        self._own = MovingWindowRateLimiter(OwnStorage(now))
        self._shared = MovingWindowRateLimiter(_storage(server)) if server else None

    def take(self, key: str, rate: Rate) -> float:
        """0 where one more was taken; otherwise the seconds after which asking again can help."""
        for window in _windows(rate):
            if not self._hit(window, key):
                return max(self._seconds(one, key) for one in _windows(rate))
        return 0.0

    def used(self, key: str, rate: Rate) -> int:
        """How many were taken within the rate's time."""
        if not rate.amount:
            return 0
        window = _windows(rate)[-1]
        return window.amount - self._of(lambda kept: kept.get_window_stats(window, key).remaining)

    def _hit(self, window: RateLimitItem, key: str) -> bool:
        if self._server is not None and self._shared is not None:
            shared = self._shared
            with suppress(Unavailable):
                taken = self._server.call(lambda _: shared.hit(window, key))
                if taken:
                    self._own.hit(window, key)
                return taken
        return self._own.hit(window, key)

    def _seconds(self, window: RateLimitItem, key: str) -> float:
        stats = self._of(lambda kept: kept.get_window_stats(window, key))
        return MOMENT if stats.remaining > 0 else max(0.0, stats.reset_time - self._now()) + MOMENT

    def _of(self, ask: Callable[[MovingWindowRateLimiter], T]) -> T:
        if self._server is not None and self._shared is not None:
            shared = self._shared
            with suppress(Unavailable):
                return self._server.call(lambda _: ask(shared))
        return ask(self._own)


def _storage(server: RedisServer) -> RedisStorage:
    # On the connections of the one client that never waits long.
    pool, prefix = server.client.connection_pool, server.named(PART).removesuffix(":")
    return RedisStorage("redis://", connection_pool=pool, key_prefix=prefix)


@lru_cache(maxsize=256)
def _windows(rate: Rate) -> tuple[RateLimitItem, ...]:
    """The short window first: what it refuses costs the long one nothing."""
    if not rate.amount:
        return ()
    whole = RateLimitItemPerSecond(rate.amount, rate.seconds)
    # Whole seconds, rounded down: it must not be slower than the rate.
    short = rate.burst * rate.seconds // rate.amount
    if rate.burst >= rate.amount or short < 1:
        return (whole,)
    return RateLimitItemPerSecond(rate.burst, short), whole
