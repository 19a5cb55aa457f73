"""Shops that call: what they called about, whether they still do, and whether their figures and
ours agree."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from agent.errors import Failure, Refused
from agent.records.schedules import Schedule
from agent.scheduling.job import Job, JobContext, Outcome
from agent.sources.connectors import Link, Watch
from agent.sources.shopify import agreement, hooks, subscriptions
from agent.words import n

if TYPE_CHECKING:
    from agent.records.connections import Connection
    from agent.services import Services

NIGHTLY = "20 4 * * *"


def work(services: Services, context: JobContext) -> Outcome:
    done, failed = 0, ""
    for connection in hooks.waiting_for(services):
        context.check()
        try:
            done += hooks.work(services, connection, Watch(stopping=context.stopping)).orders
        except Failure as failure:
            # One shop that does not answer keeps no other one waiting.
            failed = failure.message
    said = n("{count} order was read again.", "{count} orders were read again.", done, count=done)
    return Outcome(message=f"{said} {failed}".strip())


def repair(services: Services, context: JobContext) -> Outcome:
    found: list[str] = []
    failures: list[Failure] = []
    for connection in _shops(services):
        context.check()
        link = Link(services, connection, Watch(stopping=context.stopping))
        try:
            found.append(f"{connection.name}: {subscriptions.repair(link)}")
        except Failure as failure:
            failures.append(failure)
    if failures:
        raise failures[0]
    return Outcome(message=" ".join(found))


def called(services: Services) -> bool:
    return bool(_shops(services))


def at_once(services: Services) -> Iterable[Schedule]:
    """Nightly, and a first time as soon as there is a shop: it calls from then on."""
    ago = services.clock.now() - timedelta(days=1)
    return (Schedule("subscriptions", "subscriptions", "", NIGHTLY, "UTC", since=ago),)


def _shops(services: Services) -> list[Connection]:
    found = services.records.connections.all()
    return [one for one in found if one.kind == hooks.KIND and one.enabled]


def agree(services: Services, context: JobContext) -> Outcome:
    found: list[str] = []
    failures: list[Failure] = []
    for connection in _shops(services):
        context.check()
        if (
            context.arguments.get("connection", connection.connection_id)
            != connection.connection_id
        ):
            continue
        link = Link(services, connection, Watch(context.report, context.stopping))
        try:
            found.append(f"{connection.name}: {agreement.compare(link).text}")
        except Refused as refused:
            # An app that may not read reports cannot be compared, and is told so.
            found.append(f"{connection.name}: {refused.message}")
        except Failure as failure:
            failures.append(failure)
    if failures:
        raise failures[0]
    return Outcome(message=" ".join(found))


WORK = Job(
    "hooks",
    "Work on what shops called about",
    work,
    cron="* * * * *",
    retries=0,
    deadline=timedelta(minutes=10),
    alone=True,
    # A run a minute would bury the others in the list of runs.
    wanted=lambda services: bool(hooks.waiting_for(services)),
)
REPAIR = Job(
    "subscriptions",
    "Check that shops still call",
    repair,
    cron=NIGHTLY,
    alone=True,
    rows=at_once,
    wanted=called,
)
AGREE = Job(
    "agreement",
    "Compare with the shop's own reports",
    agree,
    cron="50 4 * * *",
    deadline=timedelta(hours=2),
    alone=True,
    wanted=called,
)
