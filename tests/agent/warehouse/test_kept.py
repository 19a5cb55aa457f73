"""Rows that the DuckDB file's process keeps in memory for many statements."""

from __future__ import annotations

import gc
from typing import Any

import pytest
import sqlalchemy as sa

from agent.warehouse import kept, reading
from agent.warehouse.duckdb import DuckDBWarehouse
from agent.warehouse.schema import SALES
from tests.agent.warehouse.shop import batch, sale

THERE = "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'kept'"


@pytest.fixture
def shop(duckdb_warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
    duckdb_warehouse.merge(batch("a", sales=[sale(f"{n}", "1", "1.50") for n in range(5)]))
    return duckdb_warehouse


def rows(order: str = "1") -> sa.CTE:
    chosen = sa.select(SALES.c.sale_id, SALES.c.gross).where(SALES.c.order_id == order)
    return chosen.cte("some")


def summed(warehouse: Any, table: Any) -> Any:
    statement = sa.select(sa.cast(sa.func.sum(table.c.gross), sa.Numeric(38, 4)).label("gross"))
    return warehouse.read(statement).column(0)[0].as_py()


def tables(warehouse: DuckDBWarehouse) -> int:
    found: Any = warehouse._database.cursor().execute(THERE).fetchone()
    return int(found[0])


def test_the_same_rows_are_kept_once_and_read_from_there(shop: DuckDBWarehouse) -> None:
    first, again = shop.kept(rows()), shop.kept(rows())
    assert first is not None
    assert again is not None
    assert first.element is again.element  # type: ignore[attr-defined]
    assert tables(shop) == 1
    assert summed(shop, first) == 7.5
    assert "kept." in shop.sql(sa.select(first.c.gross))
    shop.kept(rows("2"))
    assert tables(shop) == 2


def test_a_write_makes_them_anew(shop: DuckDBWarehouse) -> None:
    before = shop.kept(rows())
    shop.merge(batch("b", sales=[sale("9", "1", "2.50")]))
    after = shop.kept(rows())
    assert (summed(shop, before), summed(shop, after)) == (7.5, 10)


def test_too_many_rows_are_not_kept_and_that_is_remembered(
    shop: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST", 2 * 4)
    assert shop.kept(rows()) is None
    assert tables(shop) == 0
    monkeypatch.setattr(kept, "MOST", 2 * 5)
    assert shop.kept(rows()) is None
    shop.merge(batch("b", sales=[sale("9", "2", "1")]))
    assert shop.kept(rows()) is not None


def test_a_table_leaves_once_nobody_can_ask_it(shop: DuckDBWarehouse) -> None:
    shop._rows._relations._size = 2 * kept.EACH + 50
    first = shop.kept(rows())
    assert first is not None
    statement = sa.select(sa.func.count(first.c.gross).label("n"))
    del first
    for order in "234":
        shop.kept(rows(order))
    # Two are kept; the first is still there for who has a statement of it.
    there = tables(shop)
    assert shop.read(statement).column(0)[0].as_py() == 5
    del statement
    reading.compiled.cache_clear()
    gc.collect()
    shop.kept(rows("5"))
    # One came; the first, and one that stood in nothing any more, have left.
    assert tables(shop) == there - 1


def test_a_second_warehouse_on_the_same_file_keeps_its_own(shop: DuckDBWarehouse) -> None:
    other = DuckDBWarehouse(shop.path)
    try:
        assert summed(other, other.kept(rows())) == summed(shop, shop.kept(rows())) == 7.5
    finally:
        other.close()
    assert summed(shop, shop.kept(rows())) == 7.5
