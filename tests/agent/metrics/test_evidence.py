"""The rows under a number add up to it, on both warehouses, however they are fetched."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from agent.cache import MemoryCache
from agent.metrics import evidence
from agent.metrics.catalogue import MEASURES, METRICS
from agent.metrics.engine import Engine
from agent.metrics.evidence import Rows
from agent.metrics.questions import Question
from tests import almas_tea
from tests.agent.metrics.conftest import TODAY
from tests.agent.metrics.test_exchange import rates
from tests.clock import FrozenClock

NOVEMBER = "from=2026-11-01&to=2026-11-16"
WITHIN = (
    "",
    "&country=DE",
    "&product=T1",
    "&product_type=Tea",
    "&not_country=DE",
    "&customer_kind=new",
    "&country=(none)",
    "&refunds=order_day",
    "&refunds=order_day&country=DE",
)
SUMS = [
    name
    for name, metric in METRICS.items()
    if metric.formula in MEASURES
    and MEASURES[metric.formula].additive
    and MEASURES[metric.formula].fact == "sales"
]


def question(text: str) -> Question:
    return Question.parse(f"{text}&cmp=none", TODAY, (almas_tea.SHOP.shop_id,))


def under(engine: Engine, text: str) -> tuple[Rows, ...]:
    asked = question(text)
    return evidence.rows_under(engine.reading(asked), asked.ask.rows)


def whole(tea: Any, rows: Rows, step: int) -> pa.Table:
    return pa.concat_tables(evidence.batches(tea, rows, step))


def test_there_is_something_to_prove() -> None:
    assert {"net_sales", "gross_sales", "taxes", "total_sales", "units"} <= set(SUMS)


@pytest.mark.parametrize("within", WITHIN)
def test_the_rows_add_up_to_the_number(tea: Any, engine: Engine, within: str) -> None:
    proved = 0
    for name in SUMS:
        text = f"metrics={name}&{NOVEMBER}{within}"
        number = engine.answer(question(text)).total(name)
        (rows,) = under(engine, text)
        column = f"in_{METRICS[name].formula}"
        count, sums = evidence.size(tea, rows)
        if not count:
            assert not number, name
            continue
        exported = whole(tea, rows, 3)
        added = pc.sum(exported.column(column)).as_py()
        assert added == number == sums[column], name
        assert exported.num_rows == count
        proved += 1
    assert proved > 3 or "none" in within


def test_every_row_counts_and_stands_once(tea: Any, engine: Engine) -> None:
    (rows,) = under(engine, f"metrics=sales_reversals&{NOVEMBER}")
    found = evidence.ledger_rows(tea, rows, 100)
    assert all(found.column("in_sales_reversals").to_pylist())
    assert {"RETURN", "UPDATE"} >= set(found.column("action").to_pylist())
    moments = found.column("local_at").to_pylist()
    assert moments == sorted(moments, reverse=True)


@pytest.mark.parametrize("step", [1, 2, 7, 1000])
def test_steps_of_any_size_give_the_same_rows(tea: Any, engine: Engine, step: int) -> None:
    (rows,) = under(engine, f"metrics=total_sales&{NOVEMBER}")
    count, _ = evidence.size(tea, rows)
    assert whole(tea, rows, step).equals(evidence.ledger_rows(tea, rows, 1000).combine_chunks())
    assert count == evidence.ledger_rows(tea, rows, 1000).num_rows
    first, second = (evidence.ledger_rows(tea, rows, 2, offset) for offset in (0, 2))
    assert pa.concat_tables([first, second]).equals(evidence.ledger_rows(tea, rows, 4))


def test_a_row_says_what_a_person_looks_for(tea: Any, engine: Engine) -> None:
    (rows,) = under(engine, "metrics=net_sales&from=2026-11-10&to=2026-11-10&product=T1")
    labels = [column.label for column in rows.columns]
    assert labels[:6] == ["Local time", "Order", "Action", "Line type", "Product", "Variant"]
    assert labels[-1] == "Net sales"
    for row in evidence.ledger_rows(tea, rows).to_pylist():
        assert isinstance(row["local_at"], datetime)
        assert row["order_name"].startswith("#")
        assert row["product_title"] == "Assam"
        assert row["gross"] + row["discount"] + row["reversal"] == row["net"] == row["in_net_sales"]


def test_a_ratio_has_the_rows_of_both_its_parts(tea: Any, engine: Engine) -> None:
    text = f"metrics=average_order_value&{NOVEMBER}"
    sales, orders = under(engine, text)
    assert (sales.table, orders.table) == ("sales", "orders")
    count, _ = evidence.size(tea, orders)
    asked = engine.answer(question(f"metrics=orders,average_order_value&{NOVEMBER}"))
    assert count == asked.total("orders")
    _, sums = evidence.size(tea, sales)
    mean = asked.total("average_order_value")
    assert float(sums["in_placed_sales"]) / count == pytest.approx(float(mean or 0))


def test_orders_by_product_stand_once_each(tea: Any, engine: Engine) -> None:
    text = f"metrics=orders&{NOVEMBER}&product_type=Tea"
    (rows,) = under(engine, text)
    count, _ = evidence.size(tea, rows)
    names = evidence.ledger_rows(tea, rows, 1000).column("name").to_pylist()
    assert len(names) == len(set(names)) == count == engine.answer(question(text)).total("orders")


@pytest.mark.parametrize("metric", ["customers", "new_customers"])
def test_customers_are_shown_by_their_orders(tea: Any, engine: Engine, metric: str) -> None:
    text = f"metrics={metric}&{NOVEMBER}"
    (rows,) = under(engine, text)
    people = evidence.ledger_rows(tea, rows, 1000).column("customer_id").to_pylist()
    assert None not in people
    assert len(set(people)) == engine.answer(question(text)).total(metric)


@pytest.mark.parametrize(
    "metric",
    [
        "sessions",
        "purchases",
        "marketing_spend",
        "clicks",
        "attributed_revenue",
        "shipping_cost",
        "payment_fees",
    ],
)
def test_other_tables_have_their_own_rows(tea: Any, engine: Engine, metric: str) -> None:
    text = f"metrics={metric}&from=2026-10-01&to=2026-11-16"
    number = engine.answer(question(text)).total(metric)
    (rows,) = under(engine, text)
    count, sums = evidence.size(tea, rows)
    assert count > 0
    assert number is not None
    assert sums[f"in_{metric}"] == number
    exported = whole(tea, rows, 2)
    assert pc.sum(exported.column(f"in_{metric}")).as_py() == number


def test_every_metric_has_rows_or_says_so(tea: Any, engine: Engine) -> None:
    for name in METRICS:
        for rows in under(engine, f"metrics={name}&{NOVEMBER}"):
            count, sums = evidence.size(tea, rows)
            assert count >= 0, name
            assert set(sums) == set(rows.sums)
            found = evidence.ledger_rows(tea, rows, 2)
            assert found.column_names == rows.names


def test_a_filter_value_never_reaches_the_rows_as_sql(tea: Any, engine: Engine) -> None:
    for text in ("'; DROP TABLE sales; --", "DE' OR '1'='1", "%", "\\", "$1", ":x"):
        scope = question(f"metrics=net_sales&{NOVEMBER}").scope.where("country", text)
        asked = question("metrics=net_sales").ask.within(scope)
        (rows,) = evidence.rows_under(engine.reading(asked), asked.ask.rows)
        assert evidence.size(tea, rows) == (0, {"in_net_sales": Decimal(0)})
    (rows,) = under(engine, f"metrics=net_sales&{NOVEMBER}")
    assert evidence.size(tea, rows)[0] > 0


def test_converted_rows_add_up_to_the_converted_number(fresh: Any, clock: FrozenClock) -> None:
    first, last = date(2026, 10, 1), date(2026, 11, 16)
    fresh.merge(rates(("USD", "JPY"), first, last))
    engine = Engine(fresh, MemoryCache(), clock)
    for currency in ("USD", "JPY"):
        for name in ("net_sales", "total_sales", "discounts", "cogs"):
            text = f"metrics={name}&{NOVEMBER}&currency={currency}"
            number = engine.answer(question(text)).total(name)
            (rows,) = under(engine, text)
            _, sums = evidence.size(fresh, rows)
            added = pc.sum(whole(fresh, rows, 4).column(f"in_{name}")).as_py()
            assert sums[f"in_{name}"] == number, (name, currency)
            assert added.quantize(Decimal("0.0001"), ROUND_HALF_UP) == number
