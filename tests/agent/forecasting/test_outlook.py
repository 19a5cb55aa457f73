"""An outlook is what is kept, or what is fitted once and kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from agent.errors import Refused, Throttled
from agent.forecasting.asking import Wanted
from agent.forecasting.assuming import of_json
from agent.forecasting.foreseen import Sums
from agent.forecasting.keeping import key
from agent.forecasting.outlook import kept, landing, outlook
from agent.forecasting.series import Step
from agent.metrics.questions import Filter
from agent.records.events import Event
from agent.services import Services
from agent.words import speaking
from tests.agent.forecasting import small_shop
from tests.agent.forecasting.small_shop import LAST, SHOP

SALES = Wanted(SHOP, "net_sales")


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    yield from small_shop.standing(tmp_path_factory.mktemp("alders"))


@pytest.fixture
def shop(standing: Services, monkeypatch: pytest.MonkeyPatch) -> Services:
    return small_shop.emptied(standing, monkeypatch)


def asked(services: Services) -> list[dict[str, Any]]:
    found: Any = services.fitting
    return list(found.asked)


def test_it_begins_after_the_last_day_and_knows_the_week(shop: Services) -> None:
    found = outlook(shop, SALES, 14)
    assert found.origin == LAST
    assert [str(day) for day in found.dates[[0, -1]]] == ["2026-11-17", "2026-11-30"]
    saturdays = (found.dates.astype(int) + 3) % 7 == 5
    assert found.point[saturdays].tolist() == [200.0, 200.0]
    assert found.point[~saturdays].tolist() == [100.0] * 12
    assert found.past[-1] == 100.0
    low, high = found.bounds[0.8]
    assert (low < found.point).all() and (found.point < high).all()
    assert found.naive.tolist() == found.point.tolist()


def test_what_is_kept_is_not_fitted_again(shop: Services) -> None:
    assert kept(shop, SALES, 14) is None
    first = outlook(shop, SALES, 14)
    again = outlook(shop, SALES, 14)
    assert len(asked(shop)) == 1
    assert again.point.tolist() == first.point.tolist()
    assert again.total(14, 0.9) == first.total(14, 0.9)
    # It was fitted further than was asked for.
    assert len(outlook(shop, SALES, 28).point) == 28
    assert len(asked(shop)) == 1
    assert kept(shop, SALES, 28) is not None


def test_a_day_later_it_is_made_anew(
    services: Services, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    shop = small_shop.opened(services, monkeypatch)
    outlook(shop, SALES, 7)
    clock.advance(days=1)
    assert kept(shop, SALES, 7) is None
    tomorrow = LAST + timedelta(days=1)
    shop.warehouse.merge(small_shop.batch(tomorrow, tomorrow, "next"))
    assert outlook(shop, SALES, 7).origin == tomorrow
    assert len(shop.records.forecasts.of(key(SALES))) == 2


def test_sums_are_told_in_order(shop: Services) -> None:
    found = outlook(shop, SALES, 14)
    sums = [found.total(14, level) for level in (0.1, 0.5, 0.9)]
    assert sums == sorted(sums)
    assert sums[1] == pytest.approx(found.point.sum(), rel=0.02)
    assert found.chance(14, sums[0]) == pytest.approx(0.9, abs=0.01)
    assert found.chance(14, 1e9) < 0.05


def test_sums_of_what_does_not_add_up_are_not_told(shop: Services) -> None:
    assert np.isnan(outlook(shop, Wanted(SHOP, "customers"), 7).total(7, 0.5))


def test_between_known_steps_the_spread_is_on_a_line() -> None:
    sums = Sums(
        np.arange(1.0, 11.0),
        np.array([1, 10]),
        np.array([0.1, 0.9]),
        np.array([[-1.0, -10.0], [1.0, 10.0]]),
    )
    assert sums.total(4, 0.9) == 4 + 4
    assert sums.total(4, 0.5) == 4
    assert np.isnan(sums.total(11, 0.5))
    assert sums.chance(4, 4.0) == pytest.approx(0.5)


def test_members_add_up_to_the_whole_as_it_stands(shop: Services) -> None:
    whole = outlook(shop, SALES, 14)
    split = outlook(shop, replace(SALES, dimension="country"), 14)
    assert [member.member for member in split.members] == ["DE", "AT"]
    assert split.point.tolist() == whole.point.tolist()
    assert split.made_at == whole.made_at
    parts = sum(member.point for member in split.members)
    assert np.asarray(parts).tolist() == pytest.approx(whole.point.tolist())
    outlook(shop, replace(SALES, dimension="country"), 14)
    assert len(asked(shop)) == 2


def test_members_of_another_whole_are_made_anew(shop: Services) -> None:
    split = replace(SALES, dimension="country")
    outlook(shop, split, 7)
    moving: Any = shop.clock
    moving.advance(60)
    assert len(outlook(shop, SALES, 28).point) == 28  # reaches further: another whole
    outlook(shop, split, 7)
    assert len(asked(shop)) == 3


def test_a_ratio_goes_through_its_parts(shop: Services) -> None:
    found = outlook(shop, Wanted(SHOP, "average_order_value"), 7)
    assert asked(shop)[0]["ratios"] == ((0, 1, 2),)
    assert found.point[0] == pytest.approx(25.0)  # four orders make a hundred
    assert found.total(7, 0.5) == pytest.approx(800 / 28, rel=0.01)


def test_filtered_ones_are_not_kept(shop: Services) -> None:
    german = replace(SALES, filters=(Filter("country", ("DE",)),))
    assert outlook(shop, german, 7).point[0] == 60.0
    assert outlook(shop, german, 7).point[0] == 60.0
    assert len(asked(shop)) == 2
    assert shop.records.forecasts.current(SHOP.shop_id) == ()


def test_too_short_a_history_says_how_much_is_needed(shop: Services) -> None:
    with pytest.raises(Refused, match="90 days needs 270 days of history; there are 120") as told:
        outlook(shop, SALES, 90)
    assert "40" in told.value.hint
    assert asked(shop) == []


def test_a_refused_series_stays_refused_without_a_fit(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    young = small_shop.opened(services, monkeypatch, days=10)
    for _ in range(2):
        with pytest.raises(Refused, match="Too little history"):
            outlook(young, SALES, 7)
    assert len(asked(young)) == 1


def test_fits_are_limited_for_each_person(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = small_shop.opened(services, monkeypatch)
    german = replace(SALES, filters=(Filter("country", ("DE",)),))
    # As many as there may be in five minutes may come at once: a page needs three.
    for _ in range(10):
        outlook(shop, german, 7, who="ann")
    with pytest.raises(Throttled):
        outlook(shop, german, 7, who="ann")
    assert outlook(shop, german, 7, who="bea").point[0] == 60.0


def test_marked_days_are_not_learnt(shop: Services) -> None:
    day = LAST - timedelta(days=3)
    shop.records.events.put(Event(SHOP.shop_id, "Checkout", "outage", day, day))
    found = outlook(shop, SALES, 7)
    assert np.isnan(asked(shop)[0]["values"][0, -4])
    assert found.past[-4] == 100.0, "people still see the day"
    (out,) = [one for one in found.assumes if one.kind == "left out"]
    assert (out.name, out.first, out.last) == ("Unusual day", day, day)


def test_what_was_odd_about_a_part_is_not_learnt_of_it_alone(shop: Services) -> None:
    day = LAST - timedelta(days=3)
    part = {"country": "DE"}
    shop.records.events.put(Event(SHOP.shop_id, "Courier", "outage", day, day, part))
    found = outlook(shop, replace(SALES, dimension="country"), 7)
    table = asked(shop)[0]["values"]
    out = [np.isnan(row[-4]) for row in table]
    assert out == [False, *(one.member == "DE" for one in found.members)]
    assert any(out)


def test_assumptions_say_what_is_learnt(shop: Services) -> None:
    ahead = date(2026, 11, 19)
    before = date(2026, 10, 1)
    for first, name in ((before, "October"), (ahead, "Sale")):
        shop.records.events.put(Event(SHOP.shop_id, name, "promotion", first, first))
    said = {one.name: one.note for one in outlook(shop, SALES, 28).assumes}
    assert said["Sale"] == "What it changes is learnt from 1 earlier one."
    assert "cannot be known" in said["Black Friday"]
    assert "October" not in said


def test_assumptions_of_weeks_begin_with_the_first_that_is_ahead(shop: Services) -> None:
    days = {"Gone": date(2026, 11, 13), "First": date(2026, 11, 16), "Last": date(2026, 12, 13)}
    days["Beyond"] = date(2026, 12, 14)
    for name, day in days.items():
        shop.records.events.put(Event(SHOP.shop_id, name, "promotion", day, day))
    found = outlook(shop, replace(SALES, step=Step.WEEK), 4)
    assert [one.name for one in found.assumes if one.name in days][:2] == ["First", "Last"]
    assert "Singles' Day" not in [one.name for one in found.assumes]


def test_a_month_lands_at_what_is_there_and_what_comes(shop: Services) -> None:
    shop.records.targets.put(SHOP.shop_id, "net_sales", 3_000.0)
    found = landing(shop, SHOP, "net_sales")
    assert found is not None
    # 16 days with two Saturdays are there; 14 with two to come.
    assert found.to_date == 1_800.0
    assert found.middle == pytest.approx(1_800 + 1_600, rel=0.03)
    assert found.low < found.middle < found.high
    assert found.target == 3_000.0
    assert found.chance is not None and found.chance > 0.9


def test_a_ratio_lands_between_what_was_and_what_comes(shop: Services) -> None:
    found = landing(shop, SHOP, "average_order_value")
    assert found is not None
    assert found.to_date == pytest.approx(1_800 / 64)
    assert found.middle == pytest.approx(3_400 / 120, rel=0.02)


def test_no_landing_where_nothing_adds_up(shop: Services) -> None:
    assert landing(shop, SHOP, "customers") is None
    assert landing(shop, SHOP, "sessions") is None


def test_weeks_and_months_end_with_their_last_day(shop: Services) -> None:
    found = outlook(shop, replace(SALES, step=Step.WEEK), 4)
    assert (found.origin, str(found.dates[0])) == (date(2026, 11, 15), "2026-11-16")


def test_hours_go_on_from_the_last_whole_one(shop: Services) -> None:
    found = outlook(shop, replace(SALES, step=Step.HOUR), 12)
    # 08:41 in Berlin: the hour from seven is the last that is over.
    assert str(found.dates[0]) == "2026-11-17T08"


def test_through_the_real_process(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    services.warehouse.merge(small_shop.batch(LAST - timedelta(days=59), LAST))
    found = outlook(services, SALES, 7)
    assert found.point.tolist() == pytest.approx([100, 100, 100, 100, 200, 100, 100], rel=0.1)
    assert found.method
    assert "on average" in found.track.sentence()


def test_holidays_are_told_with_their_country() -> None:
    """In the language of whoever reads them, however they were kept."""
    fact = {
        **{"kind": "holiday", "name": "Easter Monday", "also": {"de": "Ostermontag"}},
        **{"first": "2026-04-06", "last": "2026-04-06", "place": "FR"},
    }
    assert (of_json(fact).name, of_json(fact).note) == ("Easter Monday", "France")
    with speaking("de_DE"):
        assert (of_json(fact).name, of_json(fact).note) == ("Ostermontag", "Frankreich")
