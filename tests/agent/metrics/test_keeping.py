"""How long answers are kept, under which words, and the last good one when nothing answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from agent.asking import asking
from agent.cache import MemoryCache
from agent.errors import Busy, Throttled, Unavailable
from agent.metrics import keeping
from agent.metrics.engine import Engine
from agent.metrics.keeping import Lifetimes, place_of
from agent.metrics.questions import Question
from agent.ports import Away
from agent.warehouse.guarded import Guarded
from tests import almas_tea
from tests.agent.metrics.conftest import TODAY
from tests.clock import START, FrozenClock

SHOPS = (almas_tea.SHOP.shop_id,)
NOVEMBER = "from=2026-11-01&to=2026-11-16"
WHEN = {"today": "from=2026-11-01&to=2026-11-17", "lately": NOVEMBER}
WHEN["long ago"] = "from=2026-10-01&to=2026-10-20"


def question(text: str) -> Question:
    return Question.parse(text + ("" if "cmp=" in text else "&cmp=none"), TODAY, SHOPS)


@pytest.mark.parametrize(
    ("metrics", "when", "seconds"),
    [
        ("net_sales", "lately", 600),
        ("net_sales", "today", 300),
        ("net_sales", "long ago", 3600),
        ("sessions", "lately", 120),
        ("sessions", "today", 60),
        ("sessions", "long ago", 720),
        # Longer than the default where every table that is named lives longer.
        ("marketing_spend", "lately", 3600),
        # Conversion is orders by sessions, ROAS net sales by spend: the shortest counts.
        ("conversion_rate", "lately", 120),
        ("sessions,marketing_spend", "lately", 120),
        ("net_sales,sessions", "lately", 120),
    ],
)
def test_an_answer_lives_as_long_as_the_shortest_of_its_tables(
    metrics: str, when: str, seconds: int
) -> None:
    lives = Lifetimes(600, {"sessions": 120, "spend": 3600})
    assert lives.of(question(f"metrics={metrics}&{WHEN[when]}"), TODAY) == seconds


def test_long_ago_begins_28_days_back() -> None:
    lives = Lifetimes(100)
    assert date(2026, 11, 17) == TODAY
    asked = "metrics=net_sales&from=2026-10-01&to=2026-10-{}"
    assert lives.of(question(asked.format(20)), TODAY) == 600
    assert lives.of(question(asked.format(21)), TODAY) == 100


def test_zero_keeps_none_whatever_the_tables_say() -> None:
    lives = Lifetimes(0, {"sessions": 120})
    for when in WHEN.values():
        assert lives.of(question(f"metrics=sessions&{when}"), TODAY) == 0


def test_a_key_says_whose_answer_to_what_it_is() -> None:
    place = place_of(question(f"metrics=net_sales,orders&by=month,country&{NOVEMBER}"), ())
    words, _, digest = place.rpartition(":")
    assert words == ("shop:almas-tea:answer:net_sales,orders:by:month,country:reads:sales,orders")
    assert len(digest) == 32


def test_keys_tell_questions_apart_and_stay_short() -> None:
    asked = [
        "metrics=net_sales",
        "metrics=net_sales&by=day",
        "metrics=net_sales&country=DE",
        "metrics=net_sales&not_country=DE",
        "metrics=net_sales&cmp=prev",
        "metrics=net_sales&cmp=year",
        "metrics=net_sales&refunds=order_day",
        "metrics=net_sales&currency=USD",
        "metrics=net_sales&by=country&top=3",
        "metrics=net_sales&by=country&top=3&sort=country",
    ]
    places = [place_of(question(f"{text}&{NOVEMBER}"), ()) for text in asked]
    places += [place_of(question(f"{asked[0]}&{WHEN['today']}"), ())]
    places += [place_of(question(f"{asked[0]}&{NOVEMBER}"), "told")]
    assert len(set(places)) == len(places)
    many = ",".join(sorted(n for n in ("net_sales", "orders", "units", "sessions", "discounts")))
    assert len(place_of(question(f"metrics={many}&{NOVEMBER}"), ())) < 400


class Mortal:
    """A warehouse that answers until it is told why it does not."""

    def __init__(self, warehouse: Any) -> None:
        self._warehouse = warehouse
        self.trouble: Unavailable | None = None
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._warehouse, name)
        return self._answered(found) if name in ("versions", "shops", "last_sync") else found

    def _answered(self, found: Any) -> Any:
        def answer(*words: Any) -> Any:
            self.asked += 1
            if self.trouble:
                raise self.trouble
            return found(*words)

        return answer

    def read(self, statement: Any) -> pa.Table:
        return self._answered(self._warehouse.read)(statement)


GONE = Unavailable("PostgreSQL does not answer.", hint="Start it.")


@pytest.fixture
def mortal(duckdb_warehouse: Any) -> Iterator[Mortal]:
    duckdb_warehouse.merge(almas_tea.batch())
    yield Mortal(duckdb_warehouse)


@pytest.fixture
def engine(mortal: Mortal, clock: FrozenClock) -> Engine:
    guarded: Any = Guarded(mortal, lambda action: action(), clock)  # type: ignore[arg-type]
    return Engine(guarded, MemoryCache(), clock)


def test_the_last_good_answer_stands_in_and_says_so(
    engine: Engine, mortal: Mortal, clock: FrozenClock
) -> None:
    asked = question(f"metrics=net_sales&by=day&{NOVEMBER}&cmp=prev")
    fresh = engine.answer(asked)
    assert fresh.receipt.stale is None
    mortal.trouble = GONE
    clock.advance(hours=2)
    old = engine.answer(asked)
    assert old.receipt.stale is not None
    assert (old.receipt.stale.since, old.receipt.stale.reason) == (START, GONE.message)
    assert (old.data, old.totals, old.previous) == (fresh.data, fresh.totals, fresh.previous)
    assert old.to_json()["stale"] == {"since": START.isoformat(), "reason": GONE.message}
    assert "stale" not in fresh.to_json()
    mortal.trouble = None
    again = engine.answer(asked)
    assert again.receipt.stale is None
    assert again.receipt.asked_at == clock.now()


def test_versions_that_are_only_remembered_make_no_answer_fresh(
    engine: Engine, mortal: Mortal
) -> None:
    """It is not known whether the kept answer still holds."""
    asked = question(f"metrics=orders&{NOVEMBER}")
    engine.answer(asked)
    mortal.trouble = GONE
    assert engine.answer(asked).receipt.stale is not None


def test_what_was_never_answered_fails_as_before(engine: Engine, mortal: Mortal) -> None:
    mortal.trouble = GONE
    with pytest.raises(Unavailable, match="does not answer"):
        engine.answer(question(f"metrics=orders&{NOVEMBER}"))


def test_the_days_of_the_history_are_remembered(engine: Engine, mortal: Mortal) -> None:
    first, last = engine.first_day(SHOPS), engine.last_day(SHOPS)
    asked = question(f"metrics=orders&{NOVEMBER}&cmp=prev")
    assert engine.comparable(asked.scope) == asked.scope
    mortal.trouble = GONE
    assert (engine.first_day(SHOPS), engine.last_day(SHOPS)) == (first, last)
    assert engine.comparable(asked.scope) == asked.scope
    with pytest.raises(Unavailable):
        engine.first_day(("nobody",))


def test_a_question_that_is_too_much_keeps_its_last_answer_and_the_clock_goes_on(
    engine: Engine, mortal: Mortal, clock: FrozenClock
) -> None:
    asked = question(f"metrics=orders&{NOVEMBER}")
    engine.answer(asked)
    mortal.trouble = Busy("The warehouse gave up after 30 seconds.")
    clock.advance(minutes=11)
    old = engine.answer(asked).receipt.stale
    assert old is not None
    assert old.reason == "The warehouse gave up after 30 seconds."
    assert engine.now() == clock.now()


def test_whoever_asks_too_often_is_told_to_wait(engine: Engine, clock: FrozenClock) -> None:
    asked = question(f"metrics=orders&{NOVEMBER}")
    engine.answer(asked)

    def refuse(together: str) -> None:
        raise Throttled("Later.", after=3)

    with asking(refuse, "a page"):
        assert engine.answer(asked).receipt.stale is None, "what is kept is free"
        clock.advance(minutes=11)
        with pytest.raises(Throttled):
            engine.answer(asked)


def test_a_receipt_without_statements_is_better_than_none(engine: Engine, mortal: Mortal) -> None:
    asked = question(f"metrics=orders&{NOVEMBER}")
    engine.answer(asked, told=False)
    mortal.trouble = GONE
    assert engine.answer(asked).receipt.sql == ()


def test_the_last_good_answer_outlives_its_time_by_a_day(
    mortal: Mortal, clock: FrozenClock
) -> None:
    watch = [0.0]
    cache = MemoryCache(monotonic=lambda: watch[0])
    guarded: Any = Guarded(mortal, lambda action: action(), clock)  # type: ignore[arg-type]
    engine, asked = Engine(guarded, cache, clock), question(f"metrics=orders&{NOVEMBER}")
    engine.answer(asked)
    mortal.trouble = GONE
    watch[0] = keeping.LAST_SECONDS - 1
    assert engine.answer(asked).receipt.stale is not None
    watch[0] = keeping.LAST_SECONDS + 1
    with pytest.raises(Unavailable):
        engine.answer(asked)


def test_a_kept_answer_ends_with_its_time(
    engine: Engine, mortal: Mortal, clock: FrozenClock
) -> None:
    asked = question(f"metrics=orders&{NOVEMBER}")
    first = engine.answer(asked)
    clock.advance(seconds=599)
    assert engine.answer(asked).receipt.asked_at == first.receipt.asked_at
    clock.advance(seconds=1)
    assert engine.answer(asked).receipt.asked_at == clock.now()


def test_a_spoilt_place_is_no_last_answer(mortal: Mortal, clock: FrozenClock) -> None:
    class Spoilt(MemoryCache):
        def get(self, key: str) -> bytes | None:
            return b"x" * 100

    guarded: Any = Guarded(mortal, lambda action: action(), clock)  # type: ignore[arg-type]
    engine = Engine(guarded, Spoilt(), clock)
    mortal.trouble = GONE
    with pytest.raises(Unavailable):
        engine.answer(question(f"metrics=orders&{NOVEMBER}"))


def test_forgetting_reads_everything_anew(duckdb_warehouse: Any, clock: FrozenClock) -> None:
    duckdb_warehouse.merge(almas_tea.batch())
    mortal, cache = Mortal(duckdb_warehouse), MemoryCache()
    warehouse: Any = mortal
    engine, asked = Engine(warehouse, cache, clock), question(f"metrics=orders&{NOVEMBER}")
    engine.answer(asked)
    assert cache.clear("shop:almas-tea:*") == 1
    before = mortal.asked
    engine.forget()
    engine.answer(asked)
    reads = mortal.asked - before
    assert reads > 3, "shops, versions, the last sync, and the rows themselves"


def test_while_it_is_away_the_clock_stands_where_it_last_answered(
    engine: Engine, mortal: Mortal, clock: FrozenClock
) -> None:
    asked = question(f"metrics=orders&{NOVEMBER}")
    clock.advance(minutes=3)
    engine.answer(asked)
    seen = clock.now()
    mortal.trouble = GONE
    clock.advance(hours=30)
    engine.answer(asked)
    assert engine.now() == seen
    assert engine._warehouse.away == Away(seen, GONE.message)
    mortal.trouble = None
    engine.answer(asked)
    assert engine.now() == clock.now()
