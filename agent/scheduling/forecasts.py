"""Every hour what changed is foretold anew: after midnight all that ends with the day, after a sync
what it brought for days that were over."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from agent.errors import Refused
from agent.forecasting.refreshing import Refreshed, Watching, refresh
from agent.scheduling.job import Job, JobContext, Outcome
from agent.words import n, t

if TYPE_CHECKING:
    from agent.services import Services


def run(services: Services, context: JobContext) -> Outcome:
    """The shop of the schedule, or of the argument `shop`; else each."""
    named = context.shop_id or str(context.arguments.get("shop", ""))
    shops = [services.shop(named)] if named else list(services.warehouse.shops())
    watching = Watching(context.progress, context.check, context.stopping)
    found: list[str] = []
    for shop in shops:
        context.check()
        try:
            found.append(said(refresh(services, shop, watching)))
        except Refused as refused:
            found.append(refused.message)
    return Outcome(message=" ".join(found))


def said(done: Refreshed) -> str:
    """What a run did, in words."""
    made = n("{count:,} forecast made", "{count:,} forecasts made", done.made, count=done.made)
    same = t("{count:,} as before", count=done.same)
    scored = t("{count:,} scored", count=done.scored)
    told = [", ".join([made, same, scored]), *done.refused[:3]]
    return " ".join(f"{words.rstrip('.')}." for words in told)


JOB = Job(
    "forecasts",
    "Make forecasts",
    run,
    cron="12 * * * *",
    per_shop=True,
    retries=1,
    backoff=120.0,
    deadline=timedelta(hours=1),
    alone=True,
    at_once=True,
)
