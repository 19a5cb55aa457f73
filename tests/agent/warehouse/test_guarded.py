"""A warehouse that goes away: asked once a period, its lists remembered, its writers untouched."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from agent.errors import Busy, Refused, Unavailable
from agent.ports import Away
from agent.resilience import Upstreams
from agent.resilience.policies import POLICIES
from agent.warehouse.guarded import REMEMBERED, Guarded, Remembering
from tests.clock import START, FrozenClock

PAUSE = POLICIES["warehouse"].pause
SHOPS = ("almas",)
ONE = sa.select(sa.literal(1))


class Asked:
    """Answers with how often it was asked, or fails."""

    dialect = "duckdb"
    kept = None

    def __init__(self) -> None:
        self.times = 0
        self.trouble: Exception | None = None

    def _next(self) -> int:
        self.times += 1
        if self.trouble:
            raise self.trouble
        return self.times

    def read(self, statement: Any) -> pa.Table:
        return pa.table({"n": [self._next()]})

    def versions(self, shops: tuple[str, ...]) -> dict[str, int]:
        return {"sales": self._next()}

    def shops(self) -> tuple[str, ...]:
        return (f"shop {self._next()}",)

    def last_sync(self, shops: tuple[str, ...]) -> Any:
        self._next()

    def batches(self, shop_id: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
        return [{"batch_id": self._next()}]

    def merge(self, batch: str) -> str:
        return f"merged {batch} after {self._next()}"


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def guarded(asked: Any, clock: FrozenClock) -> Guarded:
    upstream = Upstreams(clock).of("warehouse")
    return Guarded(asked, lambda action: upstream.call(action, tries=1), clock)


def test_twelve_parts_of_a_page_wait_once(
    guarded: Guarded, asked: Asked, clock: FrozenClock
) -> None:
    guarded.read(ONE)
    asked.trouble = Unavailable("PostgreSQL does not answer.", hint="Start it.")
    said = []
    for _ in range(12):
        with pytest.raises(Unavailable, match=r"^PostgreSQL does not answer\.") as failed:
            guarded.read(ONE)
        said.append(failed.value.hint)
    assert asked.times == 2
    assert said[0] == "Start it."
    assert said[1:] == ["It is tried again in 5 seconds."] * 11
    assert guarded.away == Away(START, "PostgreSQL does not answer.")
    clock.advance(PAUSE)
    with pytest.raises(Unavailable):
        guarded.read(ONE)
    assert asked.times == 3
    with pytest.raises(Unavailable):
        guarded.read(ONE)
    assert asked.times == 3


def test_it_comes_back_by_itself_within_one_period(
    guarded: Guarded, asked: Asked, clock: FrozenClock
) -> None:
    asked.trouble = Unavailable("Gone.")
    with pytest.raises(Unavailable):
        guarded.versions(SHOPS)
    asked.trouble = None
    with pytest.raises(Unavailable):
        guarded.versions(SHOPS)
    clock.advance(PAUSE)
    assert guarded.versions(SHOPS) == {"sales": 2}
    assert guarded.away is None
    assert guarded.read(ONE).to_pylist() == [{"n": 3}]


@pytest.mark.parametrize(
    "answer", [Busy("Somebody else writes."), Refused("That is no question."), ValueError("a bug")]
)
def test_a_part_that_answers_is_not_away(guarded: Guarded, asked: Asked, answer: Any) -> None:
    asked.trouble = answer
    for times in (1, 2, 3):
        with pytest.raises(type(answer)):
            guarded.read(ONE)
        assert asked.times == times
    assert guarded.away is None


def test_who_writes_is_not_held_up(guarded: Guarded, asked: Asked) -> None:
    pages: Any = Remembering(guarded)
    asked.trouble = Unavailable("Gone.")
    with pytest.raises(Unavailable):
        guarded.read(ONE)
    asked.trouble = None
    assert pages.merge("a batch") == "merged a batch after 2"
    assert pages.dialect == "duckdb"
    assert pages.kept is None
    with pytest.raises(AttributeError):
        _ = pages.nothing_of_the_kind


def test_the_short_lists_are_remembered_and_figures_are_not(
    guarded: Guarded, asked: Asked, clock: FrozenClock
) -> None:
    pages: Any = Remembering(guarded)
    lists = (pages.shops, lambda: pages.versions(SHOPS), lambda: pages.batches(None, 5))
    before = [ask() for ask in lists]
    asked.trouble = Unavailable("Gone.")
    assert [ask() for ask in lists] == before
    with pytest.raises(Unavailable):
        pages.read(ONE)
    with pytest.raises(Unavailable):
        pages.versions(("another",))
    assert pages.away == Away(START, "Gone.")
    asked.trouble = None
    clock.advance(PAUSE)
    assert pages.shops() == (f"shop {asked.times}",)


def test_it_remembers_no_end_of_lists(guarded: Guarded, asked: Asked) -> None:
    pages: Any = Remembering(guarded)
    for number in range(REMEMBERED + 1):
        pages.versions((str(number),))
    asked.trouble = Unavailable("Gone.")
    assert pages.versions((str(REMEMBERED),)) == {"sales": REMEMBERED + 1}
    with pytest.raises(Unavailable):
        pages.versions(("0",))
