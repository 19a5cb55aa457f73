"""A filter changes on a shop of a million order lines: Overview redrawn, every figure read anew."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from agent.cache import MemoryCache
from agent.metrics.engine import Engine
from agent.services import Services
from benchmarks.measuring import Figure, middle
from benchmarks.million import LAST, SHOP, batch
from benchmarks.rooms import Room, opened
from benchmarks.visiting import Visitor, arrive, parts_of_overview, through_flask
from dashboard.build import build_server

LINES, QUICK_LINES = 1_000_000, 6_000
GOAL_MS = 600.0
PERIOD = {"shop": SHOP.shop_id, "from": "2026-10-20", "to": LAST.isoformat()}
CHANGES = {
    "no filter": {},
    "a country": {"country": "DE"},
    "a channel": {"channel": "email"},
    "a product type": {"product_type": "Lighting"},
}


def run(room: Room) -> list[Figure]:
    services = opened(room.folder / "million")
    try:
        services.warehouse.merge(batch(QUICK_LINES if room.quick else LINES))
        return [_measured(room, services, *change) for change in CHANGES.items()]
    finally:
        services.close()


def _measured(room: Room, kept: Services, name: str, filters: dict[str, str]) -> Figure:
    search = f"?{urlencode(PERIOD | filters)}"
    waiting = iter([_fresh(kept) for _ in range(room.runs)])

    def redraw() -> None:
        next(waiting).page(parts_of_overview(), search)

    cold = 1000 * middle(redraw, room.runs).cpu
    visitor = _fresh(kept)
    visitor.page(parts_of_overview(), search)
    warm = 1000 * middle(lambda: visitor.page(parts_of_overview(), search), room.runs).cpu
    return Figure(f"Overview, {name}", cold, "ms CPU", warm, "the same from the cache", GOAL_MS)


def _fresh(kept: Services) -> Visitor:
    """A visitor of a server with an empty cache."""
    engine = Engine(kept.warehouse, MemoryCache(), kept.clock)
    services = replace(kept, engine=engine)
    visitor = arrive(through_flask(build_server(services)), services.records)
    # Dash prepares itself at a server's first request.
    visitor.ask(visitor.part("head", f"?{urlencode(PERIOD | {'cmp': 'none'})}"))
    return visitor
