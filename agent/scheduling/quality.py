"""Every night: all rows of every shop checked, not only those that arrived."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from agent import quality
from agent.records.checks import FAILED
from agent.scheduling.job import Job, JobContext, Outcome
from agent.words import n

if TYPE_CHECKING:
    from agent.services import Services


def run(services: Services, context: JobContext) -> Outcome:
    """The shop of the schedule's argument `shop`; else each."""
    asked = str(context.arguments.get("shop", ""))
    shops = [asked] if asked else [shop.shop_id for shop in services.warehouse.shops()]
    failed = 0
    for done, shop_id in enumerate(shops):
        context.check()
        context.progress(done, len(shops), shop_id)
        findings = quality.check(services, shop_id, first=date.min)
        failed += sum(one.outcome == FAILED for one in findings)
    said = n("{count:,} check failed.", "{count:,} checks failed.", failed, count=failed)
    return Outcome(message=said)


JOB = Job("quality", "Check the data", run, cron="35 4 * * *", alone=True)
