"""A change of a shop's figure: its leaves are what answers say, and lists end in the total."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from agent.errors import NotFound, Refused
from agent.metrics.catalogue import METRICS
from agent.metrics.questions import Ask, Filter, Question, Scope
from agent.services import Services
from agent.why.changes import Wish, why
from agent.why.leaves import change, dimensions_of
from agent.why.noise import judged, usual
from agent.why.parts import NOISE, SIGNAL, UNCLEAR, explained
from tests import almas_tea

SHOP = almas_tea.SHOP
PERIOD = "from=2026-11-01&to=2026-11-16"


@pytest.fixture
def tea(services: Services) -> Services:
    services.warehouse.merge(almas_tea.batch())
    services.warehouse.merge(almas_tea.beside())
    return services


def scope_of(services: Services, text: str = PERIOD) -> Scope:
    return services.scope(f"shop={SHOP.shop_id}&{text}")


@pytest.mark.parametrize("metric", ["net_sales", "gross_sales", "orders", "units"])
def test_leaves_add_up_to_the_answer(tea: Services, metric: str) -> None:
    scope = scope_of(tea)
    found = change(tea, scope, metric)
    frame = tea.answer(Ask((metric,)).within(scope))
    assert found.after == frame.total(metric)
    assert found.before == frame.before(metric)
    assert found.leaves.actual.sum() == pytest.approx(float(frame.total(metric) or 0))
    assert found.leaves.expected.sum() == pytest.approx(float(frame.before(metric) or 0))


def test_leaves_know_what_was_there_only_before(tea: Services) -> None:
    leaves = change(tea, scope_of(tea), "net_sales").leaves
    assert (leaves.expected[leaves.actual == 0] != 0).any()
    assert None in leaves.values[leaves.names.index("product_type")]


def test_a_leaf_is_what_its_own_question_says(tea: Services) -> None:
    scope = scope_of(tea)
    leaves = change(tea, scope, "net_sales").leaves
    cell = (
        (leaves.names.index("country"), leaves.values[leaves.names.index("country")].index("DE")),
    )
    alone = replace(scope, filters=(Filter("country", ("DE",)),))
    told = tea.answer(Ask(("net_sales",)).within(alone))
    assert leaves.actual[leaves.inside(cell)].sum() == pytest.approx(float(told.total("net_sales")))


def test_a_ratio_comes_with_what_it_is_per(tea: Services) -> None:
    found = change(tea, scope_of(tea), "average_order_value")
    assert found.leaves.per is not None
    now, before = found.leaves.per
    assert found.leaves.actual.sum() / now.sum() == pytest.approx(float(found.after))
    assert found.leaves.expected.sum() / before.sum() == pytest.approx(float(found.before))


def test_orders_are_searched_only_by_what_counts_each_once() -> None:
    scope = Scope((SHOP.shop_id,), date(2026, 11, 1), date(2026, 11, 16))
    assert "product_type" in dimensions_of(METRICS["net_sales"], scope)
    assert "product_type" not in dimensions_of(METRICS["orders"], scope)
    held = replace(scope, filters=(Filter("country", ("DE",)),))
    assert "country" not in dimensions_of(METRICS["orders"], held)
    assert len(dimensions_of(METRICS["net_sales"], scope)) == 6


def test_no_address_asks_by_more_than_three_dimensions(tea: Services) -> None:
    with pytest.raises(Refused):
        Question.parse(
            f"metrics=net_sales&by=country,channel,vendor,product&deep=1&{PERIOD}",
            tea.today(SHOP),
            (SHOP.shop_id,),
        )


def test_bridges_and_segments_are_the_change(tea: Services) -> None:
    told = why(tea, scope_of(tea), "net_sales")
    frame = tea.answer(Ask(("net_sales",)).within(scope_of(tea)))
    moved = Decimal(str(frame.total("net_sales"))) - Decimal(str(frame.before("net_sales")))
    assert told.change == moved
    assert [bridge.name for bridge in told.bridges] == ["funnel", "goods", "customers"]
    assert [bridge.change for bridge in told.bridges] == [moved] * 3
    parts = [segment.part.change for segment in told.segments]
    assert sum(parts, told.others.change) == moved


def test_a_rate_has_a_bridge_of_its_own(tea: Services) -> None:
    told = why(tea, scope_of(tea), "average_order_value")
    (bridge,) = told.bridges
    assert float(bridge.change) == pytest.approx(float(told.after) - float(told.before), abs=2e-6)


def test_what_was_expected_stands_for_what_was(tea: Services) -> None:
    told = why(tea, scope_of(tea), "net_sales", expected=1000.0)
    assert told.before == 1000.0
    assert float(told.total.expected) == pytest.approx(1000)
    parts = [segment.part.change for segment in told.segments]
    assert sum(parts, told.others.change) == told.change
    for bridge in told.bridges:
        assert float(bridge.before) == pytest.approx(1000)
        assert bridge.before + sum((s.change for s in bridge.steps), Decimal(0)) == bridge.after
    # Rates and prices were expected to stay: what was expected more of is orders and pieces.
    usual = why(tea, scope_of(tea), "net_sales")
    for mine, its in zip(told.bridges[0].steps[1:-1], usual.bridges[0].steps[1:-1], strict=True):
        assert (mine.before, mine.after) == pytest.approx((its.before, its.after))


def test_what_was_expected_of_a_rate_has_its_bridge(tea: Services) -> None:
    (bridge,) = why(tea, scope_of(tea), "average_order_value", expected=50.0).bridges
    assert float(bridge.before) == pytest.approx(50, abs=1e-5)


def test_what_cannot_be_spread_is_held_against_the_period_before(tea: Services) -> None:
    scope = scope_of(tea)
    told = why(tea, scope, "net_sales", expected=-5.0)
    assert told.before == why(tea, scope, "net_sales").before


def test_a_change_needs_two_periods_and_a_metric(tea: Services) -> None:
    with pytest.raises(Refused):
        why(tea, scope_of(tea, f"{PERIOD}&cmp=none"), "net_sales")
    with pytest.raises((Refused, NotFound)):
        why(tea, scope_of(tea), "luck")


def test_a_usual_change_is_noise_and_a_rare_one_a_signal() -> None:
    series = 100 + 10 * np.random.default_rng(2).normal(size=52)
    assert usual(series, 4, 4, 15.0).verdict == NOISE
    assert usual(series, 4, 4, -200.0).verdict == SIGNAL
    assert usual(series[:9], 4, 4, -200.0).verdict == UNCLEAR
    assert usual(np.zeros(0), 4, 4, 1.0).verdict == UNCLEAR
    assert usual(np.full(52, 7.0), 4, 4, 5.0).verdict == SIGNAL


def test_a_rate_is_judged_by_rates() -> None:
    per = np.full(52, 1000.0)
    series = per * (0.03 + 0.001 * np.random.default_rng(2).normal(size=52))
    assert usual(series, 4, 4, 0.0001, per).verdict == NOISE
    assert usual(series, 4, 4, 0.02, per).verdict == SIGNAL


def test_parts_are_judged_by_a_question_of_the_past(tea: Services) -> None:
    found = change(tea, scope_of(tea), "net_sales")
    part = explained(found.leaves).others
    own = [replace(part, where={"country": "DE"}), replace(part, where={"country": None})]
    # Two months of history are not enough to say what is usual.
    assert [each.verdict for each in judged(tea, found, own)] == [UNCLEAR, UNCLEAR]


def test_less_is_asked_where_less_is_wished(tea: Services) -> None:
    told = why(tea, scope_of(tea), "net_sales", wish=Wish(bridges=False, past=False))
    assert told.bridges == ()
