"""Forecasts are begun beside requests: once, with their progress, again only when that can help."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from agent.errors import Refused, Throttled, Unavailable
from agent.forecasting.asking import Wanted
from agent.forecasting.outlook import Outlook
from agent.forecasting.series import Step
from agent.metrics.questions import Scope
from agent.services import Services
from dashboard import foretold
from dashboard.foretold import Asked, Fits, Making, Watch
from tests.clock import FrozenClock
from tests.dashboard.outlooks import outlook


class Maker:
    """Makes what it was given, or raises it, when `go` is set; `begun` says that it was asked."""

    def __init__(self, ending: Outlook | Exception) -> None:
        self.ending, self.asked = ending, 0
        self.begun, self.go = threading.Event(), threading.Event()

    def __call__(self, wanted: Wanted, horizon: int, who: str, watch: Watch) -> Outlook:
        self.asked += 1
        watch(1, 4, "bands")
        self.begun.set()
        assert self.go.wait(10)
        if isinstance(self.ending, Exception):
            raise self.ending
        return self.ending


def over(fits: Fits, wanted: Wanted) -> Making:
    """How it ended, once every thread of it is done."""
    for thread in threading.enumerate():
        if thread.name.startswith("forecast "):
            thread.join(10)
    return fits.of(wanted, 28, "ann")


@pytest.fixture
def wanted(services: Services) -> Wanted:
    return Wanted(services.shop(), "net_sales")


def test_the_same_is_made_once_and_says_how_far_it_is(services: Services, wanted: Wanted) -> None:
    made = outlook(wanted=wanted)
    maker = Maker(made)
    fits = Fits(services, maker)
    assert fits.of(wanted, 28, "ann").state == "running"
    assert maker.begun.wait(10)
    assert fits.of(wanted, 28, "bob").share == 0.25
    maker.go.set()
    assert over(fits, wanted).outlook is made
    assert maker.asked == 1


def test_another_day_is_made_anew(services: Services, wanted: Wanted, clock: FrozenClock) -> None:
    maker = Maker(outlook(wanted=wanted))
    maker.go.set()
    fits = Fits(services, maker)
    fits.of(wanted, 28, "ann")
    assert over(fits, wanted).state == "done"
    clock.advance(days=1)
    assert fits.of(wanted, 28, "ann").state == "running"
    assert over(fits, wanted).state == "running"
    assert maker.asked >= 2


@pytest.mark.parametrize(
    ("error", "pause", "throttled"),
    [
        (Refused("Too short.", hint="56 days are needed."), foretold.AGAIN, False),
        (Throttled("Too many.", after=30.0), timedelta(seconds=30), True),
        (Unavailable("It ended."), foretold.SOON, False),
    ],
)
def test_what_failed_waits_before_it_is_tried_again(
    services: Services, wanted: Wanted, clock: FrozenClock, error: Exception, pause: timedelta,
    throttled: bool,
) -> None:  # fmt: skip
    maker = Maker(error)
    maker.go.set()
    fits = Fits(services, maker)
    fits.of(wanted, 28, "ann")
    ending = over(fits, wanted)
    assert ending.fault is not None and ending.fault.message == error.args[0]
    assert ending.throttled is throttled
    assert ending.until == clock.now() + pause
    assert maker.asked == 1
    clock.advance(pause.total_seconds())
    assert fits.of(wanted, 28, "ann").state == "running"
    over(fits, wanted)


def test_what_is_kept_is_never_fitted(
    services: Services, wanted: Wanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = outlook(wanted=wanted)
    monkeypatch.setattr("agent.forecasting.outlook.kept", lambda *_: made)
    maker = Maker(made)
    found = foretold.standing(services, (wanted, 28), Fits(services, maker), "ann")
    assert found.outlook is made and maker.asked == 0


def test_what_cannot_be_forecast_is_said_and_not_begun(
    services: Services, wanted: Wanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kept(*_: object) -> None:
        raise Refused("Too short.", hint="56 days are needed.")

    monkeypatch.setattr("agent.forecasting.outlook.kept", kept)
    maker = Maker(outlook())
    found = foretold.standing(services, (wanted, 28), Fits(services, maker), "ann")
    assert found.fault is not None and found.fault.hint == "56 days are needed."
    assert maker.asked == 0


@pytest.mark.parametrize(
    ("own", "asked"),
    [
        ({}, Asked("net_sales", Step.DAY, 28)),
        ({"metric": "units", "h": "90"}, Asked("units", Step.DAY, 90)),
        ({"grain": "week", "h": "90"}, Asked("net_sales", Step.WEEK, 52)),
        ({"grain": "month"}, Asked("net_sales", Step.MONTH, 6)),
        ({"grain": "year", "by": "country"}, Asked("net_sales", Step.DAY, 28, "country")),
    ],
)
def test_the_address_asks_for_the_nearest_that_there_is(own: dict[str, str], asked: Asked) -> None:
    assert Asked.of(own) == asked


def test_a_split_is_another_series_of_the_same(services: Services) -> None:
    shop, asked = services.shop(), Asked(by="country")
    scope = Scope.parse("", services.today(shop)).where("channel", "email")
    whole, parts = asked.wanted(shop, scope), asked.split(shop, scope)
    assert (whole.dimension, parts.dimension) == ("", "country")
    assert whole.filters == parts.filters == scope.filters
    assert foretold.sold(shop, scope).filters == ()
