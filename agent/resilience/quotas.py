"""How much may be asked of this program itself: questions worked out anew, pictures, models."""

from __future__ import annotations

import hashlib
import math
import threading
from collections.abc import Mapping
from types import MappingProxyType

from agent.errors import Throttled
from agent.kinds import Rate
from agent.ports import Clock
from agent.resilience.policies import pace_of
from agent.resilience.redis_server import RedisServer
from agent.resilience.waiting import TOPIC, Queue, Tell, Time
from agent.resilience.windows import Windows
from agent.settings import Settings
from agent.sharing import Shared
from agent.words import mark, n, t

ONCE = Rate(1, 60, 1)
PATIENCE = 2.0
"""Seconds that somebody waits for a turn before being told to come back."""

SAID: Mapping[str, str] = MappingProxyType(
    {
        "questions": mark(
            "More new figures are asked for than {rate}, which is the limit for one person."
        ),
        "charts": mark(
            "More pictures and PDF files are asked for than {rate}, which is the limit."
        ),
        "fits": mark("More forecasts are asked for than {rate}, which is the limit."),
    }
)


def rates_of(settings: Settings) -> Mapping[str, Rate]:
    """What is limited, by name."""
    return MappingProxyType({name: getattr(settings, f"rate_{name}") for name in SAID})


class Limits:
    def __init__(
        self,
        clock: Clock,
        rates: Mapping[str, Rate],
        server: RedisServer | None = None,
        tell: Tell = lambda topic, message: None,
        time: Time = Time(),  # noqa: B008  # frozen
    ) -> None:
        self._rates, self._tell = rates, tell
        self._windows = Windows(server, time.now)
        self._together: Shared[bool] = Shared(0, int)
        self._queues = {name: self._queue(name, clock, time) for name in rates}

    def take(
        self,
        name: str,
        who: str = "",
        *,
        patience: float = PATIENCE,
        once: str = "",
        stopping: threading.Event | None = None,
    ) -> None:
        """Take one of a limit ("questions", "charts", "fits"), each person their own where `who`
        is said. What is asked for `once`, by the name of what it belongs to, takes one within a
        minute however often it asks. Waits for `patience` seconds at most; raises Throttled with
        the seconds until there is one, and Stopped."""
        if not self._rates[name].amount:
            return

        def take() -> bool:
            self._take(name, who, patience, stopping)
            return True

        if not once:
            take()
            return
        known = f"once:{name}:{_short(who)}:{_short(once)}"

        def first() -> bool:
            if not self._windows.used(known, ONCE):
                take()
                self._windows.take(known, ONCE)
            return True

        # Those who come together wait together, and are refused together.
        self._together.of(known, first)

    def _take(self, name: str, who: str, patience: float, stopping: threading.Event | None) -> None:
        rate, left = self._rates[name], patience
        while seconds := self._windows.take(f"{name}:{_short(who)}", rate):
            if seconds > left:
                raise _too_much(name, rate, seconds)
            left -= seconds
            self._queues[name].wait(seconds, stopping)

    def _queue(self, name: str, clock: Clock, time: Time) -> Queue:
        return Queue(clock, time, lambda: self._tell(TOPIC, {"name": name}))

    def waiting(self) -> Mapping[str, int]:
        """How many wait for a turn in this process, by name of the limit."""
        return {name: queue.look()[0] for name, queue in self._queues.items()}


def _short(text: str) -> str:
    """Neither people nor their questions are named in Redis."""
    return hashlib.sha256(text.encode()).hexdigest()[:24] if text else ""


def _too_much(name: str, rate: Rate, seconds: float) -> Throttled:
    whole = math.ceil(seconds)
    hint = n("Try again in {count} second.", "Try again in {count} seconds.", whole, count=whole)
    return Throttled(t(SAID[name], rate=pace_of(rate)), hint=hint, after=float(whole))
