"""Everything outside that is asked: within its rate, behind its breaker, tried again if that helps.

upstream = services.upstreams.of("shopify:main")
answer = upstream.call(lambda: post(query))
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

import tenacity

from agent.errors import Failure, Throttled, Unavailable
from agent.ports import Clock
from agent.resilience.breaker import Breaker, Resting, State, counts
from agent.resilience.policies import POLICIES, Policy, pace_of, title_of
from agent.resilience.redis_server import RedisServer
from agent.resilience.standing import SharedState
from agent.resilience.waiting import TOPIC, Queue, Tell, Time
from agent.resilience.windows import Windows
from agent.words import t

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
LONG_REST = 10.0
"""Seconds from which a wait that was asked for is everybody's, not only that of who met it."""
T = TypeVar("T")
Clear = Callable[[Failure], object]


@dataclass(frozen=True)
class Standing:
    """How an upstream is doing.

    state     of its breaker, since when, and why the last call failed ("" where none did)
    again_at  when an open one is tried next
    rate      "200/minute, burst 20", or "none"; `used` of it within its time
    waiting   calls that wait in this process, the last of them until `until`
    calls     made by this process, `failures` of them without an answer; the last took `last_ms`
    """

    name: str
    state: State
    since: datetime | None
    reason: str
    again_at: datetime | None
    rate: str
    used: int
    waiting: int
    calls: int
    failures: int
    last_ms: float
    until: datetime | None = None

    @property
    def title(self) -> str:
        return title_of(self.name)


class Upstreams:
    """One of a name, and its policy by the part of the name before ":"."""

    def __init__(
        self,
        clock: Clock,
        server: RedisServer | None = None,
        policies: Mapping[str, Policy] = POLICIES,
        tell: Tell = lambda topic, message: None,
        time: Time = Time(),  # noqa: B008  # frozen
    ) -> None:
        self._clock, self._server, self._policies = clock, server, policies
        self._tell, self._time = tell, time
        self._windows = Windows(server, time.now)
        self._lines: dict[str, _Line] = {}
        self._lock = threading.Lock()

    def of(self, name: str, stopping: threading.Event | None = None) -> Upstream:
        """`stopping` ends every wait of its calls at once."""
        with self._lock:
            if name not in self._lines:
                self._lines[name] = self._line(name, self._policy(name))
            return Upstream(self._lines[name], stopping)

    def standings(self) -> tuple[Standing, ...]:
        """Of all that were asked for since the start, by name."""
        with self._lock:
            lines = sorted(self._lines.values(), key=lambda line: line.name)
        return tuple(line.standing() for line in lines)

    def tried(self, name: str, stopping: threading.Event | None = None) -> Upstream:
        """One for somebody who looks on, and who may have typed another address just now: given up
        soon, whatever became of the one before, and in no list."""
        return Upstream(self._line(name, self._policy(name).tried), stopping)

    def _policy(self, name: str) -> Policy:
        return self._policies.get(name.partition(":")[0], Policy())

    def _line(self, name: str, policy: Policy) -> _Line:
        def changed() -> None:
            self._tell(TOPIC, {"name": name})

        server = self._server if policy.shared else None
        shared = SharedState(name, self._clock, server, changed, self._time.monotonic)
        breaker = Breaker(shared, policy.failures, policy.pause)
        queue = Queue(self._clock, self._time, changed)
        return _Line(name, policy, breaker, self._windows, queue, self._time)


@dataclass
class _Line:
    """What all calls of an upstream share in this process."""

    name: str
    policy: Policy
    breaker: Breaker
    windows: Windows
    queue: Queue
    time: Time
    calls: int = 0
    failures: int = 0
    last_ms: float = 0.0
    rests: tuple[float, str] = (0.0, "")
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.pace = self.policy.pace

    def measured(self, action: Callable[[], T]) -> T:
        began, lost = time.perf_counter(), False
        try:
            return action()
        except BaseException as error:
            lost = counts(error)
            raise
        finally:
            with self.lock:
                self.calls += 1
                self.failures += lost
                self.last_ms = round((time.perf_counter() - began) * 1000, 3)

    def rest(self, failure: Throttled) -> None:
        """It asked to be left alone for long: nobody of this process asks before that is over."""
        if failure.after >= LONG_REST:
            self.rests = (self.time.monotonic() + failure.after, failure.message)

    def standing(self) -> Standing:
        state, since, again_at, reason = self.breaker.look()
        waiting, until = self.queue.look()
        return Standing(
            name=self.name,
            state=state,
            since=since,
            reason=reason,
            again_at=again_at,
            rate=str(self.pace),
            used=self.windows.used(self.name, self.pace),
            waiting=waiting,
            calls=self.calls,
            failures=self.failures,
            last_ms=self.last_ms,
            until=until,
        )


class Upstream:
    """Something outside, asked within its policy. For several threads."""

    def __init__(
        self, line: _Line, stopping: threading.Event | None = None, clear: Clear | None = None
    ) -> None:
        self._line, self._stopping, self._clear = line, stopping, clear

    def discreet(self, clear: Clear) -> Upstream:
        """The same, for calls whose failures go through `clear` before anybody notes them."""
        return Upstream(self._line, self._stopping, clear)

    @property
    def name(self) -> str:
        return self._line.name

    @property
    def policy(self) -> Policy:
        return self._line.policy

    def call(
        self,
        action: Callable[[], T],
        *,
        tries: int | None = None,
        deadline: float | None = None,
        stopping: threading.Event | None = None,
    ) -> T:
        """What the action returns, called as often as is allowed and can help, for `deadline`
        seconds at most, waits included.

        Raises the last Failure; Unavailable, naming when it is tried next, while the breaker is
        open; Throttled where its turn would come after the deadline; Stopped once `stopping` is
        set.
        """
        policy = self._line.policy
        limits = replace(
            policy,
            tries=policy.tries if tries is None else tries,
            deadline=policy.deadline if deadline is None else deadline,
        )
        one = _Call(self._line, limits, self._line.time, stopping or self._stopping)
        return one.made(lambda: self._cleared(action))

    def _cleared(self, action: Callable[[], T]) -> T:
        try:
            return action()
        except Failure as failure:
            if self._clear:
                self._clear(failure)
            raise


class _Call:
    """One call with its tries. A Throttled that names its seconds uses up no try."""

    def __init__(
        self, line: _Line, limits: Policy, time: Time, stopping: threading.Event | None
    ) -> None:
        self._line, self._limits, self._time, self._stopping = line, limits, time, stopping
        self._began, self._waited, self._throttled = time.monotonic(), 0.0, 0

    def made(self, action: Callable[[], T]) -> T:
        again = tenacity.Retrying(
            retry=_CAN_PASS, wait=self._pause, stop=self._over, sleep=self._wait, reraise=True
        )
        found: T = again(self._once, action)
        return found

    def _once(self, action: Callable[[], T]) -> T:
        self._let_rest()
        self._take_turn()
        try:
            return self._line.breaker.call(lambda: self._line.measured(action))
        except Throttled as failure:
            self._line.rest(failure)
            raise

    def _let_rest(self) -> None:
        until, reason = self._line.rests
        seconds = until - self._time.monotonic()
        if seconds > self._left():
            raise _Late(reason, after=seconds)
        if seconds > 0:
            self._wait(seconds)

    def _take_turn(self) -> None:
        pace = self._line.pace
        while seconds := self._line.windows.take(self._line.name, pace):
            if seconds > self._left():
                raise _Late(
                    t(
                        "No more than {rate} may be asked of {name}, and others were first.",
                        name=title_of(self._line.name),
                        rate=pace_of(pace),
                    ),
                    after=seconds,
                )
            self._wait(seconds)

    def _wait(self, seconds: float) -> None:
        self._waited += seconds
        self._line.queue.wait(seconds, self._stopping)

    def _left(self) -> float:
        # What was slept counts in any case: a clock that stands must not make it endless.
        return self._limits.deadline - max(self._time.monotonic() - self._began, self._waited)

    def _pause(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, Throttled) and error.after > 0:
            self._throttled += 1
            return error.after
        return _BACKOFF(state)

    def _over(self, state: tenacity.RetryCallState) -> bool:
        tried = state.attempt_number - self._throttled
        return tried >= self._limits.tries or state.upcoming_sleep > self._left()


class _Late(Throttled):
    """The turn would come after the deadline."""


def _can_pass(error: BaseException) -> bool:
    return isinstance(error, Unavailable) and not isinstance(error, Resting | _Late)


_CAN_PASS = tenacity.retry_if_exception(_can_pass)
_BACKOFF = tenacity.wait_exponential_jitter(
    multiplier=FIRST_PAUSE, max=LONGEST_PAUSE, jitter=FIRST_PAUSE
)
