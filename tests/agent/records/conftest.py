"""Records on both databases, with a password hash that costs next to nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from agent.records import Records, open_records
from agent.records.passwords import Passwords
from tests.clock import FrozenClock

CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.server)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty records database, of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/records.sqlite"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def opened(clock: FrozenClock) -> Iterator[Callable[[str], Records]]:
    """Opens records as often as asked; closes them all."""
    everything: list[Records] = []

    def open_them(url: str) -> Records:
        everything.append(open_records(url, clock, CHEAP))
        return everything[-1]

    yield open_them
    for records in everything:
        records.close()


@pytest.fixture
def records(database_url: str, opened: Callable[[str], Records]) -> Records:
    return opened(database_url)
