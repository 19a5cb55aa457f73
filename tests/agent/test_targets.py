from __future__ import annotations

from datetime import date

import pytest

from agent.errors import Refused
from agent.metrics.catalogue import METRICS
from agent.metrics.metric import Metric
from agent.metrics.questions import Scope
from agent.records.targets import Plan, Target
from agent.targets import Status, check, judge, over, per_bucket, prorated, so_far, status

SALES, RATE = METRICS["net_sales"], METRICS["repeat_purchase_rate"]
COST = Metric("cac", "Customer acquisition cost", "money", "", "spend / orders", good_up=False)
NOVEMBER = Scope(("s",), date(2026, 11, 1), date(2026, 11, 30))
HALF = Scope(("s",), date(2026, 11, 1), date(2026, 11, 15))
DECEMBER = date(2026, 12, 1)


def plan(*usual: Target, **own: Target) -> Plan:
    """Usual targets; keywords are December's own."""
    rows = {(name, DECEMBER): target for name, target in own.items()}
    return Plan({target.metric: target for target in usual}, rows)


def test_a_month_has_one_months_target_and_half_of_it_half() -> None:
    wanted = plan(Target("net_sales", 30_000, 24_000, 18_000))
    assert over(wanted, SALES, NOVEMBER.start, NOVEMBER.end) == wanted.usual["net_sales"]
    half = over(wanted, SALES, HALF.start, HALF.end)
    assert half == Target("net_sales", 15_000, 12_000, 9_000)
    across = over(wanted, SALES, date(2026, 10, 31), date(2026, 11, 3))
    assert across is not None
    assert across.target == pytest.approx(30_000 / 31 + 30_000 * 3 / 30)


def test_months_add_up_their_own_targets() -> None:
    wanted = plan(Target("net_sales", 30_000, 20_000), net_sales=Target("net_sales", 62_000))
    both = over(wanted, SALES, date(2026, 11, 16), date(2026, 12, 10))
    assert both == Target("net_sales", 15_000 + 20_000, None), "a threshold only where all have it"
    alone = plan(net_sales=Target("net_sales", 62_000))
    assert over(alone, SALES, DECEMBER, date(2026, 12, 31)) == Target("net_sales", 62_000)
    assert over(alone, SALES, NOVEMBER.start, date(2026, 12, 31)) is None, "November has none"
    assert over(plan(), SALES, DECEMBER, DECEMBER) is None


def test_a_rate_has_its_target_however_long_the_period() -> None:
    wanted = plan(
        Target("repeat_purchase_rate", 0.4, 0.3),
        repeat_purchase_rate=Target("repeat_purchase_rate", 0.5, 0.4),
    )
    usual = over(wanted, RATE, HALF.start, HALF.end)
    assert usual == Target("repeat_purchase_rate", 0.4, 0.3)
    assert per_bucket(wanted, RATE, HALF, "day") == 0.4
    mean = over(wanted, RATE, date(2026, 11, 21), date(2026, 12, 10))
    assert mean is not None
    assert (mean.target, mean.warning) == (pytest.approx(0.45), pytest.approx(0.35))


def test_the_line_of_a_daily_chart() -> None:
    wanted = plan(Target("net_sales", 30_000))
    assert per_bucket(wanted, SALES, NOVEMBER, "day") == pytest.approx(1000)
    assert per_bucket(wanted, SALES, NOVEMBER, "week") == pytest.approx(7000)
    assert per_bucket(wanted, SALES, HALF, "day") == pytest.approx(1000)
    assert per_bucket(plan(), SALES, HALF, "day") is None


UP, DOWN = Target("x", 50, 40, 30), Target("x", 25, 35, 45)


@pytest.mark.parametrize(
    ("target", "good_up", "value", "found"),
    [
        (UP, True, 50, Status.ON),
        (UP, True, 49.99, Status.NEAR),
        (UP, True, 40, Status.NEAR),
        (UP, True, 39.99, Status.WARNING),
        (UP, True, 30, Status.WARNING),
        (UP, True, 29.99, Status.CRITICAL),
        (UP, True, -5, Status.CRITICAL),
        (DOWN, False, 25, Status.ON),
        (DOWN, False, 0, Status.ON),
        (DOWN, False, 25.01, Status.NEAR),
        (DOWN, False, 35, Status.NEAR),
        (DOWN, False, 35.01, Status.WARNING),
        (DOWN, False, 45, Status.WARNING),
        (DOWN, False, 45.01, Status.CRITICAL),
        (UP, True, None, Status.NONE),
        (None, True, 50, Status.NONE),
        (Target("x", 50), True, 1, Status.OFF),
        (Target("x", 50, 40), True, 1, Status.WARNING),
        (Target("x", 50, None, 30), True, 31, Status.OFF),
        (Target("x", 50, None, 30), True, 29, Status.CRITICAL),
    ],
)
def test_the_five_states(
    target: Target | None, good_up: bool, value: float | None, found: Status
) -> None:
    assert status(target, value, good_up) is found


@pytest.mark.parametrize(
    ("value", "found", "said"),
    [
        (15_000, Status.ON, "Meets $15.0k target"),
        (14_999, Status.NEAR, "Near $15.0k target"),
        (12_500, Status.NEAR, "Near $15.0k target"),
        (12_499, Status.WARNING, "Warning, target $15.0k"),
        (9_999, Status.CRITICAL, "Critical, target $15.0k"),
    ],
)
def test_half_a_month_is_judged_against_half_the_target(
    value: float, found: Status, said: str
) -> None:
    wanted = plan(Target("net_sales", 30_000, warning=25_000, critical=20_000))
    judged = judge(wanted, SALES, value, HALF, "USD")
    assert judged is not None
    assert (judged.status, judged.text, judged.target) == (found, said, 15_000)
    assert judged.note == "Pro-rated to 15 of 30 days"


def test_without_a_warning_near_is_five_percent() -> None:
    wanted = plan(Target("repeat_purchase_rate", 0.5))
    found = [judge(wanted, RATE, v, HALF, "USD") for v in (0.5, 0.475, 0.474)]
    assert [j and j.status for j in found] == [Status.ON, Status.NEAR, Status.OFF]
    assert [j and j.note for j in found] == ["", "", ""]
    assert found[2] is not None and found[2].text == "Misses 50.0% target"
    dear = [judge(plan(Target("cac", 20)), COST, v, HALF, "USD") for v in (20, 21, 21.1)]
    assert [j and j.status for j in dear] == [Status.ON, Status.NEAR, Status.OFF]


def test_an_unknown_value_is_not_judged() -> None:
    wanted = plan(Target("net_sales", 1.0))
    assert judge(wanted, SALES, None, HALF, "USD") is None
    assert judge(plan(), SALES, 1.0, HALF, "USD") is None


def test_money_in_another_currency_has_no_target() -> None:
    wanted = plan(Target("net_sales", 1.0), Target("repeat_purchase_rate", 0.5))
    abroad = Scope(("s",), HALF.start, HALF.end, currency="EUR")
    assert judge(wanted, SALES, 5, abroad, "EUR") is None
    assert per_bucket(wanted, SALES, abroad, "day") is None
    assert judge(wanted, RATE, 0.5, abroad, "EUR") is not None


def test_a_period_that_goes_on_is_judged_up_to_today() -> None:
    assert so_far(NOVEMBER, date(2026, 11, 15)) == HALF
    assert so_far(NOVEMBER, date(2026, 12, 5)) == NOVEMBER
    assert so_far(NOVEMBER, date(2026, 10, 5)) == NOVEMBER, "all of it is still to come"


def test_how_much_of_a_month_in_words() -> None:
    assert prorated(SALES, NOVEMBER.start, NOVEMBER.end) == ""
    assert prorated(RATE, HALF.start, HALF.end) == ""
    assert prorated(SALES, DECEMBER, DECEMBER) == "Pro-rated to 1 of 31 days"
    assert prorated(SALES, date(2026, 11, 20), date(2026, 12, 17)) == "Pro-rated to 28 days"


@pytest.mark.parametrize(
    ("metric", "levels", "right"),
    [
        (SALES, (50, 40, 30), True),
        (SALES, (50, 60, None), False),
        (SALES, (50, None, 60), False),
        (COST, (25, 35, 45), True),
        (COST, (25, 20, None), False),
        (SALES, (50, 30, 40), False),
        (SALES, (float("nan"), None, None), False),
        (COST, (25, None, None), True),
    ],
)
def test_thresholds_lie_on_the_worse_side(
    metric: Metric, levels: tuple[float, float | None, float | None], right: bool
) -> None:
    if right:
        check(metric, *levels)
        return
    with pytest.raises(Refused):
        check(metric, *levels)
