"""The job makes what changed, once, and leaves the rest alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from agent.errors import Stopped
from agent.forecasting import refreshing
from agent.forecasting.asking import Wanted
from agent.forecasting.keeping import key
from agent.forecasting.outlook import kept, outlook
from agent.forecasting.refreshing import Watching, refresh, wanted_metrics
from agent.forecasting.series import Step
from agent.records.events import Event
from agent.scheduling import forecasts
from agent.scheduling.job import JobContext
from agent.scheduling.jobs import JOBS
from agent.services import Services
from tests.agent.forecasting import small_shop
from tests.agent.forecasting.small_shop import LAST, SHOP


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    yield from small_shop.standing(tmp_path_factory.mktemp("alders"), days=150)


@pytest.fixture
def shop(standing: Services, monkeypatch: pytest.MonkeyPatch) -> Services:
    return small_shop.emptied(standing, monkeypatch)


def asked(services: Services) -> list[dict[str, Any]]:
    found: Any = services.fitting
    return list(found.asked)


def test_all_that_pages_ask_for_is_there(shop: Services) -> None:
    told: list[tuple[int, int, str]] = []
    done = refresh(shop, SHOP, Watching(lambda *step: told.append(step)))
    assert done.made > 10
    assert done.same == 0
    assert told[-1][0] == told[-1][1] == len(told) - 1
    for step in (Step.DAY, Step.WEEK, Step.HOUR):
        assert kept(shop, Wanted(SHOP, "net_sales", step), 6), step
    split = kept(shop, Wanted(SHOP, "net_sales", dimension="country"), 28)
    assert split is not None and [one.member for one in split.members] == ["DE", "AT"]
    # Five months of history are enough for fifty days.
    newest = shop.records.forecasts.newest(key(Wanted(SHOP, "orders")))
    assert newest is not None and len(newest.content["point"]) == 50


def test_one_piece_of_work_holds_all_series_of_a_step(shop: Services) -> None:
    refresh(shop, SHOP)
    steps = [work["step"] for work in asked(shop)]
    assert steps.count("week") == 1
    assert steps.count("day") == 1 + 3  # in total, and by country, channel and type
    days = asked(shop)[0]
    assert len(days["values"]) < 3 * len(wanted_metrics(shop, SHOP)), "no series twice"


def test_what_has_not_changed_is_left_alone(shop: Services) -> None:
    first = refresh(shop, SHOP)
    count = len(asked(shop))
    again = refresh(shop, SHOP)
    assert (again.made, again.same > 0) == (0, True)
    assert len(asked(shop)) == count
    day = LAST - timedelta(days=5)
    shop.records.events.put(Event(SHOP.shop_id, "Checkout", "outage", day, day))
    assert 0 < refresh(shop, SHOP).made < first.made, "weeks and months do not feel one day"


def test_trials_on_the_past_are_made_once_and_carried_on(
    services: Services, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    monkeypatch.setattr(refreshing, "KEY", ("net_sales",))
    monkeypatch.setattr(refreshing, "PARTS", ())
    shop = small_shop.opened(services, monkeypatch, days=150)
    refresh(shop, SHOP)
    assert asked(shop)[0]["backs"] == (28, 56)
    before = outlook(shop, Wanted(SHOP, "net_sales"), 28).track
    assert (before.tested, len(before.made)) == (True, 2)
    clock.advance(days=1)
    shop.warehouse.merge(small_shop.batch(LAST + timedelta(days=1), LAST + timedelta(days=1), "on"))
    count = len(asked(shop))
    refresh(shop, SHOP)
    later = asked(shop)[count:]
    assert later and {work["backs"] for work in later} == {()}
    assert outlook(shop, Wanted(SHOP, "net_sales"), 28).track.made == before.made


def test_people_s_metrics_with_a_target_are_among_them(shop: Services) -> None:
    assert "units_per_order" not in wanted_metrics(shop, SHOP)
    shop.records.targets.put(SHOP.shop_id, "units_per_order", 2.0)
    shop.records.targets.put(SHOP.shop_id, "customers", 2.0)
    assert "units_per_order" in wanted_metrics(shop, SHOP)
    assert "customers" not in wanted_metrics(shop, SHOP), "who comes again is not added up"


def test_it_ends_where_the_program_does(shop: Services) -> None:
    stopping = threading.Event()
    stopping.set()
    context = JobContext("run", "forecasts:alders", "now", SHOP.shop_id, stopping=stopping)
    with pytest.raises(Stopped):
        forecasts.run(shop, context)
    assert asked(shop) == []


def test_the_job_says_what_it_did(shop: Services) -> None:
    context = JobContext("run", "forecasts:alders", "now", SHOP.shop_id)
    assert " forecasts made, 0 as before, 0 scored" in forecasts.run(shop, context).message
    assert forecasts.run(shop, context).message.startswith("0 forecasts made")
    assert JOBS["forecasts"].per_shop
