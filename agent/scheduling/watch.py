"""Every ten minutes: whether a shop has anything new to look at, and the look at it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from agent.anomalies import watching
from agent.scheduling.job import Job, JobContext, Outcome

if TYPE_CHECKING:
    from agent.services import Services


def run(services: Services, context: JobContext) -> Outcome:
    """Hours each hour, days after midnight and when figures have changed since (at most hourly),
    weeks once they are over."""
    context.check()
    watch = watching.Watch(context.progress, context.stopping)
    shop = services.shop(context.shop_id or None)
    return Outcome(message=watching.look(services, shop, watch).sentence())


JOB = Job(
    "watch",
    "Look for what is out of the ordinary",
    run,
    cron="*/10 * * * *",
    per_shop=True,
    retries=1,
    backoff=60.0,
    deadline=timedelta(minutes=20),
    alone=True,
    at_once=True,
)
