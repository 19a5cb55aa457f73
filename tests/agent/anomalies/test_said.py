"""What people read of a finding."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from agent.anomalies import said
from agent.anomalies.around import KEY, Around, cut
from agent.metrics.catalogue import METRICS
from agent.words import speaking
from tests.agent.anomalies.finding import around, finding
from tests.almas_tea import SHOP

TODAY = date(2026, 11, 17)


def title(**more: Any) -> str:
    one = finding(**more)
    return said.title(one, METRICS[one.metric], "EUR")


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({}, "Net sales fell 38% below expected"),
        ({"actual": 162.0}, "Net sales rose 62% above expected"),
        ({"actual": 240.0, "kind": "spike"}, "Net sales was 2.4 times what was expected"),
        ({"actual": -20.0}, "Net sales: −€20, expected €100"),
        ({"expected": 0.0}, "Net sales: €62, expected €0"),
        ({"kind": "shift"}, "Net sales moved to a level 38% below expected"),
        ({"kind": "trend", "actual": 122.0}, "Net sales drifted to 22% above expected"),
        ({"kind": "missing", "actual": None}, "Net sales stopped arriving"),
        ({"kind": "variance"}, "Net sales swung more than usual"),
        ({"kind": "together"}, "Net sales moved out of step with the other figures"),
        ({"actual": None}, "Net sales was out of the ordinary"),
        (
            {"dimension": "country", "member": "DE"},
            "Net sales in Germany fell 38% below expected",
        ),
        (
            {"dimension": "channel", "member": "Email"},
            "Net sales from Email fell 38% below expected",
        ),
        (
            {"dimension": "product_type", "member": "Tea"},
            "Net sales of Tea fell 38% below expected",
        ),
        (
            {"metric": "conversion_rate", "actual": 0.012, "expected": 0.02},
            "Conversion rate fell 0.80 pp below expected",
        ),
        ({"metric": "cac", "actual": 130.0}, "Customer acquisition cost rose 30% above expected"),
    ],
)
def test_titles_say_the_event_with_its_size(more: dict[str, Any], wanted: str) -> None:
    assert title(**more) == wanted


def test_what_else_is_part_of_it_is_said_with_it() -> None:
    parts = [["orders", "", "", -0.358], ["net_sales", "country", "DE", 0.1], ["gone", "", "", 1.0]]
    one = finding(content={"also": parts})
    assert said.also(one, METRICS) == "Part of it: Orders −36%, Net sales in Germany +10%."
    assert said.also(finding(), METRICS) == ""


def test_a_title_in_the_readers_own_numbers() -> None:
    with speaking("de_DE"):
        assert "38\u00a0%" in title()


def facts(**more: Any) -> str:
    one = finding(**more)
    return said.facts(one, METRICS[one.metric], "EUR")


def test_facts_hold_what_was_against_what_was_expected() -> None:
    assert facts() == "€62 instead of €100. Usually between €80 and €120."
    assert facts(low=None) == "€62 instead of €100."
    assert facts(actual=None) == ""
    assert facts(kind="missing", last="2026-11-12") == "Nothing for 2 days. Expected: €100."
    assert facts(kind="missing", expected=None) == "Nothing for 1 day."


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({}, "Wed 11 Nov"),
        ({"last": "2026-11-16"}, "11 – 16 Nov"),
        ({"last": "2026-11-16", "over": False}, "Since Wed 11 Nov"),
        ({"step": "week", "first": "2026-11-09", "last": "2026-11-09"}, "Week from 9 Nov"),
        (
            {"step": "hour", "first": "2026-11-11T10", "last": "2026-11-11T15"},
            "Wed 11 Nov, 10:00 – 16:00",
        ),
        (
            {"first": "2025-12-30", "last": "2026-01-02"},
            "30 Dec 2025 – 2 Jan 2026",
        ),
    ],
)
def test_when_it_was(more: dict[str, Any], wanted: str) -> None:
    assert said.when(finding(**more), TODAY) == wanted


@pytest.mark.parametrize(
    ("found_at", "wanted"),
    [
        # The shop's wall is an hour ahead of UTC: its 11th ended at 23:00 there.
        (datetime(2026, 11, 11, 23, 14, tzinfo=UTC), "Found in 14 min"),
        (datetime(2026, 11, 12, 8, 0, tzinfo=UTC), "Found in 9 h"),
        (datetime(2026, 11, 14, 8, 0, tzinfo=UTC), "Found in 2 days"),
        (datetime(2026, 11, 20, 8, 0, tzinfo=UTC), "Found on 20 Nov"),
        (None, ""),
    ],
)
def test_how_fast_it_was_found(found_at: datetime | None, wanted: str) -> None:
    assert said.found(finding(found_at=found_at), SHOP) == wanted


def test_who_has_dealt_with_it() -> None:
    def done(**more: Any) -> str:
        return said.handled(finding(handled_by="Mara", **more), SHOP)

    assert done(state="acknowledged", verdict="real") == "Acknowledged by Mara"
    assert done(state="acknowledged", verdict="expected") == "Marked as expected by Mara"
    assert done(state="acknowledged", verdict="wrong") == "Dismissed by Mara"
    until = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
    wanted = "Snoozed by Mara until Wed 18 Nov, 09:00"
    assert done(state="snoozed", snoozed_until=until) == wanted
    assert done() == "Back to usual"
    assert done(over=False) == ""


def test_what_lies_around_is_kept_without_what_is_no_json() -> None:
    whole = around()
    whole.expected[3] = float("nan")
    told = whole.to_json()
    assert told["expected"][3] is None
    back = Around.of(finding(content={KEY: told}))
    assert back.values.tolist() == whole.values.tolist()
    assert str(back.dates[0]) == "2026-10-14T00"
    assert back.peak(finding()) == 28


def test_the_ring_stands_at_the_step_farthest_from_what_was_expected() -> None:
    table = around()
    table.values[27:30] = 90.0, 50.0, 70.0
    one = finding(first="2026-11-10", last="2026-11-12")
    assert table.peak(one) == 28
    table.expected[27:30] = float("nan")
    assert table.peak(one) == 29
    table.values[27:30] = float("nan")
    assert table.peak(one) is None


def test_only_the_steps_around_are_kept() -> None:
    part = cut(around(days=100, dip=60), 60, 61)
    assert part.dates.size == 28 + 2 + 7
    assert part.values[28] == 62.0


def test_what_is_kept_in_another_form_is_left_out() -> None:
    told = around().to_json() | {"low": [1.0]}
    assert Around.of(finding(content={KEY: told})).dates.size == 0
