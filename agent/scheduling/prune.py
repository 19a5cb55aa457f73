"""Every night: forget old runs, links that have ended, documents that nobody could use, secrets
whose time is over and sign-in failures that no longer count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.scheduling.job import Job, JobContext, Outcome
from agent.sources import formers

if TYPE_CHECKING:
    from agent.services import Services

WHO = "royal"


def run(services: Services, context: JobContext) -> Outcome:
    removed = services.records.prune() | {"former secrets": formers.prune(services, WHO)}
    said = ", ".join(f"{count:,} {noun}" for noun, count in removed.items())
    return Outcome(message=f"Removed {said}.")


JOB = Job("prune", "Tidy the records", run, cron="50 3 * * *", alone=True)
