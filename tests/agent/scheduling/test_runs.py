"""From a trigger or a slot to an outcome."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from agent.errors import Busy, Failure, NotFound, Refused, Unavailable
from agent.records.runs import Run
from agent.records.schedules import Schedule
from agent.scheduling import attempts
from agent.scheduling.job import Job, JobContext, Outcome
from agent.scheduling.scheduler import Scheduler
from agent.services import Services
from tests.clock import FrozenClock

Start = Callable[..., Scheduler]
Ended = Callable[[str], Run]


def fine(services: Services, context: JobContext) -> Outcome:
    return Outcome(message=f"{context.shop_id} {context.arguments.get('size', '')}".strip())


def test_a_job_by_hand(scheduler: Start, ended: Ended) -> None:
    job = Job("count", "Count", fine, arguments={"size": "small", "colour": "red"})
    run = ended(scheduler(job).trigger("count", "alma", {"size": "large"}))
    assert (run.outcome, run.message, run.cause, run.attempts) == ("ok", "alma large", "by hand", 1)
    assert run.slot.startswith("manual-")
    assert run.arguments == {"size": "large", "colour": "red"}
    assert run.seconds == 0


def test_a_job_that_does_not_exist(scheduler: Start) -> None:
    with pytest.raises(NotFound, match="Known: count"):
        scheduler(Job("count", "Count", fine)).trigger("cuont")


@pytest.mark.parametrize(
    ("failures", "outcome", "message", "attempts"),
    [
        ([Unavailable("Mail is away.")] * 2, "ok", "sent", 3),
        ([Unavailable("Mail is away.")] * 3, "gave up", "Tried 3 times. Mail is away.", 3),
        ([Busy("Held.")], "ok", "sent", 2),
        (
            [Refused("No such address.", hint="Correct it.")],
            "failed",
            "No such address. Correct it.",
            1,
        ),
        ([KeyError("secret")], "failed", "unexpected KeyError; the log has the details", 1),
    ],
)
def test_only_what_can_pass_is_tried_again(
    scheduler: Start,
    ended: Ended,
    failures: list[Exception],
    outcome: str,
    message: str,
    attempts: int,
) -> None:
    waiting = list(failures)

    def send(services: Services, context: JobContext) -> Outcome:
        if waiting:
            raise waiting.pop(0)
        return Outcome(message="sent")

    run = ended(scheduler(Job("send", "Send", send, retries=2, backoff=0.001)).trigger("send"))
    assert (run.outcome, run.attempts) == (outcome, attempts)
    assert message in run.message
    assert "secret" not in run.message


def test_the_pause_doubles(scheduler: Start, ended: Ended, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[float] = []
    pauses: list[float] = []
    real = attempts._pause

    def noted(job: Job, number: int, failure: Failure) -> float:
        pauses.append(real(job, number, failure))
        return pauses[-1]

    def send(services: Services, context: JobContext) -> Outcome:
        tried.append(time.monotonic())
        raise Unavailable("Mail is away.")

    monkeypatch.setattr(attempts, "_pause", noted)
    ended(scheduler(Job("send", "Send", send, retries=2, backoff=0.05)).trigger("send"))
    first, second = pauses
    assert 0.75 <= first / 0.05 <= 1.25
    assert 0.75 <= second / 0.1 <= 1.25
    assert tried[1] - tried[0] >= 0.9 * first
    assert tried[2] - tried[1] >= 0.9 * second


def test_progress_is_recorded_and_published(
    services: Services, scheduler: Start, ended: Ended, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.scheduling.running.PROGRESS_EVERY", 3600)
    heard: list[dict[str, Any]] = []
    half, go = threading.Event(), threading.Event()
    services.bus.subscribe("runs", heard.append)

    def fill(services: Services, context: JobContext) -> Outcome:
        for done in range(101):
            context.progress(done, 200, "Reading")
        context.progress(100, 200, "Writing")
        half.set()
        assert go.wait(60)
        return Outcome(message="Read 100\0 rows")

    run_id = scheduler(Job("fill", "Fill", fill)).trigger("fill", "alma")
    assert half.wait(60)
    now = services.records.runs.get(run_id)
    assert (now.done, now.total, now.step, now.outcome) == (100, 200, "Writing", "started")
    go.set()
    assert ended(run_id).message == "Read 100 rows"
    until = time.monotonic() + 60
    while len(heard) < 4 and time.monotonic() < until:
        time.sleep(0.01)
    assert {message["run_id"] for message in heard} == {run_id}
    assert [message["outcome"] for message in heard] == ["started"] * (len(heard) - 1) + ["ok"]
    steps = [(message["done"], message["step"]) for message in heard[1:-1]]
    assert steps == [(0, "Reading"), (100, "Writing")], "a hundred steps are not a hundred writes"


def test_more_work_than_threads_all_gets_done(scheduler: Start, ended: Ended) -> None:
    made = scheduler(Job("count", "Count", fine))
    assert {ended(made.trigger("count")).outcome for _ in range(12)} == {"ok"}


def test_stop_lets_a_run_end_within_the_grace_time(services: Services, scheduler: Start) -> None:
    begun = threading.Event()

    def tidy(services: Services, context: JobContext) -> Outcome:
        begun.set()
        assert context.stopping.wait(60)
        time.sleep(0.05)
        return Outcome(message="Left everything tidy.")

    made = scheduler(Job("tidy", "Tidy", tidy))
    run_id = made.trigger("tidy")
    assert begun.wait(60)
    begin = time.monotonic()
    made.stop(60)
    assert time.monotonic() - begin < 50, "it waits for the run, not for the grace time's end"
    assert services.records.runs.get(run_id).message == "Left everything tidy."
    with pytest.raises(Busy):
        made.trigger("tidy")


def test_stop_does_not_wait_longer_than_the_grace_time(
    services: Services, scheduler: Start, ended: Ended
) -> None:
    begun, go = threading.Event(), threading.Event()

    def deaf(services: Services, context: JobContext) -> Outcome:
        begun.set()
        assert go.wait(60)
        return Outcome(message="too late")

    made = scheduler(Job("deaf", "Deaf", deaf))
    run_id = made.trigger("deaf")
    assert begun.wait(60)
    begin = time.monotonic()
    made.stop(0.2)
    assert 0.2 <= time.monotonic() - begin < 50
    run = services.records.runs.get(run_id)
    assert (run.outcome, run.message) == (
        "stopped",
        "The program was stopped before the job ended.",
    )
    working = [thread for thread in threading.enumerate() if thread.name.startswith("job-")]
    go.set()
    for thread in working:
        thread.join()
    assert services.records.runs.get(run_id) == run, "an outcome is written once"


def test_stop_ends_waiting_retries_and_polite_jobs(services: Services, scheduler: Start) -> None:
    tried, begun = threading.Event(), threading.Event()

    def send(services: Services, context: JobContext) -> Outcome:
        tried.set()
        raise Unavailable("Mail is away.")

    def polite(services: Services, context: JobContext) -> Outcome:
        begun.set()
        while True:
            context.check()
            time.sleep(0.01)

    made = scheduler(Job("send", "Send", send, backoff=60), Job("polite", "Polite", polite))
    ids = [made.trigger("send"), made.trigger("polite")]
    assert tried.wait(60)
    assert begun.wait(60)
    made.stop(60)
    assert [services.records.runs.get(run_id).outcome for run_id in ids] == ["stopped"] * 2


def test_a_run_past_its_deadline_is_asked_to_end(
    services: Services, scheduler: Start, clock: FrozenClock
) -> None:
    begun = threading.Event()
    seen: list[bool] = []

    def slow(services: Services, context: JobContext) -> Outcome:
        begun.set()
        seen.append(context.stopping.wait(60))
        return Outcome(message="at last")

    made = scheduler(Job("slow", "Slow", slow, deadline=timedelta(minutes=5), again=True))
    run_id = made.trigger("slow")
    assert begun.wait(60)
    clock.advance(minutes=5, seconds=1)
    made.stroke()
    run = services.records.runs.get(run_id)
    assert (run.outcome, run.message) == ("gave up", "It took longer than 5 minutes.")
    made.stop(5)
    assert seen == [True]
    clock.advance(hours=1)
    scheduler(Job("slow", "Slow", slow, again=True)).stroke()
    assert len(services.records.runs.recent()) == 1


def test_a_job_that_is_alone_waits_for_its_predecessor(
    services: Services, scheduler: Start, clock: FrozenClock, ended: Ended
) -> None:
    go = threading.Event()

    def slow(services: Services, context: JobContext) -> Outcome:
        assert go.wait(60)
        return Outcome()

    services.records.schedules.put(Schedule("s", "slow", "", "* * * * *", "UTC"))
    made = scheduler(Job("slow", "Slow", slow, alone=True))
    for _ in range(3):
        clock.advance(minutes=1)
        made.stroke()
    (first,) = services.records.runs.recent()
    go.set()
    ended(first.run_id)
    made.stroke()
    assert [run.slot[-5:] for run in services.records.runs.recent()] == ["07:44", "07:42"]
