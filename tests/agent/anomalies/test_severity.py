"""How grave a finding is: the rule as the module writes it."""

from __future__ import annotations

import pytest

from agent.anomalies.choosing import Group
from agent.anomalies.severity import gravest, severity
from agent.anomalies.worth import Worth
from tests.agent.anomalies.watching_shop import (
    AT,
    CAC,
    DE,
    LEVELS,
    ORDERS,
    RATE,
    SALES,
    changed,
    incident,
    seen,
)

DAY = 119


@pytest.mark.parametrize(
    ("row", "times", "days", "kind", "wanted"),
    [
        (SALES, 0.69, 1, "drop", "critical"),
        (SALES, 0.80, 1, "drop", "warning"),
        (SALES, 0.80, 5, "shift", "critical"),  # a day's sales are lost in all
        (SALES, 0.90, 1, "drop", "notice"),
        (SALES, 1.50, 1, "spike", "good"),
        (ORDERS, 0.60, 1, "drop", "critical"),
        (RATE, 0.75, 1, "drop", "warning"),
        (CAC, 1.50, 1, "spike", "critical"),  # what a customer costs is better low
        (CAC, 0.50, 1, "drop", "good"),
        (DE, 0.60, 1, "drop", "warning"),  # seven tenths of the sales
        (DE, 0.40, 3, "drop", "critical"),
        (AT, 0.30, 1, "drop", "notice"),  # a fifth of a day's sales
        (SALES, 0.00, 1, "missing", "critical"),
        (DE, 0.00, 1, "missing", "warning"),
        (SALES, 0.60, 1, "variance", "notice"),
        (SALES, 0.60, 1, "together", "notice"),
    ],
)
def test_how_grave_it_is(row: int, times: float, days: int, kind: str, wanted: str) -> None:
    first = DAY - days + 1
    one = incident(row, first, DAY, kind)
    assert severity(seen(changed((row, times, first, DAY)), one), one) == wanted


def worth(row: int, times: float) -> tuple[Worth, float | None]:
    one = incident(row, DAY, DAY)
    found = seen(changed((row, times, DAY, DAY)), one)
    return found, found.of(one)


@pytest.mark.parametrize(
    ("row", "wanted"), [(SALES, -400.0), (ORDERS, -400.0), (RATE, -400.0), (AT, -120.0)]
)
def test_a_gap_is_worth_what_it_usually_brings(row: int, wanted: float) -> None:
    found, money = worth(row, 0.6)
    assert money == pytest.approx(wanted)
    assert found.usual == LEVELS[SALES]


def test_what_has_no_price_has_none() -> None:
    assert worth(CAC, 1.5)[1] is None


def test_a_part_that_speaks_for_the_whole_is_as_grave_as_the_whole() -> None:
    values = changed((DE, 0.75, 118, 118), (RATE, 0.6, 118, 118), (AT, 0.5, 118, 118))
    part, rate, other = (incident(row, 118, 118) for row in (DE, RATE, AT))
    worth = seen(values, part, rate, other)
    assert severity(worth, part) == "notice"
    assert gravest(worth, Group(part, (other,))) == "notice"
    assert gravest(worth, Group(part, (other, rate))) == "critical"
