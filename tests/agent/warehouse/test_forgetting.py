"""People who are forgotten, in both warehouses."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from agent.ports import Warehouse
from agent.warehouse.schema import CUSTOMER_DAYS, DAILY_SALES, METADATA, ORDERS, PROFILES
from tests.agent.warehouse.shop import ALMA, BRUNO, batch, customers, order, places, rows_of, sale

FIRST, SECOND = "2026-03-01T10:00", "2026-03-05T10:00"


def filled(warehouse: Warehouse, shop: Any = ALMA) -> None:
    warehouse.merge(
        batch(
            "a",
            shop,
            orders=[
                order("1", "anna", FIRST),
                order("2", "anna", SECOND),
                order("3", "ben", SECOND),
            ],
            sales=[
                sale("1:a", "1", "5", when=FIRST),
                sale("2:a", "2", "7", when=SECOND),
                sale("2:r", "2", "0", when="2026-03-09T10:00", reversal=Decimal(-7)),
                sale("3:a", "3", "9", when=SECOND),
            ],
            profiles=[
                {"customer_id": name, "rfm_group": "Loyal", "revision": 1}
                for name in ("anna", "ben")
            ],
        )
    )


def texts(warehouse: Warehouse) -> str:
    return repr([rows_of(warehouse, table, ()) for table in METADATA.sorted_tables])


def test_a_forgotten_customer_is_in_no_row(warehouse: Warehouse) -> None:
    filled(warehouse)
    filled(warehouse, BRUNO)
    versions = warehouse.versions((ALMA.shop_id,))
    assert warehouse.forget_customers(ALMA.shop_id, ("anna", "nobody")) == 2
    own = [row for row in rows_of(warehouse, ORDERS) if row["shop_id"] == ALMA.shop_id]
    assert [(row["customer_id"], row["order_index"]) for row in own] == [
        (None, None),
        (None, None),
        ("ben", 1),
    ]
    assert [row[0] for row in customers(warehouse)] == ["ben", "anna", "ben"]
    for table in (PROFILES, CUSTOMER_DAYS):
        shops = {
            row["shop_id"] for row in rows_of(warehouse, table) if row["customer_id"] == "anna"
        }
        assert shops == {BRUNO.shop_id}
    raised = {n for n, v in warehouse.versions((ALMA.shop_id,)).items() if v > versions[n]}
    assert raised == {"orders", "customers", "profiles"}
    warehouse.drop_shop(BRUNO.shop_id)
    assert "anna" not in texts(warehouse)


def test_money_of_a_forgotten_customer_stays_of_no_kind(warehouse: Warehouse) -> None:
    filled(warehouse)
    warehouse.forget_customers(ALMA.shop_id, ("anna",))
    found = {
        (row["local_date"].day, row["customer_kind"]): row["gross"] + row["reversal"]
        for row in rows_of(warehouse, DAILY_SALES)
    }
    assert found == {
        (1, None): Decimal(5),
        (5, None): Decimal(7),
        (5, "new"): Decimal(9),
        (9, None): Decimal(-7),
    }


def test_a_forgotten_customer_does_not_come_back(warehouse: Warehouse) -> None:
    filled(warehouse)
    warehouse.forget_customers(ALMA.shop_id, ("anna",))
    warehouse.merge(
        batch(
            "b",
            orders=[
                order("2", "anna", SECOND, revision=2),
                order("4", "anna", SECOND),
                order("5", "ben", SECOND),
                order("6", None, SECOND),
            ],
            profiles=[
                {"customer_id": name, "rfm_group": "New", "revision": 2} for name in ("anna", "ben")
            ],
        )
    )
    assert places(warehouse) == {"1": None, "2": None, "3": 1, "4": None, "5": 2, "6": None}
    assert [(r["customer_id"], r["rfm_group"]) for r in rows_of(warehouse, PROFILES)] == [
        ("ben", "New")
    ]
    assert "anna" not in texts(warehouse)
    warehouse.merge(batch("b", BRUNO, orders=[order("9", "anna", FIRST)]))
    assert [row[0] for row in customers(warehouse)] == ["ben", "anna"]


def test_whom_nobody_knows_is_forgotten_before_they_come(warehouse: Warehouse) -> None:
    assert warehouse.forget_customers(ALMA.shop_id, ("anna",)) == 0
    assert warehouse.forget_customers(ALMA.shop_id, ("anna",)) == 0
    filled(warehouse)
    assert [row[0] for row in customers(warehouse)] == ["ben"]


def test_an_older_backup_does_not_bring_them_back(warehouse: Warehouse, tmp_path: Path) -> None:
    filled(warehouse)
    warehouse.backup(str(tmp_path / "copy"))
    warehouse.forget_customers(ALMA.shop_id, ("anna",))
    warehouse.restore(str(tmp_path / "copy"))
    assert "anna" not in texts(warehouse)
    assert [row[0] for row in customers(warehouse)] == ["ben"]
    filled(warehouse, BRUNO)
    assert [row[0] for row in customers(warehouse)] == ["ben", "anna", "ben"]
