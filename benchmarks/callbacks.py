"""CPU of a signed-in POST that draws a part of Overview, beside a bare Flask route that returns as
many bytes."""

from __future__ import annotations

from dataclasses import replace

import flask
from flask import g

from agent.cache import MemoryCache
from agent.metrics.engine import Engine
from agent.records.roles import Role
from agent.services import Services
from benchmarks.measuring import Figure, middle
from benchmarks.rooms import FIRST, LAST, Room, opened
from benchmarks.visiting import UPDATE, Visitor, arrive, parts_of_overview, through_flask
from dashboard.build import build_server
from dashboard.callbacks.parts import drawn
from dashboard.components.markup import frozen
from dashboard.pages import PAGES
from dashboard.routes.people import Person

GOES = 10
GOAL_MS = 5.0


def run(room: Room) -> list[Figure]:
    services = opened(room.retail("callbacks"))
    search = f"?from={FIRST}&to={LAST}"
    try:
        visitor = arrive(through_flask(build_server(services)), services.records)
        out = []
        for name in parts_of_overview():
            body = visitor.part(name, search)
            content = visitor.ask(body)
            _drawn(name, content)
            warm = middle(lambda b=body: visitor.ask(b), room.runs, times=GOES).cpu  # type: ignore[misc]
            floor = _constant(room, body, content)
            title = f"{name}, warm, {len(content):,} bytes"
            out.append(Figure(title, 1000 * warm, "ms CPU", 1000 * floor, "bare Flask route"))
        whole = 1000 * _whole(room, visitor, search)
        drawing = _drawing(room, services, search)
    finally:
        services.close()
    floors = sum(f.floor or 0 for f in out)
    return [
        *out,
        *drawing,
        Figure(
            "a part of the page, warm", whole / len(parts_of_overview()), "ms CPU", goal=GOAL_MS
        ),
        Figure("whole page in one request, warm", whole, "ms CPU", floors, "a bare route a part"),
        Figure("whole page, cold", 1000 * _cold(room, search), "ms CPU", whole, "warm"),
    ]


def _whole(room: Room, visitor: Visitor, search: str) -> float:
    names = parts_of_overview()
    return middle(lambda: visitor.page(names, search), room.runs, times=GOES).cpu


def _drawing(room: Room, services: Services, search: str) -> list[Figure]:
    """What our own code takes of it: reading the address, asking, drawing and writing, without
    Flask and Dash around it. The goal is for this part."""
    out = []
    page = PAGES["/"]
    with build_server(services).test_request_context("/"):
        g.person = Person("benchmark", Role.ADMIN, "cookie", "Benchmark")
        for name in parts_of_overview():

            def draw(name: str = name) -> None:
                frozen(drawn(services, page, name, search)[0])

            draw()
            spent = 1000 * middle(draw, room.runs, times=GOES).cpu
            out.append(Figure(f"{name}, warm, drawn", spent, "ms CPU", goal=GOAL_MS))
    return out


def _cold(room: Room, search: str) -> float:
    """All parts with an empty cache, libraries loaded: a page after figures have changed."""
    kept = opened(room.retail("callbacks-cold"))
    try:
        fresh = []
        for _ in range(room.runs):
            engine = Engine(kept.warehouse, MemoryCache(), kept.clock)
            services = replace(kept, engine=engine)
            visitor = arrive(through_flask(build_server(services)), services.records)
            fresh.append(visitor)
        # Dash prepares itself at a server's first request.
        for visitor in fresh:
            visitor.ask(visitor.part("head", search))
        waiting = iter(fresh)
        return middle(lambda: next(waiting).page(parts_of_overview(), search), room.runs).cpu
    finally:
        kept.close()


def _constant(room: Room, body: bytes, content: bytes) -> float:
    bare = flask.Flask("bare")

    @bare.post(UPDATE)
    def constant() -> flask.Response:
        return flask.Response(content, content_type="application/json")

    send = through_flask(bare)
    return middle(lambda: send("POST", UPDATE, {}, body), room.runs, times=GOES).cpu


def _drawn(name: str, content: bytes) -> None:
    """A part that failed is drawn quickly: that is not to be measured."""
    if len(content) < 50:
        raise RuntimeError(f"the part {name} came back empty")
