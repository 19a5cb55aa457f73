"""What a job is: a row that says what to run, when by default, and how stubbornly."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from agent.errors import Busy
from agent.errors import Stopped as Stopped
from agent.records.schedules import Schedule

if TYPE_CHECKING:
    from agent.services import Services

OK, FAILED, GAVE_UP, STOPPED = "ok", "failed", "gave up", "stopped"
Begin = Callable[[str, str, Mapping[str, Any]], str]
"""A job, the schedule whose work it is, and arguments; returns the id of the run that was begun."""


def _nobody(job: str, schedule_id: str, arguments: Mapping[str, Any]) -> str:
    raise Busy("No scheduler is at work that could begin a run.")


@dataclass(frozen=True)
class Outcome:
    """How a run ended (ok, failed, gave up, stopped), and a sentence about it."""

    state: str = OK
    message: str = ""


@dataclass(frozen=True)
class JobContext:
    """What one run knows of itself.

    `slot` is the local time that the run is for, the same for every repetition, so it can name what
    must happen once. `stopping` is set when the program stops or the deadline is over: end soon, or
    call `check`. `begin` has another run do what this one found due; raises NotFound, Busy.
    """

    run_id: str
    schedule_id: str
    slot: str
    shop_id: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)
    report: Callable[[int, int, str], None] = lambda done, total, step: None
    begin: Begin = _nobody

    def progress(self, done: int, total: int, step: str = "") -> None:
        """Tell how far the work is: `done` of `total`, and in words what is being done."""
        self.report(done, total, step)

    def check(self) -> None:
        """A place to break off: raises Stopped when the program is stopping."""
        if self.stopping.is_set():
            raise Stopped("The program was stopped before the job ended.")


@dataclass(frozen=True)
class Job:
    """`run` does the work and returns its outcome; it raises a Failure to be tried again or not.

    cron      default times; "" for a job that runs only when somebody asks
    per_shop  one schedule a shop, in the shop's zone; otherwise one, in UTC
    retries   how often a failure that can pass is tried again
    backoff   seconds before the first retry, doubled for each further one
    deadline  how long it may take, retries and all
    again     a run that the program's end cut short is repeated
    alone     no second run of a schedule starts while one works
    at_once   a new shop's schedule begins with the slot that is just over: it does not wait
    rows      default schedules of its own making, in place of the one that cron and per_shop give
    wanted    whether its schedules run in this installation
    """

    name: str
    title: str
    run: Callable[[Services, JobContext], Outcome]
    cron: str = ""
    per_shop: bool = False
    retries: int = 2
    backoff: float = 30.0
    deadline: timedelta = timedelta(minutes=30)
    again: bool = False
    alone: bool = False
    at_once: bool = False
    arguments: Mapping[str, Any] = field(default_factory=dict)
    rows: Callable[[Services], Iterable[Schedule]] | None = None
    wanted: Callable[[Services], bool] = lambda services: True
