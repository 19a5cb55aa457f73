"""Calls of platforms worked on as they come: one thread a connection, while there is work."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from agent.errors import Failure, NotFound
from agent.sources.connectors import Watch
from agent.sources.shopify import hooks

if TYPE_CHECKING:
    from agent.services import Services

LOG = logging.getLogger(__name__)
GRACE = 5.0


class Listener:
    """Woken by each call. What it leaves, the job `hooks` takes up every minute."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._working: dict[str, threading.Thread] = {}
        self._again: set[str] = set()
        self._failing: set[str] = set()

    def wake(self, connection_id: str) -> None:
        """There is work for a connection. Returns at once."""
        with self._lock:
            if self._stopping.is_set():
                return
            self._again.add(connection_id)
            if connection_id in self._working:
                return
            thread = threading.Thread(
                target=self._serve, args=(connection_id,), name="calls", daemon=True
            )
            self._working[connection_id] = thread
        thread.start()

    def stop(self, seconds: float = GRACE) -> None:
        """Work that is under way breaks off where it can be taken up again."""
        self._stopping.set()
        with self._lock:
            threads = list(self._working.values())
        for thread in threads:
            thread.join(seconds)

    def _serve(self, connection_id: str) -> None:
        try:
            while self._next(connection_id):
                with suppress(NotFound):
                    self._work(connection_id)
        finally:
            # A bug ends this thread: the next call must find that nobody is at work.
            with self._lock:
                if self._working.get(connection_id) is threading.current_thread():
                    del self._working[connection_id]

    def _next(self, connection_id: str) -> bool:
        with self._lock:
            if connection_id in self._again and not self._stopping.is_set():
                self._again.remove(connection_id)
                return True
            del self._working[connection_id]
            return False

    def _work(self, connection_id: str) -> None:
        connection = self._services.records.connections.get(connection_id)
        try:
            hooks.work(self._services, connection, Watch(stopping=self._stopping))
        except Failure as failure:
            # They wait where they are kept; the connection's own page says what is wrong with it.
            if connection_id not in self._failing:
                LOG.warning("Calls about %s wait: %s", connection.name, failure)
            self._failing.add(connection_id)
        else:
            self._failing.discard(connection_id)
