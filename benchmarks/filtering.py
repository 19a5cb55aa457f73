"""A filter changes on a shop of a million order lines: Overview redrawn.

What is measured is a change. The page has been seen under another address, so what no filter
touches is there: what customers are by the period's end, the whole shop's targets. Under the new
filter nothing is: each run opens the shop's file anew and has never answered it. The first visit is
measured beside it, without a goal: there nothing is there at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from benchmarks.measuring import Figure, middle
from benchmarks.million import LAST, SHOP, batch
from benchmarks.rooms import Room, opened
from benchmarks.visiting import Visitor, arrive, parts_of_overview, through_flask
from commands.serve import settle
from dashboard.build import build_server

LINES, QUICK_LINES = 1_000_000, 6_000
GOAL_MS = 600.0
PERIOD = {"shop": SHOP.shop_id, "from": "2026-10-20", "to": LAST.isoformat()}
ALL: Mapping[str, str] = {}
# What is measured, the filters before and after, and its goal.
CHANGES: tuple[tuple[str, Mapping[str, str] | None, Mapping[str, str], float | None], ...] = (
    ("the first visit", None, ALL, None),
    ("to a country", ALL, {"country": "DE"}, GOAL_MS),
    ("to a channel", ALL, {"channel": "email"}, GOAL_MS),
    ("to a product type", ALL, {"product_type": "Lighting"}, GOAL_MS),
    ("back to all", {"country": "DE"}, ALL, GOAL_MS),
)


def run(room: Room) -> list[Figure]:
    services = opened(room.folder / "million")
    try:
        services.warehouse.merge(batch(QUICK_LINES if room.quick else LINES))
    finally:
        services.close()
    return [_measured(room, *change) for change in CHANGES[: 2 if room.quick else None]]


def _measured(
    room: Room,
    name: str,
    before: Mapping[str, str] | None,
    after: Mapping[str, str],
    goal: float | None,
) -> Figure:
    here = _Here(room)
    cold = middle(lambda: here.see(after), room.runs, lambda: here.anew(before)).cpu
    warm = middle(lambda: here.see(after), room.runs).cpu
    here.leave()
    title = f"Overview, {name}"
    return Figure(title, 1000 * cold, "ms CPU", 1000 * warm, "the same from the cache", goal)


class _Here:
    """A visitor of the shop, in a server that can be started anew."""

    def __init__(self, room: Room) -> None:
        self._folder = room.folder / "million"
        self._services = opened(self._folder)
        self._visitor: Visitor | None = None

    def anew(self, seen: Mapping[str, str] | None) -> None:
        """Start the server again and see a page there; without one, no more than its head, because
        Dash prepares itself at a server's first request."""
        self._services.close()
        self._services = opened(self._folder)
        server = build_server(self._services)
        settle()
        self._visitor = arrive(through_flask(server), self._services.records)
        if seen is None:
            self._visitor.ask(self._visitor.part("head", _search({"cmp": "none"})))
        else:
            self.see(seen)

    def see(self, filters: Mapping[str, str]) -> None:
        if self._visitor is None:
            raise RuntimeError("nobody has come yet")
        self._visitor.page(parts_of_overview(), _search(filters))

    def leave(self) -> None:
        self._services.close()


def _search(more: Mapping[str, str]) -> str:
    return f"?{urlencode({**PERIOD, **more})}"
