"""Sending a report: who gets it, and that everyone gets it once, whatever breaks on the way.

The delivery's row is written before the letter leaves. A letter whose fate is unknown, because the
program ended between handing it over and noting so, goes again with the Message-ID it had, by which
mail servers know it as the same.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from agent.errors import Failure, Refused, Unavailable
from agent.records.deliveries import REFUSED, SENT
from agent.records.roles import Role
from agent.records.schedules import Schedule
from agent.scheduling.job import FAILED, Job, JobContext, Outcome
from agent.words import mark, n, speaking, t
from reports.compose import compose, period_scope
from reports.documents import REPORTS, Document, report_of
from reports.mail import Enclosed, enclose, subject_of, to_letter
from reports.spans import in_terms

if TYPE_CHECKING:
    from agent.services import Services

JOB_NAME = "report"
_NUMBERS = (
    mark("no"),
    mark("one"),
    mark("two"),
    mark("three"),
    mark("four"),
    mark("five"),
    mark("six"),
    mark("seven"),
    mark("eight"),
    mark("nine"),
)


@dataclass(frozen=True)
class Tried:
    """What became of one recipient's letter: where it went, or the failure."""

    recipient: str
    where: str = ""
    failure: Failure | None = None


def deliver(services: Services, context: JobContext) -> Outcome:
    """Compose the schedule's report and send it to each of its recipients, once each for its slot.

    Arguments: report, period (default the report's own), metrics (that head it, with commas),
    refunds, currency, to (addresses). Raises Unavailable when a letter could not be handed over and
    trying again can help.
    """
    recipients = recipients_of(services, context)
    if not recipients:
        return Outcome(
            FAILED, "Nobody gets this report. Set REPORT_RECIPIENTS or add a user who is admin."
        )
    waiting = tuple(r for r in recipients if not _settled(services, context, r))
    if not waiting:
        return Outcome(message="Everyone has this report already.")
    context.progress(0, len(waiting) + 1, "Composing")
    # A letter has many readers and no request: it speaks the house's language.
    with speaking(services.settings.locale):
        document = _document(services, context, recipients)
        _check_fresh(document)
        enclosed = enclose(document)
        tried = []
        for done, recipient in enumerate(waiting, start=1):
            context.check()
            context.progress(done, len(waiting) + 1, f"Sending to {recipient}")
            tried.append(_send(services, context, recipient, (document, enclosed)))
    return _outcome(tried, enclosed)


def recipients_of(services: Services, context: JobContext) -> tuple[str, ...]:
    """The schedule's own addresses, else those of the settings, else every admin."""
    own = context.arguments.get("to", ())
    own = (own,) if isinstance(own, str) else own
    admins = (
        user.email
        for user in services.records.users.all()
        if user.role is Role.ADMIN and not user.disabled
    )
    chosen = tuple(own) or services.settings.report_recipients or tuple(admins)
    return tuple(dict.fromkeys(chosen))


def _document(services: Services, context: JobContext, recipients: tuple[str, ...]) -> Document:
    report = report_of(str(context.arguments.get("report", next(iter(REPORTS)))))
    shop = services.shop(context.shop_id or None)
    period = str(context.arguments.get("period") or report.period)
    scope = period_scope(services, shop, period, _planned(context.slot))
    scope = in_terms(services, scope, context.arguments)
    own = {"metrics": str(context.arguments.get("metrics", ""))}
    return compose(services, report.name, scope, made_for(services, recipients), own)


def _check_fresh(document: Document) -> None:
    """A letter can wait, and cannot be taken back: it is not sent with old figures. Raises
    Unavailable where the warehouse did not answer for all of them."""
    stale = next((r.stale for r in document.receipts if r.stale is not None), None)
    if stale is not None:
        raise Unavailable(t(stale.reason), hint=t("The report is sent when it answers."))


def _planned(slot: str) -> date | None:
    """The day that the slot is for: a report sent late still is that day's report."""
    found = re.match(r"\d{4}-\d{2}-\d{2}(?=T|$)", slot)
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None


def made_for(services: Services, recipients: tuple[str, ...]) -> str:
    """The first recipient's name and how many others there are."""
    user = services.records.users.by_email(recipients[0])
    name = user.name if user is not None else recipients[0]
    others = len(recipients) - 1
    if not others:
        return name
    count = t(_NUMBERS[others]) if others < len(_NUMBERS) else str(others)
    return n(
        "{name} and {count} other", "{name} and {count} others", others, name=name, count=count
    )


def _key(context: JobContext, recipient: str) -> str:
    """The same for every repetition of the slot, in every process."""
    slot = context.slot.partition("#")[0]
    parts = "\0".join((context.schedule_id, slot, recipient.casefold()))
    return hashlib.sha256(parts.encode()).hexdigest()[:32]


def _settled(services: Services, context: JobContext, recipient: str) -> bool:
    known = services.records.deliveries.get(_key(context, recipient))
    return known is not None and known.state in (SENT, REFUSED)


def _send(
    services: Services, context: JobContext, recipient: str, content: tuple[Document, Enclosed]
) -> Tried:
    """One letter: noted, handed over, noted."""
    document, enclosed = content
    deliveries, key = services.records.deliveries, _key(context, recipient)
    host = urlsplit(services.settings.base_url).hostname or "localhost"
    message_id = f"<report.{key}@{host}>"
    mine = deliveries.start(key, context.run_id, message_id, (recipient,), subject_of(document))
    if not mine:
        return Tried(recipient, "sent before")
    noted = deliveries.get(key)
    message_id = noted.message_id if noted is not None else message_id
    try:
        where = services.mailer.send(to_letter(document, (recipient,), message_id, enclosed))
    except (Unavailable, Refused) as failure:
        deliveries.fail(key, str(failure), failure.permanent)
        return Tried(recipient, failure=failure)
    deliveries.finish(key, where)
    return Tried(recipient, where)


def _outcome(tried: list[Tried], enclosed: Enclosed) -> Outcome:
    failed = [one for one in tried if one.failure is not None]
    told = f"Sent to {len(tried) - len(failed)} of {len(tried)}."
    said = "; ".join(f"{one.recipient}: {one.failure}" for one in failed)
    if any(one.failure is not None and not one.failure.permanent for one in failed):
        raise Unavailable(f"{told} {said}")
    if failed:
        return Outcome(FAILED, f"{told} {said}")
    return Outcome(message=f"{told} {'' if not enclosed.missing else enclosed.sentence}".strip())


def schedules_of(services: Services) -> tuple[Schedule, ...]:
    """Each report for each shop, at its own time on the shop's wall clock."""
    return tuple(
        Schedule(
            schedule_id=f"{name}:{shop.shop_id}",
            job=JOB_NAME,
            shop_id=shop.shop_id,
            cron=report.cron,
            timezone=shop.timezone,
            arguments={"report": name},
        )
        for shop in services.warehouse.shops()
        for name, report in REPORTS.items()
    )


def default_schedules(services: Services) -> int:
    """Make the schedules that nobody has made yet; returns how many. The scheduler does so too."""
    return sum(services.records.schedules.provide(row) for row in schedules_of(services))


JOB = Job(
    JOB_NAME, "Send a report", deliver, again=True, retries=4, backoff=60.0, rows=schedules_of
)
REPORT_JOB = JOB
