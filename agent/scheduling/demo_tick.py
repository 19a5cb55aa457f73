"""Every minute: new orders for the demo shop, so that the live parts have something to show."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from agent.scheduling.job import Job, JobContext, Outcome
from agent.sources import demo

if TYPE_CHECKING:
    from agent.services import Services


def run(services: Services, context: JobContext) -> Outcome:
    rows = demo.tick(services)
    return Outcome(message=f"{rows:,} rows arrived." if rows else "Nothing happened.")


def wanted(services: Services) -> bool:
    return services.settings.demo and any(
        shop.shop_id == demo.SHOP.shop_id for shop in services.warehouse.shops()
    )


JOB = Job(
    "demo_tick",
    "Keep the demo shop alive",
    run,
    cron="* * * * *",
    retries=0,
    deadline=timedelta(minutes=5),
    alone=True,
    wanted=wanted,
)
