"""What a change would go together with, on series made with a known effect."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pytest

from agent.errors import Refused
from agent.forecasting.asking import History, Wanted
from agent.forecasting.outlook import outlook
from agent.forecasting.scenarios import LEVERS, Change, applied, learn, scenario
from agent.forecasting.teaching import Taught
from agent.metrics.catalogue import METRICS
from agent.records.events import Event
from agent.services import Services
from tests.agent.forecasting import small_shop
from tests.agent.forecasting.small_shop import LAST, SHOP

DAYS = 400
DISCOUNT, SPEND = LEVERS["discount"], LEVERS["spend"]
WEEK = (date(2026, 11, 23), date(2026, 11, 29))


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    yield from small_shop.standing(tmp_path_factory.mktemp("alders"))


@pytest.fixture
def shop(standing: Services, monkeypatch: pytest.MonkeyPatch) -> Services:
    return small_shop.emptied(standing, monkeypatch)


def given(values: np.ndarray) -> Taught:
    dates = np.datetime64(LAST) - values.size + 1 + np.arange(values.size)
    found = History(Wanted(SHOP, "net_sales"), METRICS["net_sales"], (), dates, values[None])
    return Taught(found, (), np.zeros((1, values.size), dtype=bool))


def made(effect: float, seed: int = 1) -> tuple[Taught, np.ndarray]:
    """Sales that rise slowly and by the week, and by `effect` in logarithms with each point of a
    discount that some days have."""
    chance = np.random.default_rng(seed)
    time = np.arange(DAYS)
    lever = 0.1 * (chance.random(DAYS) < 0.15)
    line = 5 + 0.002 * time + 0.3 * (time % 7 == 5) + effect * lever
    return given(np.exp(line + chance.normal(0, 0.05, DAYS))), lever


def test_a_known_effect_is_found_within_its_range() -> None:
    held = 0
    for seed in range(12):
        learnt = learn(*made(2.0, seed), DISCOUNT)
        assert learnt.slope == pytest.approx(2.0, abs=0.6)
        held += abs(learnt.slope - 2.0) <= 1.2816 * learnt.error
    assert held >= 7


def test_no_effect_is_no_effect() -> None:
    clear = [
        abs(one.slope) > 1.2816 * one.error
        for one in (learn(*made(0.0, seed), DISCOUNT) for seed in range(12))
    ]
    assert sum(clear) <= 6


def test_a_lever_that_never_moved_teaches_nothing() -> None:
    series, lever = made(2.0)
    with pytest.raises(Refused, match="Discount has hardly moved in the past"):
        learn(series, np.full_like(lever, 0.1), DISCOUNT)
    # What moves slowly cannot be told from all else that moves slowly.
    with pytest.raises(Refused, match="hardly moved"):
        learn(series, np.linspace(0, 0.2, DAYS), DISCOUNT)


def test_few_days_teach_nothing() -> None:
    series, lever = made(2.0)
    short = given(series.table()[0][-40:])
    with pytest.raises(Refused, match="once 60 days of it are known"):
        learn(short, lever[-40:], DISCOUNT)


def test_the_difference_is_of_the_days_that_change(shop: Services) -> None:
    told = outlook(shop, Wanted(SHOP, "net_sales"), 28)
    during = (told.dates >= np.datetime64(WEEK[0])) & (told.dates <= np.datetime64(WEEK[1]))
    learnt = learn(*made(2.0), DISCOUNT)
    found = applied(told, learnt, DISCOUNT, Change("discount", 0.1, *WEEK), during)
    assert (found.base, found.days) == (800.0, 7)
    assert found.middle == pytest.approx(800 * np.expm1(0.1 * learnt.slope))
    assert found.low < found.middle < found.high
    assert found.clear and not found.beyond
    assert (found.point[~during] == told.point[~during]).all()
    assert found.point[during].sum() == pytest.approx(found.base + found.middle)
    assert "not what causes what" in found.sentence("EUR")
    further = applied(told, learnt, DISCOUNT, Change("discount", 0.5, *WEEK), during)
    assert further.beyond and "never so far" in further.sentence("EUR")


def test_events_of_the_shop_are_a_lever(shop: Services) -> None:
    for weeks in range(2, 14):
        # Saturdays sell twice as much; on these they are called a promotion too.
        day = LAST - timedelta(days=2) - timedelta(weeks=weeks)
        shop.records.events.put(Event(SHOP.shop_id, f"Sale {weeks}", "promotion", day, day))
    found = scenario(shop, SHOP, "net_sales", Change("promotion", 1.0, *WEEK))
    assert not found.clear or abs(found.middle) < found.base


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change("luck", 1.0, *WEEK), "nothing called 'luck'"),
        (Change("promotion", 1.0, *WEEK), "hardly moved"),
        (Change("spend", 0.2, *WEEK), "once 60 days of it are known"),
        (Change("discount", 0.1, date(2027, 5, 1), date(2027, 5, 2)), "outside of the 28 days"),
        (Change("discount", 0.1, LAST, WEEK[1]), "They are 17 Nov – 14 Dec"),
        (Change("discount", 0.1, WEEK[0], date(2027, 5, 2)), "outside of the 28 days"),
    ],
)
def test_what_cannot_be_told_is_refused(shop: Services, change: Change, words: str) -> None:
    with pytest.raises(Refused, match=words):
        scenario(shop, SHOP, "net_sales", change)
