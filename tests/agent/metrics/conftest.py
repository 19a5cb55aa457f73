from __future__ import annotations

from collections.abc import Callable
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


@pytest.fixture
def engine(warehouse: Any, clock: FrozenClock) -> Engine:
    """Alma's Tea in a real warehouse, one test a twin."""
    warehouse.merge(almas_tea.batch())
    return Engine(warehouse, MemoryCache(), clock)


@pytest.fixture
def ask(engine: Engine) -> Ask:
    """Answers the address bar's text for Alma's Tea; without a comparison unless it asks for
    one."""

    def answer(text: str) -> Frame:
        compare = "" if "cmp=" in text else "&cmp=none"
        return engine.answer(Question.parse(text + compare, TODAY, (almas_tea.SHOP.shop_id,)))

    return answer
