"""What a question may hold that should not be there: values that would be SQL, dimensions that a
figure is not known by, more than anyone can mean."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from agent.errors import NotFound, Refused
from agent.metrics.catalogue import METRICS
from agent.metrics.dimensions import ATTRIBUTES
from agent.metrics.engine import Engine
from agent.metrics.facts import known_by
from agent.metrics.questions import Ask as Words
from agent.metrics.questions import Filter, Question, Scope
from agent.warehouse.schema import METADATA
from tests import almas_tea
from tests.agent.metrics.conftest import TODAY, Ask

SHOPS = (almas_tea.SHOP.shop_id,)
NOVEMBER = "&from=2026-11-01&to=2026-11-16"
INJECTIONS = (
    "' OR '1'='1",
    "' OR 1=1 --",
    "') OR ('1'='1",
    "'; DROP TABLE sales; --",
    "DE'; DELETE FROM orders WHERE 'a'='a",
    "x' UNION SELECT shop_id, name FROM shops --",
    "DE' AND (SELECT count(*) FROM sales) > 0 --",
    "$1",
    ":shop",
    "%(shop_id_1)s",
    "%s",
    "?",
    "{0}",
    "\\'; SELECT 1; --",
    "\\",
    '"; DROP TABLE orders; --',
    "/* */",
    "' || (SELECT name FROM shops) || '",
    "$$; DROP TABLE sales; $$",
    "E'\\x27'",
    "＇ OR １＝１",
    "DE\u2028' OR 1=1",
    "a" * 5000,
)
OPEN = [name for name, row in ATTRIBUTES.items() if row.filters and not row.values]


def counts(warehouse: Any) -> dict[str, int]:
    return {
        table.name: warehouse.read(sa.select(sa.func.count().label("rows")).select_from(table))
        .column(0)[0]
        .as_py()
        for table in METADATA.sorted_tables
    }


def question(metrics: tuple[str, ...], *filters: Filter, by: tuple[str, ...] = ()) -> Question:
    scope = Scope(SHOPS, date(2026, 11, 1), date(2026, 11, 16), "none", filters)
    return Question(Words(metrics, by), scope)


def metrics_of(dimension: str) -> tuple[str, ...]:
    return ("clicks",) if dimension == "campaign" else ("orders", "net_sales")


@pytest.mark.parametrize("value", INJECTIONS)
def test_a_value_is_never_sql(engine: Engine, tea: Any, value: str) -> None:
    """It selects nothing, or (excluded) everything; the tables stay as they are."""
    before = counts(tea)
    for dimension in ("country", "campaign"):
        metrics = metrics_of(dimension)
        inside = engine.answer(question(metrics, Filter(dimension, (value,)), by=(dimension,)))
        assert len(inside) == 0
        assert not any(inside.totals.values())
        outside = engine.answer(question(metrics, Filter(dimension, (value,), exclude=True)))
        assert outside.totals == engine.answer(question(metrics)).totals
    assert counts(tea) == before


@pytest.mark.parametrize("dimension", [name for name in OPEN if name != "shop"])
def test_values_are_never_sql_in_any_dimension(engine: Engine, tea: Any, dimension: str) -> None:
    before = counts(tea)
    metrics, chosen = metrics_of(dimension), Filter(dimension, INJECTIONS)
    assert not any(engine.answer(question(metrics, chosen)).totals.values())
    outside = engine.answer(question(metrics, Filter(dimension, INJECTIONS, exclude=True)))
    assert outside.totals == engine.answer(question(metrics)).totals
    assert counts(tea) == before


@pytest.mark.parametrize("metric", ["sessions", "marketing_spend", "shipping_cost", "ending_units"])
def test_values_are_never_sql_in_any_fact(engine: Engine, tea: Any, metric: str) -> None:
    before = counts(tea)
    for dimension in sorted(known_by(METRICS[metric]) & {"channel", "campaign", "product"}):
        chosen = Filter(dimension, INJECTIONS)
        frame = engine.answer(question((metric,), chosen, by=(dimension,)))
        assert len(frame) == 0
        assert not frame.total(metric)
    assert counts(tea) == before


@pytest.mark.parametrize("text", INJECTIONS)
def test_a_shop_is_a_name_and_nothing_else(engine: Engine, tea: Any, text: str) -> None:
    scope = Scope((text,), date(2026, 11, 1), date(2026, 11, 16), "none")
    with pytest.raises(NotFound):
        engine.answer(Question(Words(("orders",)), scope))
    with pytest.raises(NotFound):
        engine.answer(Question(Words(("orders",)), Scope((*SHOPS, text), scope.start, scope.end)))
    assert engine.first_day((text,)) is None


@pytest.mark.parametrize("text", INJECTIONS)
def test_a_metric_a_dimension_and_an_order_are_names_that_are_known(
    engine: Engine, tea: Any, text: str
) -> None:
    scope = Scope(SHOPS, date(2026, 11, 1), date(2026, 11, 16), "none")
    with pytest.raises(Refused):
        engine.answer(Question(Words((text,)), scope))
    with pytest.raises(Refused):
        Words(("orders",), (text,))
    with pytest.raises(Refused):
        Words(("orders",), ("country",), sort=text)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("sessions&by=product", "Sessions are not known by product."),
        ("conversion_rate&customer_kind=new", "Sessions are not known by customer."),
        ("sessions&by=day&not_vendor=Hill", "Sessions are not known by vendor."),
        ("marketing_spend&by=hour", "Marketing spend is not known by hour."),
        ("cac&by=country", "Marketing spend is not known by country."),
        ("net_sales&campaign=Brand", "Sales are not known by campaign."),
        ("ending_units&by=country", "Stock is not known by country."),
        ("ending_units&by=hour", "Stock is not known by hour."),
        ("sell_through&by=variant", "Stock is not known by variant."),
        ("cm3&by=product", "Shipping cost and payment fees are not known by product."),
        ("net_sales,sessions&by=city", "Sessions are not known by city."),
    ],
)
def test_what_is_not_known_by_a_dimension_says_so(ask: Ask, asked: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        ask(f"metrics={asked}{NOVEMBER}")
    assert refused.value.message == sentence
    assert "another metric" in refused.value.hint


def test_an_unknown_value_is_an_empty_answer(ask: Ask) -> None:
    frame = ask(f"metrics=net_sales,average_order_value&by=country&country=Atlantis{NOVEMBER}")
    assert len(frame) == 0
    assert frame.total("net_sales") == 0
    assert frame.total("average_order_value") is None


def test_a_period_before_everything_is_answered(ask: Ask) -> None:
    """Sixty years of stock by month: nothing before the first count, and no work for it."""
    frame = ask(
        "metrics=ending_units,marketing_spend,sessions&by=month&from=1971-01-01&to=2026-11-16"
    )
    assert len(frame) == 671
    assert frame.values("ending_units")[-3:] == [None, 22, 7]
    assert frame.values("marketing_spend")[-3:] == [None, 3, pytest.approx(32.5)]
    assert not any(frame.values("sessions")[:-2])


@pytest.mark.parametrize(
    ("metric", "dimension"),
    [
        ("net_sales", "country"),
        ("net_sales", "variant"),
        ("orders", "region"),
        ("sessions", "country"),
        ("clicks", "campaign"),
        ("shipping_cost", "channel"),
    ],
)
def test_what_has_no_value_is_a_row_and_a_filter(ask: Ask, metric: str, dimension: str) -> None:
    frame = ask(f"metrics={metric}&by={dimension}{NOVEMBER}")
    at = frame.values(dimension).index(None)
    assert frame.to_json()["rows"][at][dimension] == "(none)"
    alone = ask(f"metrics={metric}&{dimension}=(none){NOVEMBER}")
    assert alone.total(metric) == frame.values(metric)[at]
    others = ask(f"metrics={metric}&not_{dimension}=(none){NOVEMBER}")
    assert others.total(metric) + alone.total(metric) == frame.total(metric)


def test_ten_thousand_values_are_refused_before_they_reach_a_warehouse() -> None:
    pairs = [("metrics", "orders"), *(("country", str(n)) for n in range(10_000))]
    with pytest.raises(Refused) as refused:
        Question.parse(pairs, TODAY, SHOPS)
    assert refused.value.message == "More than 1,000 filter values."
