"""Schedules, runs, deliveries and the audit, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from agent.errors import Busy, NotFound
from agent.records import Records
from agent.records.runs import Ticket
from agent.records.schedules import Schedule
from tests.clock import START, FrozenClock

ANA = ("ana@example.com",)


def test_schedules(records: Records, clock: FrozenClock) -> None:
    row = Schedule("s", "brief", "alma", "0 8 * * mon", "Europe/Berlin", {"to": list(ANA)})
    stored = records.schedules.put(row)
    assert (stored.arguments, stored.since, stored.enabled) == ({"to": list(ANA)}, START, True)
    assert records.schedules.all() == (stored,) == (records.schedules.get("s"),)
    clock.advance(days=1)
    renamed = Schedule("s", "brief", "alma", "0 8 * * mon", "Europe/Berlin", {"to": []})
    assert records.schedules.put(renamed).since == START, "the times did not change"
    moved = Schedule("s", "brief", "alma", "0 9 * * mon", "Europe/Berlin")
    assert records.schedules.put(moved).since == START + timedelta(days=1)
    assert not records.schedules.provide(row)
    assert records.schedules.get("s").cron == "0 9 * * mon"
    records.schedules.remove("s")
    assert records.schedules.provide(row)
    with pytest.raises(NotFound, match="'gone'"):
        records.schedules.get("gone")


def test_one_slot_is_claimed_once_by_eight_threads(records: Records) -> None:
    records.schedules.put(Schedule("s", "brief", "alma", "* * * * *", "UTC", {"n": 1}))
    gate = Barrier(8)

    def claim(_: int) -> str | None:
        gate.wait()
        run = records.runs.claim("s", "2026-11-23T08:00")
        return run.run_id if run else None

    with ThreadPoolExecutor(8) as pool:
        (won,) = filter(None, pool.map(claim, range(8)))
    run = records.runs.get(won)
    assert (run.job, run.shop_id, run.arguments) == ("brief", "alma", {"n": 1})
    assert records.runs.known("s", "2026-11-23T08:00")
    assert not records.runs.known("s", "2026-11-23T09:00")
    with pytest.raises(NotFound):
        records.runs.claim("gone", "2026-11-23T08:00")


def test_a_run_ends_once(records: Records, clock: FrozenClock) -> None:
    run = records.runs.claim("s", "a", Ticket("brief"))
    assert run is not None
    assert records.runs.running("s")
    clock.advance(seconds=5)
    assert records.runs.begin(run.run_id, timedelta(minutes=1))
    assert records.runs.progress(run.run_id, 3, 9, "Reading")
    clock.advance(seconds=20)
    assert records.runs.finish(run.run_id, "ok", "Sent.")
    ended = records.runs.get(run.run_id)
    assert (ended.outcome, ended.message, ended.seconds) == ("ok", "Sent.", 20)
    assert (ended.done, ended.total, ended.step) == (3, 9, "Reading")
    assert not records.runs.finish(run.run_id, "failed", "No.")
    assert not records.runs.progress(run.run_id, 9, 9, "")
    assert not records.runs.begin(run.run_id)
    assert not records.runs.running("s")
    assert records.runs.recent() == (ended,)
    with pytest.raises(NotFound):
        records.runs.get("gone")


def test_an_abandoned_run_is_taken_over_by_one_of_eight(
    records: Records, clock: FrozenClock
) -> None:
    records.runs.claim("s", "a", Ticket("brief", deadline=timedelta(minutes=1)))
    records.runs.claim("s", "b", Ticket("brief", deadline=timedelta(minutes=9)))
    clock.advance(minutes=2)
    (run,) = records.runs.abandoned(clock.now())
    gate = Barrier(8)

    def take(_: int) -> bool:
        gate.wait()
        return records.runs.take_over(run, Ticket("brief")) is not None

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 1
    assert sorted(run.slot for run in records.runs.recent()) == ["a", "a#2", "b"]
    assert records.runs.get(run.run_id).outcome == "lost"


def test_old_and_surplus_runs_are_forgotten(records: Records, clock: FrozenClock) -> None:
    for number in range(6):
        for schedule in ("often", "rare"):
            if schedule == "often" or number == 0:
                run = records.runs.claim(schedule, f"slot {number}", Ticket("x"))
                assert run is not None
                if number != 1:
                    records.runs.finish(run.run_id, "ok")
        clock.advance(days=1)
    assert records.runs.prune(START - timedelta(days=1), keep=3) == 2
    kept = sorted((run.schedule_id, run.slot) for run in records.runs.recent())
    assert kept == [
        ("often", "slot 1"),  # still open
        ("often", "slot 3"),
        ("often", "slot 4"),
        ("often", "slot 5"),
        ("rare", "slot 0"),
    ]
    assert records.runs.prune(clock.now(), keep=3) == 4
    assert [run.slot for run in records.runs.recent()] == ["slot 1"]


def test_a_letter_is_sent_once(records: Records) -> None:
    start = records.deliveries.start
    assert start("d", "run 1", "<1@x>", ANA, "Brief")
    records.deliveries.fail("d", "The server is away.", permanent=False)
    assert start("d", "run 1", "<1@x>", ANA, "Brief")
    records.deliveries.finish("d", "outbox/1.eml")
    assert not start("d", "run 1", "<1@x>", ANA, "Brief")
    assert not start("d", "run 2", "<2@x>", ANA, "Brief")
    records.deliveries.fail("d", "A late voice.", permanent=True)
    (sent,) = records.deliveries.recent()
    assert (sent.state, sent.attempts, sent.sent_where) == ("sent", 2, "outbox/1.eml")
    assert (sent.recipients, sent.message_id, sent.message) == (ANA, "<1@x>", "")


def test_a_letter_that_was_refused_is_not_tried_again(records: Records) -> None:
    assert records.deliveries.start("d", "run 1", "<1@x>", ANA, "Brief")
    records.deliveries.fail("d", "No such address.", permanent=True)
    assert not records.deliveries.start("d", "run 2", "<1@x>", ANA, "Brief")


def test_a_letter_of_a_run_that_died_is_taken_up_by_the_next(
    records: Records, clock: FrozenClock
) -> None:
    first = records.runs.claim("s", "a", Ticket("brief", deadline=timedelta(minutes=1)))
    assert first is not None
    assert records.deliveries.start("d", first.run_id, "<1@x>", ANA, "Brief")
    with pytest.raises(Busy, match="another run"):
        records.deliveries.start("d", "run 2", "<2@x>", ANA, "Brief")
    clock.advance(minutes=2)
    (dead,) = records.runs.abandoned(clock.now())
    second = records.runs.take_over(dead, Ticket("brief"))
    assert second is not None
    assert records.deliveries.start("d", second.run_id, "<2@x>", ANA, "Brief")
    delivery = records.deliveries.get("d")
    assert delivery is not None
    assert (delivery.message_id, delivery.run_id) == ("<1@x>", second.run_id)


def test_the_audit_is_newest_first(records: Records, clock: FrozenClock) -> None:
    for number in range(3):
        records.audit.note("ana", "looked", f"page {number}", "twice")
        clock.advance(seconds=1)
    assert [entry.subject for entry in records.audit.recent(2)] == ["page 2", "page 1"]
    assert records.audit.recent()[-1].at == START
