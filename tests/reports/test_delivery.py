from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from agent.errors import Busy, NotFound, Unavailable
from agent.mailer import MailServer, SmtpMailer
from agent.metrics.engine import Engine
from agent.metrics.frames import Frame, Stale
from agent.ports import Letter, Shop
from agent.records import Role
from agent.records.runs import Run, Ticket
from agent.records.schedules import Schedule
from agent.scheduling.job import FAILED, OK, JobContext, Stopped
from agent.services import Services
from reports import delivery
from reports.delivery import (
    JOB,
    default_schedules,
    deliver,
    made_for,
    recipients_of,
    schedules_of,
)
from reports.mail import Enclosed
from tests.clock import FrozenClock

SLOT = "2026-11-16T08:00"
TO = ("mara@almas-tea.example", "jo@almas-tea.example")
ARGUMENTS: dict[str, Any] = {"report": "weekly-executive", "to": list(TO)}


def claim(services: Services, **arguments: Any) -> JobContext:
    services.records.schedules.put(
        Schedule("w:tea", "report", "almas-tea", "0 8 * * 1", "Europe/Berlin", ARGUMENTS)
    )
    run = services.records.runs.claim("w:tea", SLOT, Ticket("report", "almas-tea"))
    assert run is not None
    return context(run, **arguments)


def context(run: Run, **arguments: Any) -> JobContext:
    slot = run.slot.partition("#")[0]
    given = {**ARGUMENTS, **arguments}
    return JobContext(run.run_id, run.schedule_id, slot, "almas-tea", given)


def again(services: Services, clock: FrozenClock, before: JobContext) -> JobContext:
    """What the scheduler does about a run whose program ended."""
    clock.advance(hours=1)
    lost = services.records.runs.get(before.run_id)
    run = services.records.runs.take_over(lost, Ticket("report", "almas-tea"))
    assert run is not None
    return context(run)


@pytest.fixture
def plain_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters without PDF and pictures: a second each, and not tried here."""
    monkeypatch.setattr(delivery, "enclose", lambda document: Enclosed((), {}))


def outbox(services: Services) -> list[Any]:
    files = sorted(Path(services.settings.data_dir / "outbox").glob("*.eml"))
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]


def test_everyone_gets_their_own_letter_once(services: Services) -> None:
    mine = claim(services)
    assert deliver(services, mine).message == "Sent to 2 of 2."
    letters = outbox(services)
    assert sorted(letter["To"] for letter in letters) == sorted(TO)
    assert len({letter["Message-ID"] for letter in letters}) == 2
    assert deliver(services, mine).message == "Everyone has this report already."
    assert len(outbox(services)) == 2
    states = {d.recipients: d.state for d in services.records.deliveries.recent()}
    assert states == {(to,): "sent" for to in TO}


@pytest.mark.usefixtures("plain_paper")
def test_the_period_is_that_of_the_slot_even_when_late(
    services: Services, clock: FrozenClock
) -> None:
    mine = claim(services)
    clock.advance(days=3)
    deliver(services, mine)
    text = outbox(services)[0].get_body(("plain",)).get_content()
    # The slot is Monday 16 November: its 28 days end on the 15th.
    assert "19 October to 15 November 2026" in text


@pytest.mark.usefixtures("plain_paper")
def test_a_period_of_the_schedules_own(services: Services) -> None:
    deliver(services, claim(services, period="last_week"))
    assert (
        "9 November to 15 November 2026" in outbox(services)[0].get_body(("plain",)).get_content()
    )


class Crash(BaseException):
    """The power goes out."""


class Fuse:
    """Stands before a part and lets the program end at the nth of its noted moments."""

    def __init__(self, at: int) -> None:
        self.left = at
        self.passed: list[str] = []

    def moment(self, name: str) -> None:
        self.passed.append(name)
        self.left -= 1
        if self.left == 0:
            raise Crash(name)


class Wired:
    """Any part, with a moment before and after each call of the named methods."""

    def __init__(self, part: Any, fuse: Fuse, *names: str) -> None:
        self._part, self._fuse, self._names = part, fuse, names

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        if name not in self._names:
            return found

        def call(*given: Any, **named: Any) -> Any:
            self._fuse.moment(f"before {name}")
            result = found(*given, **named)
            self._fuse.moment(f"after {name}")
            return result

        return call


class Records:
    def __init__(self, records: Any, fuse: Fuse) -> None:
        self._records = records
        self.deliveries = Wired(records.deliveries, fuse, "start", "finish", "get", "fail")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)


def wired(services: Services, fuse: Fuse) -> Services:
    records: Any = Records(services.records, fuse)
    mailer: Any = Wired(services.mailer, fuse, "send")
    return replace(services, records=records, mailer=mailer)


# get, get, then for each of two recipients: start, get, send, finish; two moments each.
@pytest.mark.usefixtures("plain_paper")
@pytest.mark.parametrize("at", range(1, 21))
def test_whenever_the_program_ends_each_letter_arrives_once(
    services: Services, clock: FrozenClock, at: int
) -> None:
    mine = claim(services)
    fuse = Fuse(at)
    with pytest.raises(Crash):
        deliver(wired(services, fuse), mine)
    second = again(services, clock, mine)
    assert deliver(services, second).state == OK
    letters = outbox(services)
    # A mail server knows a letter by its Message-ID: the same one twice is one letter.
    assert len({letter["Message-ID"] for letter in letters}) == 2, fuse.passed
    assert {letter["To"] for letter in letters} == set(TO)
    unsure = fuse.passed[-1] in ("after send", "before finish")
    assert len(letters) <= 2 + unsure, fuse.passed
    assert all(d.state == "sent" for d in services.records.deliveries.recent())


@pytest.mark.usefixtures("plain_paper")
def test_the_moments_above_are_all_there_are(services: Services) -> None:
    fuse = Fuse(0)
    deliver(wired(services, fuse), claim(services))
    assert len(fuse.passed) == 20


@pytest.mark.usefixtures("plain_paper")
def test_a_run_that_still_works_keeps_its_letter(services: Services) -> None:
    mine = claim(services)
    fuse = Fuse(7)
    with pytest.raises(Crash):
        deliver(wired(services, fuse), mine)
    assert fuse.passed[-1] == "before get"
    other = services.records.runs.claim("w:tea", f"{SLOT}#2", Ticket("report", "almas-tea"))
    assert other is not None
    with pytest.raises(Busy):
        deliver(services, context(other))
    assert outbox(services) == []


class Fickle:
    """A mailer that fails for some addresses."""

    def __init__(self, mailer: Any, failures: dict[str, Exception]) -> None:
        self._mailer, self.failures = mailer, failures

    def send(self, letter: Letter) -> str:
        if letter.to[0] in self.failures:
            raise self.failures[letter.to[0]]
        return str(self._mailer.send(letter))

    def ping(self) -> None: ...


@pytest.mark.usefixtures("plain_paper")
def test_one_failure_does_not_keep_the_others_waiting(services: Services) -> None:
    mine = claim(services)
    mailer = Fickle(services.mailer, {TO[0]: Unavailable("The server does not answer.")})
    with pytest.raises(Unavailable, match="Sent to 1 of 2"):
        deliver(replace(services, mailer=mailer), mine)
    assert [letter["To"] for letter in outbox(services)] == [TO[1]]
    # Tried again: only the one that failed is sent.
    assert deliver(services, mine).message == "Sent to 1 of 1."
    assert sorted(letter["To"] for letter in outbox(services)) == sorted(TO)


@pytest.mark.usefixtures("plain_paper")
def test_old_figures_are_not_sent_but_waited_for(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, real = claim(services), Engine.answer

    def old(engine: Engine, *words: Any, **more: Any) -> Frame:
        frame = real(engine, *words, **more)
        return frame.aged(Stale(frame.receipt.asked_at, "PostgreSQL does not answer."))

    with monkeypatch.context() as patch:
        patch.setattr(Engine, "answer", old)
        with pytest.raises(Unavailable, match=r"^PostgreSQL does not answer\. The report is sent"):
            deliver(services, mine)
    assert outbox(services) == []
    assert deliver(services, mine).state == OK
    assert len(outbox(services)) == 2


@pytest.mark.usefixtures("plain_paper")
@pytest.mark.server
def test_through_a_real_server_that_refuses_then_takes(
    services: Services, smtp_server: Any, clock: FrozenClock
) -> None:
    server = MailServer("127.0.0.1", smtp_server.port)
    real = replace(services, mailer=SmtpMailer(server, "A <a@almas-tea.example>", clock))
    mine = claim(services)
    smtp_server.reply = "451 come back later"
    with pytest.raises(Unavailable, match="451 come back later"):
        deliver(real, mine)
    smtp_server.reply = ""
    assert deliver(real, mine).state == OK
    assert len(smtp_server.letters) == 2
    assert len({letter["Message-ID"] for letter in smtp_server.letters}) == 2
    assert deliver(real, mine).message == "Everyone has this report already."
    assert len(smtp_server.letters) == 2


@pytest.mark.usefixtures("plain_paper")
@pytest.mark.server
def test_a_refusal_for_good_is_not_repeated(
    services: Services, smtp_server: Any, clock: FrozenClock
) -> None:
    server = MailServer("127.0.0.1", smtp_server.port)
    real = replace(services, mailer=SmtpMailer(server, "A <a@almas-tea.example>", clock))
    smtp_server.reply = "550 no such user"
    mine = claim(services)
    outcome = deliver(real, mine)
    assert outcome.state == FAILED
    assert "550 no such user" in outcome.message
    smtp_server.reply = ""
    deliver(real, mine)
    assert smtp_server.letters == []


@pytest.mark.usefixtures("plain_paper")
def test_a_stop_ends_it_between_two_letters(services: Services) -> None:
    mine = claim(services)
    mine.stopping.set()
    with pytest.raises(Stopped):
        deliver(services, mine)
    assert outbox(services) == []


def test_recipients_are_the_schedules_the_settings_or_the_admins(services: Services) -> None:
    mine = claim(services)
    assert recipients_of(services, mine) == TO
    empty = replace(mine, arguments={})
    assert recipients_of(services, empty) == ()
    outcome = deliver(services, empty)
    assert (outcome.state, "REPORT_RECIPIENTS" in outcome.message) == (FAILED, True)
    services.records.users.add("mara@almas-tea.example", "Mara Kessler", Role.ADMIN)
    services.records.users.add("v@almas-tea.example", "Vic", Role.VIEWER)
    gone = services.records.users.add("old@almas-tea.example", "Old", Role.ADMIN)
    services.records.users.disable(gone.user_id)
    assert recipients_of(services, empty) == ("mara@almas-tea.example",)
    named = replace(services.settings, report_recipients=("board@almas-tea.example",))
    assert recipients_of(replace(services, settings=named), empty) == ("board@almas-tea.example",)


def test_who_it_is_made_for(services: Services) -> None:
    services.records.users.add("mara@almas-tea.example", "Mara Kessler", Role.ADMIN)
    assert made_for(services, TO[:1]) == "Mara Kessler"
    assert made_for(services, TO) == "Mara Kessler and one other"
    assert made_for(services, (TO[0], *(f"{n}@x.example" for n in range(12)))) == (
        "Mara Kessler and 12 others"
    )
    assert made_for(services, ("x@y.example",)) == "x@y.example"


def test_an_unknown_report_or_shop_is_no_matter_for_trying_again(services: Services) -> None:
    with pytest.raises(NotFound) as caught:
        deliver(services, claim(services, report="monthly"))
    assert caught.value.permanent


def test_each_shop_gets_a_schedule_in_its_own_zone_once(services: Services) -> None:
    services.warehouse.put_shop(Shop("kyoto", "京都茶", "JPY", "Asia/Tokyo"))
    assert default_schedules(services) == 2
    assert default_schedules(services) == 0
    found = {s.shop_id: s for s in services.records.schedules.all()}
    assert found["kyoto"].timezone == "Asia/Tokyo"
    assert found["almas-tea"].cron == "0 8 * * 1"
    changed = replace(found["kyoto"], cron="0 9 * * 5", enabled=False)
    services.records.schedules.put(changed)
    assert default_schedules(services) == 0
    assert services.records.schedules.get(changed.schedule_id).cron == "0 9 * * 5"


def test_the_job_is_repeated_and_tried_again() -> None:
    assert JOB.again
    assert JOB.retries > 0
    assert JOB.rows is schedules_of
    assert JOB.deadline >= timedelta(minutes=5)
