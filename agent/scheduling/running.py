"""The runs that work in this process."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from agent.errors import Failure, Unavailable
from agent.records.runs import Run
from agent.scheduling.attempts import perform
from agent.scheduling.job import GAVE_UP, STOPPED, Begin, Job, JobContext, Outcome
from agent.scheduling.pool import Pool

if TYPE_CHECKING:
    from agent.services import Services

LOG = logging.getLogger(__name__)
TOPIC = "runs"
PROGRESS_EVERY = 0.25
LONGEST_MESSAGE = 2_000
PAUSES = (0.2, 1.0, 3.0, 9.0, 0.0)


@dataclass
class Work:
    """A run, queued or at work; `until` is its deadline once it has begun."""

    job: Job
    run: Run
    context: JobContext
    until: datetime | None = None
    ended: threading.Event = field(default_factory=threading.Event)


class Running:
    def __init__(self, services: Services, begin: Begin) -> None:
        self._services, self._runs = services, services.records.runs
        self._begin_another = begin
        self._pool = Pool()
        self._works: dict[str, Work] = {}
        self._lock = threading.Lock()
        self._closing = False

    def add(self, job: Job, run: Run) -> None:
        """Queue a claimed run."""
        stopping = threading.Event()
        context = JobContext(
            run_id=run.run_id,
            schedule_id=run.schedule_id,
            slot=run.moment,
            shop_id=run.shop_id,
            arguments=run.arguments,
            stopping=stopping,
            report=self._reporter(run),
            begin=self._begin_another,
        )
        work = Work(job, run, context)
        with self._lock:
            self._works[run.run_id] = work
            if self._closing:
                stopping.set()
        self._tell(run, run.outcome)
        self._pool.submit(lambda: self._do(work))

    def end_late_ones(self, now: datetime) -> None:
        """Write down that runs past their deadline gave up, and ask them to end; their slot is not
        repeated. In this order: one that ends at once would say that all is well."""
        for work in self._all():
            if work.until is not None and now > work.until and not work.context.stopping.is_set():
                minutes = work.job.deadline.total_seconds() / 60
                self._finish(
                    work.run, Outcome(GAVE_UP, f"It took longer than {minutes:g} minutes.")
                )
                work.context.stopping.set()

    def stop(self, grace_seconds: float) -> None:
        """Ask all to end, wait for them together, and write down those that did not."""
        with self._lock:
            self._closing = True
        works = self._all()
        for work in works:
            work.context.stopping.set()
        until = time.monotonic() + grace_seconds
        for work in works:
            if not work.ended.wait(max(0.0, until - time.monotonic())):
                message = "The program was stopped before the job ended."
                with suppress(Failure):
                    self._write(work.run, Outcome(STOPPED, message))
        self._pool.close()

    def _all(self) -> list[Work]:
        with self._lock:
            return list(self._works.values())

    def _do(self, work: Work) -> None:
        try:
            if self._begin(work):
                self._finish(work.run, perform(self._services, work.job, work.context))
        finally:
            with self._lock:
                del self._works[work.run.run_id]
            work.ended.set()

    def _begin(self, work: Work) -> bool:
        if work.context.stopping.is_set():
            self._finish(
                work.run, Outcome(STOPPED, "The program was stopped before the job began.")
            )
            return False
        work.until = self._services.clock.now() + work.job.deadline
        return self._patiently(
            work.run, lambda: self._runs.begin(work.run.run_id, work.job.deadline)
        )

    def _finish(self, run: Run, outcome: Outcome) -> None:
        self._patiently(run, lambda: self._write(run, outcome))

    def _patiently(self, run: Run, deed: Callable[[], bool]) -> bool:
        """Whether the records took it. What they never take counts as lost after the deadline."""
        for pause in PAUSES:
            try:
                return deed()
            except Unavailable as failure:
                LOG.warning("Run %s of %s waits: %s", run.run_id, run.job, failure)
                time.sleep(pause)
        LOG.error("Run %s of %s could not be written down", run.run_id, run.job)
        return False

    def _write(self, run: Run, outcome: Outcome) -> bool:
        # PostgreSQL takes no NUL, and a failure may quote a file that holds some.
        message = outcome.message.replace("\0", "")[:LONGEST_MESSAGE]
        if self._runs.finish(run.run_id, outcome.state, message):
            LOG.info("Job %s %s: %s %s", run.job, run.slot, outcome.state, message)
            self._tell(run, outcome.state, message=message)
            return True
        return False

    def _reporter(self, run: Run) -> Callable[[int, int, str], None]:
        told_at, told = float("-inf"), ""

        def report(done: int, total: int, step: str) -> None:
            nonlocal told_at, told
            now = time.monotonic()
            if done < total and step == told and now - told_at < PROGRESS_EVERY:
                return
            told_at, told = now, step
            with suppress(Unavailable):
                self._runs.progress(run.run_id, done, total, step)
            self._tell(run, "started", done=done, total=total, step=step)

        return report

    def _tell(self, run: Run, outcome: str, **more: object) -> None:
        message = {
            "run_id": run.run_id,
            "schedule_id": run.schedule_id,
            "job": run.job,
            "shop_id": run.shop_id,
            "outcome": outcome,
        }
        self._services.bus.publish(TOPIC, {**message, **more})
