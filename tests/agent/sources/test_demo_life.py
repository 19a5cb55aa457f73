"""The demo shop in a warehouse: filled, and living on."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pytest
import sqlalchemy as sa

from agent.records import open_records
from agent.sources import demo
from agent.sources.demo_shop.days import as_day
from agent.sources.demo_shop.story import Story, thanksgiving
from agent.warehouse import schema
from tests.clock import START, FrozenClock

NAMES = ("orders", "sales", "products", "sessions", "spend", "inventory", "events", "costs")
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def living(duckdb_warehouse: Any, clock: FrozenClock, tmp_path: Path) -> Iterator[Any]:
    """What the demo shop asks of the services: a warehouse, records and a clock."""
    records = open_records(f"sqlite:///{tmp_path / 'records.sqlite'}", clock)
    yield SimpleNamespace(warehouse=duckdb_warehouse, clock=clock, records=records)
    records.close()


def told(warehouse: Any, name: str) -> pa.Table:
    """A table's rows as a source gives them."""
    table = schema.METADATA.tables[name]
    columns = [table.c[field.name] for field in schema.arrow_schema(table)]
    return warehouse.read(sa.select(*columns))


def in_order(name: str, rows: pa.Table) -> pa.Table:
    table = schema.METADATA.tables[name]
    keys = [(column.name, "ascending") for column in table.primary_key.columns]
    return rows.cast(schema.arrow_schema(table)).sort_by(keys).combine_chunks()


@pytest.mark.parametrize("today", [date(2026, 12, 6), date(2026, 3, 9), date(2025, 2, 28)])
def test_other_days_have_a_shop_too(today: date) -> None:
    tables = demo.build(today)
    assert 55_000 < tables["orders"].num_rows < 72_000
    assert tables["orders"]["local_date"].combine_chunks()[-1].as_py() == today
    fault = as_day(Story(today, demo.SEED).fault_day)
    assert not thanksgiving(fault.year) <= fault <= thanksgiving(fault.year) + timedelta(days=4)


def test_fill_is_small_and_idempotent(living: Any) -> None:
    warehouse = living.warehouse
    steps: list[Any] = []
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    merged = demo.fill(living, steps.append)
    # What the shop takes on top of everything that this test run has loaded before.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 700_000
    assert not merged.already and merged.inserted["orders"] > 55_000
    assert steps[-1].done == steps[-1].total
    versions = warehouse.versions((demo.SHOP.shop_id,))
    again = demo.fill(living, steps.append)
    assert again.already and warehouse.versions((demo.SHOP.shop_id,)) == versions
    assert warehouse.shops() == (demo.SHOP,)
    assert "net_sales" in living.records.targets.all(demo.SHOP.shop_id)
    known = living.records.events.all(demo.SHOP.shop_id)
    today = living.clock.now().date()
    assert {one.kind for one in known} == {"promotion"}
    assert any(one.first > today for one in known) and any(one.last < today for one in known)


def test_ticks_write_what_a_later_build_holds(living: Any, clock: FrozenClock) -> None:
    """Few seconds, an hour, a night, a week's pause, over midnights and a stock-out's end."""
    assert demo.tick(living) == 0
    demo.fill(living, lambda progress: None)
    for pause in (5, 130, 3600, 45, 60_000, 86_400 * 7, 600, 40_000, 86_400 * 3, 25_000):
        clock.advance(seconds=pause)
        demo.tick(living)
        assert demo.tick(living) == 0
    written = 0
    for _ in range(12):
        clock.advance(minutes=3)
        written += demo.tick(living)
    assert written > 10
    until = demo.build(clock.now(), anchor=START.astimezone(NEW_YORK).date())
    for name in NAMES:
        rows = in_order(name, told(living.warehouse, name))
        assert rows.equals(in_order(name, until[name])), name
    back = until["events"].filter(pc.equal(until["events"]["revision"], 2)).to_pylist()
    assert any(row["title"] == "Out of stock: Walnut sideboard" for row in back)
