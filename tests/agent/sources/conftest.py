"""An empty warehouse to import into, and files written for one test."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from agent.metrics.catalogue import METRICS
from agent.metrics.metric import Metric
from agent.sources.base import ImportOptions, ImportSummary, Progress
from agent.sources.ingest import import_file
from agent.warehouse import schema
from tests.clock import FrozenClock


@dataclass(frozen=True)
class Folder:
    data_dir: Path


@dataclass(frozen=True)
class Desk:
    """What an import needs of the services, and shortcuts to look at what it left."""

    warehouse: Any
    clock: FrozenClock
    settings: Folder
    steps: list[Progress] = field(default_factory=list)
    records: Any = None

    def catalogue(self) -> Mapping[str, Metric]:
        return METRICS

    def take(self, path: Path, options: ImportOptions) -> ImportSummary:
        return import_file(self, path, options, self.steps.append)

    def rows(self, table: sa.Table, *order: str) -> list[dict[str, Any]]:
        columns = [c for c in table.columns if c.name != "batch_id"]
        statement = sa.select(*columns).order_by(*(table.c[name] for name in order))
        return list(self.warehouse.read(statement).to_pylist())

    def sales(self) -> list[dict[str, Any]]:
        return self.rows(schema.SALES, "sale_id")

    def orders(self) -> dict[str, dict[str, Any]]:
        return {row["order_id"]: row for row in self.rows(schema.ORDERS, "order_id")}

    def products(self) -> dict[str, dict[str, Any]]:
        return {row["product_id"]: row for row in self.rows(schema.PRODUCTS, "product_id")}

    def everything(self, shop_id: str) -> list[dict[str, Any]]:
        """All rows that a shop's numbers come from, without its name and the revisions."""
        rows = self.sales() + self.rows(schema.ORDERS, "shop_id", "order_id")
        own = [row for row in rows if row["shop_id"] == shop_id]
        return [{k: v for k, v in r.items() if k not in {"revision", "shop_id"}} for r in own]


@pytest.fixture
def desk(duckdb_warehouse: Any, clock: FrozenClock, tmp_path: Path) -> Desk:
    return Desk(duckdb_warehouse, clock, Folder(tmp_path / "app"))


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[..., Path]:
    """Writes rows as CSV: sheet(header, rows, name="orders.csv")."""

    def write(
        header: Sequence[str], rows: Iterable[Sequence[Any]], name: str = "orders.csv"
    ) -> Path:
        path = tmp_path / name
        with path.open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(header)
            out.writerows(rows)
        return path

    return write
