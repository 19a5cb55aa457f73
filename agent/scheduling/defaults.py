"""The schedules that jobs bring along."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from agent.ports import Shop
from agent.records.schedules import Schedule
from agent.scheduling.job import Job

if TYPE_CHECKING:
    from agent.services import Services

JUST_OVER = timedelta(hours=1)
"""How far back a job that begins at once looks for its first slot."""


def default_rows(job: Job, services: Services) -> Iterable[Schedule]:
    """What a job would have scheduled here: rows of its own making, one a shop, one, or none."""
    if not job.wanted(services):
        return ()
    if job.rows is not None:
        return job.rows(services)
    if not job.cron:
        return ()
    if not job.per_shop:
        return (Schedule(job.name, job.name, "", job.cron, "UTC", job.arguments),)
    since = services.clock.now() - JUST_OVER if job.at_once else None
    return tuple(_row(job, shop, since) for shop in services.warehouse.shops())


def _row(job: Job, shop: Shop, since: datetime | None) -> Schedule:
    name = f"{job.name}:{shop.shop_id}"
    row = Schedule(name, job.name, shop.shop_id, job.cron, shop.timezone, job.arguments)
    return replace(row, since=since)
