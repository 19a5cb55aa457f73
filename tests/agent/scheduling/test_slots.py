"""Wall clocks, on the nights in which they move and on all others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import Refused
from agent.records.schedules import Schedule
from agent.scheduling.slots import check, due, newest, upcoming


def schedule(cron: str, timezone: str = "Europe/Berlin") -> Schedule:
    return Schedule("s", "job", "shop", cron, timezone)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def slots(cron: str, timezone: str, since: str, until: str) -> list[tuple[str, str]]:
    """(slot, moment in UTC as month-day hour:minute)"""
    found = due(schedule(cron, timezone), utc(since), utc(until))
    return [(slot.text, slot.at.strftime("%m-%d %H:%M")) for slot in found]


def test_monday_morning_is_the_shops_own() -> None:
    at = ("2026-11-16T00:00", "2026-11-24T00:00")
    assert slots("0 8 * * mon", "Europe/Berlin", *at) == [
        ("2026-11-16T08:00", "11-16 07:00"),
        ("2026-11-23T08:00", "11-23 07:00"),
    ]
    assert slots("0 8 * * mon", "America/New_York", *at) == [
        ("2026-11-16T08:00", "11-16 13:00"),
        ("2026-11-23T08:00", "11-23 13:00"),
    ]
    assert slots("0 8 * * mon", "Pacific/Auckland", *at) == [("2026-11-23T08:00", "11-22 19:00")]


def test_the_start_is_excluded_and_the_end_included() -> None:
    assert slots("0 8 * * *", "UTC", "2026-11-16T08:00", "2026-11-17T08:00") == [
        ("2026-11-17T08:00", "11-17 08:00")
    ]
    assert slots("0 8 * * *", "UTC", "2026-11-16T07:59:59", "2026-11-16T08:00") == [
        ("2026-11-16T08:00", "11-16 08:00")
    ]
    assert slots("0 8 * * *", "UTC", "2026-11-16T08:00", "2026-11-16T08:00") == []


@pytest.mark.parametrize(
    ("zone", "since", "until", "expected"),
    [
        (
            "Europe/Berlin",
            "2026-10-24T12:00",
            "2026-10-26T12:00",
            [("2026-10-25T02:30", "10-25 00:30"), ("2026-10-26T02:30", "10-26 01:30")],
        ),
        (
            "America/New_York",
            "2026-10-31T12:00",
            "2026-11-02T12:00",
            [("2026-11-01T02:30", "11-01 07:30"), ("2026-11-02T02:30", "11-02 07:30")],
        ),
    ],
)
def test_half_past_two_happens_once_in_the_long_night(
    zone: str, since: str, until: str, expected: list[tuple[str, str]]
) -> None:
    assert slots("30 2 * * *", zone, since, until) == expected


def test_half_past_one_in_new_york_happens_once_in_the_long_night() -> None:
    """There the doubled hour is the one from one to two."""
    found = slots("30 1 * * *", "America/New_York", "2026-10-31T12:00", "2026-11-01T12:00")
    assert found == [("2026-11-01T01:30", "11-01 05:30")]


@pytest.mark.parametrize(
    ("zone", "since", "until", "expected"),
    [
        (
            "Europe/Berlin",
            "2026-03-28T12:00",
            "2026-03-30T12:00",
            [("2026-03-29T02:30", "03-29 01:30"), ("2026-03-30T02:30", "03-30 00:30")],
        ),
        (
            "America/New_York",
            "2026-03-07T12:00",
            "2026-03-09T12:00",
            [("2026-03-08T02:30", "03-08 07:30"), ("2026-03-09T02:30", "03-09 06:30")],
        ),
    ],
)
def test_half_past_two_is_made_up_for_in_the_short_night(
    zone: str, since: str, until: str, expected: list[tuple[str, str]]
) -> None:
    assert slots("30 2 * * *", zone, since, until) == expected


def test_the_doubled_slot_is_found_once_however_the_night_is_cut() -> None:
    cut = [utc("2026-10-25T00:00") + timedelta(minutes=7 * step) for step in range(20)]
    pieces = [due(schedule("30 2 * * *"), *pair) for pair in pairwise(cut)]
    assert [slot.text for piece in pieces for slot in piece] == ["2026-10-25T02:30"]


def test_what_happens_every_hour_follows_real_time() -> None:
    autumn = slots("30 * * * *", "Europe/Berlin", "2026-10-24T23:00", "2026-10-25T03:00")
    assert autumn == [
        ("2026-10-25T01:30", "10-24 23:30"),
        ("2026-10-25T02:30", "10-25 00:30"),
        ("2026-10-25T02:30+01:00", "10-25 01:30"),
        ("2026-10-25T03:30", "10-25 02:30"),
    ]
    spring = slots("30 * * * *", "Europe/Berlin", "2026-03-29T00:00", "2026-03-29T03:00")
    assert spring == [
        ("2026-03-29T01:30", "03-29 00:30"),
        ("2026-03-29T03:30", "03-29 01:30"),
        ("2026-03-29T04:30", "03-29 02:30"),
    ]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("night", ["2026-10-24T12:00", "2026-03-28T12:00", "2026-04-04T06:00"])
def test_every_minute_is_every_minute(zone: str, night: str) -> None:
    begin = utc(night)
    found = due(schedule("* * * * *", zone), begin, begin + timedelta(days=1))
    assert [slot.at for slot in found] == [begin + timedelta(minutes=n) for n in range(1, 1441)]
    assert len({slot.text for slot in found}) == 1440


@pytest.mark.parametrize(
    ("weekday", "days"),
    [
        ("1", [16]),
        ("0", [22]),
        ("7", [22]),
        ("1-5", [16, 17, 18, 19, 20]),
        ("mon-fri", [16, 17, 18, 19, 20]),
        ("5-7", [20, 21, 22]),
        ("sat-mon", [16, 21, 22]),
        ("0,3", [18, 22]),
        ("*/3", [18, 21, 22]),
        ("0-6", [16, 17, 18, 19, 20, 21, 22]),
        ("0-7", [16, 17, 18, 19, 20, 21, 22]),
        ("1-5/2", [16, 18, 20]),
        ("Sun", [22]),
    ],
)
def test_weekdays_count_from_sunday(weekday: str, days: list[int]) -> None:
    found = slots(f"0 8 * * {weekday}", "UTC", "2026-11-16T00:00", "2026-11-23T00:00")
    assert [int(text[8:10]) for text, _ in found] == days


@pytest.mark.parametrize(
    ("cron", "timezone", "why"),
    [
        ("", "UTC", "says no times"),
        ("0 8 * *", "UTC", "says no times"),
        ("0 8 * * * *", "UTC", "says no times"),
        ("61 8 * * *", "UTC", "says no times"),
        ("0 8 * * 8", "UTC", "says no times"),
        ("0 8 * * someday", "UTC", "says no times"),
        ("*/0 8 * * *", "UTC", "says no times"),
        ("0 8 * * */0", "UTC", "says no times"),
        ("0 8 * * mon", "Europe/Atlantis", "no time zone"),
        ("0 8 * * mon", "../etc/passwd", "no time zone"),
        ("0 8 * * mon", "", "no time zone"),
    ],
)
def test_what_cannot_be_followed_is_refused(cron: str, timezone: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        check(schedule(cron, timezone))
    with pytest.raises(Refused, match=why):
        due(schedule(cron, timezone), utc("2026-11-16T00:00"), utc("2026-11-17T00:00"))


def test_the_next_one() -> None:
    following = upcoming(schedule("0 8 * * mon"), utc("2026-11-16T07:00"))
    assert following is not None
    assert (following.text, following.at) == ("2026-11-23T08:00", utc("2026-11-23T07:00"))
    leap = upcoming(schedule("0 0 29 2 *", "UTC"), utc("2026-11-16T00:00"))
    assert leap is not None
    assert leap.text == "2028-02-29T00:00"
    assert upcoming(schedule("0 0 31 2 *"), utc("2026-11-16T00:00")) is None


CRONS = st.sampled_from(
    ["* * * * *", "*/7 * * * *", "30 2 * * *", "0 8 * * mon", "15 1,2,3 * * *", "0 */5 * * *"]
)
ZONES = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "UTC", "Asia/Kathmandu", "Pacific/Apia", "Africa/Cairo"]
)
MOMENTS = st.integers(0, 730 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@settings(deadline=None, max_examples=60)
@given(CRONS, ZONES, MOMENTS, st.floats(0, 1), st.integers(1, 3_000))
def test_an_interval_is_the_sum_of_its_parts(
    cron: str, zone: str, since: datetime, share: float, minutes: int
) -> None:
    until = since + timedelta(minutes=minutes)
    middle = since + (until - since) * share
    row = schedule(cron, zone)
    whole = due(row, since, until)
    assert whole == due(row, since, middle) + due(row, middle, until)
    assert len({slot.text for slot in whole}) == len(whole)
    assert newest(row, since, until) == (whole[-1] if whole else None)
