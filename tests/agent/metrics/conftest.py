from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest

from agent.cache import MemoryCache
from agent.metrics.engine import Engine
from agent.metrics.frames import Frame
from agent.metrics.questions import Question
from tests import almas_tea
from tests.clock import FrozenClock

Ask = Callable[[str], Frame]
TODAY = date(2026, 11, 17)
TWINS = ["duckdb", pytest.param("postgres", marks=pytest.mark.server)]


@pytest.fixture(scope="module", params=TWINS)
def tea(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Alma's Tea in each real warehouse, to be read only: one for all tests of a module."""
    with empty(request, tmp_path_factory) as warehouse:
        warehouse.merge(almas_tea.batch())
        warehouse.merge(almas_tea.beside())
        yield warehouse


@contextmanager
def empty(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """The warehouse that a fixture with the parameters TWINS is asked for, without rows."""
    from agent.warehouse.duckdb import DuckDBWarehouse
    from agent.warehouse.postgres import PostgresWarehouse

    if request.param == "duckdb":
        warehouse: Any = DuckDBWarehouse(tmp_path_factory.mktemp("w") / "w.duckdb")
        yield warehouse
        warehouse.close()
        return
    with request.getfixturevalue("postgres_server").database() as url:
        warehouse = PostgresWarehouse(url)
        yield warehouse
        warehouse.close()


@pytest.fixture
def engine(tea: Any, clock: FrozenClock) -> Engine:
    return Engine(tea, MemoryCache(), clock)


@pytest.fixture
def fresh(warehouse: Any) -> Any:
    """Alma's Tea in a warehouse of this test's own, one test a twin."""
    warehouse.merge(almas_tea.batch())
    warehouse.merge(almas_tea.beside())
    return warehouse


@pytest.fixture
def ask(engine: Engine) -> Ask:
    """Answers the address bar's text; without a comparison unless it asks for one."""

    def answer(text: str) -> Frame:
        compare = "" if "cmp=" in text else "&cmp=none"
        return engine.answer(Question.parse(text + compare, TODAY, (almas_tea.SHOP.shop_id,)))

    return answer
