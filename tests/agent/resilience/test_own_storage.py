from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from agent.resilience.own_storage import SWEPT_SECONDS, OwnStorage
from tests.agent.resilience.conftest import Ticking


@pytest.fixture
def storage(ticking: Ticking) -> OwnStorage:
    return OwnStorage(ticking.now)


def test_a_window_moves(storage: OwnStorage, ticking: Ticking) -> None:
    begun = ticking.now()
    assert storage.get_moving_window("a", 2, 10) == (begun, 0)
    assert storage.acquire_entry("a", 2, 10)
    ticking.clock.advance(6)
    assert storage.acquire_entry("a", 2, 10)
    assert not storage.acquire_entry("a", 2, 10)
    assert storage.get_moving_window("a", 2, 10) == (begun, 2)
    ticking.clock.advance(4.001)
    assert storage.get_moving_window("a", 2, 10) == (begun + 6, 1)
    assert storage.acquire_entry("a", 2, 10)
    assert not storage.acquire_entry("a", 2, 10)


def test_several_at_once_or_none(storage: OwnStorage) -> None:
    assert storage.acquire_entry("a", 5, 10, amount=3)
    assert not storage.acquire_entry("a", 5, 10, amount=3)
    assert storage.acquire_entry("a", 5, 10, amount=2)


def test_those_who_come_no_more_are_forgotten(storage: OwnStorage, ticking: Ticking) -> None:
    for key in range(100):
        storage.acquire_entry(f"{key}", 5, 10)
    storage.acquire_entry("long", 5, 3600)
    ticking.clock.advance(SWEPT_SECONDS)
    storage.acquire_entry("new", 5, 10)
    assert set(storage._taken) == {"long", "new"}
    assert storage.reset() == 2
    assert storage.get_moving_window("long", 5, 3600)[1] == 0


def test_one_can_be_cleared(storage: OwnStorage) -> None:
    storage.acquire_entry("a", 1, 10)
    storage.clear("a")
    storage.clear("never there")
    assert storage.acquire_entry("a", 1, 10)


def test_many_threads_take_no_more_than_there_is(storage: OwnStorage) -> None:
    together = threading.Barrier(8)

    def take(_: int) -> int:
        together.wait(60)
        return sum(storage.acquire_entry("a", 100, 3600) for _ in range(50))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 100


def test_it_starts_no_thread(storage: OwnStorage) -> None:
    before = threading.active_count()
    storage.acquire_entry("a", 5, 10)
    assert threading.active_count() == before
