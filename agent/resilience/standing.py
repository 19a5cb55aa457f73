"""What the breaker of an upstream stands at: kept here, and in Redis where processes share it."""

from __future__ import annotations

import logging
import math
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pybreaker

from agent.errors import Unavailable
from agent.ports import Clock
from agent.resilience.policies import title_of
from agent.resilience.redis_server import RedisServer

LOG = logging.getLogger(__name__)
PART = "upstream"
KEPT_SECONDS = 7 * 86_400
LONGEST_REASON = 300
NOBODY = ("", float("-inf"))
CLOSED, HALF, OPEN = pybreaker.STATE_CLOSED, pybreaker.STATE_HALF_OPEN, pybreaker.STATE_OPEN


@dataclass(frozen=True)
class Found:
    """`since` and `opened` are seconds since 1970; 0 for never."""

    state: str = CLOSED
    counted: int = 0
    since: float = 0.0
    opened: float = 0.0
    reason: str = ""


class SharedState(pybreaker.CircuitBreakerStorage):
    """pybreaker's storage over a Redis that may be away: the state is looked up once a call, and
    written where it changes. While Redis is away this process goes on with what it knew, and tells
    Redis afterwards.
    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        server: RedisServer | None = None,
        changed: Callable[[], None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(name)
        self._clock, self._server, self._changed = clock, server, changed
        self._monotonic = monotonic
        self._found = Found()
        self._owed = False
        self._lock = threading.RLock()
        self._trial = NOBODY
        self._me = uuid.uuid4().hex.encode()

    @property
    def found(self) -> Found:
        return self._found

    def look(self) -> Found:
        """What all processes know by now."""
        if self._server is None:
            return self._found
        try:
            kept = _read(self._ask(lambda redis: redis.hgetall(self._key)))
            if kept and not (self._owed and kept.since <= self._found.since):
                self._become(kept)
                self._owed = False
            elif self._owed or self._found.state != CLOSED:
                # Redis was away, or was emptied: nobody there knows better than we do.
                self._write(**asdict(self._found))
        except Unavailable:
            pass
        return self._found

    def now(self) -> float:
        return self._clock.now().timestamp()

    def claim(self, seconds: float) -> str:
        """A ticket for the one try of a half open breaker, "" where another has it. It is given
        back by `release`, and by itself after the seconds."""
        ticket = uuid.uuid4().hex
        with self._lock:
            if self._trial[1] > self._monotonic():
                return ""
            self._trial = (ticket, self._monotonic() + seconds)
        with suppress(Unavailable):
            if not self._ask(lambda redis: self._claimed(redis, math.ceil(seconds * 1000))):
                self._trial = NOBODY
                return ""
        return ticket

    def release(self, ticket: str) -> None:
        """Whoever took longer than the ticket lasted gives back nobody else's."""

        def give_back(redis: Any) -> None:
            if redis.get(self._try) == self._me:
                redis.delete(self._try)

        with suppress(Unavailable):
            self._ask(give_back)
        with self._lock:
            if self._trial[0] == ticket:
                self._trial = NOBODY

    def _claimed(self, redis: Any, life: int) -> bool:
        taken = redis.set(self._try, self._me, nx=True, px=life)
        # Ours from before, when Redis was away as it was given back.
        return bool(taken) or redis.get(self._try) == self._me

    def note(self, reason: str) -> None:
        """Why the last call failed."""
        self._write(reason=" ".join(reason.split())[:LONGEST_REASON])

    # What pybreaker asks of a storage.

    @property
    def state(self) -> str:
        return self._found.state

    @state.setter
    def state(self, state: str) -> None:
        if state != self._found.state:
            now = self.now()
            opened = now if state == OPEN else self._found.opened
            self._write(state=state, since=now, opened=opened)

    def increment_counter(self) -> None:
        with self._lock:
            counted = self._found.counted + 1
            if not self._owed:
                with suppress(Unavailable):
                    counted = int(self._ask(lambda redis: redis.hincrby(self._key, "counted", 1)))
            self._write(counted=counted)

    def reset_counter(self) -> None:
        if self._found.counted:
            self._write(counted=0, reason="")

    @property
    def counter(self) -> int:
        return self._found.counted

    @property
    def success_counter(self) -> int:
        # One call that works closes the breaker.
        return 1

    @property
    def opened_at(self) -> datetime | None:
        return datetime.fromtimestamp(self._found.opened, UTC) if self._found.opened else None

    @opened_at.setter
    def opened_at(self, moment: datetime) -> None:
        """By our own clock, whatever the moment; set together with the state."""

    @property
    def _key(self) -> str:
        return self._server.named(PART) + self.name if self._server else self.name

    @property
    def _try(self) -> str:
        return f"{self._key}:try"

    def _ask(self, action: Callable[[Any], Any]) -> Any:
        if self._server is None:
            raise Unavailable("There is no Redis.")
        return self._server.call(action)

    def _write(self, **fields: Any) -> None:
        with self._lock:
            self._become(replace(self._found, **fields))
            if self._server is None:
                return
            # What changed, so that nobody's later word is undone; all of it after a silence.
            told = asdict(self._found) if self._owed else fields
            self._owed = True
            with suppress(Unavailable):
                self._ask(lambda redis: _tell(redis, self._key, told))
                self._owed = False

    def _become(self, found: Found) -> None:
        before, self._found = self._found, found
        if before.state != found.state:
            _say(self.name, before.state, found)
            self._changed()


def _read(kept: Mapping[bytes, bytes]) -> Found | None:
    """What Redis keeps; None where that is nothing, or not ours."""
    if not kept:
        return None
    try:
        fields = {name.decode(): value.decode() for name, value in kept.items()}
        found = Found(
            fields.get("state", CLOSED),
            int(fields.get("counted", 0)),
            float(fields.get("since", 0)),
            float(fields.get("opened", 0)),
            fields.get("reason", ""),
        )
    except ValueError:
        return None
    sound = math.isfinite(found.since) and math.isfinite(found.opened)
    return found if sound and found.state in (CLOSED, HALF, OPEN) else None


def _tell(redis: Any, key: str, fields: Mapping[str, Any]) -> None:
    line = redis.pipeline(transaction=True)
    line.hset(key, mapping={name: str(value) for name, value in fields.items()})
    line.expire(key, KEPT_SECONDS)
    line.execute()


def _say(name: str, before: str, found: Found) -> None:
    if found.state == OPEN:
        LOG.warning("%s (%s) is left alone for a while: %s", title_of(name), name, found.reason)
    elif found.state == CLOSED and before != CLOSED:
        LOG.warning("%s (%s) answers again.", title_of(name), name)
