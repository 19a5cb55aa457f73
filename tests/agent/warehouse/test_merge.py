"""What merging promises, held by both warehouses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from agent.errors import NotFound, Refused
from agent.ports import Warehouse
from agent.warehouse.schema import ORDERS, PRODUCTS, SALES, SESSIONS
from tests.agent.warehouse.shop import (
    ALMA,
    BRUNO,
    at,
    batch,
    customers,
    everything,
    order,
    places,
    product,
    rows_of,
    sale,
    table,
)
from tests.clock import FrozenClock


def test_new_keys_are_inserted_and_counted(warehouse: Warehouse) -> None:
    merged = warehouse.merge(
        batch("a", orders=[order("1", "anna", "2026-03-01T10:00")], sales=[sale("1a", "1", "9.50")])
    )
    assert not merged.already
    assert merged.inserted == {"orders": 1, "sales": 1}
    assert merged.replaced == merged.unchanged == {"orders": 0, "sales": 0}
    (row,) = rows_of(warehouse, SALES, without=())
    assert row["gross"] == Decimal("9.5000")
    assert row["unit_cost"] is None
    assert row["batch_id"] == merged.batch_id


def test_the_same_fingerprint_is_merged_once(warehouse: Warehouse) -> None:
    first = warehouse.merge(batch("a", sales=[sale("1a", "1", "9.50")]))
    before = everything(warehouse)
    again = warehouse.merge(batch("a", sales=[sale("2a", "2", "1.00")]))
    assert again.already
    assert again.batch_id == first.batch_id
    assert everything(warehouse) == before
    other = warehouse.merge(batch("a", BRUNO, sales=[sale("1a", "1", "9.50")]))
    assert not other.already


def test_rows_that_are_there_already_change_nothing_and_raise_no_version(
    warehouse: Warehouse,
) -> None:
    rows = {
        "orders": [order("1", "anna", "2026-03-01T10:00")],
        "sales": [sale("1a", "1", "9.50")],
        "products": [product("tea", "Tea")],
    }
    warehouse.merge(batch("a", **rows))
    before, versions = everything(warehouse), warehouse.versions((ALMA.shop_id,))
    merged = warehouse.merge(batch("b", **rows))
    assert merged.unchanged == {"orders": 1, "sales": 1, "products": 1}
    assert everything(warehouse) == before
    assert warehouse.versions((ALMA.shop_id,)) == versions
    assert len(warehouse.batches(ALMA.shop_id)) == 2


@pytest.mark.parametrize(("revision", "title"), [(4, "Old"), (5, "Old"), (6, "New")])
def test_only_a_higher_revision_replaces(warehouse: Warehouse, revision: int, title: str) -> None:
    warehouse.merge(batch("a", products=[product("tea", "Old", revision=5)]))
    merged = warehouse.merge(batch("b", products=[product("tea", "New", revision=revision)]))
    assert [row["title"] for row in rows_of(warehouse, PRODUCTS)] == [title]
    assert merged.replaced == {"products": int(revision == 6)}
    assert merged.unchanged == {"products": int(revision < 6)}
    assert warehouse.versions((ALMA.shop_id,))["products"] == (2 if revision == 6 else 1)


def test_a_mixed_batch_inserts_replaces_and_leaves(warehouse: Warehouse) -> None:
    warehouse.merge(batch("a", products=[product("x", "X"), product("y", "Y")]))
    merged = warehouse.merge(
        batch(
            "b",
            products=[
                product("x", "X2"),
                product("y", "Y2", revision=2),
                product("z", "Z"),
            ],
        )
    )
    assert (merged.inserted, merged.replaced, merged.unchanged) == (
        {"products": 1},
        {"products": 1},
        {"products": 1},
    )
    assert [row["title"] for row in rows_of(warehouse, PRODUCTS)] == ["X", "Y2", "Z"]


def test_of_a_key_twice_in_a_batch_the_highest_revision_then_the_last_stays(
    warehouse: Warehouse,
) -> None:
    merged = warehouse.merge(
        batch(
            "a",
            products=[
                product("x", "high", revision=3),
                product("x", "low", revision=2),
                product("y", "first"),
                product("y", "last"),
            ],
        )
    )
    assert merged.inserted == {"products": 2}
    assert [row["title"] for row in rows_of(warehouse, PRODUCTS)] == ["high", "last"]


def test_a_key_of_several_columns(warehouse: Warehouse) -> None:
    def hour(channel: str, sessions: int, revision: int) -> dict[str, Any]:
        return {
            "local_at": at("2026-03-01T10:00"),
            "local_date": at("2026-03-01T10:00").date(),
            "channel": channel,
            "country": "DE",
            "sessions": sessions,
            **dict.fromkeys(("product_views", "add_to_cart", "reached_checkout", "purchases"), 0),
            "revision": revision,
        }

    warehouse.merge(batch("a", sessions=[hour("ads", 1, 1), hour("mail", 2, 1), hour("ads", 3, 2)]))
    merged = warehouse.merge(batch("b", sessions=[hour("ads", 9, 2), hour("mail", 8, 2)]))
    assert merged.unchanged == merged.replaced == {"sessions": 1}
    found = [(row["channel"], row["sessions"]) for row in rows_of(warehouse, SESSIONS)]
    assert found == [("ads", 3), ("mail", 8)]


def test_versions_rise_by_one_where_rows_changed(warehouse: Warehouse) -> None:
    assert set(warehouse.versions((ALMA.shop_id,)).values()) == {0}
    warehouse.merge(batch("a", orders=[order("1", "anna", "2026-03-01T10:00")], sales=[]))
    warehouse.merge(batch("b", BRUNO, sales=[sale("1a", "1", "1")]))
    warehouse.merge(batch("c", sales=[sale("1a", "1", "1")]))
    alma, both = ALMA.shop_id, (ALMA.shop_id, BRUNO.shop_id)
    versions = warehouse.versions((alma,))
    assert {name for name, version in versions.items() if version == 1} == {
        "orders",
        "sales",
        "customers",
        "shops",
    }
    assert warehouse.versions(both)["sales"] == 2
    assert warehouse.versions(both)["products"] == 0


def test_customers_remember_their_first_and_second_order(warehouse: Warehouse) -> None:
    warehouse.merge(
        batch(
            "a",
            orders=[
                order("3", "anna", "2026-03-05T12:00"),
                order("1", "anna", "2026-03-01T10:00"),
                order("2", "anna", "2026-03-02T11:00"),
                order("4", "ben", "2026-03-03T09:00"),
                order("5", None, "2026-03-03T09:30"),
                order("6", "cleo", "2026-03-04T08:00", placed=False),
            ],
        )
    )
    assert customers(warehouse) == [
        ("anna", "2026-03-01 10:00", "2026-03-02 11:00", 3),
        ("ben", "2026-03-03 09:00", None, 1),
    ]
    assert places(warehouse) == {"1": 1, "2": 2, "3": 3, "4": 1, "5": None, "6": 1}


def test_an_older_order_that_arrives_late_moves_the_others(warehouse: Warehouse) -> None:
    warehouse.merge(
        batch(
            "a",
            orders=[
                order("2", "anna", "2026-03-02T10:00"),
                order("3", "anna", "2026-03-03T10:00"),
                order("9", "ben", "2026-03-09T10:00"),
            ],
        )
    )
    warehouse.merge(batch("b", orders=[order("1", "anna", "2026-03-01T10:00")]))
    assert customers(warehouse) == [
        ("anna", "2026-03-01 10:00", "2026-03-02 10:00", 3),
        ("ben", "2026-03-09 10:00", None, 1),
    ]
    assert places(warehouse) == {"1": 1, "2": 2, "3": 3, "9": 1}


def test_at_the_same_moment_the_order_id_decides_by_its_bytes(warehouse: Warehouse) -> None:
    warehouse.merge(
        batch(
            "a", orders=[order(name, "anna", "2026-03-01T10:00") for name in ("b", "A", "a", "B")]
        )
    )
    assert places(warehouse) == {"A": 1, "B": 2, "a": 3, "b": 4}


def test_a_paper_that_is_no_order_counts_the_orders_before_its_moment(
    warehouse: Warehouse,
) -> None:
    warehouse.merge(
        batch(
            "a",
            orders=[
                order("1", "anna", "2026-03-01T10:00"),
                order("c0", "anna", "2026-03-01T09:00", placed=False),
                order("c1", "anna", "2026-03-01T10:00", placed=False),
                order("c2", "anna", "2026-03-02T10:00", placed=False),
                order("2", "anna", "2026-03-03T10:00"),
                order("z9", "anna", "2026-03-03T10:00", placed=False),
            ],
        )
    )
    assert places(warehouse) == {"1": 1, "2": 2, "c0": 1, "c1": 1, "c2": 2, "z9": 2}
    assert customers(warehouse) == [("anna", "2026-03-01 10:00", "2026-03-03 10:00", 2)]


def test_a_revision_that_moves_an_order_mends_both_customers(warehouse: Warehouse) -> None:
    warehouse.merge(
        batch(
            "a",
            orders=[
                order("1", "anna", "2026-03-01T10:00"),
                order("2", "anna", "2026-03-02T10:00"),
                order("3", "ben", "2026-03-03T10:00"),
                order("4", "cleo", "2026-03-04T10:00"),
            ],
        )
    )
    warehouse.merge(
        batch(
            "b",
            orders=[
                order("1", "ben", "2026-03-01T10:00", revision=2),
                order("4", None, "2026-03-04T10:00", revision=2),
            ],
        )
    )
    assert customers(warehouse) == [
        ("anna", "2026-03-02 10:00", None, 1),
        ("ben", "2026-03-01 10:00", "2026-03-03 10:00", 2),
    ]
    assert places(warehouse) == {"1": 1, "2": 1, "3": 2, "4": None}


def test_an_order_taken_back_removes_its_customer(warehouse: Warehouse) -> None:
    warehouse.merge(batch("a", orders=[order("1", "anna", "2026-03-01T10:00")]))
    before = warehouse.versions((ALMA.shop_id,))["customers"]
    warehouse.merge(
        batch("b", orders=[order("1", "anna", "2026-03-01T10:00", placed=False, revision=2)])
    )
    assert customers(warehouse) == []
    assert warehouse.versions((ALMA.shop_id,))["customers"] == before + 1


def test_customers_unmoved_by_a_batch_keep_their_version(warehouse: Warehouse) -> None:
    warehouse.merge(batch("a", orders=[order("1", "anna", "2026-03-01T10:00")]))
    warehouse.merge(
        batch("b", orders=[order("1", "anna", "2026-03-01T10:00", country="AT", revision=2)])
    )
    versions = warehouse.versions((ALMA.shop_id,))
    assert (versions["orders"], versions["customers"]) == (2, 1)


def test_customers_of_the_same_name_in_two_shops_stay_apart(warehouse: Warehouse) -> None:
    warehouse.merge(batch("a", orders=[order("1", "anna", "2026-03-01T10:00")]))
    warehouse.merge(batch("a", BRUNO, orders=[order("1", "anna", "2026-02-01T10:00")]))
    assert customers(warehouse) == [
        ("anna", "2026-03-01 10:00", None, 1),
        ("anna", "2026-02-01 10:00", None, 1),
    ]


def test_the_order_in_which_batches_arrive_does_not_matter(warehouse: Warehouse) -> None:
    one = {
        "orders": [
            order("1", "anna", "2026-03-01T10:00"),
            order("2", "ben", "2026-03-02T10:00", revision=3),
            order("5", None, "2026-03-02T10:00"),
        ],
        "sales": [sale("1a", "1", "5"), sale("2a", "2", "7", revision=3)],
    }
    two = {
        "orders": [
            order("1", "ben", "2026-03-01T10:00", revision=2),
            order("2", "anna", "2026-03-02T10:00"),
            order("3", "anna", "2026-02-01T10:00"),
        ],
        "sales": [sale("1a", "1", "6", revision=2), sale("2a", "2", "8"), sale("3a", "3", "1")],
    }

    def rows(shop_id: str) -> list[Any]:
        return [
            {name: value for name, value in row.items() if name not in ("shop_id", "batch_id")}
            for table_name, found in everything(warehouse).items()
            if table_name in ("orders", "sales", "customers")
            for row in found
            if row["shop_id"] == shop_id
        ]

    for shop, turns in ((ALMA, (one, two)), (BRUNO, (two, one))):
        for number, turn in enumerate(turns):
            warehouse.merge(batch(f"{number}", shop, **turn))
    assert rows(ALMA.shop_id) == rows(BRUNO.shop_id)
    assert len(rows(ALMA.shop_id)) == 4 + 3 + 2


def test_a_batch_is_noted(warehouse: Warehouse, clock: FrozenClock) -> None:
    warehouse.merge(replace(batch("a", sales=[]), summary={"orders": 3, "why": "é"}))
    clock.advance(60)
    warehouse.merge(batch("b", sales=[]))
    warehouse.merge(batch("c", BRUNO, sales=[]))
    newest, first = warehouse.batches(ALMA.shop_id)
    assert (newest["lines"], newest["rejected"], newest["file_name"]) == (7, 2, "hand.csv")
    assert first["summary"] == {"orders": 3, "why": "é"}
    assert first["merged_at"] == datetime(2026, 11, 17, 7, 41, tzinfo=UTC)
    assert len(warehouse.batches()) == 3
    assert len(warehouse.batches(limit=1)) == 1


def test_the_last_sync_of_some_shops(warehouse: Warehouse, clock: FrozenClock) -> None:
    assert warehouse.last_sync((ALMA.shop_id,)) is None
    warehouse.merge(batch("a", sales=[]))
    first = warehouse.last_sync((ALMA.shop_id,))
    clock.advance(60)
    warehouse.merge(batch("b", BRUNO, sales=[]))
    assert first == datetime(2026, 11, 17, 7, 41, tzinfo=UTC)
    assert warehouse.last_sync((ALMA.shop_id, "nobody")) == first
    both = warehouse.last_sync((ALMA.shop_id, BRUNO.shop_id))
    assert both == datetime(2026, 11, 17, 7, 42, tzinfo=UTC)


def _without(name: str) -> pa.Table:
    return table(PRODUCTS, product("x", "X")).drop_columns([name])


def _with(name: str, values: pa.Array) -> pa.Table:
    rows = table(SALES, sale("1a", "1", "1"))
    return rows.set_column(rows.column_names.index(name), name, values)


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"products": _without("vendor")}, ["products", "vendor"]),
        (
            {"products": table(PRODUCTS, product("x", "X")).append_column("more", pa.array([1]))},
            ["products", "more"],
        ),
        ({"customers": table(PRODUCTS)}, ["customers"]),
        ({"products": table(PRODUCTS, product("x", None))}, ["products", "title"]),
        ({"products": table(PRODUCTS, product("x", "X", shop_id="else"))}, ["shop_id", "almas"]),
        ({"products": table(PRODUCTS, product("x", "nul\x00"))}, ["products", "title", "NUL"]),
        ({"sales": _with("gross", pa.array([1.1]))}, ["sales", "gross", "double"]),
        ({"sales": _with("gross", pa.array([10**15]))}, ["sales", "gross"]),
        ({"sales": _with("quantity", pa.array([2**31]))}, ["sales", "quantity"]),
        ({"sales": _with("sale_id", pa.array([7]))}, ["sales", "sale_id"]),
        (
            {"sales": _with("local_at", pa.array([datetime(2026, 3, 1, tzinfo=UTC)]))},
            ["sales", "local_at"],
        ),
    ],
)
def test_a_batch_that_does_not_fit_is_refused_before_anything_is_written(
    duckdb_warehouse: Warehouse, tables: dict[str, pa.Table], words: list[str]
) -> None:
    before = everything(duckdb_warehouse)
    with pytest.raises(Refused) as refusal:
        duckdb_warehouse.merge(replace(batch("a"), tables=tables))
    assert all(word in str(refusal.value) for word in words)
    assert everything(duckdb_warehouse) == before
    assert duckdb_warehouse.batches() == []


def test_columns_in_another_order_and_narrower_types_fit(duckdb_warehouse: Warehouse) -> None:
    rows = table(SALES, sale("1a", "1", "3"))
    rows = rows.set_column(
        rows.column_names.index("gross"), "gross", pa.array([Decimal("2.5")], pa.decimal128(5, 1))
    ).set_column(rows.column_names.index("quantity"), "quantity", pa.array([4], pa.int8()))
    rows = rows.select(rows.column_names[::-1])
    duckdb_warehouse.merge(replace(batch("a"), tables={"sales": rows}))
    (row,) = rows_of(duckdb_warehouse, SALES)
    assert (row["gross"], row["quantity"]) == (Decimal("2.5000"), 4)


def test_a_batch_that_fails_half_way_leaves_no_trace(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last step of a merge, its note, fails: a summary that JSON cannot carry."""
    warehouse.merge(batch("a", orders=[order("1", "anna", "2026-03-01T10:00")]))
    before, versions = everything(warehouse), warehouse.versions((ALMA.shop_id,))
    circle: dict[str, Any] = {}
    circle["self"] = circle
    bad = batch(
        "b",
        orders=[
            order("1", "ben", "2026-03-01T10:00", revision=2),
            order("2", "cleo", "2026-03-02T10:00"),
        ],
        products=[product("x", "X")],
    )
    with pytest.raises(ValueError, match="Circular"):
        warehouse.merge(replace(bad, summary=circle))
    assert everything(warehouse) == before
    assert warehouse.versions((ALMA.shop_id,)) == versions
    assert len(warehouse.batches()) == 1
    assert warehouse.merge(bad).inserted == {"orders": 1, "products": 1}
    assert places(warehouse) == {"1": 1, "2": 1}


def test_shops_are_listed_oldest_first_and_can_be_renamed(
    warehouse: Warehouse, clock: FrozenClock
) -> None:
    assert warehouse.shops() == ()
    warehouse.put_shop(BRUNO)
    clock.advance(1)
    warehouse.merge(batch("a", sales=[sale("1a", "1", "1")]))
    warehouse.put_shop(replace(ALMA, name="Alma & Daughters"))
    assert [shop.name for shop in warehouse.shops()] == ["Bruno's Bikes", "Alma & Daughters"]
    assert warehouse.versions((ALMA.shop_id,))["shops"] == 2


def test_currency_and_zone_of_a_shop_with_rows_stay(warehouse: Warehouse) -> None:
    warehouse.put_shop(ALMA)
    warehouse.put_shop(replace(ALMA, currency="GBP"))
    warehouse.put_shop(ALMA)
    warehouse.merge(batch("a", sales=[sale("1a", "1", "1")]))
    for wrong in (replace(ALMA, currency="GBP"), replace(ALMA, timezone="Europe/London")):
        with pytest.raises(Refused, match="almas-tea"):
            warehouse.put_shop(wrong)
        with pytest.raises(Refused, match="almas-tea"):
            warehouse.merge(batch("b", wrong, sales=[sale("2a", "2", "1")]))
    assert warehouse.shops() == (ALMA,)
    assert len(rows_of(warehouse, SALES)) == 1


def test_a_dropped_shop_leaves_nothing_but_higher_versions(warehouse: Warehouse) -> None:
    for shop in (ALMA, BRUNO):
        warehouse.merge(batch("a", shop, orders=[order("1", "anna", "2026-03-01T10:00")], sales=[]))
    warehouse.drop_shop(ALMA.shop_id)
    assert [row["shop_id"] for row in rows_of(warehouse, ORDERS)] == [BRUNO.shop_id]
    assert warehouse.shops() == (BRUNO,)
    assert warehouse.versions((ALMA.shop_id,))["orders"] == 2
    assert not warehouse.merge(batch("a", orders=[order("1", "anna", "2026-03-01T10:00")])).already
    assert warehouse.versions((ALMA.shop_id,))["orders"] == 3
    with pytest.raises(NotFound, match="nobody"):
        warehouse.drop_shop("nobody")
