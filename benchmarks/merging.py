"""Orders into the ledger: a hundred thousand at once, and single ones into what is there then, as a
call of the platform brings them; beside the same rows inserted bare."""

from __future__ import annotations

import resource
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from agent.ports import Batch, Shop
from agent.warehouse.duckdb import DuckDBWarehouse
from agent.warehouse.schema import ORDERS, SALES, arrow_schema
from benchmarks.measuring import Cost, Figure, cost
from benchmarks.rooms import Room

SHOP = Shop("bench", "Bench", "EUR", "Europe/Berlin", "bench")
FIRST = datetime.fromisoformat("2025-01-01")
STEP = timedelta(minutes=10)
LINES = 4
AT_ONCE = 20_000
GOAL_BULK_SECONDS, GOAL_BULK_MB, GOAL_ONE_MS = 20.0, 300.0, 30.0


@dataclass(frozen=True)
class Story:
    """Orders of four ledger rows each, in the order in which they were made."""

    count: int

    def tables(self, places: Sequence[int], revision: int, price: int = 10) -> dict[str, pa.Table]:
        orders = [_order(place, revision, self.count) for place in places]
        sales = [sale for order in orders for sale in _sales(order, price)]
        return {"orders": _table(ORDERS, orders), "sales": _table(SALES, sales)}

    def batch(self, places: Sequence[int], revision: int, price: int = 10) -> Batch:
        print_ = f"{places[0]} {len(places)} {revision} {price}"
        made = self.tables(places, revision, price)
        return Batch(SHOP, "bench", print_, made, whole_orders=True)


def run(room: Room) -> list[Figure]:
    story = Story(2_000 if room.quick else 100_000)
    made = [*parts(story)]
    bare = sum(cost(lambda part=part: _bare(part)).cpu for part in made)
    warehouse = DuckDBWarehouse(room.folder / "merging.duckdb")
    try:
        return [*_bulk(warehouse, made, bare), *_single(warehouse, story, room.runs * 4)]
    finally:
        warehouse.close()


def _bulk(warehouse: DuckDBWarehouse, made: Sequence[Batch], bare: float) -> Iterator[Figure]:
    held = _memory()
    first = sum(cost(lambda part=part: warehouse.merge(part)).cpu for part in made)
    # Never nothing: something before it may have held more.
    more = max(_memory() - held, 0.1)
    rows = sum(len(part.tables["sales"]) for part in made)
    goal = GOAL_BULK_SECONDS
    yield Figure(f"{rows:,} ledger rows, new", first, "s CPU", bare, "bare insert", goal)
    again = [replace(part, fingerprint=f"again {part.fingerprint}") for part in made]
    second = sum(cost(lambda part=part: warehouse.merge(part)).cpu for part in again)
    yield Figure("the same again", second, "s CPU", first, "new")
    yield Figure("memory on top", more, "MB", goal=GOAL_BULK_MB)


def _single(warehouse: DuckDBWarehouse, story: Story, runs: int) -> Iterator[Figure]:
    warehouse.checkpoint()
    count = story.count
    kinds = {
        "an order that is new": [story.batch([count + n], 1) for n in range(runs)],
        "an order that changed": [story.batch([count // 2 + n], 2, 12) for n in range(runs)],
        "an order of a higher revision": [story.batch([count // 3 + n], 2) for n in range(runs)],
        "an order that is stored already": [story.batch([count // 5 + n], 1) for n in range(runs)],
        "an order that is older": [story.batch([count // 4 + n], 0, 9) for n in range(runs)],
    }
    bare = [cost(lambda one=one: _bare(one)).cpu for one in kinds["an order that is new"]]
    floor = 1000 * statistics.median(bare)
    for name, batches in kinds.items():
        spent: list[Cost] = [cost(lambda one=one: warehouse.merge(one)) for one in batches]
        cpu = 1000 * statistics.median(one.cpu for one in spent[1:])
        yield Figure(name, cpu, "ms CPU", floor, "bare insert", GOAL_ONE_MS)


def parts(story: Story) -> Iterator[Batch]:
    for start in range(0, story.count, AT_ONCE):
        yield story.batch(range(start, min(start + AT_ONCE, story.count)), 1)


def _bare(batch: Batch) -> None:
    """The rows of one batch into tables of their own."""
    with duckdb.connect() as database:
        for name, rows in batch.tables.items():
            database.register("arriving", rows)
            database.execute(f"CREATE TABLE {name} AS SELECT * FROM arriving")


def _order(place: int, revision: int, count: int) -> dict[str, Any]:
    dice = Random(place)
    at = FIRST + STEP * place
    return {
        "shop_id": SHOP.shop_id,
        "order_id": str(5_000_000_000_000 + place * 16_000_001),
        "name": f"#{place}",
        "customer_id": str(7_000_000_000_000 + dice.randrange(count)),
        "placed_at": at,
        "local_at": at,
        "local_date": at.date(),
        "placed": True,
        "country": dice.choice(("DE", "AT", "FR", None)),
        "channel": dice.choice(("Search", "Mail", "Direct")),
        "revision": revision,
    }


def _sales(order: dict[str, Any], price: int) -> Iterator[dict[str, Any]]:
    none = dict.fromkeys(("discount", "reversal", "tax", "shipping", "duty", "fee"), Decimal(0))
    for line in range(LINES):
        yield none | {
            "shop_id": SHOP.shop_id,
            "sale_id": f"{order['order_id']}:{line}",
            "order_id": order["order_id"],
            "line_id": str(line),
            "product_id": str(8_000_000_000_000 + line),
            "happened_at": order["placed_at"],
            "local_at": order["local_at"],
            "local_date": order["local_date"],
            "action": "ORDER",
            "line_type": "PRODUCT" if line else "SHIPPING",
            "quantity": 1,
            "gross": Decimal(price * line),
            "revision": order["revision"],
        }


def _table(table: sa.Table, rows: Sequence[dict[str, Any]]) -> pa.Table:
    schema = arrow_schema(table)
    columns = [pa.array([row.get(field.name) for row in rows], field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _memory() -> float:
    """The most that this process held so far, in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)
