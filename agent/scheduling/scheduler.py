"""When jobs run. APScheduler strikes every minute; what must be right stands in the records.

A stroke looks for the newest due slot of each schedule and claims it by a unique row. So a stroke
that comes late, twice or in several processes at once does no harm, a slot missed while nothing ran
is caught up once, and a row that somebody changed counts from the next stroke on.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from apscheduler.schedulers.background import BackgroundScheduler

from agent.errors import Busy, Failure, NotConfigured, NotFound
from agent.records.runs import BY_HAND, Run, Ticket
from agent.records.schedules import Schedule
from agent.scheduling.defaults import default_rows
from agent.scheduling.job import Job
from agent.scheduling.jobs import find
from agent.scheduling.running import Running
from agent.scheduling.slots import newest, upcoming
from agent.words import t

if TYPE_CHECKING:
    from agent.services import Services

LOG = logging.getLogger(__name__)
GRACE = timedelta(days=7)
"""How old a missed slot may be to be caught up."""
ON_TIME = timedelta(minutes=2)
SILENCE = timedelta(seconds=90)
"""How long after its deadline a run is lost; its own process, if alive, says so within 60."""
MANUAL = BY_HAND


class Scheduler:
    def __init__(self, services: Services, jobs: Mapping[str, Job]) -> None:
        self._services, self._jobs = services, jobs
        self._records, self._clock = services.records, services.clock
        self._running = Running(services, self.begin)
        self._worker = f"{socket.gethostname()}:{os.getpid()}"
        self._closed = threading.Event()
        self._strokes: BackgroundScheduler | None = None

    def start(self) -> None:
        """Provide the jobs' default schedules, catch up, and strike every minute from now on."""
        self._strokes = BackgroundScheduler(timezone=UTC)
        each = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        self._strokes.add_job(self.stroke, **each)
        self._strokes.add_job(self.stroke, "cron", second=0, **each)
        self._strokes.start()

    def stop(self, grace_seconds: float = 10) -> None:
        """No new runs; those at work may end within the grace time, else they count as stopped."""
        self._closed.set()
        if self._strokes is not None:
            self._strokes.shutdown(wait=False)
            self._strokes = None
        self._running.stop(grace_seconds)

    def trigger(
        self, job: str, shop_id: str = "", arguments: Mapping[str, Any] | None = None
    ) -> str:
        """Run a job now, as a person asks; returns the run's id. Raises NotFound, or Busy while the
        program stops."""
        return self._now(job, MANUAL, Ticket(job, shop_id, arguments or {}, "by hand"))

    def begin(self, job: str, schedule_id: str, arguments: Mapping[str, Any]) -> str:
        """Run a job now, as another job asks, in the name of a schedule; returns and raises as
        `trigger`."""
        return self._now(job, schedule_id, Ticket(job, "", arguments, "again"))

    def _now(self, job: str, schedule_id: str, asked: Ticket) -> str:
        found = find(self._jobs, job)
        if self._closed.is_set():
            raise Busy(t("The program is stopping."), hint=t("Start the job again in a moment."))
        arguments = {**found.arguments, **asked.arguments}
        ticket = self._ticket(found, asked.cause, asked.shop_id, arguments)
        run = self._records.runs.claim(schedule_id, f"{MANUAL}-{uuid.uuid4()}", ticket)
        assert run is not None
        self._running.add(found, run)
        return run.run_id

    def upcoming(self, schedule: Schedule) -> datetime | None:
        """When a schedule is due next; None when never. Raises Refused where it cannot be read."""
        slot = upcoming(schedule, self._clock.now())
        return slot.at if slot else None

    def stroke(self) -> None:
        """What happens every minute. Failures are logged, and the next stroke tries again."""
        now = self._clock.now()
        for step in (self._running.end_late_ones, self._provide, self._take_over, self._claim_all):
            try:
                step(now)
            except Failure as failure:
                LOG.warning("Some schedules wait for the next minute: %s", failure)

    def _provide(self, _now: datetime) -> None:
        """A row for each job with default times. Rows that exist are left as people made them."""
        present = {schedule.schedule_id for schedule in self._records.schedules.all()}
        for job in self._known_jobs():
            for schedule in default_rows(job, self._services):
                if schedule.schedule_id not in present:
                    self._records.schedules.provide(schedule)

    def _known_jobs(self) -> Iterator[Job]:
        for name in self._jobs:
            try:
                yield self._jobs[name]
            except NotConfigured as failure:
                LOG.warning("%s", failure)

    def _claim_all(self, now: datetime) -> None:
        for schedule in self._records.schedules.all():
            if schedule.enabled and not self._closed.is_set():
                self._claim(schedule, now)

    def _claim(self, schedule: Schedule, now: datetime) -> None:
        """Start the newest due slot of a schedule, unless somebody has it."""
        try:
            job = find(self._jobs, schedule.job)
            if not job.wanted(self._services):
                return
            slot = newest(schedule, max(schedule.since or now, now - GRACE), now)
        except Failure as failure:
            LOG.warning("Schedule %s cannot run: %s", schedule.schedule_id, failure)
            return
        runs = self._records.runs
        if slot is None or runs.known(schedule.schedule_id, slot.text):
            return
        if job.alone and runs.running(schedule.schedule_id):
            return
        cause = "on time" if now - slot.at <= ON_TIME else "caught up"
        ticket = self._ticket(job, cause, schedule.shop_id, schedule.arguments)
        run = runs.claim(schedule.schedule_id, slot.text, ticket)
        if run is not None:
            self._running.add(job, run)

    def _take_over(self, now: datetime) -> None:
        """Close runs whose process has gone, and repeat those whose job asks for it."""
        for run in self._records.runs.abandoned(now - SILENCE):
            try:
                job = find(self._jobs, run.job)
            except (NotConfigured, NotFound):
                continue
            self._repeat(job, run)

    def _repeat(self, job: Job, run: Run) -> None:
        repeats = job.again and run.turn <= max(job.retries, 1)
        ticket = self._ticket(job, "again", run.shop_id, run.arguments) if repeats else None
        again = self._records.runs.take_over(run, ticket)
        if again is not None:
            LOG.warning("Job %s %s is repeated: it was cut short", run.job, run.slot)
            self._running.add(job, again)

    def _ticket(
        self,
        job: Job,
        cause: str,
        shop_id: str = "",
        arguments: Mapping[str, Any] | None = None,
    ) -> Ticket:
        return Ticket(job.name, shop_id, arguments or {}, cause, self._worker, job.deadline)
