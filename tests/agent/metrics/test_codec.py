"""Frames read from the cache's bytes: each once, the newest few kept, never another's."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from agent.cache import MemoryCache
from agent.metrics import codec
from agent.metrics.engine import Engine
from agent.metrics.frames import Frame
from agent.metrics.questions import Ask, Scope
from agent.ports import Warehouse
from tests import almas_tea
from tests.clock import FrozenClock


@pytest.fixture
def frame(duckdb_warehouse: Warehouse, clock: FrozenClock) -> Frame:
    duckdb_warehouse.merge(almas_tea.batch())
    scope = Scope((almas_tea.SHOP.shop_id,), date(2026, 11, 1), date(2026, 11, 16))
    asked = Ask(("net_sales", "orders"), ("day",)).within(scope)
    return Engine(duckdb_warehouse, MemoryCache(), clock).answer(asked)


def test_the_same_bytes_are_read_once(frame: Frame) -> None:
    kept, content = codec.Kept(), codec.dump(frame)
    assert kept.load("a", content) is kept.load("a", bytes(bytearray(content)))
    assert kept.load("a", content).totals == frame.totals


def test_other_bytes_under_the_same_key_are_read_anew(frame: Frame) -> None:
    kept = codec.Kept()
    with_comparison, alone = codec.dump(frame.compared_with(frame)), codec.dump(frame)
    first, second = kept.load("a", with_comparison), kept.load("a", alone)
    assert first is not second
    assert kept.load("a", alone) is second


def test_only_the_newest_few_stay_and_nothing_large(frame: Frame) -> None:
    content = codec.dump(frame)
    few, small = codec.Kept(frames=2), codec.Kept(size=len(content) - 1)
    first = few.load("a", content)
    few.load("b", content), few.load("c", content)
    assert few.load("a", content) is not first
    assert small.load("a", content) is not small.load("a", content)


def test_what_is_read_of_a_shared_frame_changes_for_nobody_else(frame: Frame) -> None:
    frame.values("orders").clear()
    assert len(frame.values("orders")) == len(frame)
    with pytest.raises(ValueError, match="read-only"):
        frame.array("orders")[0] = 7.0
    assert np.array_equal(frame.array("orders"), frame.array("orders"))
