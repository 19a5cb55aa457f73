from __future__ import annotations

from datetime import date

import pytest

from agent.metrics.catalogue import METRICS
from agent.metrics.questions import Scope
from agent.records.targets import Target
from dashboard.targets import judge, per_bucket, share

SALES, RATE = METRICS["net_sales"], METRICS["repeat_purchase_rate"]
NOVEMBER = Scope(("s",), date(2026, 11, 1), date(2026, 11, 30))
HALF = Scope(("s",), date(2026, 11, 1), date(2026, 11, 15))


def test_a_month_has_one_months_target_and_half_of_it_half() -> None:
    assert share(SALES, NOVEMBER.start, NOVEMBER.end) == 1.0
    assert share(SALES, HALF.start, HALF.end) == 0.5
    across = share(SALES, date(2026, 10, 31), date(2026, 11, 3))
    assert across == pytest.approx(1 / 31 + 3 / 30)


def test_a_rate_has_its_target_however_long_the_period() -> None:
    assert share(RATE, HALF.start, HALF.end) == 1.0
    assert per_bucket(Target("repeat_purchase_rate", 0.4), RATE, HALF, "day") == 0.4


def test_the_line_of_a_daily_chart() -> None:
    target = Target("net_sales", 30_000)
    assert per_bucket(target, SALES, NOVEMBER, "day") == pytest.approx(1000)
    assert per_bucket(target, SALES, NOVEMBER, "week") == pytest.approx(7000)
    assert per_bucket(target, SALES, HALF, "day") == pytest.approx(1000)


@pytest.mark.parametrize(
    ("value", "standing"),
    [(15_000, "meets"), (14_999, "near"), (12_500, "near"), (12_499, "misses")],
)
def test_half_a_month_is_judged_against_half_the_target(value: float, standing: str) -> None:
    target = Target("net_sales", 30_000, warning=25_000)
    judged = judge(target, value, HALF, "USD", "en_US")
    assert judged is not None
    assert (judged.standing, judged.target) == (standing, 15_000)
    assert judged.text.endswith("$15.0k target")


def test_without_a_warning_near_is_five_percent() -> None:
    target = Target("average_order_value", 100.0)
    standings = [judge(target, v, HALF, "USD", "en_US") for v in (100.0, 95.0, 94.9)]
    assert [s and s.standing for s in standings] == ["meets", "near", "misses"]


def test_an_unknown_value_is_not_judged() -> None:
    assert judge(Target("net_sales", 1.0), None, HALF, "USD", "en_US") is None
