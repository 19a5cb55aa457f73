"""The twenty traps, those that concern sales and customers, on Alma's Tea: each figure added up
by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from agent.cache import MemoryCache
from agent.metrics.engine import Engine
from agent.metrics.frames import Frame
from agent.metrics.questions import Question
from agent.warehouse import schema
from tests import almas_tea
from tests.agent.metrics.conftest import TODAY, Ask
from tests.clock import FrozenClock

NOVEMBER = "from=2026-11-01&to=2026-11-16"
# Placed 8 + 40 + 26 + 30 + 5 + 10 + 10 + 40 + 10 = 179, discount 5, back 26 + 10 + 4, added 8.
IN_ALL = Decimal("142.00")


def by(frame: Frame, metric: str) -> dict[Any, Any]:
    return dict(zip(frame.values(frame.columns[0].name), frame.values(metric), strict=True))


def day(ask: Ask, metric: str, when: str) -> Any:
    return ask(f"metrics={metric}&from={when}&to={when}").total(metric)


def test_1_cancelled_orders_count_and_are_reversed_on_their_own_day(ask: Ask) -> None:
    placed, cancelled = "2026-11-02", "2026-11-04"
    assert day(ask, "orders", placed) == 2
    assert day(ask, "gross_sales", placed) == Decimal("66.00")
    assert day(ask, "orders", cancelled) == 0
    assert day(ask, "sales_reversals", cancelled) == Decimal("-26.00")
    assert day(ask, "net_sales", cancelled) == Decimal("-26.00")


def test_2_a_refund_counts_on_the_day_it_is_processed(ask: Ask) -> None:
    assert day(ask, "sales_reversals", "2026-11-03") == 0
    assert day(ask, "sales_reversals", "2026-11-10") == Decimal("-10.00")


def test_3_a_restocking_fee_is_no_sale_and_no_reversal(ask: Ask) -> None:
    # 10 November: 40.00 of #9, 10.00 back; the fee of 1.50 is in neither.
    assert day(ask, "gross_sales", "2026-11-10") == Decimal("40.00")
    assert day(ask, "net_sales", "2026-11-10") == Decimal("30.00")


def test_4_tax_and_shipping_of_a_refund_stay_out_of_net_sales(ask: Ask) -> None:
    frame = ask("metrics=net_sales,shipping,taxes,total_sales&from=2026-11-04&to=2026-11-04")
    assert frame.total("net_sales") == Decimal("-26.00")
    assert frame.total("shipping") == Decimal("-4.90")
    assert frame.total("taxes") == Decimal("-5.87")
    assert frame.total("total_sales") == Decimal("-36.77")


def test_5_tax_inside_a_price_is_no_sale(ask: Ask) -> None:
    frame = ask("metrics=gross_sales,taxes&from=2026-11-05&to=2026-11-05&country=AT")
    assert frame.total("gross_sales") == Decimal("10.00")
    assert frame.total("taxes") == Decimal("1.90")


def test_7_the_shops_wall_decides_the_day(ask: Ask) -> None:
    assert day(ask, "orders", "2026-10-31") == 0
    assert day(ask, "orders", "2026-11-01") == 1
    assert day(ask, "orders", "2026-11-10") == 1


def test_7_a_night_with_two_half_past_twos_is_one_day_and_one_hour(ask: Ask) -> None:
    frame = ask("metrics=orders&by=hour&from=2026-10-25&to=2026-10-25")
    found = {when.hour: count for when, count in by(frame, "orders").items() if count}
    assert found == {2: 1}
    assert len(frame) == 24


def test_8_shop_money_is_added_up_not_the_buyers(ask: Ask) -> None:
    assert day(ask, "total_sales", "2026-11-10") == Decimal("32.10")


def test_8_money_stays_exact(ask: Ask) -> None:
    total = ask(f"metrics=net_sales&{NOVEMBER}").total("net_sales")
    assert isinstance(total, Decimal)
    assert total == IN_ALL


def test_9_10_an_orders_discount_counts_as_it_was_allocated(ask: Ask) -> None:
    assert by(ask(f"metrics=discounts&by=product&{NOVEMBER}"), "discounts")["P1"] == Decimal(
        "-5.00"
    )


def test_12_an_edit_moves_no_past_day(fresh: Any, clock: FrozenClock) -> None:
    engine = Engine(fresh, MemoryCache(), clock)
    text = "metrics=gross_sales,net_sales,orders&by=day&from=2026-10-01&to=2026-11-12&cmp=none"
    question = Question.parse(text, TODAY, (almas_tea.SHOP.shop_id,))
    before = engine.answer(question).data
    late = next(row for row in almas_tea.SALES if row[0] == "10e")
    edit = ("10x", *late[1:3], "2026-11-16T11:00", *late[4:])
    rows = [almas_tea.sale(edit)]
    batch = almas_tea.batch(name="edit")
    tables = {"sales": almas_tea.table(schema.SALES, rows)}
    fresh.merge(replace(batch, tables=tables))
    assert engine.answer(question).data.equals(before)
    whole = Question.parse(
        f"metrics=net_sales&{NOVEMBER}&cmp=none", TODAY, (almas_tea.SHOP.shop_id,)
    )
    assert engine.answer(whole).total("net_sales") == IN_ALL + 8


def test_12_an_addition_by_edit_counts_on_its_own_day(ask: Ask) -> None:
    assert day(ask, "net_sales", "2026-11-12") == Decimal("10.00")
    assert day(ask, "net_sales", "2026-11-14") == Decimal("8.00")


def test_15_a_month_in_progress_is_compared_with_the_same_elapsed_time(
    ask: Ask, clock: FrozenClock
) -> None:
    clock.set(almas_tea.datetime(2026, 11, 5, 7, 30, tzinfo=almas_tea.UTC))
    frame = ask("metrics=net_sales&from=2026-11-01&to=2026-11-30&cmp=prev")
    # 5 November 08:30 on the wall: October counts until 5 October 08:30, before #1 at 10:00.
    assert frame.before("net_sales") == 0
    clock.set(almas_tea.datetime(2026, 11, 5, 9, 30, tzinfo=almas_tea.UTC))
    later = ask("metrics=net_sales&from=2026-11-01&to=2026-11-30&cmp=prev")
    assert later.before("net_sales") == Decimal("18.00")


def test_16_days_without_rows_are_zeros_for_sales_and_gaps_for_rates(ask: Ask) -> None:
    frame = ask("metrics=net_sales,average_order_value&by=day&from=2026-11-07&to=2026-11-09")
    assert frame.values("net_sales") == [0, 0, 0]
    assert frame.values("average_order_value") == [None, None, None]


def test_17_a_ratio_is_made_of_its_parts_at_every_level(ask: Ask) -> None:
    # November: 8 + 35 + 26 + 30 + 5 + 10 + 10 + 40 + 10 placed in nine orders
    frame = ask(f"metrics=average_order_value&by=country&{NOVEMBER}")
    assert frame.total("average_order_value") == pytest.approx(174 / 9)
    assert by(frame, "average_order_value") == pytest.approx(
        {"DE": 123 / 5, "AT": 46 / 3, None: 5.0}
    )


def test_18_customers_are_counted_again_at_every_level(ask: Ask) -> None:
    daily = ask(f"metrics=customers&by=day&{NOVEMBER}")
    assert daily.total("customers") == 5
    assert sum(daily.values("customers")) == 8


def test_19_an_unknown_dimension_value_is_a_row(ask: Ask) -> None:
    frame = ask(f"metrics=net_sales&by=product_type&{NOVEMBER}")
    assert by(frame, "net_sales")[None] == Decimal("5.00")
    assert "(none)" in [row["product_type"] for row in frame.to_json()["rows"]]
    assert ask(f"metrics=net_sales&product_type=(none)&{NOVEMBER}").total("net_sales") == 5


@pytest.mark.parametrize("dimension", ["product", "country", "channel", "vendor", "customer_kind"])
def test_20_the_top_and_the_rest_are_the_whole(ask: Ask, dimension: str) -> None:
    text = f"metrics=net_sales,units,orders,customers&by={dimension}&top=1&{NOVEMBER}"
    frame = ask(text)
    assert len(frame) == 2
    assert frame.rest_rows == 1
    assert sum(frame.values("net_sales")) == frame.total("net_sales") == IN_ALL
    assert sum(frame.values("units")) == frame.total("units")


def test_20_the_rest_of_a_count_is_counted_not_subtracted(ask: Ask) -> None:
    # T1 went to ann, bob, cid and dee; the others to ann, bob, cid, eve and a guest.
    frame = ask(f"metrics=customers&by=product&top=1&{NOVEMBER}")
    assert frame.values("product") == ["T1", None]
    assert frame.values("customers") == [4, 4]
    assert frame.total("customers") == 5


def test_gift_cards_and_tips_are_no_sales(ask: Ask) -> None:
    frame = ask("metrics=gross_sales,total_sales&from=2026-11-06&to=2026-11-06")
    assert frame.total("gross_sales") == Decimal("10.00")
    assert frame.total("total_sales") == Decimal("11.90")


def test_a_paper_that_is_no_order_carries_money_only(ask: Ask) -> None:
    frame = ask("metrics=orders,net_sales,customers&from=2026-11-15&to=2026-11-15")
    assert (frame.total("orders"), frame.total("customers")) == (0, 0)
    assert frame.total("net_sales") == Decimal("-4.00")


def test_new_and_returning_customers_over_time(ask: Ask) -> None:
    frame = ask(
        "metrics=new_customers,returning_customers,customers&by=month&from=2026-10-01&to=2026-11-16"
    )
    # October: ann and eve begin. November: bob and dee begin, twice each; the others come again.
    assert frame.values("new_customers") == [2, 2]
    assert frame.values("returning_customers") == [0, 5]
    assert frame.values("customers") == [2, 5]


def test_repeat_purchase_rate_counts_everyone_up_to_the_end(ask: Ask) -> None:
    frame = ask("metrics=repeat_purchase_rate&by=month&from=2026-10-01&to=2026-11-16")
    # In October cid, ann and eve had bought once each; by mid-November all five twice.
    assert frame.values("repeat_purchase_rate") == [0.0, 1.0]
    assert ask("metrics=repeat_purchase_rate&from=2026-11-01&to=2026-11-02").total(
        "repeat_purchase_rate"
    ) == pytest.approx(2 / 4)


def test_a_returning_customer_of_one_product_may_have_begun_with_another(ask: Ask) -> None:
    frame = ask(f"metrics=returning_customers,new_customers&by=product&{NOVEMBER}")
    assert by(frame, "returning_customers") == {"T1": 4, "T2": 2, "P1": 2, "X1": 0}
    assert by(frame, "new_customers") == {"T1": 1, "T2": 1, "P1": 0, "X1": 0}


def test_customer_kind_is_the_orders_place_in_its_customers_history(ask: Ask) -> None:
    frame = ask(f"metrics=net_sales,orders&by=customer_kind&{NOVEMBER}")
    # New: #2 (8) and #7 (10). No customer: #6. C1 belongs to bob, who had ordered before.
    assert by(frame, "net_sales") == {"new": 18, "returning": 119, None: 5}
    assert by(frame, "orders") == {"new": 2, "returning": 6, None: 1}


def test_20_the_rest_keeps_its_pence_where_the_top_is_zero(ask: Ask) -> None:
    # October: 2.00 of discount in Germany; Austria has a row of zero once it is asked for.
    frame = ask(f"metrics=discounts&by=country&top=2&sort=discounts&{NOVEMBER}")
    assert frame.values("discounts") == [Decimal("-5.00"), 0, 0]
    zeros = ask(f"metrics=discounts&by=country&top=2&sort=-discounts&{NOVEMBER}")
    assert zeros.values("discounts")[:2] == [0, 0]
    assert zeros.values("discounts")[2] == Decimal("-5.00")
    assert isinstance(zeros.values("discounts")[2], Decimal)


def test_20_what_is_shown_negative_is_ranked_by_its_size(ask: Ask) -> None:
    frame = ask(f"metrics=sales_reversals&by=product&top=1&{NOVEMBER}")
    # T1: 10 and 10 back; T2: 16 and 4 back, 8 added.
    assert frame.values("product") == ["T1", None]
    assert frame.values("sales_reversals") == [-20, -12]


def test_13_an_unknown_cost_is_unknown_and_a_later_cost_rewrites_nothing(
    fresh: Any, clock: FrozenClock
) -> None:
    def asked(text: str) -> Frame:
        engine = Engine(fresh, MemoryCache(), clock)
        return engine.answer(
            Question.parse(f"{text}&cmp=none&{NOVEMBER}", TODAY, (almas_tea.SHOP.shop_id,))
        )

    before = asked("metrics=cogs,gross_margin&by=product")
    assert by(before, "cogs") == {"T1": 18, "P1": 44, "T2": None, "X1": None}
    assert by(before, "gross_margin")["X1"] is None
    sold = next(row for row in almas_tea.SALES if row[0] == "5a")
    tables = {
        "sales": almas_tea.table(
            schema.SALES, [almas_tea.sale(sold) | {"unit_cost": Decimal("4.00")}]
        )
    }
    merged = fresh.merge(replace(almas_tea.batch(name="costs"), tables=tables))
    assert merged.unchanged["sales"] == 1
    assert asked("metrics=cogs,gross_margin&by=product").rows() == before.rows()


def test_6_a_back_dated_order_counts_when_it_was_processed_not_when_it_was_entered(
    fresh: Any, clock: FrozenClock
) -> None:
    """What was typed in today for October belongs to October."""
    paper = ("#13", "ann", "2026-10-07T10:00", "DE", "web", True, "EUR")
    line = ("13a", "#13", "T1", "2026-10-07T10:00", "ORDER", "PRODUCT", 1, {"gross": "10.00"})
    tables = {
        "orders": almas_tea.table(schema.ORDERS, [almas_tea.order(paper)]),
        "sales": almas_tea.table(schema.SALES, [almas_tea.sale(line)]),
    }
    fresh.merge(replace(almas_tea.batch(name="entered late"), tables=tables))
    engine = Engine(fresh, MemoryCache(), clock)
    text = "metrics=gross_sales,orders&from=2026-10-07&to=2026-10-07&cmp=none"
    frame = engine.answer(Question.parse(text, TODAY, (almas_tea.SHOP.shop_id,)))
    assert (frame.total("gross_sales"), frame.total("orders")) == (Decimal("10.00"), 1)
