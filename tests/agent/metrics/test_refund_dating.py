"""Refunds on the day they are processed, or on the day of their order: everywhere the same way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.cache import MemoryCache
from agent.errors import Refused
from agent.metrics.engine import Engine
from agent.metrics.questions import Question, refund_words
from agent.ports import Batch
from agent.warehouse import schema
from agent.words import speaking
from tests import almas_tea
from tests.agent.metrics.conftest import TODAY, TWINS, Ask, empty
from tests.agent.metrics.test_properties import CHECKS, random_batch
from tests.clock import FrozenClock

SHOPS = (almas_tea.SHOP.shop_id,)
NOVEMBER = "from=2026-11-01&to=2026-11-16"
# Refunds come up to twenty days after the last order.
LATER = date(2026, 12, 31)
EVER = "from=2026-01-01&to=2026-12-31&cmp=none"


@pytest.fixture(scope="module", params=TWINS)
def busy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    with empty(request, tmp_path_factory) as warehouse:
        warehouse.merge(random_batch(11, orders=200))
        yield Engine(warehouse, MemoryCache(), FrozenClock(datetime(2026, 12, 31, 12, tzinfo=UTC)))


def by_day(ask: Ask, metric: str, by: str = "day", period: str = NOVEMBER) -> dict[str, Decimal]:
    frame = ask(f"metrics={metric}&by={by}&refunds=order_day&{period}")
    pairs = zip(frame.values(by), frame.values(metric), strict=True)
    return {str(day): value for day, value in pairs if value}


def test_each_refund_stands_with_its_order(ask: Ask) -> None:
    # The cancelled #4, the refund of #5, the edit of #10; the credit note C1 is a paper of its own.
    assert by_day(ask, "sales_reversals") == {
        "2026-11-02": -26,
        "2026-11-03": -10,
        "2026-11-12": 8,
        "2026-11-15": -4,
    }


def test_pieces_shipping_and_tax_go_with_it(ask: Ask) -> None:
    assert by_day(ask, "units_returned") == {"2026-11-02": 3, "2026-11-03": 1, "2026-11-15": 1}
    assert "2026-11-02" not in by_day(ask, "shipping")  # 4.90 charged and given back
    taxes = by_day(ask, "taxes")
    assert "2026-11-04" not in taxes
    assert taxes["2026-11-02"] == Decimal("6.65")  # what is left of #3 and #4
    assert taxes["2026-11-03"] == Decimal("3.80")


def test_clock_and_weekday_are_the_orders(ask: Ask) -> None:
    # 12:00 UTC, 13:00 on Berlin's wall; the refund came at 16:00 a week later.
    hours = by_day(ask, "sales_reversals", "hour", "from=2026-11-03&to=2026-11-03")
    assert hours == {str(datetime.fromisoformat("2026-11-03T13:00")): -10}
    assert by_day(ask, "sales_reversals", "weekday") == {"1": -26, "2": -10, "4": 8, "7": -4}


def test_a_window_holds_the_orders_of_its_days(ask: Ask) -> None:
    def total(day: int, refunds: str) -> Any:
        text = f"metrics=net_sales&from=2026-11-{day:02}&to=2026-11-{day:02}&refunds={refunds}"
        return ask(text).total("net_sales")

    assert (total(3, "processing_day"), total(3, "order_day")) == (30, 20)
    assert (total(10, "processing_day"), total(10, "order_day")) == (30, 40)
    assert total(4, "order_day") == 0  # the cancellation lies on the 2nd


def test_the_comparison_is_dated_alike_and_cut_at_the_same_hour(ask: Ask) -> None:
    """On the 17th at 08:41 the week so far is set against the one before until Tuesday 08:40: the
    refund of the 10th at 16:00 belongs to an order from before."""
    text = "metrics=sales_reversals&from=2026-11-16&to=2026-11-22&cmp=prev"
    processed, ordered = ask(text), ask(f"{text}&refunds=order_day")
    assert processed.before("sales_reversals") == 0
    assert ordered.before("sales_reversals") == 0
    whole = "metrics=sales_reversals&from=2026-11-09&to=2026-11-15&cmp=prev"
    assert ask(whole).before("sales_reversals") == -26
    assert ask(f"{whole}&refunds=order_day").before("sales_reversals") == -36


def test_a_row_whose_order_nobody_knows_keeps_its_day(fresh: Any) -> None:
    amounts = {"reversal": Decimal("-7")}
    row = ("zz", "#lost", "T1", "2026-11-08T09:00", "RETURN", "PRODUCT", -1, amounts)
    table = almas_tea.table(schema.SALES, [almas_tea.sale(row)])
    fresh.merge(Batch(almas_tea.SHOP, "test", "lost", {"sales": table}))
    engine = Engine(fresh, MemoryCache(), FrozenClock())
    text = f"metrics=sales_reversals&by=day&refunds=order_day&{NOVEMBER}&cmp=none"
    frame = engine.answer(Question.parse(text, TODAY, SHOPS))
    found = dict(zip(frame.values("day"), frame.values("sales_reversals"), strict=True))
    assert found[date(2026, 11, 8)] == -7
    assert frame.total("sales_reversals") == -39


def test_the_daily_sums_do_not_answer_and_the_receipt_says_how_it_is_dated(ask: Ask) -> None:
    frame = ask(f"metrics=net_sales&by=day&refunds=order_day&{NOVEMBER}")
    assert "daily_sales" not in frame.receipt.sql[0]
    assert frame.receipt.refunds == "order_day"
    assert ask(f"metrics=net_sales&by=day&{NOVEMBER}").receipt.refunds == "processing_day"


def test_other_ways_of_dating_are_refused(ask: Ask) -> None:
    with pytest.raises(Refused, match="refunds=yesterday is not known"):
        ask("metrics=net_sales&refunds=yesterday")


@CHECKS
@given(
    metric=st.sampled_from(
        ["gross_sales", "sales_reversals", "net_sales", "taxes", "shipping", "total_sales", "units"]
    ),
    by=st.sampled_from(["month", "week", "weekday", "country", "product", "cohort", "hour"]),
    filtered=st.sampled_from(["", "&country=DE", "&product=P1", "&customer_kind=new"]),
)
def test_over_all_time_both_ways_come_to_the_same(
    busy: Engine, metric: str, by: str, filtered: str
) -> None:
    text = f"metrics={metric}&by={by}{filtered}&{EVER}"
    frames = [
        busy.answer(Question.parse(f"{text}&refunds={way}", LATER, SHOPS))
        for way in ("processing_day", "order_day")
    ]
    assert frames[0].total(metric) == frames[1].total(metric)
    for frame in frames:
        assert sum(frame.values(metric)) == frame.total(metric)


def test_it_is_said_in_words() -> None:
    assert refund_words("processing_day") == "Refunds on the day they are processed"
    assert refund_words("order_day") == "Refunds on the day of their order"
    with speaking("de_DE"):
        assert refund_words("order_day")
