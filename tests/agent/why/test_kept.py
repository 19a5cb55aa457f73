"""An explanation is worked out once for the same figures, and stands while nothing answers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from agent.asking import asking
from agent.errors import Refused, Throttled, Unavailable
from agent.metrics.engine import Engine
from agent.metrics.questions import Ask
from agent.records.events import Event
from agent.services import Services
from agent.why import kept
from agent.why.kept import explain
from agent.why.matching import Holiday
from tests import almas_tea
from tests.clock import FrozenClock

SHOP = almas_tea.SHOP
PERIOD = f"shop={SHOP.shop_id}&from=2026-11-01&to=2026-11-16"


@pytest.fixture
def tea(services: Services) -> Services:
    services.warehouse.merge(almas_tea.batch())
    return services


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The leaves that were read."""
    real, seen = Engine.cells, list[Any]()

    def cells(engine: Engine, question: Any) -> Any:
        seen.append(question)
        return real(engine, question)

    monkeypatch.setattr(Engine, "cells", cells)
    return seen


def test_it_is_asked_once_until_something_changes(tea: Services, asked: list[Any]) -> None:
    scope = tea.scope(PERIOD)
    first = explain(tea, scope, "net_sales")
    frame = tea.answer(Ask(("net_sales",)).within(scope))
    assert first.moved == frame.total("net_sales") - frame.before("net_sales")
    count = len(asked)
    assert count
    assert explain(tea, scope, "net_sales") == first
    assert len(asked) == count
    days = date(2026, 11, 3), date(2026, 11, 4)
    tea.records.events.put(Event(SHOP.shop_id, "Autumn letter", "campaign", *days))
    again = explain(tea, scope, "net_sales")
    assert "Autumn letter" in [match.name for match in again.why.matches]
    assert len(asked) > count
    count = len(asked)
    tea.warehouse.merge(almas_tea.beside())
    assert explain(tea, scope, "net_sales").tables != first.tables
    assert len(asked) > count


def test_what_was_expected_is_kept_beside_what_was(tea: Services, asked: list[Any]) -> None:
    scope = tea.scope(PERIOD)
    plain, held = explain(tea, scope, "net_sales"), explain(tea, scope, "net_sales", 500.0)
    assert (held.why.before, held.why.after) == (500.0, plain.why.after)
    count = len(asked)
    assert explain(tea, scope, "net_sales", 500.0) == held
    assert explain(tea, scope, "net_sales") == plain
    assert len(asked) == count


def test_a_running_period_is_asked_anew(
    tea: Services, asked: list[Any], clock: FrozenClock
) -> None:
    scope = tea.scope(f"shop={SHOP.shop_id}&from=2026-11-10&to=2026-11-17")
    explain(tea, scope, "net_sales")
    count = len(asked)
    clock.advance(minutes=6)
    explain(tea, scope, "net_sales")
    assert len(asked) > count


def test_it_takes_a_turn_where_it_is_worked_out(tea: Services) -> None:
    scope, turns = tea.scope(PERIOD), list[str]()
    with asking(turns.append, "page"):
        explain(tea, scope, "net_sales")
    assert set(turns) == {"page"}
    turns.clear()
    with asking(turns.append, "page"):
        explain(tea, scope, "net_sales")
    assert turns == []

    def none_left(name: str) -> None:
        raise Throttled("Too often.")

    with asking(none_left, "page"), pytest.raises(Throttled):
        explain(tea, scope, "orders")


def test_the_last_good_one_stands_marked(tea: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    scope = tea.scope(PERIOD)
    good = explain(tea, scope, "net_sales")

    def away(*given: Any, **more: Any) -> Any:
        raise Unavailable("PostgreSQL does not answer.")

    tea.warehouse.merge(almas_tea.beside())
    monkeypatch.setattr(kept, "why", away)
    old = explain(tea, scope, "net_sales")
    assert old.why == good.why
    assert old.stale is not None
    assert (old.stale.since, old.stale.reason) == (good.made_at, "PostgreSQL does not answer.")
    with pytest.raises(Unavailable):
        explain(tea, scope, "orders")


def test_what_was_expected_stands_in_its_place(tea: Services, asked: list[Any]) -> None:
    scope = tea.scope(PERIOD)
    first = explain(tea, scope, "net_sales")
    told = explain(tea, scope, "net_sales", 1_000.0)
    assert told.why.against == "expected"
    assert told.why.before == 1_000
    assert told.moved == told.why.after - 1_000
    assert sum((one.part.change for one in told.why.segments), told.others) == told.moved
    count = len(asked)
    assert explain(tea, scope, "net_sales", 1_000.0) == told
    assert explain(tea, scope, "net_sales") == first
    assert len(asked) == count
    assert explain(tea, scope, "net_sales", 2_000.0).why.before == 2_000
    with pytest.raises(Refused):
        explain(tea, scope, "net_sales", float("nan"))


def test_holidays_are_handed_in_and_asked_for_once(tea: Services) -> None:
    spans = list[tuple[date, date]]()

    def holidays(first: date, last: date) -> list[Holiday]:
        spans.append((first, last))
        return [Holiday(date(2026, 11, 11), "Singles' Day")]

    scope = tea.scope(PERIOD)
    told = explain(tea, scope, "net_sales", None, holidays)
    assert "Singles' Day" in [match.name for match in told.why.matches]
    assert explain(tea, scope, "net_sales", None, holidays) == told
    assert spans == [(date(2026, 10, 1), date(2026, 11, 16))]


def test_without_a_comparison_it_is_refused(tea: Services) -> None:
    with pytest.raises(Refused):
        explain(tea, tea.scope(f"{PERIOD}&cmp=none"), "net_sales")
    with pytest.raises(Refused):
        explain(tea, tea.scope(PERIOD), "luck")
