"""What else happened then: events of every kind, goods that were gone, holidays; never what lies in
both periods alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from agent.metrics.questions import Scope
from agent.records.events import KINDS, Event
from agent.services import Services
from agent.why import telling
from agent.why.changes import Wish, why
from agent.why.matching import HOLIDAYS, Holiday, Match, fitting, matches
from agent.words import speaking
from tests import almas_tea
from tests.agent.why.made import SCOPE, explanation, part, segment

SHOP = almas_tea.SHOP
PERIOD = "from=2026-11-01&to=2026-11-16"
YEAR = "from=2026-11-20&to=2026-11-30&cmp=year"


@pytest.fixture
def tea(services: Services) -> Services:
    services.warehouse.merge(almas_tea.batch())
    services.warehouse.merge(almas_tea.beside())
    return services


def scope_of(services: Services, text: str = PERIOD) -> Scope:
    return services.scope(f"shop={SHOP.shop_id}&{text}")


def put(services: Services, name: str, first: str, last: str, **part: str) -> None:
    days = date.fromisoformat(first), date.fromisoformat(last)
    services.records.events.put(Event(SHOP.shop_id, name, "campaign", *days, part))


def test_events_of_the_time_are_matches(tea: Services) -> None:
    put(tea, "Autumn letter", "2026-11-03", "2026-11-05", country="DE")
    put(tea, "All year", "2026-01-01", "2026-12-20")
    put(tea, "Long ago", "2026-06-01", "2026-06-02")
    found = matches(tea, scope_of(tea), [Holiday(date(2026, 11, 1), "All Saints")])
    names = [match.name for match in found]
    assert "Autumn letter" in names
    assert "All Saints" in names
    # What lies in both periods alike, or in neither, explains no change.
    assert "All year" not in names
    assert "Long ago" not in names


def test_a_match_does_not_speak_of_another_part() -> None:
    day = date(2026, 11, 3)
    here = Match("campaign", "Here", day, day, True, {"country": "DE"})
    there = Match("campaign", "There", day, day, True, {"country": "AT"})
    everywhere = Match("outage", "Everywhere", day, day, True)
    told = fitting([everywhere, there, here], {"country": "DE", "channel": "web"})
    assert [match.name for match in told] == ["Here", "Everywhere"]


def test_goods_that_were_gone_are_matches(tea: Services) -> None:
    period = next(
        text
        for text in ("from=2026-11-01&to=2026-11-16", "from=2026-10-12&to=2026-11-16")
        if any(match.kind == "stock" for match in matches(tea, scope_of(tea, text)))
    )
    (match, *_) = (m for m in matches(tea, scope_of(tea, period)) if m.kind == "stock")
    assert match.part["product"]
    assert match.first <= match.last


def test_every_kind_of_event_is_a_match(tea: Services) -> None:
    first, last = date(2026, 11, 3), date(2026, 11, 5)
    for kind in KINDS:
        tea.records.events.put(Event(SHOP.shop_id, f"A {kind}", kind, first, last))
    found = {match.kind for match in matches(tea, scope_of(tea)) if match.name.startswith("A ")}
    assert {"promotion", "price", "stock", "deploy", "outage", "shipping", "holiday"} <= set(KINDS)
    assert found == set(KINDS)


def test_a_holiday_of_both_periods_explains_nothing(tea: Services) -> None:
    days = [
        Holiday(date(2026, 11, 27), "Black Friday"),
        Holiday(date(2025, 11, 28), "Black Friday"),
        Holiday(date(2026, 11, 26), "Thanksgiving Day", "US"),
        Holiday(date(2025, 11, 19), "Day of Repentance", "DE"),
        Holiday(date(2025, 11, 25), "Last year's own", "DE"),
    ]
    found = [match for match in matches(tea, scope_of(tea, YEAR), days) if match.kind == "holiday"]
    told = {(match.name, match.now): dict(match.part) for match in found}
    assert told == {
        ("Thanksgiving Day", True): {"country": "US"},
        ("Last year's own", False): {"country": "DE"},
    }


def test_what_all_shops_have_is_said_once(tea: Services) -> None:
    days = [
        Holiday(date(2026, 11, 8), "Feast"),
        Holiday(date(2026, 11, 8), "Feast Day", "DE"),
        Holiday(date(2026, 11, 8), "Elsewhere", "AT"),
    ]
    found = [match.name for match in matches(tea, scope_of(tea), days) if match.kind == "holiday"]
    assert found == ["Feast", "Elsewhere"]


def test_holidays_come_after_what_people_know_and_few_of_them() -> None:
    day = date(2026, 11, 3)
    given = [
        Match("holiday", f"Holiday {n}", day, day, True, {"country": "DE"} if n else {})
        for n in range(6)
    ]
    told = fitting([*reversed(given), Match("deploy", "Z", day, day, True)], {})
    assert [match.name for match in told] == ["Z", "Holiday 0", "Holiday 1", "Holiday 2"]
    assert len(told) == HOLIDAYS + 1


def test_a_holiday_is_a_reason_of_few_days_only_and_says_where() -> None:
    day = Match(
        *("holiday", "All Saints' Day", date(2026, 11, 1), date(2026, 11, 1), True),
        {"country": "AT"},
        1,
        {"de": "Allerheiligen"},
    )
    one = segment(part("50000", "55000", country="AT"), day)
    found = explanation(one)
    assert telling.reason(found, one) == "+10.0% from $50.0k"
    short = replace(found, why=replace(found.why, scope=replace(SCOPE, start=date(2026, 11, 10))))
    assert telling.reason(short, one) == "Holiday: All Saints' Day (Austria), 1 Nov"
    with speaking("de_DE"):
        assert telling.match_name(day) == "Allerheiligen (Österreich)"


def test_holidays_are_matched_with_the_whole_and_with_their_country(tea: Services) -> None:
    days = (Holiday(date(2026, 11, 11), "Singles' Day"), Holiday(date(2026, 11, 1), "Saints", "XX"))
    told = why(tea, scope_of(tea), "net_sales", wish=Wish(bridges=False, past=False, holidays=days))
    named = [match.name for match in told.matches if match.kind == "holiday"]
    assert named == ["Singles' Day", "Saints"]
    for one in told.segments:
        if "country" in one.part.where:
            assert "Saints" not in [match.name for match in one.matches]
