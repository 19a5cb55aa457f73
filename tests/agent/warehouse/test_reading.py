"""Reading gives the declared types, exactly, from both warehouses."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from agent.errors import Failure
from agent.ports import Warehouse
from agent.warehouse.schema import MONEY, ORDERS, PRODUCTS, SALES, arrow_schema_of
from tests.agent.warehouse.shop import at, batch, order, product, sale

S = SALES.c


def one(warehouse: Warehouse, *columns: Any) -> dict[str, Any]:
    statement = sa.select(*columns)
    rows = warehouse.read(statement)
    assert rows.schema == arrow_schema_of(statement)
    return dict(rows.to_pylist()[0])


def test_money_is_exact_to_four_places_below_a_hundred_trillion(warehouse: Warehouse) -> None:
    amounts = ["99999999999999.9998", "0.0002", "-0.0005", "99999999999999.9999"]
    warehouse.merge(
        batch("a", sales=[sale(str(n), "1", amount) for n, amount in enumerate(amounts)])
    )
    found = one(
        warehouse,
        sa.cast(sa.func.sum(S.gross), sa.Numeric(38, 4)).label("sum"),
        sa.func.max(S.gross).label("max"),
        sa.func.min(S.gross).label("min"),
    )
    assert found == {
        "sum": Decimal("199999999999999.9994"),
        "max": Decimal("99999999999999.9999"),
        "min": Decimal("-0.0005"),
    }


def test_sums_and_counts_of_whole_numbers_are_whole(warehouse: Warehouse) -> None:
    warehouse.merge(
        batch("a", sales=[sale(str(n), "1", "1", quantity=2_000_000_000) for n in range(3)])
    )
    found = one(
        warehouse,
        sa.func.sum(S.quantity).label("units"),
        sa.func.count(S.order_id.distinct()).label("orders"),
        sa.func.sum(sa.cast(S.quantity, sa.BigInteger)).label("wide"),
    )
    assert found == {"units": 6_000_000_000, "orders": 1, "wide": 6_000_000_000}
    assert all(isinstance(value, int) for value in found.values())


def test_ratios_are_floats_and_do_not_lose_digits_on_the_way(warehouse: Warehouse) -> None:
    warehouse.merge(batch("a", sales=[sale("1", "1", "10"), sale("2", "2", "0.01")]))
    ratio = sa.cast(sa.func.sum(S.gross), sa.Double) / sa.func.nullif(sa.func.count(), 0)
    found = one(warehouse, sa.type_coerce(ratio, sa.Double).label("mean"))
    assert found["mean"] == pytest.approx(5.005, rel=1e-15)


def test_an_average_of_money_is_rounded_half_up_to_four_places(warehouse: Warehouse) -> None:
    warehouse.merge(batch("a", sales=[sale(n, "1", g) for n, g in (("1", "0.0001"), ("2", "0"))]))
    found = one(warehouse, sa.type_coerce(sa.func.avg(S.gross), MONEY).label("mean"))
    assert found["mean"] == Decimal("0.0001")


def test_null_and_the_empty_text_are_two_things(warehouse: Warehouse) -> None:
    warehouse.merge(
        batch(
            "a",
            products=[
                product("1", "", vendor=""),
                product("2", 'a "b", c\n\\N'),
                product("3", "ü 茶", vendor="x"),
            ],
        )
    )
    P = PRODUCTS.c
    rows = warehouse.read(sa.select(P.title, P.vendor).order_by(P.product_id)).to_pylist()
    assert [(row["title"], row["vendor"]) for row in rows] == [
        ("", ""),
        ('a "b", c\n\\N', None),
        ("ü 茶", "x"),
    ]


def test_dates_times_and_booleans_keep_their_kind(warehouse: Warehouse) -> None:
    moment = "2026-03-29T02:30:00.123456"
    warehouse.merge(
        batch(
            "a",
            orders=[
                order("1", None, moment, cancelled_at=at("2026-04-01")),
                order("2", None, moment),
            ],
        )
    )
    O = ORDERS.c  # noqa: E741  # the table's own letter, as S and P above
    month = sa.type_coerce(
        sa.func.date_trunc(sa.literal_column("'month'"), O.local_at), sa.Date
    ).label("month")
    statement = sa.select(O.local_at, O.local_date, O.placed, O.cancelled_at, month)
    rows = warehouse.read(statement.order_by(O.order_id))
    assert rows.schema.types == [
        pa.timestamp("us"),
        pa.date32(),
        pa.bool_(),
        pa.timestamp("us"),
        pa.date32(),
    ]
    first, second = rows.to_pylist()
    assert first == {
        "local_at": at(moment),
        "local_date": date(2026, 3, 29),
        "placed": True,
        "cancelled_at": at("2026-04-01"),
        "month": date(2026, 3, 1),
    }
    assert second["cancelled_at"] is None


def test_no_rows_have_their_types_too(warehouse: Warehouse) -> None:
    statement = sa.select(S.gross, S.local_date, sa.func.sum(S.quantity).label("units"))
    statement = statement.group_by(S.gross, S.local_date)
    rows = warehouse.read(statement)
    assert rows.num_rows == 0
    assert rows.schema == arrow_schema_of(statement)


def test_text_is_sorted_by_its_bytes(warehouse: Warehouse) -> None:
    titles = ["b", "A", "ä", "a", "B", "_", "10", "9"]
    warehouse.merge(batch("a", products=[product(title, title) for title in titles]))
    P = PRODUCTS.c
    rows = warehouse.read(sa.select(P.title).order_by(P.title))
    assert rows["title"].to_pylist() == ["10", "9", "A", "B", "_", "a", "b", "ä"]


@pytest.mark.parametrize(
    "values", [[], ["1"], [str(n) for n in range(1000)], ["'); --", "%", "$1"]]
)
def test_lists_of_any_length_and_letters_are_values(
    warehouse: Warehouse, values: list[str]
) -> None:
    warehouse.merge(batch("a", products=[product(name, name) for name in ("1", "%", "x")]))
    P = PRODUCTS.c
    found = warehouse.read(sa.select(P.title).where(P.product_id.in_(values)).order_by(P.title))
    assert found["title"].to_pylist() == sorted({"1", "%"} & set(values))


def test_one_value_used_twice_is_one_value(warehouse: Warehouse) -> None:
    warehouse.merge(batch("a", products=[product("1", "tea"), product("2", "pot")]))
    letter = sa.literal("t")
    starts = sa.func.starts_with(PRODUCTS.c.title, letter, type_=sa.Boolean).label("starts")
    like = PRODUCTS.c.title.like("%t%")
    statement = sa.select(starts, sa.func.count().label("n")).where(like).group_by(starts)
    rows = warehouse.read(statement.order_by(starts)).to_pylist()
    assert [(row["starts"], row["n"]) for row in rows] == [(False, 1), (True, 1)]


def test_a_sum_too_large_for_its_column_is_a_failure_not_a_wrong_number(
    warehouse: Warehouse,
) -> None:
    most = "99999999999999.9999"
    warehouse.merge(batch("a", sales=[sale("1", "1", most), sale("2", "1", most)]))
    with pytest.raises(Failure, match="does not fit"):
        warehouse.read(sa.select(sa.func.sum(S.gross).label("sum")))


def test_sql_for_people_has_its_values_written_in(warehouse: Warehouse) -> None:
    statement = (
        sa.select(S.order_id, sa.func.sum(S.gross).label("gross"))
        .where(
            S.shop_id.in_(["a", "it's"]),
            S.local_date.between(date(2026, 3, 1), date(2026, 3, 31)),
            S.line_id.like("x%"),
            S.product_id.is_(None),
        )
        .group_by(S.order_id)
        .limit(5)
    )
    text = warehouse.sql(statement)
    for part in ("'it''s'", "'2026-03-01'", "LIKE 'x%'", "IS NULL", "LIMIT 5", "sum(sales.gross)"):
        assert part in text
    assert "%%" not in text
    assert max(map(len, text.splitlines())) <= 100


def test_reads_run_while_a_merge_runs_and_see_all_of_it_or_nothing(warehouse: Warehouse) -> None:
    """Each batch adds 40 rows that sum to zero: half a batch would show."""
    stop, totals, counts = threading.Event(), set(), []
    statement = sa.select(sa.func.sum(S.gross).label("sum"), sa.func.count().label("n"))

    def look() -> None:
        while not stop.is_set():
            (row,) = warehouse.read(statement).to_pylist()
            totals.add(row["sum"])
            counts.append(row["n"])

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(look) for _ in range(3)]
        for turn in range(12):
            rows = [sale(f"{turn}-{n}", "1", "7" if n % 2 else "-7") for n in range(40)]
            warehouse.merge(batch(str(turn), sales=rows))
        stop.set()
        for reader in readers:
            reader.result()
    assert totals <= {None, Decimal(0)}
    assert len(set(counts)) > 2
    assert all(count % 40 == 0 for count in counts)


def test_merges_from_several_threads_all_arrive(warehouse: Warehouse) -> None:
    def add(turn: int) -> None:
        orders = [order(f"{turn}", "anna", f"2026-03-{turn + 1:02}T10:00")]
        warehouse.merge(batch(str(turn), orders=orders))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(12)))
    rows = warehouse.read(sa.select(ORDERS.c.order_id, ORDERS.c.order_index)).to_pylist()
    assert {row["order_id"]: row["order_index"] for row in rows} == {
        str(turn): turn + 1 for turn in range(12)
    }
    assert warehouse.versions(("almas-tea",))["orders"] == 12
