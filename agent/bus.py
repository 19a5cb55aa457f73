"""The bus twins: short JSON messages between the parts of this process, and, by Redis, between all.

Handlers run on a thread of the bus, one after the other, never in the publisher's; a handler that
fails is logged and disturbs nobody.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from agent.errors import Unavailable

if TYPE_CHECKING:
    from agent.resilience import RedisServer, Subscription

LOG = logging.getLogger(__name__)
PART = "bus"
READY_SECONDS = 0.5
READ_SECONDS = 0.5
PING_SECONDS = 10.0
SILENT_SECONDS = 25.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
Handler = Callable[[dict[str, Any]], None]


class LocalBus:
    """Within this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handlers: dict[str, dict[object, Handler]] = {}
        self._open = True
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="bus")

    def publish(self, topic: str, message: Mapping[str, Any]) -> None:
        """Hand a message to the topic's handlers; TypeError or ValueError when it is no JSON."""
        self.deliver(topic, _text(message))

    def subscribe(self, topic: str, handler: Handler) -> Callable[[], None]:
        ticket = object()
        with self._lock:
            self._handlers.setdefault(topic, {})[ticket] = handler

        def end() -> None:
            with self._lock:
                self._handlers[topic].pop(ticket, None)

        return end

    def deliver(self, topic: str, text: str) -> None:
        """Queue a message, as text: each handler gets a dict of its own."""
        with self._lock:
            if self._open:
                for ticket in self._handlers.get(topic, {}):
                    done = self._worker.submit(self._hand_over, topic, ticket, text)
                    done.add_done_callback(_report)

    def ping(self) -> None:
        return

    def close(self) -> None:
        with self._lock:
            self._open = False
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _hand_over(self, topic: str, ticket: object, text: str) -> None:
        with self._lock:
            handler = self._handlers[topic].get(ticket)
        if handler:
            handler(json.loads(text))


class RedisBus:
    """Between processes, by Redis pub/sub. While Redis is away, still within this process.

    Our own messages take the short way and are skipped when Redis brings them back, so nothing
    arrives twice. Messages of other processes are lost while Redis is away: they tell what to look
    at again, they are never the only copy of a fact.
    """

    def __init__(self, server: RedisServer) -> None:
        self._server, self._channels = server, server.named(PART)
        self._local = LocalBus()
        self._name = uuid.uuid4().hex
        self._stop = threading.Event()
        self._ready = threading.Event()
        self._listener = threading.Thread(target=self._listen, name="bus-redis", daemon=True)
        self._starting = threading.Lock()

    def publish(self, topic: str, message: Mapping[str, Any]) -> None:
        text = _text(message)
        self._local.deliver(topic, text)
        envelope = json.dumps({"from": self._name, "text": text})
        with suppress(Unavailable):
            self._server.call(lambda client: client.publish(self._channels + topic, envelope))

    def subscribe(self, topic: str, handler: Handler) -> Callable[[], None]:
        """As the local twin; the first call waits up to half a second until Redis listens to us."""
        end = self._local.subscribe(topic, handler)
        with self._starting:
            first = self._listener.ident is None and not self._stop.is_set()
            if first:
                self._listener.start()
        if first:
            self._ready.wait(READY_SECONDS)
        return end

    def ping(self) -> None:
        try:
            self._server.ping()
        except Unavailable as error:
            raise Unavailable(
                f"{error.message} Live messages stay within this process.",
                hint="Start Redis or correct REDIS_URL.",
            ) from error

    def close(self) -> None:
        self._stop.set()
        if self._listener.ident is not None:
            self._listener.join(2 * READ_SECONDS)
        self._local.close()

    def _listen(self) -> None:
        pause = FIRST_PAUSE
        while not self._stop.is_set():
            try:
                with self._server.subscription(self._server.all_of(PART)) as line:
                    self._read(line)
            except Unavailable:
                # A line that stood is soon taken up again; a dead server is asked less and less.
                pause = FIRST_PAUSE if self._ready.is_set() else min(2 * pause, LONGEST_PAUSE)
                self._ready.clear()
                self._stop.wait(pause)

    def _read(self, line: Subscription) -> None:
        heard = asked = time.monotonic()
        while not self._stop.is_set():
            message = line.next(READ_SECONDS)
            now = time.monotonic()
            if message is not None:
                heard = now
                self._take(*message)
            elif now - heard > SILENT_SECONDS:
                raise Unavailable("Redis has gone silent.")
            elif now - max(heard, asked) > PING_SECONDS:
                asked = now
                line.ping()

    def _take(self, kind: str, channel: str, content: bytes) -> None:
        if kind == "psubscribe":
            self._ready.set()
        if kind != "pmessage":
            return
        try:
            envelope = json.loads(content)
            sender, text = envelope["from"], envelope["text"]
            message = json.loads(text)
        except (ValueError, TypeError, KeyError, RecursionError):
            LOG.warning("A message in Redis is not one of ours and is left out.")
            return
        if sender != self._name and isinstance(message, dict):
            self._local.deliver(channel.removeprefix(self._channels), text)


def _text(message: Mapping[str, Any]) -> str:
    return json.dumps(dict(message), allow_nan=False)


def _report(done: Future[None]) -> None:
    if not done.cancelled() and (error := done.exception()):
        LOG.error("A handler of the bus failed.", exc_info=error)
