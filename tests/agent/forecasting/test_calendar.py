"""Feasts fall on their days, and are columns that are known ahead."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from agent.forecasting import feasts
from agent.forecasting.calendar import days_of, known, left_out, touching
from agent.forecasting.series import Step
from agent.records.events import Event
from agent.words import speaking

SALE = Event(
    "alma", "Sale", "promotion", date(2026, 11, 27), date(2026, 11, 30), effect={"discount": 0.15}
)
FAULT = Event("alma", "Checkout", "outage", date(2026, 11, 11), date(2026, 11, 11))


@pytest.mark.parametrize(
    ("year", "day"),
    [(2024, "2024-03-31"), (2025, "2025-04-20"), (2026, "2026-04-05"), (2038, "2038-04-25")],
)
def test_easter(year: int, day: str) -> None:
    assert str(feasts.easter(year)) == day


@pytest.mark.parametrize(
    ("year", "day"),
    [(2019, "2019-11-29"), (2024, "2024-11-29"), (2025, "2025-11-28"), (2026, "2026-11-27")],
)
def test_black_friday(year: int, day: str) -> None:
    assert str(feasts.black_friday(year)) == day


@pytest.mark.parametrize(
    ("country", "day"),
    [("DE", "2026-05-10"), ("GB", "2026-03-15"), ("FR", "2026-05-31"), ("ZZ", "2026-05-10")],
)
def test_mothers_day_is_its_countrys(country: str, day: str) -> None:
    assert str(feasts.mothers_day(2026, country)) == day


def test_mothers_day_gives_way_to_whitsun_in_france() -> None:
    assert str(feasts.mothers_day(2023, "FR")) == "2023-06-04"


def test_public_holidays_are_the_countrys_and_unknown_countries_have_none() -> None:
    german = {str(one.day) for one in feasts.public_holidays("DE", 2026)}
    assert {"2026-10-03", "2026-12-25", "2026-04-06"} <= german
    assert feasts.public_holidays("XX", 2026) == ()


def test_feasts_stand_in_order_and_within_their_days() -> None:
    found = feasts.feasts(("DE",), date(2026, 11, 20), date(2026, 12, 26))
    named = [(str(one.day), one.name) for one in found]
    assert named[:2] == [("2026-11-27", "Black Friday"), ("2026-11-30", "Cyber Monday")]
    assert all("2026-11-20" <= day <= "2026-12-26" for day, _ in named)


def test_a_holiday_counts_by_the_share_of_who_has_it() -> None:
    days = days_of(np.datetime64("2026-10-04"), Step.DAY, 4, 0)
    columns = known(days, Step.DAY, {"DE": 0.6, "US": 0.4})
    assert columns["holiday"].tolist() == [0.0, 0.0, 0.6, 0.0]
    assert columns["holiday_eve"].tolist() == [0.0, 0.6, 0.0, 0.0]
    assert columns["holiday_after"].tolist() == [0.0, 0.0, 0.0, 0.6]


def test_the_days_around_black_friday_and_christmas() -> None:
    days = days_of(np.datetime64("2026-11-26"), Step.DAY, 1, 36)
    columns = known(days, Step.DAY, {})
    at = {str(day): place for place, day in enumerate(days)}
    assert columns["black_friday"].nonzero()[0].tolist() == [at["2026-11-27"]]
    assert columns["cyber_monday"].nonzero()[0].tolist() == [at["2026-11-30"]]
    rising = columns["to_christmas"]
    assert rising[at["2026-12-24"]] == 1.0
    assert (np.diff(rising[at["2026-11-27"] : at["2026-12-25"]]) > 0).all()
    assert rising[at["2026-12-25"] :].sum() == 0.0


def test_a_week_and_a_month_have_the_mean_of_their_days() -> None:
    weeks = days_of(np.datetime64("2026-11-23"), Step.WEEK, 1, 1)
    assert known(weeks, Step.WEEK, {})["black_friday"].tolist() == [pytest.approx(1 / 7), 0.0]
    months = days_of(np.datetime64("2026-11-01"), Step.MONTH, 2, 1)
    columns = known(months, Step.MONTH, {}, [SALE])
    assert [str(month) for month in months] == ["2026-10-01", "2026-11-01", "2026-12-01"]
    assert columns["promotion"].tolist() == [0.0, pytest.approx(0.15 * 4 / 30), 0.0]


def test_events_say_how_strong_they_are_and_unplanned_ones_leave_their_days_out() -> None:
    days = days_of(np.datetime64("2026-11-28"), Step.DAY, 18, 3)
    columns = known(days, Step.DAY, {}, [SALE, FAULT])
    assert columns["promotion"].sum() == pytest.approx(0.6)
    assert "outage" not in columns
    out = left_out(days, Step.DAY, [SALE, FAULT])
    assert days[out].astype(str).tolist() == ["2026-11-11"]


def campaign(first: date, last: date, **effect: float) -> Event:
    return Event("alma", f"From {first}", "campaign", first, last, effect=effect)


def test_spend_counts_by_the_day_in_shares_of_the_usual_campaign() -> None:
    days = days_of(np.datetime64("2026-11-10"), Step.DAY, 10, 0)
    told = [
        campaign(date(2026, 11, 1), date(2026, 11, 2), spend=4_000.0),
        campaign(date(2026, 11, 4), date(2026, 11, 4), spend=1_000.0),
        campaign(date(2026, 11, 6), date(2026, 11, 6)),
        campaign(date(2026, 11, 8), date(2026, 11, 8), spend=6_000.0),
        campaign(date(2026, 11, 10), date(2026, 11, 10), spend=9e9),
    ]
    column = known(days, Step.DAY, {}, told[:4])["campaign"]
    assert column.tolist() == [1.0, 1.0, 0, 0.5, 0, 1.0, 0, 3.0, 0, 0]
    assert known(days, Step.DAY, {}, told)["campaign"].max() == 10.0


def test_what_does_not_say_how_strong_it_is_is_as_the_others() -> None:
    days = days_of(np.datetime64("2026-11-30"), Step.DAY, 10, 0)
    bare = replace(SALE, first=date(2026, 11, 21), last=date(2026, 11, 21), effect={})
    assert known(days, Step.DAY, {}, [bare])["promotion"][0] == 1.0
    assert known(days, Step.DAY, {}, [bare, SALE])["promotion"][0] == 0.15


GERMAN = {"country": ("DE",)}


@pytest.mark.parametrize(
    ("kind", "part", "touched"),
    [
        ("promotion", {}, True),
        ("promotion", GERMAN, True),
        ("promotion", {"country": ("FR",)}, False),
        ("promotion", {"country": ("DE", "FR")}, True),
        ("promotion", {"channel": ("web",)}, True),
        ("outage", GERMAN, True),
        ("outage", {}, False),
        ("outage", {"country": ("DE", "FR")}, False),
        ("outage", {"channel": ("web",)}, False),
    ],
)
def test_an_event_of_a_part_touches_that_part(
    kind: str, part: dict[str, tuple[str, ...]], touched: bool
) -> None:
    event = replace(SALE, kind=kind, part={"country": "DE"})
    assert touching([event], part) == ((event,) if touched else ())
    everywhere = replace(SALE, kind=kind)
    assert touching([everywhere], part) == (everywhere,)


def test_without_a_calendar_nothing_is_known() -> None:
    numbers = days_of(np.datetime64("2026-11-28"), Step.NUMBER, 5, 2)
    assert known(numbers, Step.NUMBER, {"DE": 1.0}) == {}


@pytest.mark.parametrize(
    ("country", "day", "english", "german"),
    [
        ("DE", date(2026, 4, 6), "Easter Monday", "Ostermontag"),
        # A calendar that has no German: as its neighbours say it.
        ("FR", date(2026, 4, 6), "Easter Monday", "Ostermontag"),
        # The same word is another day there.
        ("US", date(2026, 9, 7), "Labor Day", "Labor Day"),
    ],
)
def test_holidays_are_named_in_the_language_spoken(
    country: str, day: date, english: str, german: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = [one for one in feasts.public_holidays(country, 2026) if one.day == day]
    assert one.said() == english
    monkeypatch.setattr(feasts, "t", lambda text, **values: text)
    with speaking("de_DE"):
        assert one.said() == german
