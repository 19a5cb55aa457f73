"""A few orders take a way of their own into the ledger: it ends where the way of many ends, in both
warehouses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from agent.ports import Batch, Merged, Shop, Warehouse
from agent.warehouse import duckdb_writing, rollups, small
from agent.warehouse.schema import CUSTOMER_DAYS, DAILY_SALES, MOST, SALES
from tests.agent.warehouse.shop import ALMA, BRUNO, batch, order, rows_of, sale
from tests.agent.warehouse.test_documents import state

DAY, LATER = "2026-03-02T10:00", "2026-03-05T10:00"
Row = Mapping[str, Any]


def day(dice: Random) -> str:
    return f"2026-03-{dice.randrange(1, 5):02}T1{dice.randrange(3)}:00"


def document(dice: Random, number: int) -> tuple[Row, list[Row]]:
    """An order and its rows, few enough values that groups meet, empty, and come again."""
    revision = dice.randrange(1, 9)
    head = order(
        str(number),
        dice.choice(["anna", "ben", "cleo", None]),
        day(dice),
        revision=revision,
        placed=dice.random() < 0.85,
        country=dice.choice(["DE", None]),
        channel=dice.choice(["Mail", None]),
    )
    rows = [
        sale(
            f"{number}:{name}",
            str(number),
            dice.choice(["0", "5", "-5", "7.1234", str(Decimal(MOST) - 1)]),
            when=day(dice),
            revision=revision,
            line_id=dice.choice(["1", "2"]),
            line_type=dice.choice(["PRODUCT", "PRODUCT", "SHIPPING", "TIP"]),
            product_id=dice.choice(["7", "8", None]),
            variant=dice.choice(["Sand", None]),
            shipping=Decimal(dice.choice(["0", "3"])),
            quantity=dice.choice([0, 1, -1]),
        )
        for name in "abcde"
        if dice.random() < 0.5
    ]
    return head, rows


def arriving(dice: Random, turn: int, shop: Shop) -> Batch:
    numbers = dice.sample(range(9), dice.choice([1, 1, 1, 2, 4]))
    made = [document(dice, number) for number in numbers]
    rows = {
        "orders": [dict(o) for o, _ in made],
        "sales": [dict(s) for _, own in made for s in own],
    }
    told = replace(batch(f"turn {turn}", shop, **rows), whole_orders=True)
    if dice.random() < 0.15:
        return replace(told, tables={}, gone={str(numbers[0]): dice.randrange(1, 9)})
    return replace(told, anew=dice.random() < 0.2)


def counts(merged: Merged) -> list[Mapping[str, int]]:
    return [merged.inserted, merged.replaced, merged.unchanged, merged.removed]


@pytest.mark.parametrize("seed", range(2))
def test_few_orders_end_where_many_would(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    for turn in range(24):
        told = []
        for shop, most in ((ALMA, 10), (BRUNO, 0)):
            monkeypatch.setattr(small, "MOST", most)
            before = warehouse.versions((shop.shop_id,))
            done = warehouse.merge(arriving(Random(f"{seed} {turn}"), turn, shop))
            after = warehouse.versions((shop.shop_id,))
            raised = {name for name, version in after.items() if version > before.get(name, 0)}
            told.append((counts(done), raised))
        assert told[0] == told[1]
        if turn % 4 == 3:
            assert state(warehouse, ALMA) == state(warehouse, BRUNO)
    assert all(state(warehouse, ALMA).values())


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is executed in the transactions of a DuckDB file."""
    made: list[str] = []
    execute = duckdb_writing.Open._execute

    def told(self: duckdb_writing.Open, text: str, values: dict[str, Any]) -> Any:
        made.append(text)
        return execute(self, text, values)

    monkeypatch.setattr(duckdb_writing.Open, "_execute", told)
    return made


def one(revision: int, gross: str, print_: str = "", when: str = DAY) -> Batch:
    rows = [sale(f"1:{name}", "1", gross, when=when, revision=revision) for name in "abc"]
    head = order("1", "anna", when, revision=revision)
    made = batch(print_ or f"{revision} {gross}", orders=[head], sales=rows)
    return replace(made, whole_orders=True)


def test_only_what_differs_is_written(duckdb_warehouse: Warehouse, statements: list[str]) -> None:
    duckdb_warehouse.merge(one(2, "5"))
    found = {}
    for kind, told in (
        ("unchanged", one(2, "5", "again")),
        ("older", one(1, "9")),
        ("higher", one(3, "5")),
        ("changed", one(4, "6")),
        ("moved", one(5, "6", when=LATER)),
    ):
        statements.clear()
        duckdb_warehouse.merge(told)
        written = [text.split()[0] for text in statements if not text.startswith("SELECT")]
        found[kind] = (len(statements), "".join(sorted(word[0] for word in written)))
    assert found == {
        # The batch alone.
        "unchanged": (7, "I"),
        "older": (6, "I"),
        # Both tables' rows, which stay where they are: only their revision is another.
        "higher": (9, "IUU"),
        # And a day's sums, the customer's day, the version.
        "changed": (14, "IUUUUU"),
        # To another day rows go out and in, with the customer's life; the sums are made anew.
        "moved": (25, "CCDDDDDIIIIIIIIU"),
    }


def test_days_are_summed_anew_only_where_a_group_may_be_empty(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    summed: list[int] = []
    anew = rollups.sum_anew

    def counted(writing: Any, shop_id: str, days: Any) -> None:
        summed.append(len(days))
        anew(writing, shop_id, days)

    monkeypatch.setattr(rollups, "sum_anew", counted)
    two = [order("1", "anna", DAY), order("2", "ben", DAY)]
    rows = [sale("1:a", "1", "5", when=DAY), sale("2:a", "2", "7", when=DAY)]
    warehouse.merge(replace(batch("a", orders=two, sales=rows), whole_orders=True))
    moved = [sale("2:a", "2", "7", when=LATER, revision=2)]
    head = [order("2", "ben", DAY, revision=2)]
    warehouse.merge(replace(batch("b", orders=head, sales=moved), whole_orders=True))
    # The group has something left: what the other order gave.
    assert summed == [0, 0]
    gone = replace(batch("c", orders=[order("1", "anna", DAY, revision=2)]), whole_orders=True)
    warehouse.merge(gone)
    assert summed == [0, 0, 1]
    assert [row["local_date"].day for row in rows_of(warehouse, DAILY_SALES)] == [5]
    days = [(row["customer_id"], row["orders"]) for row in rows_of(warehouse, CUSTOMER_DAYS)]
    assert sorted(days) == [("anna", 1), ("ben", 0), ("ben", 1)]


def product_of(warehouse: Warehouse) -> dict[str, tuple[str | None, str | None]]:
    return {
        row["sale_id"]: (row["product_id"], row["variant"]) for row in rows_of(warehouse, SALES)
    }


@pytest.mark.parametrize("most", [0, 10])
def test_a_row_that_names_no_product_keeps_the_one_its_line_had(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(small, "MOST", most)

    def told(revision: int, *rows: dict[str, Any]) -> None:
        heads = [order(number, "anna", DAY, revision=revision) for number in ("1", "2")]
        made = batch(f"at {revision}", orders=heads, sales=[*rows])
        warehouse.merge(replace(made, whole_orders=True))

    told(
        1,
        sale("1:a", "1", "5", line_id="L", product_id="7", variant="Sand"),
        sale("1:b", "1", "5", line_id="M"),
        sale("2:a", "2", "5", line_id="N", product_id="8", variant="Moss"),
    )
    told(
        2,
        sale("1:a", "1", "5", line_id="L", revision=2),
        sale("1:b", "1", "5", line_id="M", revision=2),
        # Given back: a new row of a line that is known.
        sale("1:c", "1", "-5", line_id="L", action="RETURN", revision=2),
        # The same line's number in another order.
        sale("2:a", "2", "5", line_id="L", product_id="9", revision=2),
        sale("2:b", "2", "5", line_id="L", line_type="SHIPPING", revision=2),
    )
    assert product_of(warehouse) == {
        "1:a": ("7", "Sand"),
        "1:b": (None, None),
        "1:c": ("7", "Sand"),
        "2:a": ("9", None),
        "2:b": (None, None),
    }


def test_shops_are_listed_anew_when_one_comes_or_changes(duckdb_warehouse: Warehouse) -> None:
    assert duckdb_warehouse.shops() == ()
    duckdb_warehouse.merge(one(1, "5"))
    assert duckdb_warehouse.shops() == (ALMA,)
    listed = duckdb_warehouse.shops()
    duckdb_warehouse.merge(one(2, "6"))
    # Another order changes no shop: nothing is asked again.
    assert duckdb_warehouse.shops() is listed
    duckdb_warehouse.put_shop(replace(ALMA, name="Alma"))
    assert [shop.name for shop in duckdb_warehouse.shops()] == ["Alma"]
    duckdb_warehouse.drop_shop(ALMA.shop_id)
    assert duckdb_warehouse.shops() == ()
    duckdb_warehouse.merge(one(1, "5"))
    assert [shop.shop_id for shop in duckdb_warehouse.shops()] == [ALMA.shop_id]
