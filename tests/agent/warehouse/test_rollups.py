"""The daily sums are what the ledger says, after any sequence of batches."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from agent.ports import Warehouse
from agent.warehouse.schema import DAILY_SALES
from tests.agent.warehouse.shop import ALMA, BRUNO, batch, order, sale

D = DAILY_SALES.c


def daily(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """(day, country, kind, quantity, gross, shipping) of Alma's shop."""
    columns = (D.local_date, D.country, D.customer_kind, D.quantity, D.gross, D.shipping)
    found = warehouse.read(sa.select(*columns).where(D.shop_id == ALMA.shop_id)).to_pylist()
    rows = [(f"{row.pop('local_date'):%m-%d}", *row.values()) for row in found]
    return sorted(rows, key=str)


def test_a_day_by_country_and_kind_of_customer(warehouse: Warehouse) -> None:
    warehouse.merge(
        batch(
            "a",
            orders=[
                order("1", "anna", "2026-03-01T10:00", country="DE"),
                order("2", "anna", "2026-03-02T10:00", country="DE"),
                order("3", None, "2026-03-02T11:00"),
            ],
            sales=[
                sale("1a", "1", "10", when="2026-03-01T10:00", quantity=2),
                sale("1b", "1", "5", when="2026-03-01T10:00"),
                sale(
                    "1s",
                    "1",
                    "99",
                    when="2026-03-01T10:00",
                    line_type="SHIPPING",
                    shipping=Decimal("4.9"),
                ),
                sale("2a", "2", "7", when="2026-03-02T10:00"),
                sale("3a", "3", "3", when="2026-03-02T11:00"),
                sale("9a", "unknown", "1", when="2026-03-02T11:00"),
            ],
        )
    )
    assert daily(warehouse) == [
        ("03-01", "DE", "new", 3, Decimal("15"), Decimal("4.9")),
        ("03-02", "DE", "returning", 1, Decimal("7"), Decimal("0")),
        ("03-02", None, None, 2, Decimal("4"), Decimal("0")),
    ]


def test_an_older_order_that_arrives_late_moves_money_from_new_to_returning(
    warehouse: Warehouse,
) -> None:
    later = {
        "orders": [order("2", "anna", "2026-03-02T10:00")],
        "sales": [sale("2a", "2", "7", when="2026-03-02T10:00")],
    }
    warehouse.merge(batch("a", **later))
    assert daily(warehouse) == [("03-02", None, "new", 1, Decimal("7"), Decimal("0"))]
    warehouse.merge(batch("b", orders=[order("1", "anna", "2026-03-01T10:00")]))
    assert daily(warehouse) == [("03-02", None, "returning", 1, Decimal("7"), Decimal("0"))]


def test_a_row_that_moves_to_another_day_leaves_the_first(warehouse: Warehouse) -> None:
    warehouse.merge(batch("a", sales=[sale("1a", "1", "7", when="2026-03-02T10:00")]))
    warehouse.merge(batch("b", sales=[sale("1a", "1", "8", when="2026-03-05T10:00", revision=2)]))
    assert daily(warehouse) == [("03-05", None, None, 1, Decimal("8"), Decimal("0"))]


@pytest.mark.parametrize("seed", range(4))
def test_after_any_batches_the_sums_equal_the_ledger(warehouse: Warehouse, seed: int) -> None:
    dice = Random(seed)
    for turn in range(6):
        orders = [
            order(
                str(dice.randrange(12)),
                dice.choice(["anna", "ben", None]),
                f"2026-03-{dice.randrange(1, 9):02}T10:00",
                country=dice.choice(["DE", "AT", None]),
                placed=dice.random() < 0.8,
                revision=dice.randrange(1, 4),
            )
            for _ in range(dice.randrange(6))
        ]
        sales = [
            sale(
                str(dice.randrange(30)),
                str(dice.randrange(12)),
                str(dice.randrange(100)),
                when=f"2026-03-{dice.randrange(1, 9):02}T10:00",
                line_type=dice.choice(["PRODUCT", "SHIPPING"]),
                revision=dice.randrange(1, 4),
            )
            for _ in range(dice.randrange(9))
        ]
        warehouse.merge(batch(str(turn), dice.choice([ALMA, BRUNO]), orders=orders, sales=sales))
    assert warehouse.read(LEDGER).to_pylist() == warehouse.read(SUMS).to_pylist() != []


LEDGER = (
    sa.text(
        """
        SELECT sales.shop_id, sales.local_date, orders.country,
               CASE WHEN orders.order_index = 1 THEN 'new'
                    WHEN orders.order_index > 1 THEN 'returning' END AS customer_kind,
               CAST(sum(CASE WHEN sales.line_type = 'PRODUCT' THEN sales.gross ELSE 0 END)
                    AS DECIMAL(38, 4)) AS gross
        FROM sales LEFT JOIN orders
            ON orders.shop_id = sales.shop_id AND orders.order_id = sales.order_id
        GROUP BY 1, 2, 3, 4
        """
    )
    .columns(D.shop_id, D.local_date, D.country, D.customer_kind, D.gross)
    .subquery()
)
ORDER = [column.nulls_first() for column in list(LEDGER.c)[:4]]
LEDGER = sa.select(*LEDGER.c).order_by(*ORDER)
SUMS = sa.select(D.shop_id, D.local_date, D.country, D.customer_kind, D.gross).order_by(
    *(column.nulls_first() for column in (D.shop_id, D.local_date, D.country, D.customer_kind))
)
