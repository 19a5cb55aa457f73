"""Every night: fold the warehouse's log into its file; the next start need not replay it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.scheduling.job import Job, JobContext, Outcome

if TYPE_CHECKING:
    from agent.services import Services


def run(services: Services, context: JobContext) -> Outcome:
    services.warehouse.checkpoint()
    return Outcome(message="The warehouse's log is folded into its file.")


JOB = Job("checkpoint", "Tidy the warehouse", run, cron="40 3 * * *", alone=True)
