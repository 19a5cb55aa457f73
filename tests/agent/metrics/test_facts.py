"""Figures from several tables: what is unknown and what is zero, the rest of a top few, what is
compared, several shops at once. Added up by hand on Alma's Tea."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from agent.cache import MemoryCache
from agent.errors import Refused
from agent.metrics.catalogue import MEASURES, METRICS
from agent.metrics.dimensions import DIMENSIONS, HIERARCHIES
from agent.metrics.engine import Engine
from agent.metrics.facts import FACTS, known_by
from agent.metrics.frames import Frame
from agent.metrics.questions import Question
from tests import almas_tea
from tests.agent.metrics.conftest import TODAY, Ask
from tests.clock import FrozenClock

NOVEMBER = "from=2026-11-01&to=2026-11-16"
OCTOBER = "from=2026-10-01&to=2026-10-31"


def by(frame: Frame, metric: str) -> dict[Any, Any]:
    return dict(zip(frame.values(frame.columns[0].name), frame.values(metric), strict=True))


def test_before_the_first_row_a_figure_is_unknown_and_after_it_zero(ask: Ask) -> None:
    parts = "sessions,marketing_spend,cac,shipping_cost,conversion_rate,ending_units"
    early = ask(f"metrics={parts}&from=2026-09-01&to=2026-09-30")
    assert set(early.totals.values()) == {None}
    # A day between rows, and one after the last: nothing was spent, nobody came.
    quiet = ask(f"metrics={parts}&from=2026-11-09&to=2026-11-09")
    assert quiet.total("sessions") == 0
    assert quiet.total("conversion_rate") is None
    assert quiet.total("marketing_spend") == 0
    assert quiet.total("shipping_cost") == 0
    assert quiet.total("ending_units") == 6 + 5 + 2


def test_the_first_day_begins_within_its_bucket(ask: Ask) -> None:
    """Advertising begins on 30 October, visits on the 31st at ten."""
    days = "from=2026-10-29&to=2026-11-02"
    spent = ask(f"metrics=marketing_spend&by=day&{days}").values("marketing_spend")
    assert spent == [None, 3, 0, 0, 12]
    seen = ask(f"metrics=sessions&by=day&{days}").values("sessions")
    assert seen == [None, None, 10, 0, 60]
    hours = ask("metrics=sessions&by=hour&from=2026-10-31&to=2026-10-31").values("sessions")
    assert hours == [None] * 10 + [10] + [0] * 13
    assert ask(f"metrics=sessions&by=week&{days}").values("sessions") == [10, 60]


def test_a_channel_that_cost_nothing_is_zero_where_anything_is_known(ask: Ask) -> None:
    frame = ask(f"metrics=marketing_spend,orders,cac&by=channel&{NOVEMBER}")
    assert by(frame, "marketing_spend") == {
        "web": 22,
        "social": 9,
        "email": Decimal("1.50"),
        None: 0,
    }
    assert by(frame, "cac") == {"web": 22, "social": None, "email": 1.5, None: None}
    alone = ask(f"metrics=marketing_spend&channel=(none)&{NOVEMBER}")
    assert alone.total("marketing_spend") == 0


def test_nothing_imported_is_nothing_known(duckdb_warehouse: Any, clock: FrozenClock) -> None:
    duckdb_warehouse.merge(almas_tea.batch())
    engine = Engine(duckdb_warehouse, MemoryCache(), clock)

    def asked(text: str) -> Frame:
        shops = (almas_tea.SHOP.shop_id,)
        return engine.answer(Question.parse(f"{text}&{NOVEMBER}&cmp=none", TODAY, shops))

    parts = [n for n, m in METRICS.items() if any(MEASURES[x].unknown for x in m.measures)]
    beside = [n for n in parts if "cogs" not in METRICS[n].measures or n in ("cm2", "cm3")]
    assert {"sessions", "roas", "cm3", "stock_cover", "sell_through"} <= set(beside)
    assert set(asked(f"metrics={','.join(beside)}").totals.values()) == {None}
    days = asked("metrics=marketing_spend,sessions,ending_units,cac&by=day")
    assert {v for n in days.totals for v in days.values(n)} == {None}


def test_the_rest_of_a_top_few_is_what_remains(ask: Ask) -> None:
    stock = ask(f"metrics=ending_units,stock_cover&by=product&top=1&{NOVEMBER}")
    assert stock.values("product") == ["T2", None]
    assert stock.values("ending_units") == [4, 3]
    # T1 and P1: 3 pieces at 2/23 and 1/16 a day.
    assert stock.values("stock_cover") == [None, pytest.approx(3 / (2 / 23 + 1 / 16))]
    spent = ask(f"metrics=marketing_spend,roas&by=channel&top=1&{NOVEMBER}")
    assert spent.values("marketing_spend") == [22, Decimal("10.50")]
    assert spent.values("roas") == [pytest.approx(90 / 22), pytest.approx(18 / 10.5)]


def test_the_rest_is_unknown_where_all_of_it_is(ask: Ask) -> None:
    """T2 and the old tin have no cost; of T1, T2 and the tin one has."""
    cost = ask(f"metrics=cogs&by=product&top=2&{NOVEMBER}")
    assert cost.values("product") == ["P1", "T1", None]
    assert cost.values("cogs") == [44, 18, None]
    assert ask(f"metrics=cogs&by=product&top=1&{NOVEMBER}").values("cogs") == [44, 18]


def test_a_top_few_over_time_keeps_stock_at_each_end(ask: Ask) -> None:
    frame = ask(f"metrics=ending_units&by=week,product&top=1&{NOVEMBER}")
    found: dict[str | None, list[Any]] = {}
    for product, units in zip(frame.values("product"), frame.values("ending_units"), strict=True):
        found.setdefault(product, []).append(units)
    # T2: below nothing, 5, 4, 4; the others: 12 + 2, 6 + 2, 3, 3.
    assert found == {"T2": [0, 5, 4, 4], None: [14, 8, 3, 3]}
    assert frame.total("ending_units") == 7


def test_a_product_that_is_not_counted_is_unknown_not_sold_out(ask: Ask) -> None:
    frame = ask(f"metrics=units,ending_units,sell_through&by=product&{NOVEMBER}")
    assert by(frame, "units")["X1"] == 1
    assert by(frame, "ending_units") == {"T1": 3, "T2": 4, "P1": 0, "X1": None}
    assert by(frame, "sell_through") == {"T1": 5 / 8, "T2": 1 / 5, "P1": 1, "X1": None}


def test_stock_by_class_and_filtered_by_it(ask: Ask) -> None:
    frame = ask(f"metrics=ending_units&by=abc&{NOVEMBER}")
    assert sum(frame.values("ending_units")) == 7
    for grade, units in by(frame, "ending_units").items():
        assert ask(f"metrics=ending_units&abc={grade}&{NOVEMBER}").total("ending_units") == units


def test_months_are_compared_and_what_was_not_known_then_stays_unknown(ask: Ask) -> None:
    # 1 to 16 October: no visits, no advertising, no count yet.
    frame = ask(f"metrics=sessions,marketing_spend,ending_units,orders&{NOVEMBER}&cmp=prev")
    assert frame.total("sessions") == 140
    assert [frame.before(n) for n in ("sessions", "marketing_spend", "ending_units")] == [None] * 3
    assert frame.before("orders") == 1
    weeks = ask("metrics=sessions&by=day&from=2026-11-02&to=2026-11-08&cmp=prev")
    assert weeks.before("sessions") == 10
    assert weeks.previous is not None
    assert weeks.previous.values("sessions") == [None] * 5 + [10, 0]


def test_a_running_day_is_compared_with_the_same_hours(ask: Ask) -> None:
    """At 08:41 on Tuesday; a week before, stock and spend count whole days, visits hours."""
    frame = ask("metrics=sessions,marketing_spend&from=2026-11-12&to=2026-11-17&cmp=prev")
    assert frame.previous is not None
    assert "until 08:40" in frame.previous.receipt.period
    assert frame.before("sessions") == 25
    assert frame.before("marketing_spend") == 10


def test_costs_know_their_orders(ask: Ask) -> None:
    frame = ask(f"metrics=shipping_cost,payment_fees&by=customer_kind&{NOVEMBER}")
    assert by(frame, "shipping_cost") == {"returning": Decimal("9.30"), None: 2}
    assert by(frame, "payment_fees") == {"returning": Decimal("2.67"), None: 0}


def test_the_ladder_goes_down_by_what_it_says(ask: Ask) -> None:
    parts = "net_sales,cogs,cm1,shipping_cost,payment_fees,cm2,marketing_spend,cm3"
    total = ask(f"metrics={parts}&{NOVEMBER}").totals
    assert [total[name] for name in ("cm1", "cm2", "cm3")] == [
        80,
        Decimal("66.03"),
        Decimal("33.53"),
    ]


def test_two_shops_add_up_and_stay_apart(fresh: Any, clock: FrozenClock) -> None:
    other = replace(almas_tea.SHOP, shop_id="brunos-tea", name="Bruno's Tea")
    fresh.merge(almas_tea.batch(shop=other))
    fresh.merge(almas_tea.beside(other))
    engine = Engine(fresh, MemoryCache(), clock)
    parts = "sessions,marketing_spend,shipping_cost,ending_units,stock_cover,cac,cogs"

    def asked(text: str, *shops: str) -> Frame:
        return engine.answer(Question.parse(f"{text}&{NOVEMBER}&cmp=none", TODAY, shops))

    one = asked(f"metrics={parts}", "almas-tea")
    both = asked(f"metrics={parts}", "almas-tea", "brunos-tea")
    for name in ("sessions", "marketing_spend", "shipping_cost", "ending_units", "cogs"):
        assert both.total(name) == 2 * (one.total(name) or 0)
    for name in ("stock_cover", "cac"):
        assert both.total(name) == pytest.approx(one.total(name))
    apart = asked(f"metrics={parts}&by=shop", "almas-tea", "brunos-tea")
    assert apart.values("ending_units") == [7, 7]
    by_product = asked("metrics=ending_units&by=product", "almas-tea", "brunos-tea")
    assert by(by_product, "ending_units") == {"T2": 8, "T1": 6, "P1": 0}


def test_every_fact_says_by_what_it_is_known() -> None:
    for fact in FACTS.values():
        assert fact.dimensions <= set(DIMENSIONS)
        assert fact.noun.split()[-1] in ("is", "are")
        assert any(measure.fact == fact.name for measure in MEASURES.values())
    assert known_by(METRICS["cac"]) >= {"channel", "day", "shop"}
    assert not known_by(METRICS["cac"]) & {"campaign", "country", "hour"}


def test_what_a_metric_is_known_by_can_be_asked_and_nothing_else(ask: Ask) -> None:
    for name in ("conversion_rate", "cac", "cm2", "stock_cover", "gross_margin"):
        known = known_by(METRICS[name])
        for dimension in DIMENSIONS:
            text = f"metrics={name}&by={dimension}&from=2026-11-12&to=2026-11-13"
            if dimension in known:
                assert name in ask(text).totals
            else:
                with pytest.raises(Refused):
                    ask(text)


def test_hierarchies_go_down_dimensions_that_exist() -> None:
    assert all(name in DIMENSIONS for path in HIERARCHIES for name in path)


def test_a_claim_is_marked_and_both_names_are_printed() -> None:
    for name in ("roas", "attributed_revenue"):
        assert METRICS[name].claim == "the platform's own claim"
        assert "own claim" in METRICS[name].definition
    for name in ("mer", "acos"):
        assert "MER" in METRICS[name].definition
        assert "ACOS" in METRICS[name].definition
    assert "cost coverage" in METRICS["gross_margin"].definition
