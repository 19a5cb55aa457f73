"""The sums of days are what the ledger says, after any sequence of batches."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from agent.ports import Warehouse
from agent.warehouse import writing
from agent.warehouse.schema import CUSTOMER_DAYS, DAILY_SALES
from tests.agent.warehouse.shop import ALMA, BRUNO, batch, order, sale

D, C = DAILY_SALES.c, CUSTOMER_DAYS.c


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


def by_customer(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """(customer, day, orders, net sales) of all shops."""
    rows = warehouse.read(CUSTOMER_SUMS).to_pylist()
    return [
        (r["customer_id"], f"{r['local_date']:%m-%d}", r["orders"], r["net_sales"]) for r in rows
    ]


def test_a_customers_orders_and_money_stand_each_on_their_day(warehouse: Warehouse) -> None:
    first, later = "2026-03-01T10:00", "2026-03-09T10:00"
    warehouse.merge(
        batch(
            "a",
            orders=[
                order("1", "anna", first),
                order("2", "anna", first),
                order("3", None, first),
                order("4", "ben", first, placed=False),
            ],
            sales=[
                sale("1a", "1", "10", discount=Decimal(-1), when=first),
                sale("2a", "2", "5", when=first),
                sale("2s", "2", "4", when=first, line_type="SHIPPING"),
                sale("1r", "1", "0", reversal=Decimal(-9), when=later, action="RETURN"),
                sale("3a", "3", "7", when=first),
                sale("4a", "4", "2", when=first),
            ],
        )
    )
    assert by_customer(warehouse) == [
        ("anna", "03-01", 2, Decimal(14)),
        ("anna", "03-09", 0, Decimal(-9)),
        ("ben", "03-01", 0, Decimal(2)),
    ]


def test_a_day_of_more_money_than_fits_counts_as_the_most(warehouse: Warehouse) -> None:
    most = "99999999999999.9999"
    orders = [order("1", "anna", "2026-03-01T10:00")]
    warehouse.merge(batch("a", orders=orders, sales=[sale("1a", "1", most), sale("1b", "1", most)]))
    assert by_customer(warehouse) == [("anna", "03-01", 1, Decimal(most))]


def test_an_order_takes_its_money_along_to_another_customer(warehouse: Warehouse) -> None:
    when = "2026-03-02T10:00"
    warehouse.merge(
        batch("a", orders=[order("1", "anna", when)], sales=[sale("1a", "1", "7", when=when)])
    )
    moved = order("1", "ben", "2026-03-05T10:00", revision=2)
    warehouse.merge(batch("b", orders=[moved]))
    assert by_customer(warehouse) == [
        ("ben", "03-02", 0, Decimal(7)),
        ("ben", "03-05", 1, Decimal(0)),
    ]


@pytest.mark.parametrize(("seed", "few"), [(0, 40), (1, 40), (2, 0), (3, 0)])
def test_after_any_batches_the_sums_equal_the_ledger(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, seed: int, few: int
) -> None:
    monkeypatch.setattr(writing, "FEW", few)
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
    assert warehouse.read(LIVES).to_pylist() == warehouse.read(CUSTOMER_SUMS).to_pylist() != []


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
LIVES = (
    sa.text(
        """
        SELECT shop_id, customer_id, local_date, CAST(sum(placed) AS BIGINT) AS orders,
               CAST(sum(net) AS DECIMAL(18, 4)) AS net_sales
        FROM (SELECT orders.shop_id, orders.customer_id, sales.local_date, 0 AS placed,
                     gross + discount + reversal AS net
              FROM orders JOIN sales
                  ON sales.shop_id = orders.shop_id AND sales.order_id = orders.order_id
              WHERE line_type = 'PRODUCT'
              UNION ALL
              SELECT shop_id, customer_id, local_date, 1, 0 FROM orders WHERE placed) AS moved
        WHERE customer_id IS NOT NULL
        GROUP BY 1, 2, 3
        """
    )
    .columns(*CUSTOMER_DAYS.columns)
    .subquery()
)
LIVES = sa.select(*LIVES.c).order_by(*list(LIVES.c)[:3])
CUSTOMER_SUMS = sa.select(*C).order_by(C.shop_id, C.customer_id, C.local_date)
