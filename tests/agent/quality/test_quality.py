"""Checks of a shop's rows: each finds what it is for, and nothing in rows that are right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from agent import quality
from agent.errors import Unavailable
from agent.quality import CHECKS, checking
from agent.quality.looking import Looking
from agent.records.checks import FAILED, PASSED, WARNED, Finding
from tests.agent.warehouse.shop import ALMA, batch, order, sale

if TYPE_CHECKING:
    from agent.ports import Warehouse
    from agent.services import Services
    from tests.clock import FrozenClock

TODAY = date(2026, 11, 17)


def days_of_orders(
    each: int = 12, *, days: int = 40, missing: tuple[int, ...] = (), few: Mapping[int, int] = {}
) -> dict[str, list[dict[str, Any]]]:
    """Orders with a sale each on the days before today; `missing` and `few` by days ago."""
    orders, sales = [], []
    for ago in range(1, days + 1):
        for number in range(0 if ago in missing else few.get(ago, each)):
            name = f"{ago}-{number}"
            when = f"{TODAY - timedelta(days=ago)}T10:00"
            orders.append(order(name, f"c{number}", when))
            sales.append(sale(f"{name}:a", name, "5", when=when))
    return {"orders": orders, "sales": sales}


def found(warehouse: Warehouse, since: date | None = None) -> dict[tuple[str, str], Finding]:
    looking = Looking(warehouse, ALMA, TODAY, since or TODAY - timedelta(days=60))
    findings = [finding for rule in CHECKS for finding in rule.look(looking)]
    keyed = {(one.check_name, one.table_name): one for one in findings}
    assert len(keyed) == len(findings)
    return keyed


def bad(warehouse: Warehouse, since: date | None = None) -> dict[tuple[str, str], str]:
    return {k: one.outcome for k, one in found(warehouse, since).items() if one.outcome != PASSED}


def test_rows_that_are_right_pass_every_check(warehouse: Warehouse) -> None:
    warehouse.merge(batch("a", **days_of_orders()))
    assert bad(warehouse) == bad(warehouse, date.min) == {}


def test_a_shop_without_rows_passes(warehouse: Warehouse) -> None:
    warehouse.put_shop(ALMA)
    assert bad(warehouse) == {}


def test_a_key_on_two_rows(duckdb_warehouse: Any) -> None:
    """Only DuckDB lets it happen; the sums of days then count twice what the ledger does too."""
    duckdb_warehouse.merge(batch("a", **days_of_orders()))
    with duckdb_warehouse._transaction() as writing:
        writing.run("INSERT INTO sales SELECT * FROM sales WHERE sale_id = :id", id="3-1:a")
    assert bad(duckdb_warehouse) == {
        ("unique keys", "sales"): FAILED,
        ("sums of days", "sales"): FAILED,
        ("sums of customers", "customers"): FAILED,
    }
    said = found(duckdb_warehouse)["unique keys", "sales"]
    assert said.message == "1 key stands on more than one row of sales."
    assert said.measured == {"keys": 1}


def test_sales_without_their_order_and_orders_without_a_sale(warehouse: Warehouse) -> None:
    rows = days_of_orders()
    rows["sales"].append(sale("x:a", "x", "5", when=f"{TODAY}T09:00"))
    rows["orders"].append(order("y", None, f"{TODAY}T09:00"))
    rows["orders"].append(order("z", None, f"{TODAY}T09:00", placed=False))
    warehouse.merge(batch("a", **rows))
    assert bad(warehouse) == {("orphans", "sales"): FAILED, ("orphans", "orders"): WARNED}


@pytest.mark.parametrize(
    ("table", "name"), [("daily_sales", "sums of days"), ("customer_days", "sums of customers")]
)
def test_sums_that_are_not_the_ledgers(warehouse: Any, table: str, name: str) -> None:
    warehouse.merge(batch("a", **days_of_orders()))
    transaction = warehouse._transaction
    arguments = (ALMA.shop_id,) if warehouse.dialect == "postgresql" else ()
    with transaction(*arguments) as writing:
        writing.run(f"DELETE FROM {table} WHERE local_date = :day", day=date(2026, 11, 10))
    (wrong,) = [one for one in found(warehouse).values() if one.outcome == FAILED]
    assert wrong.check_name == name
    assert "first on Nov 10, 2026" in wrong.message
    assert wrong.measured == {"days": ["2026-11-10"]}


def test_days_to_come_and_negative_quantities(warehouse: Warehouse) -> None:
    rows = days_of_orders()
    rows["orders"].append(order("later", None, "2027-03-01T10:00"))
    rows["sales"].append(sale("later:a", "later", "5", when="2026-11-17T05:00", quantity=-2))
    warehouse.merge(batch("a", **rows))
    assert bad(warehouse) == {("values", "orders"): FAILED, ("values", "sales"): WARNED}


@pytest.mark.parametrize(("silent", "outcome"), [(2, None), (3, WARNED), (4, WARNED), (9, FAILED)])
def test_rows_that_stop_coming(
    duckdb_warehouse: Warehouse, silent: int, outcome: str | None
) -> None:
    duckdb_warehouse.merge(batch("a", **days_of_orders(3, missing=tuple(range(1, silent)))))
    expected = {("freshness", name): outcome for name in ("orders", "sales")} if outcome else {}
    assert bad(duckdb_warehouse) == expected


@pytest.mark.parametrize(("rows", "outcome"), [(6, None), (5, WARNED), (2, FAILED)])
def test_a_sudden_drop(duckdb_warehouse: Warehouse, rows: int, outcome: str | None) -> None:
    duckdb_warehouse.merge(batch("a", **days_of_orders(12, few={1: rows})))
    expected = {("row counts", name): outcome for name in ("orders", "sales")} if outcome else {}
    assert bad(duckdb_warehouse) == expected


def test_young_shops_have_no_rhythm(duckdb_warehouse: Warehouse) -> None:
    duckdb_warehouse.merge(batch("a", **days_of_orders(12, days=13, few={1: 1}, missing=(5,))))
    assert bad(duckdb_warehouse) == {}


def test_a_day_without_orders_where_there_always_are_some(duckdb_warehouse: Warehouse) -> None:
    duckdb_warehouse.merge(batch("a", **days_of_orders(12, missing=(5, 6))))
    said = found(duckdb_warehouse)["whole days", "orders"]
    assert said.outcome == FAILED
    assert said.message == "2 days have no order, the first is Nov 11, 2026; 12 a day are usual."
    assert [key for key in bad(duckdb_warehouse) if key[0] != "whole days"] == []


def test_a_shop_of_few_orders_may_have_days_without(duckdb_warehouse: Warehouse) -> None:
    duckdb_warehouse.merge(batch("a", **days_of_orders(2, missing=(5, 6))))
    assert bad(duckdb_warehouse) == {}


def test_a_shop_of_the_past_has_no_rhythm_to_lose(duckdb_warehouse: Warehouse) -> None:
    when = "2011-12-09T10:00"
    duckdb_warehouse.merge(
        batch("a", orders=[order("1", "a", when)], sales=[sale("1:a", "1", "5", when=when)])
    )
    assert bad(duckdb_warehouse, date.min) == {}


def filled(services: Services, clock: FrozenClock, **rows: list[dict[str, Any]]) -> None:
    clock.set(datetime(2026, 11, 17, 12, tzinfo=UTC))
    services.warehouse.merge(batch("a", **rows))


def test_what_was_found_is_kept_and_marks_its_table(services: Services, clock: FrozenClock) -> None:
    filled(services, clock, **days_of_orders(12, missing=(5,)))
    findings = quality.check(services, ALMA.shop_id)
    kept = services.records.checks.all((ALMA.shop_id,))
    assert len(kept) == len(findings)
    ((table, worst),) = quality.affected(services, (ALMA.shop_id,)).items()
    assert (table, worst.check_name) == ("orders", "whole days")
    assert quality.affected(services, ("another",)) == {}


def test_what_is_mended_passes_again(services: Services, clock: FrozenClock) -> None:
    filled(services, clock, **days_of_orders(12, missing=(5,)))
    quality.check(services, ALMA.shop_id)
    when = f"{TODAY - timedelta(days=5)}T10:00"
    rows = {"orders": [order("m", None, when)], "sales": [sale("m:a", "m", "5", when=when)]}
    services.warehouse.merge(batch("b", **rows))
    quality.check(services, ALMA.shop_id, tables=("sales",))
    assert set(quality.affected(services, (ALMA.shop_id,))) == {"orders"}
    quality.check(services, ALMA.shop_id, tables=("orders",))
    assert quality.affected(services, (ALMA.shop_id,)) == {}


def test_only_what_a_load_concerns_is_checked(services: Services, clock: FrozenClock) -> None:
    filled(services, clock, **days_of_orders(1))
    names = {one.check_name for one in quality.check(services, ALMA.shop_id, tables=("spend",))}
    assert names == {"unique keys", "values", "freshness", "row counts"}


def test_a_load_does_not_fail_because_its_check_does(
    services: Services, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(services, clock, **days_of_orders(1))

    def refuse(*_: Any) -> None:
        raise Unavailable("no")

    monkeypatch.setattr(checking, "check", refuse)
    quality.after_load(services, ALMA.shop_id)
    monkeypatch.undo()
    assert services.records.checks.all((ALMA.shop_id,)) == ()
    quality.after_load(services, "")
    quality.after_load(services, ALMA.shop_id)
    assert services.records.checks.all((ALMA.shop_id,)) != ()
