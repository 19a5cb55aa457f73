"""When the days are there, every kept forecast is scored; its record says so in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from agent.forecasting.asking import Wanted
from agent.forecasting.foreseen import Track
from agent.forecasting.keeping import key
from agent.forecasting.outlook import outlook
from agent.forecasting.scoring import drifting, score, track
from agent.forecasting.series import Step
from agent.records.events import Event
from agent.records.forecasts import Forecast, Score
from agent.services import Services
from tests.agent.forecasting import small_shop
from tests.agent.forecasting.small_shop import LAST, SHOP

SALES = Wanted(SHOP, "net_sales")


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    yield from small_shop.standing(tmp_path_factory.mktemp("alders"))


@pytest.fixture
def shop(standing: Services, monkeypatch: pytest.MonkeyPatch) -> Services:
    return small_shop.emptied(standing, monkeypatch)


def aged(services: Services, days: int, *, horizon: int = 28, times: float = 1.0) -> Forecast:
    """Today's forecast as one made so many days ago, its lines `times` as high."""
    if not services.records.forecasts.of(key(SALES)):
        outlook(services, SALES, horizon)
    newest = services.records.forecasts.newest(key(SALES))
    assert newest is not None
    # A whole number of weeks ago the same weekdays followed.
    assert days % 7 == 0
    content = dict(newest.content)
    for name in ("point", "naive"):
        content[name] = [value * times for value in content[name]]
    sides = content["bounds"].items()
    content["bounds"] = {k: [[v * times for v in side] for side in two] for k, two in sides}
    old = replace(newest, origin=str(LAST - timedelta(days=days)), content=content, score=Score())
    services.records.forecasts.keep([old])
    return old


def kept(services: Services, days: int) -> Forecast:
    origin = str(LAST - timedelta(days=days))
    return next(one for one in services.records.forecasts.of(key(SALES)) if one.origin == origin)


def test_what_came_is_counted_up_to_yesterday(shop: Services) -> None:
    aged(shop, 14)
    assert score(shop, SHOP) == 1
    done = kept(shop, 14).score
    assert (done.scored, done.inside_50, done.inside_80, done.inside_95) == (14, 14, 14, 14)
    assert (done.actual, done.missed) == (1_600.0, 0.0)
    assert not kept(shop, 14).done
    assert score(shop, SHOP) == 0, "nothing new has come"


def test_a_miss_is_a_miss(shop: Services) -> None:
    aged(shop, 28, times=1.15)
    score(shop, SHOP)
    done = kept(shop, 28)
    assert done.done
    assert (done.score.inside_80, done.score.inside_95) == (0, 28)
    assert "point" not in done.content, "its lines are forgotten"
    assert done.scored_at == shop.clock.now()
    assert done.score.missed == pytest.approx(0.15 * (done.score.actual or 0))


def test_days_left_out_do_not_count(shop: Services) -> None:
    aged(shop, 28)
    day = LAST - timedelta(days=2)
    shop.records.events.put(Event(SHOP.shop_id, "Checkout", "outage", day, day))
    score(shop, SHOP)
    assert (kept(shop, 28).score.scored, kept(shop, 28).done) == (27, True)
    assert shop.records.forecasts.unscored(SHOP.shop_id)[0].origin == str(LAST)


def test_members_are_scored_as_members(shop: Services) -> None:
    split = replace(SALES, dimension="country")
    outlook(shop, split, 28)
    newest = shop.records.forecasts.newest(key(split, "AT"))
    assert newest is not None
    shop.records.forecasts.keep([replace(newest, origin=str(LAST - timedelta(days=7)))])
    score(shop, SHOP)
    (_, old) = shop.records.forecasts.of(key(split, "AT"))
    assert (old.score.scored, old.score.actual) == (7, 320.0)


def test_the_record_is_of_forecasts_of_other_days(shop: Services) -> None:
    for days in (28, 35, 56, 84):
        aged(shop, days, times=1.05)
    score(shop, SHOP)
    told = outlook(shop, SALES, 28).track
    assert [(LAST - one.origin).days for one in told.made] == [28, 56, 84]
    assert told.miss == pytest.approx(0.05)
    assert told.inside_80 == (84, 84)
    assert not told.tested
    assert told.sentence() == (
        "The last 3 forecasts were off by 5.0% on average; the 80% band held 100% of days."
    )


def test_without_a_record_the_back_test_speaks(shop: Services) -> None:
    told = outlook(shop, SALES, 28).track
    assert told.tested
    assert told.beats_naive
    assert told.sentence() == (
        "Tried on the past 2 times, it was off by 10.0% on average; the 80% band held 80%."
    )


def test_nothing_is_claimed_of_nothing() -> None:
    assert "no record yet" in Track().sentence()
    assert track((), None, Step.DAY).beats_naive is None


def scored(inside: int, missed: float = 10.0, steps: int = 28) -> Forecast:
    done = Score(steps, 100.0, missed, 20.0, 0, inside, inside)
    return Forecast(key(SALES), "2026-01-01", 1, "", steps, score=done)


def test_a_band_that_holds_too_little_is_an_alarm() -> None:
    assert not drifting([scored(22)] * 6)
    assert drifting([scored(14)] * 6)
    assert not drifting([scored(3, steps=5)]), "a handful of days is no sign"


def test_errors_out_of_their_usual_range_are_an_alarm() -> None:
    usual = [scored(23, missed) for missed in np.linspace(9, 11, 12)]
    assert not drifting([scored(23, 10.0)] * 6 + usual)
    assert drifting([scored(23, 25.0)] * 6 + usual)
    assert not drifting([scored(23, 15.0)] * 6 + usual), "still better than naive"
