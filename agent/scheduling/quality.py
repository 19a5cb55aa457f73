"""Every night: all rows of every shop checked, not only those that arrived."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from agent import quality
from agent.records.checks import FAILED, WARNED
from agent.scheduling.job import Job, JobContext, Outcome
from agent.words import n

if TYPE_CHECKING:
    from agent.services import Services


def run(services: Services, context: JobContext) -> Outcome:
    """The shop of the schedule's argument `shop`; else each."""
    asked = str(context.arguments.get("shop", ""))
    shops = [services.shop(asked)] if asked else services.warehouse.shops()
    outcomes: list[str] = []
    for done, shop in enumerate(shops):
        context.check()
        context.progress(done, 0 if asked else len(shops), "" if asked else shop.name)
        findings = quality.check(services, shop.shop_id, first=date.min)
        outcomes += [one.outcome for one in findings]
    return Outcome(message=_said(outcomes))


def _said(outcomes: Sequence[str]) -> str:
    """First what failed, then what is to be watched; that all passed, where nothing else is so."""
    failed, warned = outcomes.count(FAILED), outcomes.count(WARNED)
    said = []
    if failed:
        said.append(n("{count:,} check failed.", "{count:,} checks failed.", failed, count=failed))
    if warned:
        said.append(n("{count:,} to watch.", "{count:,} to watch.", warned, count=warned))
    good = len(outcomes) - failed - warned
    said.append(n("{count:,} check passed.", "{count:,} checks passed.", good, count=good))
    return " ".join(said)


JOB = Job("quality", "Check the data", run, cron="35 4 * * *", alone=True)
