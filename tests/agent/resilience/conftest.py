"""Time that moves only when somebody sleeps, for our own code and for what limits counts with."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from agent.resilience import Time
from tests.clock import FrozenClock


class Ticking:
    """`slept` are the waits; `before_sleep` is what happens while somebody waits."""

    def __init__(self, clock: FrozenClock) -> None:
        self.clock = clock
        self.slept: list[float] = []
        self.before_sleep: Callable[[], object] = lambda: None
        self.time = Time(self.now, self.now, self.sleep)

    def now(self) -> float:
        return self.clock.now().timestamp()

    def sleep(self, seconds: float, stopping: threading.Event | None) -> None:
        self.before_sleep()
        if stopping is not None and stopping.is_set():
            return
        self.slept.append(round(seconds, 3))
        self.clock.advance(seconds)


@pytest.fixture
def ticking(clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> Ticking:
    made = Ticking(clock)
    own = SimpleNamespace(time=made.now)
    monkeypatch.setattr("limits.storage.redis.time", own)
    return made
