"""The line to the fitting process: started when first needed, ended when it rests."""

from __future__ import annotations

import logging
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from agent import errors
from agent.errors import Failure, Refused, Stopped, Unavailable
from agent.fitting.parcels import receive, send
from agent.words import t

logger = logging.getLogger(__name__)
Watch = Callable[[int, int, str], None]
ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 600.0
RESTING = 300.0
"""Seconds without work after which the process ends and gives its memory back."""
GLANCE = 0.2
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "LD_LIBRARY_PATH", "PYTHONPATH")
"""What it sees of our environment: no secret is among it."""
QUIET = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}


def _unwatched(done: int, total: int, step: str) -> None:
    """Progress that nobody looks at."""


@dataclass
class Fitting:
    """One process, one piece of work at a time; others wait their turn.

    `command` starts it; `resting` is how long it stays without work.
    """

    command: tuple[str, ...] = (sys.executable, "-m", "agent.fitting")
    resting: float = RESTING
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _child: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _rest: threading.Timer | None = field(default=None, repr=False)

    def run(
        self,
        name: str,
        *arguments: Any,
        watch: Watch = _unwatched,
        stopping: threading.Event | None = None,
        deadline: float = DEADLINE,
    ) -> Any:
        """What MODULE:FUNCTION returns for these arguments, worked out in the other process.

        Raises the function's own Failure; Unavailable where the process ended or the deadline is
        over, Stopped where `stopping` was set meanwhile. Waits while another piece is worked on.
        """
        until = time.monotonic() + deadline
        with self._turn:
            child = self._awake()
            try:
                send(_line(child.stdin), {"name": name, "arguments": list(arguments)})
                return self._heard(child, watch, stopping or threading.Event(), until)
            except (EOFError, BrokenPipeError):
                raise _ended(self._end()) from None
            except Failure:  # its own answer, or we have ended it
                raise
            except BaseException:  # its answer would be taken for the next piece's
                self._end()
                raise
            finally:
                self._to_rest()

    def close(self) -> None:
        """End the process, also in the middle of its work; the next piece starts another."""
        child = self._child
        if child is not None:
            child.kill()
        with self._turn:
            self._end()

    @property
    def pid(self) -> int | None:
        """The process that is there now."""
        return None if self._child is None else self._child.pid

    def _awake(self) -> subprocess.Popen[bytes]:
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None
        if self._child is not None and self._child.poll() is None:
            return self._child
        seen = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        self._child = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,  # what lies in a buffer of ours, `select` would not see
            cwd=ROOT,
            env={**seen, **QUIET},
        )
        return self._child

    def _heard(
        self,
        child: subprocess.Popen[bytes],
        watch: Watch,
        stopping: threading.Event,
        until: float,
    ) -> Any:
        line = _line(child.stdout)
        while True:
            self._waited(line, stopping, until)
            said = receive(line)
            if "result" in said:
                return said["result"]
            if "failure" in said:
                raise _failure(said)
            watch(said["done"], said["total"], said["step"])

    def _waited(self, line: IO[bytes], stopping: threading.Event, until: float) -> None:
        while not select.select([line], [], [], GLANCE)[0]:
            if stopping.is_set():
                self._end()
                raise Stopped(t("The program was stopped before the models were fitted."))
            if time.monotonic() > until:
                self._end()
                raise Unavailable(
                    t("Fitting the models took too long and was broken off."),
                    hint=t("What was forecast before stays; the next run tries again."),
                )

    def _end(self) -> int | None:
        child, self._child = self._child, None
        if child is None:
            return None
        if child.poll() is None:
            child.kill()
        code = child.wait()
        for line in (child.stdin, child.stdout):
            if line is not None:
                _closed(line)
        return code

    def _to_rest(self) -> None:
        if self._child is None:
            return
        self._rest = threading.Timer(self.resting, self._rested)
        self._rest.daemon = True
        self._rest.start()

    def _rested(self) -> None:
        with self._turn:
            # Work that came meanwhile has set a rest of its own.
            if self._rest is threading.current_thread():
                self._end()


def _line(line: IO[bytes] | None) -> IO[bytes]:
    if line is None:
        raise EOFError
    return line


def _closed(line: IO[bytes]) -> None:
    try:
        line.close()
    except BrokenPipeError:
        logger.debug("The fitting process left before it read everything.")


def _failure(said: dict[str, str]) -> Failure:
    kind = getattr(errors, said["failure"], Refused)
    if not said["said"]:
        return Refused(
            t("There is not enough memory to fit these models."),
            hint=t("Ask for fewer series or a shorter history."),
        )
    return kind(said["said"], hint=said["hint"])


def _ended(code: int | None) -> Unavailable:
    logger.error("The fitting process ended with %s.", code)
    return Unavailable(
        t("The process that fits models ended before it answered."),
        hint=t("Figures and former forecasts are not affected; the next try starts it again."),
    )
