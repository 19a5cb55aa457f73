"""Work on the warehouse that somebody asks for: a ledger made anew, old rows removed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from agent.scheduling.job import Job, JobContext, Outcome, Stopped
from agent.sources import connectors, operations

if TYPE_CHECKING:
    from agent.services import Services


def rebuild(services: Services, context: JobContext) -> Outcome:
    """The shop of the argument `shop`."""
    watch = connectors.Watch(context.report, context.stopping)
    try:
        done = operations.rebuild(services, str(context.arguments["shop"]), watch)
    except connectors.Stopped as stopped:
        raise Stopped(stopped.message) from stopped
    return Outcome(message=" ".join(done.sentences()))


def retain(services: Services, context: JobContext) -> Outcome:
    """All but the last months, the argument `keep_months`; orders too where `ledger` is yes."""
    months = int(context.arguments["keep_months"])
    ledger = context.arguments.get("ledger") == "yes"
    done = operations.forget_old(services, months, ledger=ledger)
    return Outcome(message=" ".join(done.sentences()))


REBUILD = Job(
    "rebuild", "Rebuild a shop from its documents", rebuild, retries=0, deadline=timedelta(hours=6)
)
RETENTION = Job("retention", "Remove old rows", retain, retries=0, deadline=timedelta(hours=2))
