"""Asking parts how they are without waiting for those that hang."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future

from agent.errors import Failure
from agent.secrets import masked

OK = "ok"
WAIT_SECONDS = 1.0


class Probe:
    """One part's ping, on a thread of its own; its answer counts for `keep` seconds.

    The answer is kept because health is open to everybody: asking it often must not make this app
    sign in at a mail server as often.
    """

    def __init__(self, ping: Callable[[], None], keep: float) -> None:
        self._ping, self._keep = ping, keep
        self._lock = threading.Lock()
        self._asked: Future[str] | None = None
        self._until = 0.0

    def ask(self) -> Future[str]:
        """The answer, present or to come. A part that hangs is not asked a second time."""
        with self._lock:
            asked = self._asked
            if asked is None or (asked.done() and time.monotonic() >= self._until):
                self._asked = asked = Future()
                threading.Thread(target=self._run, args=(asked,), name="probe", daemon=True).start()
            return asked

    def _run(self, answer: Future[str]) -> None:
        said = "It fails in a way that the log describes."
        try:
            self._ping()
            said = OK
        except Failure as failure:
            said = masked(str(failure))
        finally:
            self._until = time.monotonic() + self._keep
            answer.set_result(said)


def ask(probes: Mapping[str, Probe], seconds: float = WAIT_SECONDS) -> dict[str, str]:
    """Part -> "ok" or a sentence without secrets, within the seconds for all parts together."""
    asked = {name: probe.ask() for name, probe in probes.items()}
    until = time.monotonic() + seconds
    return {name: _within(until - time.monotonic(), answer) for name, answer in asked.items()}


def _within(seconds: float, answer: Future[str]) -> str:
    try:
        return answer.result(max(seconds, 0))
    except TimeoutError:
        return "It has not answered yet."
