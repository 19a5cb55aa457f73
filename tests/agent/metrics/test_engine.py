"""The engine's own promises: one read a question, cache by version, safe filters, receipts."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from agent.cache import MemoryCache
from agent.errors import NotFound, Refused
from agent.metrics import codec
from agent.metrics.engine import Engine
from agent.metrics.questions import Question
from agent.ports import Shop
from tests import almas_tea
from tests.agent.metrics.conftest import TODAY, Ask
from tests.clock import FrozenClock

SHOPS = (almas_tea.SHOP.shop_id,)
NOVEMBER = "from=2026-11-01&to=2026-11-16"


class Counting:
    """A warehouse that counts the reads of its facts, and can be told to take its time."""

    def __init__(self, warehouse: Any) -> None:
        self._warehouse = warehouse
        self.reads = 0
        self.gate: threading.Event | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._warehouse, name)

    def read(self, statement: Any) -> pa.Table:
        self.reads += 1
        if self.gate:
            assert self.gate.wait(10)
        return self._warehouse.read(statement)


@pytest.fixture
def counting(duckdb_warehouse: Any) -> Counting:
    duckdb_warehouse.merge(almas_tea.batch())
    return Counting(duckdb_warehouse)


def question(text: str) -> Question:
    return Question.parse(text + ("" if "cmp=" in text else "&cmp=none"), TODAY, SHOPS)


def test_the_second_answer_comes_from_the_cache(counting: Counting, clock: FrozenClock) -> None:
    engine = Engine(counting, MemoryCache(), clock)
    first = engine.answer(question(f"metrics=net_sales&by=day&{NOVEMBER}&cmp=prev"))
    before = counting.reads
    assert engine.answer(question(f"metrics=net_sales&by=day&{NOVEMBER}&cmp=prev")) == first
    assert counting.reads == before


def test_a_spoilt_cache_entry_is_a_miss(counting: Counting, clock: FrozenClock) -> None:
    class Spoilt(MemoryCache):
        def get(self, key: str) -> bytes | None:
            return b"spoilt"

    engine = Engine(counting, Spoilt(), clock)
    assert engine.answer(question(f"metrics=orders&{NOVEMBER}")).total("orders") == 9


def test_new_rows_change_the_key(counting: Counting, clock: FrozenClock) -> None:
    engine = Engine(counting, MemoryCache(), clock)
    asked = question(f"metrics=orders&{NOVEMBER}")
    assert engine.answer(asked).total("orders") == 9
    paper = almas_tea.order(("#99", None, "2026-11-09T10:00", "DE", "web", True, "EUR"))
    orders = almas_tea.table(almas_tea.schema.ORDERS, [paper])
    counting.merge(replace(almas_tea.batch(name="late"), tables={"orders": orders}))
    assert engine.answer(asked).total("orders") == 10


def test_nothing_is_kept_for_zero_seconds(counting: Counting, clock: FrozenClock) -> None:
    engine = Engine(counting, MemoryCache(), clock, 0)
    engine.answer(question(f"metrics=orders&{NOVEMBER}"))
    before = counting.reads
    engine.answer(question(f"metrics=orders&{NOVEMBER}"))
    assert counting.reads > before


def test_equal_questions_at_once_share_one_read(counting: Counting, clock: FrozenClock) -> None:
    engine = Engine(counting, MemoryCache(), clock, 0)
    counting.gate = threading.Event()
    with ThreadPoolExecutor(6) as pool:
        asked = [
            pool.submit(engine.answer, question(f"metrics=orders&{NOVEMBER}")) for _ in range(6)
        ]
        while not engine._flights:
            pass
        threading.Timer(0.3, counting.gate.set).start()
        answers = [future.result(20) for future in asked]
    assert counting.reads == 1
    assert {frame.total("orders") for frame in answers} == {9}


def test_a_failed_read_is_everybodys_failure_and_nobodys_memory(
    counting: Counting, clock: FrozenClock
) -> None:
    engine = Engine(counting, MemoryCache(), clock)
    real, counting.read = counting.read, _fail  # type: ignore[method-assign]  # a failing disk
    with pytest.raises(OSError, match="the disk"):
        engine.answer(question(f"metrics=orders&{NOVEMBER}"))
    counting.read = real  # type: ignore[method-assign]
    assert engine.answer(question(f"metrics=orders&{NOVEMBER}")).total("orders") == 9


def _fail(statement: Any) -> pa.Table:
    raise OSError("the disk is gone")


@pytest.mark.parametrize(
    "value",
    [
        "' OR 1=1 --",
        "DE'; DROP TABLE sales; --",
        '" OR ""="',
        "DE') UNION SELECT name FROM shops --",
        "$1",
        ":country",
        "%s %(x)s",
        "\\'; SELECT 1",
        "/* */",
        "🫖" * 50,
    ],
)
@pytest.mark.parametrize("dimension", ["country", "product", "vendor", "customer_kind", "weekday"])
def test_a_filter_value_never_reaches_sql(
    engine: Engine, tea: Any, dimension: str, value: str
) -> None:
    scope = question(f"metrics=net_sales,orders,repeat_purchase_rate&{NOVEMBER}").scope
    asked = question(f"metrics=net_sales,orders,repeat_purchase_rate&{NOVEMBER}")
    frame = engine.answer(replace(asked, scope=scope.where(dimension, value)))
    assert frame.total("net_sales") == 0
    assert frame.total("orders") == 0
    assert len(tea.shops()) == 1


def test_a_hundred_years_by_the_hour_are_refused(ask: Ask) -> None:
    with pytest.raises(Refused) as refused:
        ask("metrics=orders&by=hour&from=1970-01-01&to=2070-01-01")
    assert "more than 20,000 points" in refused.value.message


def test_an_unknown_shop_is_named(engine: Engine) -> None:
    with pytest.raises(NotFound) as missing:
        engine.answer(Question.parse("metrics=orders&shop=nobody", TODAY))
    assert "nobody" in missing.value.message
    assert "almas-tea" in missing.value.hint


def test_money_of_two_currencies_is_not_added_up(fresh: Any, clock: FrozenClock) -> None:
    engine = Engine(fresh, MemoryCache(), clock)
    other = Shop("yen-shop", "Yen shop", "JPY", "Asia/Tokyo", "test")
    fresh.merge(almas_tea.batch(name="yen", shop=other))
    both = (*SHOPS, other.shop_id)
    with pytest.raises(Refused) as refused:
        engine.answer(Question.parse(f"metrics=net_sales&{NOVEMBER}", TODAY, both))
    assert "different currencies" in refused.value.message
    counted = engine.answer(
        Question.parse(f"metrics=orders,customers&by=shop&{NOVEMBER}&cmp=none", TODAY, both)
    )
    assert counted.total("orders") == 18
    # A customer of one shop is not the customer of the same name of another.
    assert counted.total("customers") == 10
    assert counted.labels("shop") == ["Alma's Tea", "Yen shop"]


def test_a_receipt_lets_anyone_redo_it_by_hand(engine: Engine) -> None:
    frame = engine.answer(question(f"metrics=net_sales&by=product&country=DE&{NOVEMBER}"))
    receipt = frame.receipt
    assert receipt.filters == ("Country is DE",)
    chosen = {"dimension": "country", "values": ["DE"], "exclude": False}
    assert receipt.scope["filters"] == [chosen]
    assert f"{receipt.scope['from']} to {receipt.scope['to']}" == receipt.period
    assert receipt.currency == "EUR"
    assert receipt.tables["sales"] == 1
    assert "Gross sales plus discounts" in receipt.definitions["net_sales"]
    assert any("'DE'" in text and "2026-11-01" in text for text in receipt.sql)


def test_a_period_in_the_future_is_empty_and_no_failure(ask: Ask) -> None:
    frame = ask("metrics=net_sales,average_order_value&by=day&from=2030-01-01&to=2030-02-01")
    assert frame.total("net_sales") == 0
    assert frame.total("average_order_value") is None


def test_a_comparison_has_its_rows_in_our_order(ask: Ask) -> None:
    frame = ask(f"metrics=net_sales&by=country&{NOVEMBER}&cmp=prev")
    assert frame.previous is not None
    assert frame.previous.values("country") == frame.values("country")
    assert frame.before("net_sales") == 18
    daily = ask("metrics=orders&by=day&from=2026-03-01&to=2026-03-31&cmp=prev")
    assert daily.previous is not None
    assert len(daily.previous) == len(daily) == 31
    assert daily.previous.values("day")[28:] == [None, None, None]


@pytest.mark.parametrize("top", [0, 1, 2])
def test_groups_over_time_stand_against_themselves(ask: Ask, top: int) -> None:
    # Not every country has sales in the month before, which is a day longer.
    asked = f"metrics=net_sales&by=country,day&top={top}&from=2026-11-01&to=2026-11-30&cmp=prev"
    frame = ask(asked)
    former = frame.previous
    assert former is not None
    assert former.values("country") == frame.values("country")
    assert former.rest_rows == frame.rest_rows
    pairs = dict(zip(frame.values("day"), former.values("day"), strict=True))
    assert len(set(pairs.values())) == len(pairs)
    by_day = ask("metrics=net_sales&by=country,day&from=2026-10-01&to=2026-10-31&cmp=none")
    known = {(row["country"], row["day"]): row["net_sales"] for row in by_day.rows()}
    groups = len(frame) - frame.rest_rows
    for row in former.rows()[:groups]:
        assert row["net_sales"] == known.get((row["country"], row["day"]), 0)


def test_frames_survive_the_cache(ask: Ask) -> None:
    frame = ask(f"metrics=net_sales,average_order_value&by=product&top=2&{NOVEMBER}&cmp=year")
    assert codec.load(codec.dump(frame)) == frame


@pytest.mark.parametrize("content", [b"", b"x", b"\x00" * 8, b"\x00" * 7 + b"\x04abcd"])
def test_what_is_no_frame_is_not_loaded(content: bytes) -> None:
    with pytest.raises(ValueError, match="not a frame"):
        codec.load(content)
