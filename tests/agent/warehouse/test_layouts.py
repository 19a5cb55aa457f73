"""A warehouse, a batch and a backup of the layout before are taken as they are."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from agent.errors import BadFile, Refused
from agent.ports import Batch, Warehouse
from agent.warehouse import layouts
from agent.warehouse.duckdb import DuckDBWarehouse
from agent.warehouse.postgres import PostgresWarehouse
from agent.warehouse.schema import COSTS, CUSTOMER_DAYS, METADATA, PROFILES, RATES, SALES, SPEND
from tests.agent.warehouse.shop import ALMA, at, batch, order, product, rows_of, sale

SPENT = {
    "local_date": at("2026-03-01").date(),
    "channel": "Search",
    "campaign": "Brand",
    "amount": Decimal("12.50"),
    "impressions": 1000,
    "clicks": 10,
    "revision": 1,
}
COST = {
    "cost_id": "1-shipping",
    "order_id": "1",
    "local_date": at("2026-03-01").date(),
    "kind": "shipping",
    "amount": Decimal("4.20"),
    "revision": 1,
}
# Layout 1, as the product wrote it: no table of a later one, none of its columns.
BACK_TO_1 = (
    "ALTER TABLE sales DROP COLUMN variant",
    "ALTER TABLE spend DROP COLUMN attributed_revenue",
    "DROP TABLE costs",
    "DROP TABLE profiles",
    "DROP TABLE rates",
    "DROP TABLE customer_days",
    "DROP TABLE removed_orders",
    "DROP TABLE forgotten_customers",
    "UPDATE layout SET number = 1",
)
Open = Callable[[], Warehouse]


@pytest.fixture(params=["duckdb", pytest.param("postgres", marks=pytest.mark.server)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Open, Callable[..., Any]]:
    """How to open a warehouse, and how to run statements beside it, while it is closed."""
    if request.param == "duckdb":
        path = tmp_path / "w.duckdb"
        return lambda: DuckDBWarehouse(path), lambda *texts: _in_duckdb(path, texts)
    url = request.getfixturevalue("postgres_url")
    return lambda: PostgresWarehouse(url), lambda *texts: _in_postgres(url, texts)


def _in_duckdb(path: Path, texts: tuple[str, ...]) -> list[Any]:
    with duckdb.connect(str(path)) as raw:
        return [raw.execute(text).fetchall() for text in texts]


def _in_postgres(url: str, texts: tuple[str, ...]) -> list[Any]:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        results = [connection.exec_driver_sql(text) for text in texts]
        found = [
            [tuple(row) for row in result] if result.returns_rows else [] for result in results
        ]
    engine.dispose()
    return found


@contextmanager
def opened(open_it: Open) -> Iterator[Warehouse]:
    warehouse = open_it()
    try:
        yield warehouse
    finally:
        warehouse.close()


def first(warehouse: Warehouse) -> None:
    warehouse.merge(
        batch(
            "first",
            orders=[order("1", "anna", "2026-03-01T10:00")],
            sales=[sale("1a", "1", "10.00")],
            products=[product("x", "X")],
            spend=[SPENT],
        )
    )


def test_a_warehouse_of_layout_1_keeps_its_rows_and_takes_new_ones(
    place: tuple[Open, Callable[..., Any]],
) -> None:
    open_it, beside = place
    with opened(open_it) as warehouse:
        first(warehouse)
        before = rows_of(warehouse, SALES), rows_of(warehouse, SPEND)
        days = rows_of(warehouse, CUSTOMER_DAYS)
    beside(*BACK_TO_1)
    with opened(open_it) as warehouse:
        assert rows_of(warehouse, CUSTOMER_DAYS) == days != []
        assert (rows_of(warehouse, SALES), rows_of(warehouse, SPEND)) == before
        assert before[0][0]["variant"] is None
        assert before[1][0]["attributed_revenue"] is None
        assert [rows_of(warehouse, of) for of in (COSTS, PROFILES, RATES)] == [[], [], []]
        warehouse.merge(batch("new", sales=[sale("2a", "1", "1", variant="Red")], costs=[COST]))
        assert [row["variant"] for row in rows_of(warehouse, SALES)] == [None, "Red"]
        assert rows_of(warehouse, COSTS)[0]["amount"] == Decimal("4.2")
        assert warehouse.versions((ALMA.shop_id,))["sales"] == 2
    assert beside("SELECT number FROM layout") == [[(layouts.LAYOUT,)]]


def test_an_upgrade_happens_whole_or_not_at_all(
    place: tuple[Open, Callable[..., Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_it, beside = place
    with opened(open_it) as warehouse:
        first(warehouse)
    beside(*BACK_TO_1)
    real = layouts.additions

    def broken(*given: Any) -> list[str]:
        return [*real(*given), "ALTER TABLE nowhere ADD COLUMN x VARCHAR"]

    monkeypatch.setattr(layouts, "additions", broken)
    with pytest.raises((duckdb.Error, sa.exc.DBAPIError)):
        open_it()
    columns = "SELECT count(*) FROM information_schema.columns WHERE column_name = 'variant'"
    assert beside("SELECT number FROM layout", columns) == [[(1,)], [(0,)]]
    monkeypatch.undo()
    with opened(open_it) as warehouse:
        assert len(rows_of(warehouse, SALES)) == 1


def test_an_upgraded_warehouse_has_the_tables_of_a_new_one(
    place: tuple[Open, Callable[..., Any]],
) -> None:
    open_it, beside = place
    shape = (
        "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
        " WHERE table_schema IN ('main', 'public') ORDER BY 1, 2"
    )
    with opened(open_it):
        pass
    fresh = beside(shape)
    beside(*BACK_TO_1)
    assert beside(shape) != fresh
    with opened(open_it):
        pass
    assert beside(shape) == fresh


def lacking(given: Batch, table: str, column: str) -> Batch:
    tables = {**given.tables, table: given.tables[table].drop_columns([column])}
    return Batch(given.shop, given.source, given.fingerprint, tables)


def test_a_batch_without_the_columns_of_later_layouts_is_merged(warehouse: Warehouse) -> None:
    older = lacking(batch("a", sales=[sale("1a", "1", "1")], spend=[SPENT]), "sales", "variant")
    warehouse.merge(lacking(older, "spend", "attributed_revenue"))
    assert rows_of(warehouse, SALES)[0]["variant"] is None
    assert rows_of(warehouse, SPEND)[0]["attributed_revenue"] is None


@pytest.mark.parametrize("column", ["unit_cost", "gross"])
def test_a_batch_without_a_column_of_the_first_layout_is_refused(
    duckdb_warehouse: Warehouse, column: str
) -> None:
    with pytest.raises(Refused, match=column):
        duckdb_warehouse.merge(lacking(batch("a", sales=[sale("1a", "1", "1")]), "sales", column))


def back_to_1(folder: Path) -> None:
    later = ("costs", "profiles", "rates", "customer_days", "removed_orders", "forgotten_customers")
    for name in later:
        (folder / f"{name}.parquet").unlink()
    for name, column in (("sales", "variant"), ("spend", "attributed_revenue")):
        path = folder / f"{name}.parquet"
        pq.write_table(pq.read_table(path).drop_columns([column]), path)


def test_a_backup_of_layout_1_is_restored(warehouse: Warehouse, tmp_path: Path) -> None:
    first(warehouse)
    before = [rows_of(warehouse, of) for of in (SALES, CUSTOMER_DAYS)]
    folder = tmp_path / "copy"
    warehouse.backup(str(folder))
    back_to_1(folder)
    warehouse.merge(batch("later", sales=[sale("2a", "1", "1")], costs=[COST]))
    warehouse.restore(str(folder))
    assert [rows_of(warehouse, of) for of in (SALES, CUSTOMER_DAYS)] == before
    assert rows_of(warehouse, COSTS) == []
    assert warehouse.versions((ALMA.shop_id,))["costs"] == 2


def test_a_backup_that_lacks_one_of_a_layouts_tables_is_not_whole(
    duckdb_warehouse: Warehouse, tmp_path: Path
) -> None:
    duckdb_warehouse.backup(str(tmp_path / "copy"))
    (tmp_path / "copy" / "rates.parquet").unlink()
    with pytest.raises(BadFile, match=r"rates\.parquet is missing"):
        duckdb_warehouse.restore(str(tmp_path / "copy"))
    shutil.rmtree(tmp_path / "copy")


def test_every_step_adds_what_may_be_missing_and_every_table_is_known() -> None:
    assert [step.number for step in layouts.STEPS] == [*range(1, layouts.LAYOUT + 1)]
    for step in layouts.STEPS:
        assert all(column.nullable for column in step.columns)
        assert all(table.name in METADATA.tables for table in step.tables)
    assert layouts.optional(SALES) == {"variant"}
    newest = {"removed_orders", "forgotten_customers"}
    assert layouts.younger(frozenset({"sales"})) == {
        *("costs", "profiles", "rates"),
        "customer_days",
        *newest,
    }
    assert layouts.younger(frozenset({"costs"})) == {"customer_days", *newest}
    assert layouts.younger(frozenset({"costs", "customer_days"})) == newest
    assert layouts.younger(frozenset({"costs", "customer_days", "removed_orders"})) == frozenset()
