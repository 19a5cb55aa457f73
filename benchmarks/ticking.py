"""A live order on the demo shop: noticed, merged, in the daily sums."""

from __future__ import annotations

import statistics
from datetime import timedelta

import duckdb

from agent.services import Services
from agent.sources import demo
from agent.warehouse.schema import ORDERS
from benchmarks.measuring import Cost, Figure, cost
from benchmarks.rooms import Room, Standing, opened

GOAL_MS = 30.0
STEP = timedelta(seconds=30)
MOST_STEPS = 4000


def run(room: Room) -> list[Figure]:
    data, moment = room.demo("ticking")
    clock = Standing(moment)
    services = opened(data, clock)
    try:
        busy, idle = _live(services, clock, 2 if room.quick else 12)
    finally:
        services.close()
    floor = 1000 * statistics.median(_insert() for _ in range(room.runs))
    order = 1000 * statistics.median(one.cpu for one in busy)
    return [
        Figure("a tick with an order", order, "ms CPU", floor, "a bare insert", GOAL_MS),
        Figure("a tick with nothing new", 1000 * statistics.median(c.cpu for c in idle), "ms CPU"),
    ]


def _live(services: Services, clock: Standing, orders: int) -> tuple[list[Cost], list[Cost]]:
    """Costs of ticks that brought an order and of those that brought nothing, half a minute apart.
    The first ones are left out: they make the day's coming rows once."""
    busy: list[Cost] = []
    idle: list[Cost] = []
    demo.tick(services)
    before = _state(services)
    for _ in range(MOST_STEPS):
        clock.moment += STEP
        spent = cost(lambda: demo.tick(services))
        now = _state(services)
        (busy if now != before else idle).append(spent)
        before = now
        if len(busy) > orders:
            return busy[1:], idle[1:]
    raise RuntimeError(f"no {orders} orders in {MOST_STEPS * STEP}")


def _state(services: Services) -> int:
    """How often orders have changed."""
    return services.warehouse.versions((demo.SHOP.shop_id,))[ORDERS.name]


def _insert() -> float:
    """CPU seconds of one transaction with one row in each of two tables of a file-less DuckDB."""
    with duckdb.connect() as database:
        for name in ("orders", "sales"):
            database.execute(f"CREATE TABLE {name} (id VARCHAR, day DATE, amount DECIMAL(19, 4))")

        def insert() -> None:
            database.begin()
            for name in ("orders", "sales"):
                database.execute(f"INSERT INTO {name} VALUES ('1', DATE '2011-12-09', 1.25)")
            database.commit()

        insert()
        return cost(insert).cpu
