"""The clock and connections: no two runs of one source, none of a paused one, and no long wait for
one that is back."""

from __future__ import annotations

import pytest

from agent.errors import Failure
from agent.records.runs import Ticket
from agent.scheduling import sync
from agent.scheduling.job import JobContext
from agent.sources import connecting
from tests.agent.sources.shopify.conftest import ID, ORDERS_ONLY, Wired, Wiring
from tests.agent.sources.shopify.conftest import wiring as wiring
from tests.clock import FrozenClock

BY_CLOCK = connecting.schedule_id(ID)


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


def test_a_source_that_is_back_is_asked_once_its_breaker_has_rested(
    wired: Wired, clock: FrozenClock
) -> None:
    wired.sync()
    wired.standin.faults.on("http_500", times=None)
    while not _open(wired):
        with pytest.raises(Failure):
            wired.sync()
    asked = len(wired.standin.api.asked)
    assert sync.recover(wired.services, context("recover")).message == ""
    assert len(wired.standin.api.asked) == asked
    wired.standin.faults.off()
    clock.advance(120)
    assert sync.recover(wired.services, context("recover")).message == "Alder answers again."
    assert (wired.connection.message, _open(wired)) == ("", False)
    asked = len(wired.standin.api.asked)
    sync.recover(wired.services, context("recover"))
    assert len(wired.standin.api.asked) == asked


def _open(wired: Wired) -> bool:
    return any(one.state == "open" for one in wired.services.upstreams.standings())
