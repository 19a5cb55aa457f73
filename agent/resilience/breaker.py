"""A breaker in front of an upstream: after failures in a row it is left alone, then one call tries.

closed      calls go through; those that find nobody are counted
open        nothing goes through until the pause is over
half open   one call goes through, in all processes together; it closes or opens the breaker
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar

import pybreaker

from agent.errors import Busy, Failure, Throttled, Unavailable
from agent.resilience.policies import title_of
from agent.resilience.standing import CLOSED, OPEN, SharedState
from agent.words import n, t

SHORTEST_TRIAL = 5.0
T = TypeVar("T")
State = Literal["closed", "half open", "open"]


class Resting(Unavailable):
    """The breaker is open: nobody was asked, and asking again at once cannot help."""


class Breaker:
    def __init__(self, shared: SharedState, failures: int, pause: float) -> None:
        self._shared, self._pause = shared, pause
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=failures,
            reset_timeout=pause,
            exclude=[_answered],
            listeners=[_Reasons(shared)],
            state_storage=shared,
            throw_new_error_on_trip=False,
            name=shared.name,
        )

    def call(self, action: Callable[[], T]) -> T:
        """What the action returns or raises; Resting where it was not called."""
        found = self._shared.look()
        if found.state == CLOSED:
            return self._through(action)
        if found.state == OPEN and self._shared.now() < found.opened + self._pause:
            raise self._resting()
        ticket = self._shared.claim(max(self._pause, SHORTEST_TRIAL))
        if not ticket:
            raise self._resting()
        try:
            if found.state == OPEN:
                self._breaker.half_open()
            return self._through(action)
        finally:
            self._shared.release(ticket)

    def _through(self, action: Callable[[], T]) -> T:
        # Not `breaker.call`: it holds a lock while the upstream works, and others would queue.
        state = self._breaker.state
        if state.name == OPEN:
            # Somebody has opened it since we looked.
            raise self._resting()
        return state.call(action)

    def look(self) -> tuple[State, datetime | None, datetime | None, str]:
        """(state, since when, when it is tried next while it is open, why the last call failed)."""
        found = self._shared.look()
        since = _moment(found.since)
        if found.state == CLOSED:
            return "closed", since, None, found.reason
        again = found.opened + self._pause
        state: State = "open" if found.state == OPEN and self._shared.now() < again else "half open"
        return state, since, _moment(again), found.reason

    def _resting(self) -> Resting:
        _, _, again, reason = self.look()
        title = title_of(self._shared.name)
        if again is None or again.timestamp() <= self._shared.now():
            return Resting(
                t("{name} did not answer of late. {reason}", name=title, reason=reason).strip(),
                hint=t("One call is trying it right now."),
            )
        seconds = math.ceil(again.timestamp() - self._shared.now())
        return Resting(
            t("{name} did not answer of late. {reason}", name=title, reason=reason).strip(),
            hint=n(
                "It is tried again in {count} second.",
                "It is tried again in {count} seconds.",
                seconds,
                count=seconds,
            ),
        )


def reason_of(error: BaseException, name: str) -> str:
    """A sentence for why a call failed; the words of a library may hold an address."""
    if isinstance(error, Failure):
        return error.message
    return t("{name} does not answer.", name=title_of(name))


def counts(error: BaseException) -> bool:
    """Whether an error shows that nobody is there. A refusal, or "too much", is an answer."""
    if isinstance(error, Unavailable):
        return not isinstance(error, Throttled | Busy)
    return isinstance(error, OSError)


def _answered(error: BaseException) -> bool:
    return not counts(error)


def _moment(seconds: float) -> datetime | None:
    # Redis may hold what no calendar does.
    days = timedelta(seconds=min(max(seconds, 0.0), 1e11))
    return datetime(1970, 1, 1, tzinfo=UTC) + days if seconds else None


class _Reasons(pybreaker.CircuitBreakerListener):
    """Keeps why the last call failed, before the breaker opens for it."""

    def __init__(self, shared: SharedState) -> None:
        self._shared = shared

    def failure(self, cb: pybreaker.CircuitBreaker, exc: BaseException) -> None:
        self._shared.note(reason_of(exc, self._shared.name))
