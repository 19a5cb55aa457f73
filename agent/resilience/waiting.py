"""Waiting that can be seen, and that ends at once when the program stops."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from agent.errors import Stopped
from agent.ports import Clock
from agent.words import t

# A shorter wait is over before anybody has read of it.
WORTH_TELLING = 1.0
TOPIC = "upstreams"
"""Of the notes on the bus that somebody waits, or that a breaker has changed: {"name": ...}."""

Tell = Callable[[str, Mapping[str, Any]], None]
Sleep = Callable[[float, threading.Event | None], None]


def sleep(seconds: float, stopping: threading.Event | None) -> None:
    """For the seconds, or until `stopping` is set."""
    if stopping is None:
        time.sleep(seconds)
    else:
        stopping.wait(seconds)


@dataclass(frozen=True)
class Time:
    """`now` is in seconds since 1970, `monotonic` for spans of this process alone."""

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Sleep = sleep


class Queue:
    """Those who wait for one thing, in this process."""

    def __init__(
        self,
        clock: Clock,
        time: Time = Time(),
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._clock, self._time, self._changed = clock, time, changed
        self._ends: dict[object, datetime] = {}
        self._lock = threading.Lock()

    def wait(self, seconds: float, stopping: threading.Event | None = None) -> None:
        """Raises Stopped as soon as `stopping` is set."""
        ticket = object()
        with self._lock:
            self._ends[ticket] = self._clock.now() + timedelta(seconds=seconds)
        try:
            self._tell(seconds)
            self._time.sleep(seconds, stopping)
        finally:
            with self._lock:
                del self._ends[ticket]
            self._tell(seconds)
        if stopping is not None and stopping.is_set():
            raise Stopped(t("The program was stopped while it waited for its turn."))

    def look(self) -> tuple[int, datetime | None]:
        """How many wait, and until when the last of them does."""
        with self._lock:
            return len(self._ends), max(self._ends.values(), default=None)

    def _tell(self, seconds: float) -> None:
        if seconds >= WORTH_TELLING:
            self._changed()
