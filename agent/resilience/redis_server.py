"""Asking a Redis that may be away: shortly, once, and then not again until a pause is over."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import pybreaker
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from agent.errors import Unavailable

LOG = logging.getLogger(__name__)
ANSWER_SECONDS = 0.25
PAUSE_SECONDS = 5.0
PREFIX = "royal"
_SIGNS = re.compile(r"[*?\[\]\\]")
AWAY = "Redis does not answer."
T = TypeVar("T")


class RedisServer:
    """One Redis. A call costs 0.25 s at most; after a failed one, calls fail at once.

    Nobody waits to find out whether Redis is back: a thread tries every `pause` seconds. `prefix`
    begins every key and channel of this installation: others may use the same Redis.
    """

    def __init__(self, url: str, pause: float = PAUSE_SECONDS, prefix: str = PREFIX) -> None:
        self.client = connect(url)
        self._prefix = prefix
        self._pause = pause
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=1,
            reset_timeout=0,
            # An error that Redis itself answers (a wrong type, no memory) shows that it is there.
            exclude=[redis.ResponseError],
            listeners=[_Notices()],
            throw_new_error_on_trip=False,
            name="redis",
        )
        self._reason = AWAY
        self._closed = threading.Event()
        self._watched = threading.Lock()

    def call(self, action: Callable[[redis.Redis], T]) -> T:
        """What the action returns; raises Unavailable for every way in which Redis can fail."""
        if self._breaker.current_state != pybreaker.STATE_CLOSED:
            self._watch()
            raise Unavailable(self._reason)
        try:
            # Not `breaker.call`: it holds a lock while Redis works, and readers would queue up.
            return self._breaker.state.call(action, self.client)
        except (redis.RedisError, pybreaker.CircuitBreakerError, OSError) as error:
            self._reason = _reason(error)
            raise Unavailable(self._reason) from error

    def named(self, part: str) -> str:
        """What the keys, or channels, of a part begin with: "royal:cache:" of "cache"."""
        return f"{self._prefix}:{part}:"

    def all_of(self, part: str) -> str:
        """The pattern that every key, or channel, of a part fits, and nothing else."""
        return _SIGNS.sub(r"\\\g<0>", self.named(part)) + "*"

    def ping(self) -> None:
        self.call(lambda client: client.ping())

    @contextmanager
    def subscription(self, pattern: str) -> Iterator[Subscription]:
        """A line that brings what is published to channels; raises Unavailable when it breaks."""
        line = self.client.pubsub()  # type: ignore[no-untyped-call]  # redis types it in part
        try:
            line.psubscribe(pattern)
            yield Subscription(line)
        except (redis.RedisError, OSError) as error:
            raise Unavailable(_reason(error)) from error
        finally:
            line.close()

    def close(self) -> None:
        self._closed.set()
        self.client.close()

    def _watch(self) -> None:
        if self._watched.acquire(blocking=False):
            threading.Thread(target=self._try_again, name="redis-watch", daemon=True).start()

    def _try_again(self) -> None:
        try:
            while not self._closed.wait(self._pause) and not self._answers():
                pass
        finally:
            self._watched.release()

    def _answers(self) -> bool:
        with suppress(redis.RedisError, pybreaker.CircuitBreakerError, OSError):
            self._breaker.call(self.client.ping)
            return True
        return False


class Subscription:
    """Messages of a subscription, for one thread."""

    def __init__(self, line: redis.client.PubSub) -> None:
        self._line = line

    def next(self, seconds: float) -> tuple[str, str, bytes] | None:
        """(kind, channel, content) of the next message, None when none comes within the seconds."""
        message = self._line.get_message(timeout=seconds)
        if message is None:
            return None
        content = message["data"] if isinstance(message["data"], bytes) else b""
        return message["type"], (message["channel"] or b"").decode(errors="replace"), content

    def ping(self) -> None:
        self._line.ping()


def connect(url: str, **options: Any) -> redis.Redis:
    """A client that never waits long; it opens no connection before the first call.

    Retries are off by name: redis-py 8.1 retries by default in its constructor (a call to a frozen
    Redis then lasts 7 s), though not in `from_url`.
    """
    settings: dict[str, Any] = {
        "retry": Retry(NoBackoff(), 0),
        "socket_timeout": ANSWER_SECONDS,
        "socket_connect_timeout": ANSWER_SECONDS,
        "driver_info": None,
    }
    return redis.Redis.from_url(url, **settings | options)


def _reason(error: Exception) -> str:
    if isinstance(error, redis.AuthenticationError):
        return "Redis refuses the user or password."
    # A server's own words may quote what was sent to it: they stay out of sentences.
    return "Redis reports an error." if isinstance(error, redis.ResponseError) else AWAY


class _Notices(pybreaker.CircuitBreakerListener):
    """Says in the log when Redis goes and when it is back, not at every call between."""

    def state_change(
        self,
        cb: pybreaker.CircuitBreaker,
        old_state: pybreaker.CircuitBreakerState | None,
        new_state: pybreaker.CircuitBreakerState,
    ) -> None:
        if old_state and old_state.name == pybreaker.STATE_CLOSED:
            LOG.warning("Redis does not answer; this process goes on with its own cache and bus.")
        elif new_state.name == pybreaker.STATE_CLOSED:
            LOG.warning("Redis answers again.")
