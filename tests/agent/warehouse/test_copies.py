"""Backups restore into either warehouse, whole or not at all."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agent.errors import BadFile, NotFound, Refused
from agent.ports import Warehouse
from agent.warehouse.schema import METADATA
from tests.agent.warehouse.shop import (
    ALMA,
    BRUNO,
    at,
    batch,
    customers,
    everything,
    order,
    product,
    sale,
)


def fill(warehouse: Warehouse) -> None:
    warehouse.merge(
        batch(
            "a",
            orders=[
                order("1", "anna", "2026-03-01T10:00:00.123456", country="DE"),
                order("2", "anna", "2026-03-02T10:00", placed=False, city=""),
            ],
            sales=[sale("1a", "1", "99999999999999.0001", unit_cost=Decimal("0.0001"))],
            products=[product("x", 'a,"b"\nü', vendor="")],
        )
    )
    warehouse.merge(batch("b", BRUNO, orders=[order("1", "ben", "2026-03-01T10:00")]))


def without_versions(warehouse: Warehouse) -> dict[str, list[dict[str, Any]]]:
    return {name: rows for name, rows in everything(warehouse).items() if name != "table_versions"}


def test_a_backup_restores_what_was_there(warehouse: Warehouse, tmp_path: Path) -> None:
    fill(warehouse)
    before, noted = without_versions(warehouse), warehouse.batches()
    warehouse.backup(str(tmp_path / "copy"))
    warehouse.merge(batch("c", orders=[order("3", "cleo", "2026-03-03T10:00")]))
    warehouse.drop_shop(BRUNO.shop_id)
    warehouse.restore(str(tmp_path / "copy"))
    assert without_versions(warehouse) == before
    assert warehouse.batches() == noted
    assert customers(warehouse) == [
        ("anna", "2026-03-01 10:00", None, 1),
        ("ben", "2026-03-01 10:00", None, 1),
    ]


def test_versions_after_a_restore_were_never_seen_before(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    fill(warehouse)
    warehouse.backup(str(tmp_path / "copy"))
    for turn in range(3):
        warehouse.merge(batch(f"c{turn}", sales=[sale(f"c{turn}", "1", "1")]))
    assert warehouse.versions((ALMA.shop_id,))["sales"] == 4
    warehouse.restore(str(tmp_path / "copy"))
    after = warehouse.versions((ALMA.shop_id,))
    assert (after["sales"], after["orders"], after["spend"]) == (5, 2, 0)


@pytest.mark.server
@pytest.mark.parametrize("way", ["there", "back"])
def test_one_warehouse_restores_what_the_other_wrote(
    duckdb_warehouse: Warehouse, postgres_warehouse: Warehouse, tmp_path: Path, way: str
) -> None:
    source, target = duckdb_warehouse, postgres_warehouse
    if way == "back":
        source, target = target, source
    fill(source)
    source.backup(str(tmp_path / "copy"))
    target.merge(batch("old", products=[product("old", "Old")]))
    target.restore(str(tmp_path / "copy"))
    assert without_versions(target) == without_versions(source)
    assert target.batches() == source.batches()
    assert target.merge(batch("a", sales=[])).already


def damage_cut(folder: Path) -> None:
    whole = (folder / "sales.parquet").read_bytes()
    (folder / "sales.parquet").write_bytes(whole[: len(whole) // 2])


def damage_missing(folder: Path) -> None:
    (folder / "table_versions.parquet").unlink()


def damage_columns(folder: Path) -> None:
    pq.write_table(pa.table({"shop_id": ["x"]}), folder / "products.parquet")


def damage_inside(folder: Path) -> None:
    """The footer is whole, the pages are not: only reading the rows finds it."""
    path = folder / "sales.parquet"
    whole = bytearray(path.read_bytes())
    whole[4 : len(whole) // 3] = bytes(len(whole) // 3 - 4)
    path.write_bytes(whole)


@pytest.mark.parametrize("damage", [damage_cut, damage_missing, damage_columns, damage_inside])
def test_a_damaged_backup_changes_nothing(
    warehouse: Warehouse, tmp_path: Path, damage: Any
) -> None:
    fill(warehouse)
    folder = tmp_path / "copy"
    warehouse.backup(str(folder))
    warehouse.merge(batch("c", sales=[sale("9", "1", "1", when="2026-05-01T00:00")]))
    before = everything(warehouse)
    damage(folder)
    with pytest.raises(BadFile):
        warehouse.restore(str(folder))
    assert everything(warehouse) == before
    warehouse.merge(batch("d", sales=[sale("10", "1", "1")]))


def test_a_backup_goes_only_into_an_empty_folder(
    duckdb_warehouse: Warehouse, tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(Refused, match="not empty"):
        duckdb_warehouse.backup(str(tmp_path))
    with pytest.raises(NotFound, match="nowhere"):
        duckdb_warehouse.restore(str(tmp_path / "nowhere"))


def test_the_files_can_be_read_by_anything_that_reads_parquet(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    fill(warehouse)
    warehouse.backup(str(tmp_path / "copy"))
    orders = pq.read_table(tmp_path / "copy" / "orders.parquet").sort_by("local_at").to_pylist()
    assert orders[1]["local_at"] == at("2026-03-01T10:00:00.123456")
    assert sorted(path.suffix for path in (tmp_path / "copy").iterdir()) == [".parquet"] * len(
        METADATA.tables
    )
