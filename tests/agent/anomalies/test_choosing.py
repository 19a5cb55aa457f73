"""Which incidents are told, and which of them are one finding."""

from __future__ import annotations

from typing import Any

import pytest

from agent.anomalies.choosing import Group, chosen
from agent.anomalies.judged import Incident
from agent.forecasting.series import Floats, Step
from tests.agent.anomalies.watching_shop import (
    AT,
    CAC,
    DE,
    ORDERS,
    RATE,
    SALES,
    changed,
    incident,
    seen,
)

DAY = 110


def groups(values: Floats, *incidents: Incident, step: Step = Step.DAY) -> list[Group]:
    return chosen(seen(values, *incidents, step=step), incidents, 0.3)


def rows(found: list[Group]) -> list[tuple[int, list[int]]]:
    return [(one.lead.row, [other.row for other in one.also]) for one in found]


def day(row: int, times: float) -> tuple[int, float, int, int]:
    return row, times, DAY, DAY


def test_what_the_whole_and_its_figures_and_parts_do_is_one_finding_at_the_whole() -> None:
    fell = (SALES, ORDERS, RATE, DE, AT)
    values = changed(*(day(row, 0.6) for row in fell), day(CAC, 1.5))
    found = groups(values, *(incident(row, DAY, DAY) for row in (*fell[::-1], CAC)))
    assert rows(found) == [(SALES, [ORDERS, RATE, CAC, DE, AT])]


def test_a_part_that_explains_the_whole_speaks_for_it() -> None:
    values = changed(day(SALES, 0.79), day(AT, 0.3))
    found = groups(values, incident(SALES, DAY, DAY), incident(AT, DAY, DAY))
    assert rows(found) == [(AT, [SALES])]


def test_the_largest_part_does_not_speak_for_a_whole_that_moved_as_far() -> None:
    values = changed(day(SALES, 0.6), day(DE, 0.58))
    found = groups(values, incident(SALES, DAY, DAY), incident(DE, DAY, DAY))
    assert rows(found) == [(SALES, [DE])]


def test_good_and_bad_news_are_two_and_so_are_two_times() -> None:
    values = changed(day(SALES, 0.6), day(DE, 2.0), (SALES, 0.6, DAY - 9, DAY - 9))
    there = incident(SALES, DAY, DAY), incident(DE, DAY, DAY), incident(SALES, DAY - 9, DAY - 9)
    assert rows(groups(values, *there)) == [(SALES, []), (SALES, []), (DE, [])]


def test_a_fault_within_a_long_drift_is_its_own_finding() -> None:
    values = changed((ORDERS, 0.8, DAY - 40, DAY + 5), day(SALES, 0.5))
    drift = incident(ORDERS, DAY - 40, DAY + 5, "trend", named=DAY - 30)
    assert rows(groups(values, drift, incident(SALES, DAY, DAY))) == [(ORDERS, []), (SALES, [])]


def test_what_follows_on_the_same_side_is_one() -> None:
    values = changed((SALES, 0.6, DAY, DAY + 6))
    first = incident(SALES, DAY, DAY + 2, "drop", score=7.0)
    (one,) = groups(values, first, incident(SALES, DAY + 3, DAY + 6, "shift", over=True))
    told = (one.lead.first, one.lead.last, one.lead.named, one.lead.kind, one.lead.score)
    assert told == (DAY, DAY + 6, DAY, "shift", 7.0)
    assert one.lead.over


@pytest.mark.parametrize(
    ("row", "times", "kind", "told"),
    [
        (SALES, 0.80, "drop", True),
        (SALES, 0.92, "drop", False),  # less than a tenth of the expected
        (SALES, 1.30, "spike", False),  # good news has to be better
        (SALES, 1.70, "spike", True),
        (ORDERS, 0.80, "drop", True),  # worth a fifth of a day's sales
        (AT, 0.60, "drop", False),  # an eighth of a day's sales
        (AT, 0.40, "drop", True),
        (AT, 0.00, "missing", True),
        (CAC, 1.30, "spike", True),  # has no price of its own
        (CAC, 1.20, "spike", False),
        (CAC, 0.70, "drop", False),
        (CAC, 0.40, "drop", True),
    ],
)
def test_only_what_matters_is_told(row: int, times: float, kind: str, told: bool) -> None:
    assert bool(groups(changed(day(row, times)), incident(row, DAY, DAY, kind))) is told


@pytest.mark.parametrize(
    ("scores", "kept"),
    [
        (
            (1.05,),
            [],
        ),  # five figures of the shop, one incident a month each: so many days of chance
        ((1.3,), [SALES]),
        ((1.05, 1.3, 1.3), [SALES]),  # beside others that are sure the same score is believed
    ],
)
def test_a_day_of_many_series_has_its_chances(scores: tuple[float, ...], kept: list[int]) -> None:
    fell: Any = (SALES, ORDERS, RATE)[: len(scores)]
    values = changed(*(day(row, 0.6) for row in fell))
    there = [incident(r, DAY, DAY, score=s) for r, s in zip(fell, scores, strict=True)]
    found = chosen(seen(values, *there), there, 1.0)
    assert [one.lead.row for one in found] == kept
