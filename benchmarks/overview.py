"""Overview's questions through the engine, cold and warm, beside their own SQL run bare."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb

from agent import insights
from agent.cache import MemoryCache
from agent.metrics.engine import Engine
from agent.metrics.frames import Frame
from agent.metrics.questions import Question, Scope
from agent.services import Services
from benchmarks.measuring import Figure, middle
from benchmarks.rooms import FIRST, LAST, Room, opened
from dashboard.pages.overview import PAGE, figures

GOAL_COLD_MS, GOAL_WARM_MS = 250.0, 10.0
GOES = 20
"""Warm answers are too short to be measured one by one."""


@dataclass(frozen=True)
class Ask:
    """One panel's questions, its second one included."""

    name: str
    questions: tuple[Question, ...]


def run(room: Room) -> list[Figure]:
    data = room.retail("overview")
    bare_file = room.folder / "bare.duckdb"
    shutil.copyfile(data / "warehouse.duckdb", bare_file)
    services = opened(data)
    spans = {"a year": FIRST, "28 days": LAST - timedelta(days=27)}
    try:
        found = []
        for name, start in spans.items():
            scope = services.scope({"from": start.isoformat(), "to": LAST.isoformat()})
            found += _measured(room, services, (name, scope), bare_file)
    finally:
        services.close()
    return found


def _measured(
    room: Room, services: Services, span: tuple[str, Scope], bare_file: Path
) -> list[Figure]:
    name, scope = span
    asks = asked(services, scope)
    everything = Ask(
        "whole page", tuple(dict.fromkeys(question for ask in asks for question in ask.questions))
    )
    out = []
    with duckdb.connect(str(bare_file), read_only=True) as bare:
        for ask in (*asks, everything):
            frames = [services.answer(question) for question in ask.questions]
            floor = 1000 * middle(lambda f=frames: _bare(bare, f), room.runs).cpu  # type: ignore[misc]
            whole = ask is everything
            cold = 1000 * _cold(room, services, ask)
            goal = GOAL_COLD_MS if whole else None
            out.append(Figure(f"{name}, {ask.name}, cold", cold, "ms CPU", floor, "bare SQL", goal))
            warm = 1000 * _warm(room, services, ask)
            goal = None if whole else GOAL_WARM_MS
            out.append(Figure(f"{name}, {ask.name}, warm", warm, "ms CPU", floor, "bare SQL", goal))
    return out


def asked(services: Services, scope: Scope) -> list[Ask]:
    """Every question that drawing Overview asks, part by part."""
    lead: list[Question] = []

    def noted(question: Question) -> Frame:
        lead.append(question)
        return services.answer(question)

    insights.lead(noted, scope, services.shop(scope.shops[0]))
    found = [Ask("lead", tuple(lead))]
    for panel in (figures(), *PAGE.panels):
        if panel.listed is not None:
            continue
        within = panel.scope(scope)
        first = panel.ask(within).within(within)
        further = panel.more.ask(services.answer(first), within) if panel.more else None
        found.append(Ask(panel.id, (first, further) if further else (first,)))
    return found


def _cold(room: Room, services: Services, ask: Ask) -> float:
    """CPU seconds with nothing in the cache: questions that a page asks twice are read once."""
    engines: list[Engine] = []

    def fresh() -> None:
        engines.append(Engine(services.warehouse, MemoryCache(), services.clock))

    return middle(lambda: _answer(engines[-1].answer, ask), room.runs, before=fresh).cpu


def _warm(room: Room, services: Services, ask: Ask) -> float:
    _answer(services.answer, ask)
    return middle(lambda: _answer(services.answer, ask), room.runs, times=GOES).cpu


def _answer(answer: Callable[[Question], Frame], ask: Ask) -> None:
    for question in ask.questions:
        answer(question)


def _bare(database: duckdb.DuckDBPyConnection, frames: list[Frame]) -> None:
    """What the receipts say was run, on DuckDB alone."""
    for frame in frames:
        for one in (frame, frame.previous):
            for text in one.receipt.sql if one else ():
                database.execute(text).to_arrow_table()
