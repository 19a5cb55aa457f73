"""What a month settles at, on shops whose refunds are known before they come."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from agent.forecasting.maturity import (
    OLDEST,
    Triangle,
    earlier,
    open_share,
    read,
    settles,
    shares,
    triangle,
)
from agent.metrics.questions import Ask, Scope
from agent.services import Services
from tests import almas_tea

UNTIL = date(2026, 11, 16)
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))


def shop(days: int, rate: float, seed: int, until: date = UNTIL) -> tuple[Triangle, Triangle]:
    """As it stands at `until`, and as it will once all is in: each day 20 orders of 50, of which a
    share of `rate` come back after about two weeks."""
    chance = np.random.default_rng(seed)
    count = 20 * days
    first = np.datetime64(until) - days + 1
    day = np.repeat(first + np.arange(days), 20)
    back = chance.random(count) < rate
    at = day + np.minimum(chance.gamma(4, 3.5, count), OLDEST - 1).astype(int)
    when = (np.concatenate([day, day[back]]), np.concatenate([day, at[back]]))
    sold = np.concatenate([np.full(count, 50.0), np.zeros(back.sum())])
    returned = np.concatenate([np.zeros(count), np.full(back.sum(), -50.0)])
    seen = when[1] <= np.datetime64(until)
    now = triangle((when[0][seen], when[1][seen]), sold[seen], returned[seen], until)
    return now, triangle(when, sold, returned, until + timedelta(days=OLDEST))


def truth(later: Triangle, first: date, last: date) -> float:
    rows = (later.days >= np.datetime64(first)) & (later.days <= np.datetime64(last))
    return float(later.sold[rows].sum() + np.nansum(later.back[rows]))


def test_shares_are_those_the_shop_was_made_with() -> None:
    now, _ = shop(400, 0.2, 1)
    assert shares(now).share.sum() == pytest.approx(-0.2, abs=0.01)
    assert shares(now).share[14] < shares(now).share[60]


def test_the_estimate_is_near_what_comes_and_its_range_holds() -> None:
    found, off = [], []
    for seed in range(20):
        now, later = shop(300, 0.2, seed)
        told = settles(now, *NOVEMBER)
        assert told is not None
        true = truth(later, NOVEMBER[0], UNTIL)
        assert told.so_far > true
        off.append(told.middle / true - 1)
        found.append(told.low <= true <= told.high)
    assert 14 <= sum(found) < 20
    assert np.mean(off) == pytest.approx(0.0, abs=0.01), "neither too high nor too low"


def test_an_old_month_has_settled() -> None:
    now, later = shop(400, 0.2, 3)
    told = settles(now, date(2026, 3, 1), date(2026, 3, 31))
    assert told is not None
    assert told.middle == pytest.approx(truth(later, date(2026, 3, 1), date(2026, 3, 31)), rel=2e-3)
    assert told.developed > 0.99
    assert told.sentence("EUR").startswith("Mar 2026 has settled at")


def test_a_young_month_says_its_range() -> None:
    now, _ = shop(300, 0.2, 3)
    told = settles(now, *NOVEMBER)
    assert told is not None
    assert told.low < told.middle < told.high < told.so_far
    assert "settles at" in told.sentence("EUR") and "80% between" in told.sentence("EUR")
    assert 0 < told.developed < 0.8


def test_without_refunds_nothing_is_open() -> None:
    now, _ = shop(200, 0.0, 1)
    told = settles(now, *NOVEMBER)
    assert told is not None
    assert told.low == told.middle == told.high == told.so_far
    assert told.developed == 1.0


def test_too_young_a_shop_says_nothing() -> None:
    now, _ = shop(40, 0.2, 1)
    assert settles(now, *NOVEMBER) is None
    nothing = np.empty(0, dtype="datetime64[D]")
    empty = triangle((nothing, nothing), np.empty(0), np.empty(0), UNTIL)
    assert settles(empty, *NOVEMBER) is None


def test_it_is_seen_as_it_stood_before() -> None:
    now, _ = shop(120, 0.3, 5)
    before = earlier(now, 30)
    assert before.days.size == 90
    ages = np.isfinite(before.back).sum(axis=1)
    assert ages.tolist() == list(range(90, 0, -1))


def test_days_that_are_over_have_less_open() -> None:
    now, _ = shop(300, 0.2, 1)
    left = open_share(now)
    assert left[0] == pytest.approx(0.0, abs=1e-9)
    assert left[-1] == pytest.approx(-0.2, abs=0.02)
    assert (np.diff(left) <= 1e-12).all()


def test_the_triangle_is_the_ledger(services: Services) -> None:
    services.warehouse.merge(almas_tea.batch())
    told = read(services, almas_tea.SHOP, UNTIL)
    scope = Scope((almas_tea.SHOP.shop_id,), date(2026, 10, 1), UNTIL, "none", refunds="order_day")
    asked = services.answer(Ask(("net_sales",)).within(scope)).total("net_sales")
    rows = told.days >= np.datetime64("2026-10-01")
    assert told.sold[rows].sum() + np.nansum(told.back[rows]) == pytest.approx(float(asked or 0))
    fourth = int((np.datetime64("2026-11-02") - told.days[0]).astype(int))
    assert told.back[fourth, 2] == -26.0  # all of order #4 came back after two days
