"""Slots, claimed once whatever happens."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.errors import Busy, NotConfigured, NotFound
from agent.ports import Shop
from agent.records import Role
from agent.records.runs import Run, Ticket
from agent.records.schedules import Schedule
from agent.scheduling import shops, sync
from agent.scheduling.job import Job, JobContext, Outcome
from agent.scheduling.jobs import JOBS, ROWS, Jobs, find
from agent.scheduling.scheduler import Scheduler
from agent.services import Services
from tests.clock import FrozenClock

Start = Callable[..., Scheduler]
Ended = Callable[[str], Run]


def done(services: Services, context: JobContext) -> Outcome:
    return Outcome(message=context.slot)


COUNT = Job("count", "Count", done)
AGAIN = Job("count", "Count", done, again=True, deadline=timedelta(minutes=10))


def monday(services: Services, **other: object) -> None:
    row = {"schedule_id": "brief", "job": "count", "shop_id": "alma", "cron": "0 8 * * mon"}
    services.records.schedules.put(Schedule(**{**row, "timezone": "Europe/Berlin", **other}))  # type: ignore[arg-type]  # a row


def seen(services: Services) -> list[tuple[str, str]]:
    return [(run.slot, run.cause) for run in services.records.runs.recent()]


def test_a_slot_runs_once_at_its_time(
    services: Services, scheduler: Start, clock: FrozenClock, ended: Ended
) -> None:
    monday(services)
    one, other = scheduler(COUNT), scheduler(COUNT)
    for moment in ("2026-11-23T06:59", "2026-11-23T07:00", "2026-11-23T07:01"):
        clock.set(datetime.fromisoformat(moment))
        one.stroke()
        other.stroke()
    assert seen(services) == [("2026-11-23T08:00", "on time")]
    run = ended(services.records.runs.recent()[0].run_id)
    assert (run.outcome, run.message, run.shop_id) == ("ok", "2026-11-23T08:00", "alma")


def test_only_the_newest_missed_slot_is_caught_up(
    services: Services, scheduler: Start, clock: FrozenClock
) -> None:
    monday(services, cron="0 8 * * *")
    clock.advance(days=5)
    made = scheduler(COUNT)
    made.stroke()
    made.stroke()
    assert seen(services) == [("2026-11-22T08:00", "caught up")]


def test_what_was_missed_long_ago_or_before_the_row_stays_missed(
    services: Services, scheduler: Start, clock: FrozenClock
) -> None:
    monday(services, cron="0 8 1 * *")
    scheduler(COUNT).stroke()
    clock.set(datetime(2026, 12, 8, 7, 30, tzinfo=UTC))
    scheduler(COUNT).stroke()
    assert seen(services) == []
    clock.set(datetime(2027, 1, 8, 6, 30, tzinfo=UTC))
    scheduler(COUNT).stroke()
    assert seen(services) == [("2027-01-01T08:00", "caught up")]


def test_a_row_that_changes_counts_from_then_on(
    services: Services, scheduler: Start, clock: FrozenClock
) -> None:
    monday(services, cron="0 6 * * *", enabled=False)
    clock.advance(days=1)
    made = scheduler(COUNT)
    made.stroke()
    monday(services, cron="0 6 * * *")
    made.stroke()
    assert seen(services) == []
    monday(services, cron="0 9 * * *", arguments={"size": 1})
    clock.advance(hours=1)
    made.stroke()
    assert seen(services) == [("2026-11-18T09:00", "caught up")]


def test_a_row_that_cannot_be_followed_does_not_stop_the_others(
    services: Services, scheduler: Start, clock: FrozenClock, caplog: pytest.LogCaptureFixture
) -> None:
    monday(services, cron="99 * * * *")
    monday(services, schedule_id="atlantis", timezone="Europe/Atlantis")
    monday(services, schedule_id="gone", job="gone", cron="* * * * *")
    monday(services, schedule_id="good", cron="* * * * *")
    clock.advance(minutes=1)
    scheduler(COUNT).stroke()
    assert [run.schedule_id for run in services.records.runs.recent()] == ["good"]
    for schedule in ("brief", "atlantis", "gone"):
        assert f"Schedule {schedule} cannot run" in caplog.text


@pytest.mark.parametrize(
    ("zone", "begin", "slot"),
    [
        ("Europe/Berlin", "2026-10-24T20:00", "2026-10-25T02:30"),
        ("Europe/Berlin", "2026-03-28T20:00", "2026-03-29T02:30"),
        ("America/New_York", "2026-11-01T02:00", "2026-11-01T02:30"),
        ("America/New_York", "2026-03-08T02:00", "2026-03-08T02:30"),
    ],
)
def test_nights_in_which_the_clock_moves(
    services: Services, scheduler: Start, clock: FrozenClock, zone: str, begin: str, slot: str
) -> None:
    clock.set(datetime.fromisoformat(begin))
    monday(services, cron="30 2 * * *", timezone=zone)
    made = scheduler(COUNT)
    for _ in range(48):
        clock.advance(minutes=15)
        made.stroke()
    assert seen(services) == [(slot, "on time")]


def test_jobs_bring_their_default_rows(
    services: Services, scheduler: Start, clock: FrozenClock
) -> None:
    services.warehouse.put_shop(Shop("alma", "Alma's Tea", "EUR", "Europe/Lisbon"))
    brief = Job("brief", "Brief", done, cron="0 8 * * mon", per_shop=True, arguments={"n": 1})
    mine = Schedule("mine", "own", "alma", "0 7 * * *", "Europe/Lisbon")
    made = scheduler(
        brief,
        Job("tidy", "Tidy", done, cron="40 3 * * *"),
        Job("demo", "Demo", done, cron="* * * * *", wanted=lambda services: False),
        Job("by hand", "By hand", done),
        Job("own", "Own rows", done, rows=lambda services: [mine]),
    )
    made.stroke()
    rows = {row.schedule_id: row for row in services.records.schedules.all()}
    assert set(rows) == {"brief:alma", "tidy", "mine"}
    alma = rows["brief:alma"]
    assert (alma.shop_id, alma.timezone, alma.arguments) == ("alma", "Europe/Lisbon", {"n": 1})
    monday(services, schedule_id="tidy", job="tidy", cron="0 5 * * *")
    made.stroke()
    assert services.records.schedules.get("tidy").cron == "0 5 * * *"
    assert seen(services) == []


def test_a_job_that_does_not_wait_begins_with_the_slot_just_over(
    services: Services, scheduler: Start
) -> None:
    services.warehouse.put_shop(Shop("alma", "Alma's Tea", "EUR", "Europe/Lisbon"))
    hourly = {"cron": "12 * * * *", "per_shop": True}
    made = scheduler(
        Job("soon", "Soon", done, at_once=True, **hourly), Job("on", "On", done, **hourly)
    )
    made.stroke()
    made.stroke()
    assert [run.job for run in services.records.runs.recent()] == ["soon"]


def test_a_shop_of_the_settings_is_read_at_once_and_calls_at_once(
    services: Services, clock: FrozenClock
) -> None:
    named = replace(services.settings, shopify_shop="alder.myshopify.com")
    given = replace(services, settings=named)
    jobs = (
        Job("sync", "Sync", done, rows=sync.rows),
        Job("subscriptions", "Calls", done, rows=shops.at_once),
    )
    made = Scheduler(given, {job.name: job for job in jobs})
    made.stroke()
    begun = {run.job for run in services.records.runs.recent()}
    assert begun == {"sync", "subscriptions"}
    services.records.connections.note_sync("shopify")
    clock.advance(minutes=1)
    made.stroke()
    made.stop(0)
    assert len(seen(services)) == 2, "from then on at their times"


def lost_run(services: Services, clock: FrozenClock) -> Run:
    """A run of a process that died over its work."""
    monday(services)
    ticket = Ticket("count", "alma", {"n": 1}, "on time", "elsewhere:1", timedelta(minutes=10))
    run = services.records.runs.claim("brief", "2026-11-23T08:00", ticket)
    assert run is not None
    assert services.records.runs.begin(run.run_id, timedelta(minutes=10))
    return run


def test_a_run_whose_process_died_is_repeated_once(
    services: Services, scheduler: Start, clock: FrozenClock, ended: Ended
) -> None:
    dead = lost_run(services, clock)
    one, other = scheduler(AGAIN), scheduler(AGAIN)
    clock.advance(minutes=11)
    one.stroke()
    assert services.records.runs.get(dead.run_id).outcome == "started", "it may still be alive"
    clock.advance(minutes=1)
    one.stroke()
    other.stroke()
    old = services.records.runs.get(dead.run_id)
    assert (old.outcome, old.message) == ("lost", "The program ended before the job did.")
    assert old.successor
    again = ended(old.successor)
    assert (again.slot, again.cause, again.arguments) == ("2026-11-23T08:00#2", "again", {"n": 1})
    assert again.message == "2026-11-23T08:00", "the job is told the slot it was for"
    assert len(seen(services)) == 2
    assert not services.records.runs.finish(dead.run_id, "ok", "a late voice")


def test_a_run_that_dies_every_time_is_given_up(
    services: Services, scheduler: Start, clock: FrozenClock
) -> None:
    lost_run(services, clock)
    slots = []
    for _ in range(5):
        clock.advance(minutes=12)
        for run in services.records.runs.abandoned(clock.now()):
            again = run.turn <= 2
            services.records.runs.take_over(run, Ticket("count") if again else None)
        slots = [slot for slot, _ in seen(services)]
        clock.advance(minutes=30)
    assert sorted(slots) == [f"2026-11-23T08:00{turn}" for turn in ("", "#2", "#3")]
    scheduler(AGAIN).stroke()
    assert len(seen(services)) == 3


def test_a_job_that_does_not_ask_for_it_is_only_marked_lost(
    services: Services, scheduler: Start, clock: FrozenClock
) -> None:
    dead = lost_run(services, clock)
    clock.advance(minutes=12)
    scheduler(COUNT).stroke()
    assert services.records.runs.get(dead.run_id).outcome == "lost"
    assert len(seen(services)) == 1


def test_a_run_that_a_stop_cut_short_is_repeated_by_the_next_start(
    services: Services, scheduler: Start, clock: FrozenClock, ended: Ended
) -> None:
    cut = lost_run(services, clock)
    services.records.runs.finish(cut.run_id, "stopped", "The program was stopped.")
    clock.advance(minutes=2)
    scheduler(AGAIN).stroke()
    scheduler(AGAIN).stroke()
    old = services.records.runs.get(cut.run_id)
    assert old.outcome == "stopped"
    assert old.successor
    assert ended(old.successor).outcome == "ok"
    assert len(seen(services)) == 2


WORKER = """
import sys, time
from datetime import timedelta
from types import SimpleNamespace
from agent.bus import LocalBus
from agent.records import open_records
from agent.scheduling.job import Job, Outcome
from agent.scheduling.scheduler import Scheduler
from tests.clock import FrozenClock

url, log = sys.argv[1:]
clock = FrozenClock()
records = open_records(url, clock)
settings = SimpleNamespace(locale="en_US")
services = SimpleNamespace(
    records=records, clock=clock, bus=LocalBus(), warehouse=None, settings=settings
)

def work(services, context):
    with open(log, "a") as file:
        file.write(context.slot + chr(10))
    return Outcome()

# The clock runs far ahead of the work.
job = Job("count", "Count", work, deadline=timedelta(days=1))
scheduler = Scheduler(services, {"count": job})
print("ready", flush=True)
# All four strike every minute at once, and none runs ahead of the others.
for line in sys.stdin:
    clock.advance(minutes=1)
    scheduler.stroke()
    print("struck", flush=True)
while records.runs.running("brief"):
    time.sleep(0.05)
scheduler.stop(60)
services.bus.close()
records.close()
"""


def test_four_processes_and_fifty_slots_make_fifty_runs(
    services: Services, database_url: str, tmp_path: Path
) -> None:
    monday(services, cron="* * * * *")
    log = tmp_path / "log"
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, database_url, str(log)],
            cwd=Path(__file__).resolve().parents[3],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    hears(workers, "ready\n")
    for _ in range(50):
        for worker in workers:
            assert worker.stdin
            worker.stdin.write("\n")
            worker.stdin.flush()
        hears(workers, "struck\n")
    for worker in workers:
        _, errors = worker.communicate()
        assert worker.returncode == 0, errors
    expected = [f"2026-11-17T{8 + n // 60:02}:{n % 60:02}" for n in range(42, 92)]
    runs = services.records.runs.recent(100)
    assert {(run.outcome, run.message) for run in runs} == {("ok", "")}
    assert sorted(run.slot for run in runs) == expected
    assert sorted(log.read_text().split()) == expected


def hears(workers: list[subprocess.Popen[str]], words: str) -> None:
    """Wait until every worker has said it."""
    for worker in workers:
        assert worker.stdout
        assert worker.stdout.readline() == words, worker.communicate()


def test_the_clock_strikes_by_itself(services: Services, clock: FrozenClock) -> None:
    monday(services, cron="* * * * *")
    clock.advance(minutes=1)
    made = Scheduler(services, {"count": COUNT})
    made.start()
    until = time.monotonic() + 60
    while not seen(services) and time.monotonic() < until:
        time.sleep(0.02)
    made.stop(5)
    assert seen(services) == [("2026-11-17T08:42", "on time")]


def test_a_job_has_another_do_what_it_found(
    services: Services, scheduler: Start, ended: Ended
) -> None:
    def follow(_services: Services, context: JobContext) -> Outcome:
        return Outcome(message=f"{context.schedule_id} {dict(context.arguments)}")

    def find_due(_services: Services, context: JobContext) -> Outcome:
        return Outcome(message=context.begin("follow", "follow:one", {"which": "one"}))

    made = scheduler(Job("find", "Find", find_due), Job("follow", "Follow", follow))
    begun = ended(ended(made.trigger("find")).message)
    assert (begun.schedule_id, begun.cause, begun.outcome) == ("follow:one", "again", "ok")
    assert begun.message == "follow:one {'which': 'one'}"
    # It is none of those that a person began.
    assert [run.job for run in services.records.runs.recent(10, "manual")] == ["find"]
    made.stop(0)
    with pytest.raises(Busy):
        made.begin("follow", "follow:one", {})


def test_every_row_of_the_table_is_a_job() -> None:
    own = {"checkpoint", "demo_tick", "prune", "quality", "sync"}
    assert set(JOBS) == set(ROWS) >= own
    assert Jobs({**ROWS, "count": COUNT})["count"] is COUNT
    for name, job in JOBS.items():
        assert job.name == name
        assert job.title
    with pytest.raises(NotFound, match="checkpoint, demo_tick"):
        find(JOBS, "nothing")
    with pytest.raises(NotConfigured, match="'far' cannot run here"):
        find(Jobs({"far": "agent.no_such_room:JOB"}), "far")


def test_the_agents_own_jobs_do_their_work(
    services: Services, clock: FrozenClock, ended: Ended
) -> None:
    made = Scheduler(services, Jobs())
    ana = services.records.users.add("ana@example.com", "Ana", Role.VIEWER)
    services.records.links.create(ana.user_id, 5)
    clock.advance(hours=1)
    try:
        pruned, folded, ticked = (
            ended(made.trigger(name)) for name in ("prune", "checkpoint", "demo_tick")
        )
    finally:
        made.stop(5)
    assert (pruned.outcome, folded.outcome, ticked.outcome) == ("ok", "ok", "ok")
    assert "1 links" in pruned.message
    assert ticked.message == "Nothing happened."
