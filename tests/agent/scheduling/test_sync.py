"""The clock and connections: no two runs of one source, none of a paused one, and no long wait for
one that is back."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from agent.errors import Failure, Stopped, Unavailable
from agent.records.runs import Ticket
from agent.resilience import POLICIES
from agent.scheduling import sync
from agent.scheduling.job import JobContext
from agent.sources import connecting
from tests.agent.sources.shopify.conftest import ID, ORDERS_ONLY, Wired, Wiring
from tests.agent.sources.shopify.conftest import wiring as wiring
from tests.clock import FrozenClock

BY_CLOCK = connecting.schedule_id(ID)
PAUSE = POLICIES["shopify"].pause


@pytest.fixture
def wired(wiring: Wiring) -> Wired:
    made = wiring()
    made.standin.auth.scopes = ORDERS_ONLY
    return made


def context(schedule_id: str = BY_CLOCK, run_id: str = "mine") -> JobContext:
    return JobContext(run_id, schedule_id, "2026-11-17T07:41", arguments={"connection": ID})


def test_a_run_says_what_it_brought(wired: Wired) -> None:
    told = sync.bring(wired.services, context()).message
    assert "rows read" in told
    assert wired.orders() == wired.standin.shop.true_orders()
    assert wired.connection.message == ""


def test_nothing_is_brought_twice_at_once(wired: Wired) -> None:
    ticket = Ticket(sync.JOB.name, "", {"connection": ID})
    other = wired.services.records.runs.claim("manual", "by hand", ticket)
    assert other is not None
    assert sync.bring(wired.services, context()).message == "Another run is at work on Alder."
    assert wired.orders() == []
    # The run itself is no other.
    assert "rows read" in sync.bring(wired.services, context(run_id=other.run_id)).message


def test_a_paused_source_rests_but_for_those_who_ask(wired: Wired) -> None:
    wired.services.records.connections.change(ID, enabled=False)
    assert sync.bring(wired.services, context()).message == "Alder is paused."
    assert "rows read" in sync.bring(wired.services, context("manual")).message


class Passing(threading.Event):
    """Whoever waits for it lets the clock go on, and `then` happens once `after` seconds passed."""

    def __init__(self, clock: FrozenClock, after: float = 0.0, then: Any = None) -> None:
        super().__init__()
        self._clock, self._left, self._then = clock, after, then
        self.waited = 0.0

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout
        self._clock.advance(timeout)
        self.waited += timeout
        if self._then and self.waited >= self._left:
            self._then()
            self._then = None
        return self.is_set()


class Begun(list[tuple[str, str, dict[str, Any]]]):
    """What was begun, and is not done yet: job, schedule, arguments."""

    def __call__(self, job: str, schedule_id: str, arguments: Any) -> str:
        self.append((job, schedule_id, dict(arguments)))
        return "another"


THE_SYNC = ("sync", BY_CLOCK, {"connection": ID})


def recovering(stopping: threading.Event, begun: Begun | None = None) -> JobContext:
    begin = Begun() if begun is None else begun
    return JobContext("mine", "recover", "2026-11-17T07:41", stopping=stopping, begin=begin)


def silence(wired: Wired) -> None:
    wired.sync()
    wired.standin.faults.on("http_500", times=None)
    while not _open(wired):
        with pytest.raises(Failure):
            wired.sync()


def test_a_source_that_is_back_is_asked_once_its_breaker_has_rested(
    wired: Wired, clock: FrozenClock
) -> None:
    silence(wired)
    before, asked = wired.orders(), len(wired.standin.api.asked)
    wired.standin.shop.place()
    begun, passing = Begun(), Passing(clock, PAUSE / 2, wired.standin.faults.off)
    # It comes back in the middle of the pause; nothing is asked before the pause is over.
    told = sync.recover(wired.services, recovering(passing, begun)).message
    assert told == "Alder answers again."
    assert PAUSE <= passing.waited <= PAUSE + 2 * sync.LOOK.total_seconds()
    # One question who is there; what it has to bring, a run of its own brings.
    assert (begun, _open(wired)) == ([THE_SYNC], False)
    assert len(wired.standin.api.asked) == asked + 1
    assert wired.orders() == before
    sync.bring(wired.services, context(begun[0][1]))
    assert wired.connection.message == ""
    assert wired.orders() == wired.standin.shop.true_orders()
    # Whoever answers is nobody's business here.
    asked, passing = len(wired.standin.api.asked), Passing(clock)
    assert sync.recover(wired.services, recovering(passing, begun)).message == ""
    assert (len(wired.standin.api.asked), passing.waited, len(begun)) == (asked, 0, 1)


def test_a_source_that_a_run_asks_already_is_left_to_it(wired: Wired, clock: FrozenClock) -> None:
    silence(wired)
    clock.advance(PAUSE + 1)
    wired.standin.faults.off()
    ticket = Ticket(sync.JOB.name, "", {"connection": ID})
    other = wired.services.records.runs.claim("manual", "by hand", ticket)
    assert other is not None
    asked, begun = len(wired.standin.api.asked), Begun()
    assert sync.recover(wired.services, recovering(Passing(clock), begun)).message == ""
    assert (len(wired.standin.api.asked), begun) == (asked, [])
    wired.services.records.runs.finish(other.run_id, "gave up", "It did not answer.")
    sync.recover(wired.services, recovering(Passing(clock), begun))
    assert begun == [THE_SYNC]


def test_a_source_that_is_back_and_refuses_is_synced_so_that_its_page_says_why(
    wired: Wired, clock: FrozenClock
) -> None:
    silence(wired)
    clock.advance(PAUSE + 1)
    wired.standin.faults.off()
    wired.standin.faults.on("app_not_installed", times=None)
    begun = Begun()
    sync.recover(wired.services, recovering(Passing(clock), begun))
    assert begun == [THE_SYNC]


def test_a_source_that_stays_away_is_asked_once_a_pause(wired: Wired, clock: FrozenClock) -> None:
    silence(wired)
    asked, begun, passing = len(wired.standin.api.asked), Begun(), Passing(clock)
    assert sync.recover(wired.services, recovering(passing, begun)).message == ""
    assert begun == []
    # One call for the pause that ended within the minute, and the minute is the next run's.
    assert len(wired.standin.api.asked) == asked + 1
    assert 50 <= passing.waited < 60


def test_a_breaker_that_opens_between_two_strikes_is_seen(wired: Wired, clock: FrozenClock) -> None:
    wired.sync()
    with pytest.raises(Failure):
        wired.services.upstreams.of(f"shopify:{ID}").call(_nobody, tries=1)
    wired.services.records.connections.note_sync(ID, "It does not answer.")
    passing = Passing(clock, 4, lambda: silence(wired))
    sync.recover(wired.services, recovering(passing))
    assert passing.waited > 4


def test_looking_after_the_silent_ends_with_the_program(wired: Wired, clock: FrozenClock) -> None:
    silence(wired)
    passing = Passing(clock)
    passing._then = passing.set
    with pytest.raises(Stopped):
        sync.recover(wired.services, recovering(passing))
    assert passing.waited == sync.LOOK.total_seconds()


def _nobody() -> None:
    raise Unavailable("It does not answer.")


def _open(wired: Wired) -> bool:
    return any(one.state == "open" for one in wired.services.upstreams.standings())
