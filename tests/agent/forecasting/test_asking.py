"""A history is what answers say, up to the last step that is over."""

from __future__ import annotations

import numpy as np
import pytest

from agent.errors import Refused
from agent.forecasting.asking import ABOVE, BELOW, History, Wanted, countries, history, silent
from agent.forecasting.series import Step
from agent.metrics.frames import NONE, OTHER
from agent.metrics.questions import Question
from agent.services import Services
from tests import almas_tea
from tests.clock import FrozenClock

SHOP = almas_tea.SHOP


@pytest.fixture
def tea(services: Services) -> Services:
    services.warehouse.merge(almas_tea.batch())
    services.warehouse.merge(almas_tea.beside())
    return services


def asked(services: Services, text: str) -> list[float]:
    question = Question.parse(f"{text}&cmp=none", services.today(SHOP), (SHOP.shop_id,))
    frame = services.answer(question)
    return [float(value or 0) for value in frame.values(question.ask.metrics[0])]


def by_day(found: History) -> dict[str, float]:
    return dict(zip(found.dates.astype(str), found.values[0].tolist(), strict=True))


def test_days_end_with_yesterday(tea: Services) -> None:
    found = history(tea, Wanted(SHOP, "net_sales"))
    assert str(found.dates[0]) == "2025-11-10"
    assert str(found.dates[-1]) == "2026-11-16"
    said = asked(tea, "metrics=net_sales&by=day&from=2026-11-01&to=2026-11-16")
    assert found.values[0, -16:].tolist() == pytest.approx(said)
    assert found.version > 0


@pytest.mark.parametrize(("step", "last"), [(Step.WEEK, "2026-11-09"), (Step.MONTH, "2026-10-01")])
def test_weeks_and_months_begin_and_end_whole(tea: Services, step: Step, last: str) -> None:
    found = history(tea, Wanted(SHOP, "orders", step))
    assert str(found.dates[-1]) == last
    assert str(found.dates[0]) > "2025-11-10" or step is Step.WEEK
    assert (np.diff(found.dates).astype(int) > 0).all()


def test_the_members_and_the_rest_are_the_whole(tea: Services) -> None:
    found = history(tea, Wanted(SHOP, "net_sales", dimension="country", top=1))
    assert found.members == ("DE", OTHER)
    whole, *parts = np.nan_to_num(found.values)
    assert whole.tolist() == pytest.approx(np.sum(parts, axis=0).tolist())


def test_an_unknown_member_has_a_name(tea: Services) -> None:
    assert NONE in history(tea, Wanted(SHOP, "orders", dimension="country")).members


def test_a_ratio_comes_with_what_stands_above_and_below(tea: Services) -> None:
    found = history(tea, Wanted(SHOP, "average_order_value", Step.MONTH))
    above, below = found.parts[ABOVE], found.parts[BELOW]
    known = ~np.isnan(found.values)
    assert known.any()
    assert found.values[known].tolist() == pytest.approx((above[known] / below[known]).tolist())


def test_hours_to_come_are_unknown(tea: Services) -> None:
    found = history(tea, Wanted(SHOP, "orders", Step.HOUR))
    assert str(found.dates[-1]) == "2026-11-17T23"
    hours = np.isnan(found.values[0, -24:])
    now = tea.engine.now()
    assert hours.tolist() == [hour >= now.hour + 1 for hour in range(24)]


def test_hours_of_which_nothing_has_arrived_are_no_hours_without_orders(
    services: Services, clock: FrozenClock
) -> None:
    services.warehouse.merge(almas_tea.batch())
    before = history(services, Wanted(SHOP, "orders", Step.HOUR)).values[0, -24:]
    clock.advance(hours=3)
    after = history(services, Wanted(SHOP, "orders", Step.HOUR)).values[0, -24:]
    assert np.isnan(after).tolist() == np.isnan(before).tolist()
    assert 0 < np.isfinite(after).sum() < 24


def test_what_cannot_be_asked_is_refused(tea: Services, services: Services) -> None:
    with pytest.raises(Refused, match="no metric called"):
        history(tea, Wanted(SHOP, "luck"))
    with pytest.raises(Refused):
        history(tea, Wanted(SHOP, "sessions", dimension="product"))


def test_a_shop_without_sales_is_told_so(services: Services) -> None:
    services.warehouse.put_shop(SHOP)
    with pytest.raises(Refused, match="no complete day of sales"):
        history(services, Wanted(SHOP, "net_sales"))


def test_a_silent_day_is_unknown_and_a_closed_one_is_zero() -> None:
    dates = np.datetime64("2026-10-05") + np.arange(28)  # from a Monday on
    orders = np.full(28, 12.0)
    orders[6::7] = 0.0
    assert not silent(orders, dates).any()
    orders[9] = 0.0
    assert np.flatnonzero(silent(orders, dates)).tolist() == [9]
    assert not silent(orders / 6, dates).any()


def test_countries_with_their_share_of_the_orders(tea: Services) -> None:
    found = countries(tea, SHOP)
    assert set(found) <= {"DE", "AT", "CH"}
    assert found["DE"] > found["AT"] > 0
    assert sum(found.values()) <= 1
