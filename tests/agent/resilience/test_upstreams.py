from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from agent import kinds
from agent.errors import Busy, Refused, Stopped, Throttled, Unavailable
from agent.resilience import (
    POLICIES,
    TOPIC,
    Policy,
    Standing,
    Upstream,
    Upstreams,
    pace_of,
    rate_of,
)
from agent.resilience.standing import Found, SharedState
from tests.agent.resilience.conftest import Ticking

NAME = "shopify:main"
AWAY = Unavailable("The shop does not answer.")


def opened(ticking: Ticking, policy: Policy = Policy(), **more: Any) -> Upstreams:  # noqa: B008
    return Upstreams(ticking.clock, policies={"shopify": policy}, time=ticking.time, **more)


class Acting:
    """Raises or returns what it was given, one after the other; then the last of them forever."""

    def __init__(self, *outcomes: object) -> None:
        self.outcomes, self.calls = list(outcomes), 0

    def __call__(self) -> object:
        outcome = self.outcomes[min(self.calls, len(self.outcomes) - 1)]
        self.calls += 1
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


def failing(upstream: Upstream, error: BaseException, times: int) -> None:
    for _ in range(times):
        with pytest.raises(type(error)):
            upstream.call(Acting(error), tries=1)


def only(upstreams: Upstreams) -> Standing:
    (standing,) = upstreams.standings()
    return standing


# Tries.


def test_what_the_action_returns(ticking: Ticking) -> None:
    upstreams = opened(ticking)
    assert upstreams.of(NAME).call(Acting(7)) == 7
    assert only(upstreams) == Standing(
        NAME, "closed", None, "", None, "none", 0, 0, 1, 0, only(upstreams).last_ms
    )
    assert only(upstreams).title == "Shopify"


def test_unavailable_is_tried_again_with_growing_pauses(ticking: Ticking) -> None:
    action = Acting(AWAY, AWAY, AWAY, "here")
    assert opened(ticking).of(NAME).call(action) == "here"
    assert action.calls == 4
    for pause, least in zip(ticking.slept, (0.5, 1.0, 2.0), strict=True):
        assert least <= pause <= least + 0.5


def test_pauses_differ_so_that_many_do_not_come_back_together(ticking: Ticking) -> None:
    upstreams = opened(ticking, Policy(failures=1000))
    for _ in range(8):
        upstreams.of(NAME).call(Acting(AWAY, 1))
    assert len(set(ticking.slept)) > 1


def test_the_last_failure_is_raised_when_the_tries_are_over(ticking: Ticking) -> None:
    action = Acting(*(Unavailable(f"Failure {n}.") for n in range(1, 9)))
    with pytest.raises(Unavailable, match=r"^Failure 3\.$"):
        opened(ticking).of(NAME).call(action, tries=3)
    assert action.calls == 3


@pytest.mark.parametrize("error", [Refused("No."), KeyError("x"), ConnectionResetError()])
def test_what_cannot_pass_is_raised_at_once(ticking: Ticking, error: Exception) -> None:
    action = Acting(error)
    with pytest.raises(type(error)) as raised:
        opened(ticking).of(NAME).call(action)
    assert raised.value is error
    assert (action.calls, ticking.slept) == (1, [])


def test_throttled_waits_exactly_as_long_as_it_says_and_uses_up_no_try(ticking: Ticking) -> None:
    action = Acting(*[Throttled("Too much.", after=1.7)] * 6, "here")
    assert opened(ticking).of(NAME).call(action, tries=2) == "here"
    assert ticking.slept == [1.7] * 6


def test_throttled_that_does_not_fit_the_deadline_is_raised_without_a_wait(
    ticking: Ticking,
) -> None:
    with pytest.raises(Throttled):
        opened(ticking).of(NAME).call(Acting(Throttled("Too much.", after=61)), deadline=60)
    assert ticking.slept == []


def test_a_long_rest_that_was_asked_for_is_everybodys(ticking: Ticking) -> None:
    upstream = opened(ticking).of(NAME)
    with pytest.raises(Throttled):
        upstream.call(Acting(Throttled("Leave me alone.", after=300)), deadline=60)
    other = Acting("here")
    with pytest.raises(Throttled, match="Leave me alone") as raised:
        upstream.call(other, deadline=60)
    assert (other.calls, raised.value.after) == (0, 300)
    ticking.clock.advance(260)
    assert upstream.call(other, deadline=60) == "here"
    assert ticking.slept[-1] == 40


def test_throttled_that_does_not_know_uses_up_tries(ticking: Ticking) -> None:
    action = Acting(Throttled("Too much."))
    with pytest.raises(Throttled):
        opened(ticking).of(NAME).call(action, tries=3)
    assert action.calls == 3


def test_no_wait_goes_past_the_deadline(ticking: Ticking) -> None:
    begun = ticking.now()
    with pytest.raises(Unavailable):
        opened(ticking, Policy(failures=1000)).of(NAME).call(Acting(AWAY), tries=1000, deadline=20)
    assert 5 < ticking.now() - begun <= 20
    assert sum(ticking.slept) <= 20


def test_time_that_stands_still_ends_too(ticking: Ticking) -> None:
    upstreams = opened(ticking)
    ticking.clock.advance = lambda *args, **parts: None  # type: ignore[method-assign]
    action = Acting(Throttled("Too much.", after=1.0))
    with pytest.raises(Throttled):
        upstreams.of(NAME).call(action, deadline=5)
    assert action.calls == 6


# The rate.


def test_calls_wait_for_their_turn(ticking: Ticking) -> None:
    upstreams = opened(ticking, Policy("200/minute", 20))
    begun = ticking.now()
    for _ in range(50):
        upstreams.of(NAME).call(Acting(1))
    assert ticking.now() - begun == pytest.approx(12, abs=0.1)
    assert (only(upstreams).rate, only(upstreams).used) == ("200/minute, burst 20", 50)


def test_every_try_takes_a_turn(ticking: Ticking) -> None:
    upstreams = opened(ticking, Policy("10/minute", 10))
    upstreams.of(NAME).call(Acting(AWAY, AWAY, 1))
    assert only(upstreams).used == 3


def test_a_turn_after_the_deadline_is_not_waited_for(ticking: Ticking) -> None:
    upstream = opened(ticking, Policy("10/minute", 10)).of(NAME)
    for _ in range(10):
        upstream.call(Acting(1))
    action = Acting(1)
    with pytest.raises(Throttled, match="No more than 10 a minute may be asked of Shopify") as late:
        upstream.call(action, deadline=30)
    assert late.value.after == pytest.approx(60, abs=0.1)
    assert (action.calls, ticking.slept) == (0, [])


def test_waiting_is_seen_and_told(ticking: Ticking) -> None:
    told: list[tuple[str, dict[str, str]]] = []
    upstreams = opened(
        ticking, Policy("5/minute", 5), tell=lambda topic, what: told.append((topic, dict(what)))
    )
    seen: list[Standing] = []
    ticking.before_sleep = lambda: seen.append(only(upstreams))
    for _ in range(6):
        upstreams.of(NAME).call(Acting(1))
    (standing,) = seen
    assert standing.waiting == 1
    assert standing.until is not None
    assert standing.until <= ticking.clock.now()
    assert only(upstreams).waiting == 0
    assert told == [(TOPIC, {"name": NAME})] * 2


@pytest.mark.parametrize("bound", [True, False])
def test_stopping_ends_a_wait_at_once(ticking: Ticking, bound: bool) -> None:
    upstreams, stopping = opened(ticking), threading.Event()
    ticking.before_sleep = stopping.set
    action = Acting(AWAY)
    with pytest.raises(Stopped):
        if bound:
            upstreams.of(NAME, stopping).call(action)
        else:
            upstreams.of(NAME).call(action, stopping=stopping)
    assert (action.calls, ticking.slept) == (1, [])
    assert only(upstreams).waiting == 0


def test_the_real_wait_ends_with_its_event(clock: Any) -> None:
    upstreams, stopping = Upstreams(clock), threading.Event()

    def action() -> None:
        stopping.set()
        raise Throttled("Too much.", after=100)

    begun = time.monotonic()
    with pytest.raises(Stopped):
        upstreams.of(NAME, stopping).call(action)
    assert time.monotonic() - begun < 60


# The breaker.


def test_failures_in_a_row_open_it_and_nothing_is_asked(ticking: Ticking) -> None:
    upstreams = opened(ticking, Policy(failures=3, pause=30))
    upstream = upstreams.of(NAME)
    failing(upstream, AWAY, 2)
    assert only(upstreams).state == "closed"
    failing(upstream, AWAY, 1)
    action = Acting(1)
    with pytest.raises(Unavailable) as resting:
        upstream.call(action)
    assert action.calls == 0
    assert str(resting.value) == (
        "Shopify did not answer of late. The shop does not answer. It is tried again in 30 seconds."
    )
    standing = only(upstreams)
    assert (standing.state, standing.reason) == ("open", "The shop does not answer.")
    assert standing.since == ticking.clock.now()
    assert standing.again_at is not None
    assert (standing.again_at - ticking.clock.now()).total_seconds() == 30
    assert (standing.calls, standing.failures) == (3, 3)


def test_a_breaker_that_opens_between_two_looks(
    ticking: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstreams = opened(ticking, Policy(failures=1))
    failing(upstreams.of(NAME), AWAY, 1)
    action = Acting(1)
    monkeypatch.setattr(SharedState, "look", lambda _: Found())
    with pytest.raises(Unavailable, match="did not answer of late"):
        upstreams.of(NAME).call(action)
    assert action.calls == 0


def test_an_open_breaker_is_not_waited_for(ticking: Ticking) -> None:
    upstream = opened(ticking, Policy(failures=2)).of(NAME)
    with pytest.raises(Unavailable, match="did not answer of late"):
        upstream.call(Acting(AWAY), tries=4)
    assert len(ticking.slept) == 2


def test_a_success_between_starts_the_count_anew(ticking: Ticking) -> None:
    upstreams = opened(ticking, Policy(failures=3))
    for _ in range(4):
        failing(upstreams.of(NAME), AWAY, 2)
        upstreams.of(NAME).call(Acting(1))
    assert (only(upstreams).state, only(upstreams).reason) == ("closed", "")


@pytest.mark.parametrize(
    "error",
    [Throttled("Too much.", after=999), Busy("Another runs."), Refused("No."), KeyError("x")],
)
def test_an_answer_does_not_count_against_it(ticking: Ticking, error: Exception) -> None:
    upstreams = opened(ticking, Policy(failures=1))
    failing(upstreams.of(NAME), error, 5)
    assert (only(upstreams).state, only(upstreams).failures) == ("closed", 0)


@pytest.mark.parametrize("error", [AWAY, TimeoutError("secret"), ConnectionRefusedError("secret")])
def test_nobody_there_counts_against_it(ticking: Ticking, error: Exception) -> None:
    upstreams = opened(ticking, Policy(failures=1))
    failing(upstreams.of(NAME), error, 1)
    assert only(upstreams).state == "open"
    assert "does not answer" in only(upstreams).reason
    assert "secret" not in only(upstreams).reason


def test_after_the_pause_one_call_closes_it(
    ticking: Ticking, caplog: pytest.LogCaptureFixture
) -> None:
    upstreams = opened(ticking, Policy(failures=1, pause=30))
    with caplog.at_level(logging.INFO):
        failing(upstreams.of(NAME), AWAY, 1)
        failing(upstreams.of(NAME), AWAY, 20)
        ticking.clock.advance(30)
        assert only(upstreams).state == "half open"
        assert upstreams.of(NAME).call(Acting(5)) == 5
        upstreams.of(NAME).call(Acting(5))
    assert only(upstreams).state == "closed"
    assert only(upstreams).since == ticking.clock.now()
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "Shopify (shopify:main) is left alone for a while: The shop does not answer.",
        "Shopify (shopify:main) answers again.",
    ]


def test_a_try_that_fails_opens_it_anew(ticking: Ticking) -> None:
    upstreams = opened(ticking, Policy(failures=3, pause=30))
    failing(upstreams.of(NAME), AWAY, 3)
    ticking.clock.advance(31)
    action = Acting(Unavailable("Still away."))
    with pytest.raises(Unavailable):
        upstreams.of(NAME).call(action)
    assert action.calls == 1
    assert (only(upstreams).state, only(upstreams).reason) == ("open", "Still away.")


def test_half_open_lets_one_call_through(ticking: Ticking) -> None:
    upstreams = opened(ticking, Policy(failures=1, pause=30))
    failing(upstreams.of(NAME), AWAY, 1)
    ticking.clock.advance(30)
    others = Acting(1)

    def trial() -> str:
        assert only(upstreams).state == "half open"
        for _ in range(3):
            with pytest.raises(Unavailable, match="One call is trying it right now"):
                upstreams.of(NAME).call(others)
        return "here"

    assert upstreams.of(NAME).call(trial) == "here"
    assert others.calls == 0
    assert upstreams.of(NAME).call(others) == 1


def test_of_many_at_once_one_tries(ticking: Ticking) -> None:
    upstreams = opened(ticking, Policy(failures=1, pause=30))
    failing(upstreams.of(NAME), AWAY, 1)
    ticking.clock.advance(30)
    together, tried = threading.Barrier(8), itertools.count()
    answered = threading.Semaphore(0)

    def trial() -> None:
        next(tried)
        # Until the seven others were turned away.
        for _ in range(7):
            assert answered.acquire(timeout=60)

    def ask(_: int) -> bool:
        together.wait(60)
        try:
            upstreams.of(NAME).call(trial)
        except Unavailable:
            answered.release()
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(ask, range(8))) == [False] * 7 + [True]
    assert next(tried) == 1


def test_a_slow_call_holds_up_no_other(ticking: Ticking) -> None:
    upstreams, together = opened(ticking), threading.Barrier(6)
    # Nobody comes through before all six are inside: behind a lock the first would wait alone.
    with ThreadPoolExecutor(6) as pool:
        calls = [pool.submit(upstreams.of(NAME).call, lambda: together.wait(60)) for _ in range(6)]
        assert sorted(call.result(60) for call in calls) == list(range(6))


def test_upstreams_of_a_kind_fail_apart(ticking: Ticking) -> None:
    upstreams = opened(ticking, Policy(failures=1))
    failing(upstreams.of("shopify:one"), AWAY, 1)
    assert upstreams.of("shopify:two").call(Acting(1)) == 1
    states = [(standing.name, standing.state) for standing in upstreams.standings()]
    assert states == [("shopify:one", "open"), ("shopify:two", "closed")]


def test_who_tries_another_address_is_not_left_alone_and_does_not_wait_long(
    ticking: Ticking,
) -> None:
    upstreams = opened(ticking, Policy(failures=1, tries=9, deadline=120.0))
    away, slow = Acting(AWAY), Acting(Throttled("Slow.", after=15.0))
    with pytest.raises(Unavailable, match="does not answer"):
        upstreams.tried("shopify:new").call(away)
    assert away.calls == 2
    began = ticking.time.monotonic()
    with pytest.raises(Throttled):
        upstreams.tried("shopify:new").call(slow)
    assert (slow.calls, ticking.time.monotonic() - began) == (2, 15.0)
    assert upstreams.tried("shopify:new").call(Acting(1)) == 1
    assert upstreams.standings() == ()


@pytest.mark.parametrize(
    ("text", "pace", "whole"),
    [
        ("200/minute, burst 20", "200 a minute", "200 a minute, 20 of them at once"),
        ("10/5 minutes, burst 3", "10 in 5 minutes", "10 in 5 minutes, 3 of them at once"),
        ("1200/hour", "1,200 an hour", "1,200 an hour, 1,200 of them at once"),
        ("2/second", "2 a second", "2 a second, 2 of them at once"),
        ("none", "", "no limit"),
    ],
)
def test_a_rate_in_words(text: str, pace: str, whole: str) -> None:
    rate = kinds.rate(text)
    assert rate_of(rate) == whole
    assert not pace or pace_of(rate) == pace


def test_a_kind_that_nobody_named_has_a_policy(ticking: Ticking) -> None:
    upstreams = opened(ticking)
    assert upstreams.of("elsewhere").policy == Policy()
    assert upstreams.of("elsewhere").call(Acting(1)) == 1


def test_the_policies_by_kind() -> None:
    found = (POLICIES["shopify"].rate, POLICIES["shopify"].burst)
    assert found == ("200/minute", 20)
    assert str(POLICIES["postgres"].pace) == "120/minute, burst 20"
    assert str(POLICIES["folder"].pace) == "none"
    assert POLICIES["mail"].tries == 1


def test_a_call_costs_little(clock: Any) -> None:
    """Under a tenth of a millisecond of CPU; the best of several runs, for a busy machine."""
    upstream = Upstreams(clock, policies={"x": Policy("100000/minute", 100_000)}).of("x")
    action: Callable[[], int] = lambda: 1  # noqa: E731

    def cost() -> float:
        begun = time.thread_time()
        for _ in range(200):
            upstream.call(action)
        return (time.thread_time() - begun) / 200

    assert min(cost() for _ in range(10)) < 0.0001
