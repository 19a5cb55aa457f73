"""Targets on both databases: usual ones, single months, and those that ship."""

from __future__ import annotations

from datetime import date

import pytest

from agent.errors import Refused
from agent.records import Records
from agent.records.kpis import Kpi
from agent.records.targets import SHIPPED, Target

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


def test_a_shops_own_stand_beside_the_shipped_ones(records: Records) -> None:
    records.targets.put("alma", "net_sales", 400_000, 380_000, 350_000)
    records.targets.put("alma", "orders", 4_000)
    records.targets.put("alma", "net_sales", 410_000.5)
    records.targets.put("other", "orders", 1)
    shipped = {name: row for name, row in SHIPPED.items() if name != "net_sales"}
    assert records.targets.all("alma") == shipped | {
        "net_sales": Target("net_sales", 410_000.5),
        "orders": Target("orders", 4_000),
    }
    records.targets.remove("alma", "orders")
    assert "orders" not in records.targets.all("alma")
    assert records.targets.all("other")["orders"].target == 1


def test_the_shipped_ones_are_those_of_the_definitions(records: Records) -> None:
    found = {t.metric: (t.target, t.warning, t.critical) for t in records.targets.all("x").values()}
    assert found == {
        "net_sales": (50_000, 40_000, 30_000),
        "conversion_rate": (0.035, 0.025, 0.02),
        "average_order_value": (85, 75, 65),
        "cac": (25, 35, 45),
    }
    assert all(target.shipped for target in records.targets.all("x").values())


def test_a_shipped_target_that_is_removed_stays_away_until_asked_back(records: Records) -> None:
    records.targets.remove("alma", "cac")
    assert "cac" not in records.targets.all("alma")
    assert "cac" in records.targets.all("other")
    records.targets.put("alma", "cac", 20)
    assert records.targets.all("alma")["cac"] == Target("cac", 20)
    records.targets.remove("alma", "cac")
    assert "cac" not in records.targets.all("alma"), "not back to the shipped one"
    records.targets.reset("alma", "cac")
    assert records.targets.all("alma")["cac"] == SHIPPED["cac"]


def test_a_month_has_its_own_or_the_usual_one(records: Records) -> None:
    records.targets.put("alma", "orders", 100)
    records.targets.put("alma", "orders", 150, 120, month=DECEMBER)
    records.targets.put("alma", "units", 7, month=date(2026, 12, 24))
    plan = records.targets.of("alma")
    assert plan.of_month("orders", NOVEMBER) == Target("orders", 100)
    assert plan.of_month("orders", date(2026, 12, 31)) == Target("orders", 150, 120)
    assert plan.of_month("units", NOVEMBER) is None
    assert plan.of_month("units", DECEMBER) == Target("units", 7)
    assert records.targets.all("alma")["orders"].target == 100, "the usual one is not touched"
    assert {"units", "orders", "cac"} < set(plan.metrics)
    records.targets.remove("alma", "orders", month=DECEMBER)
    assert records.targets.of("alma").of_month("orders", DECEMBER) == Target("orders", 100)


def test_a_month_may_have_its_own_where_the_usual_one_is_removed(records: Records) -> None:
    records.targets.remove("alma", "cac")
    records.targets.put("alma", "cac", 30, month=DECEMBER)
    plan = records.targets.of("alma")
    assert plan.of_month("cac", NOVEMBER) is None
    assert plan.of_month("cac", DECEMBER) == Target("cac", 30)
    records.targets.remove("alma", "cac", month=DECEMBER)
    assert records.targets.of("alma").of_month("cac", DECEMBER) is None


def test_a_kpis_target_holds_for_every_shop_that_sets_none(records: Records) -> None:
    kpi = Kpi("late", "Late", "count", "orders", False, "", 5.0, 8.0, 9.0)
    records.kpis.add(kpi, lambda _: None)
    assert records.targets.all("alma")["late"] == Target("late", 5, 8, 9, shipped=True)
    records.targets.put("alma", "late", 3)
    assert records.targets.all("alma")["late"] == Target("late", 3)
    records.targets.remove("other", "late")
    assert "late" not in records.targets.all("other")


@pytest.mark.parametrize(
    "levels",
    [(float("nan"),), (float("inf"),), (1e16,), (10, 12, 8), (10, 8, 9), (10, None, float("nan"))],
)
def test_levels_that_make_no_sense_are_refused(records: Records, levels: tuple[float, ...]) -> None:
    with pytest.raises(Refused):
        records.targets.put("alma", "orders", *levels)
    assert "orders" not in records.targets.all("alma")


@pytest.mark.parametrize("levels", [(10, 8, 6), (10, 12, 14), (10, None, 14), (10, 8), (10, 10, 9)])
def test_levels_go_one_way(records: Records, levels: tuple[float, ...]) -> None:
    records.targets.put("alma", "orders", *levels)
    assert records.targets.all("alma")["orders"] == Target("orders", *levels)
