"""A few threads that do queued work and never keep the program from ending."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

Work = Callable[[], None]


class Pool:
    """Daemon threads, started as work comes; those of concurrent.futures are waited for at exit."""

    def __init__(self, size: int = 4) -> None:
        self._size = size
        self._queue: SimpleQueue[Work | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    def submit(self, work: Work) -> None:
        """Queue work. It must not raise."""
        with self._lock:
            if len(self._threads) < self._size:
                thread = threading.Thread(
                    target=self._serve, name=f"job-{len(self._threads) + 1}", daemon=True
                )
                self._threads.append(thread)
                thread.start()
        self._queue.put(work)

    def close(self) -> None:
        """Threads end after the work that they are at and what is queued already."""
        with self._lock:
            for _ in self._threads:
                self._queue.put(None)
            self._threads.clear()

    def _serve(self) -> None:
        try:
            while (work := self._queue.get()) is not None:
                work()
        finally:
            with self._lock:
                if threading.current_thread() in self._threads:
                    self._threads.remove(threading.current_thread())
