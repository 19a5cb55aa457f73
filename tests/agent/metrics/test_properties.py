"""What must hold for any ledger: parts add up, arrival order is irrelevant, replay changes
nothing, twins agree."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.cache import MemoryCache
from agent.metrics.catalogue import MEASURES, METRICS
from agent.metrics.dimensions import ATTRIBUTES, GRAINS
from agent.metrics.engine import Engine
from agent.metrics.frames import Frame
from agent.metrics.questions import Question
from agent.ports import Batch
from agent.warehouse import schema
from agent.warehouse.duckdb import DuckDBWarehouse
from tests import almas_tea
from tests.agent.metrics.conftest import TODAY
from tests.clock import FrozenClock

SHOPS = (almas_tea.SHOP.shop_id,)
ADDITIVE = [
    n for n, m in METRICS.items() if not m.ratio and all(MEASURES[x].additive for x in m.measures)
]
YEAR = "from=2025-11-01&to=2026-11-16&cmp=none"
CHECKS = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def engine_on(warehouse: Any) -> Engine:
    return Engine(warehouse, MemoryCache(), FrozenClock())


def answer(engine: Engine, text: str) -> Frame:
    return engine.answer(Question.parse(text, TODAY, SHOPS))


def random_batch(seed: int, orders: int = 40) -> Batch:
    """A ledger of many kinds: NULL dimensions, several orders a day, refunds, customers who
    return."""
    dice = random.Random(seed)
    products = [
        (f"P{i}", f"Product {i}", dice.choice(["A", "B", None]), dice.choice(["V", None]))
        for i in range(6)
    ]
    papers, sales = [], []
    for number in range(orders):
        when = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None) + timedelta(
            minutes=dice.randrange(460_000)
        )
        moment = when.isoformat(timespec="minutes")
        customer = dice.choice([None, *(f"c{i}" for i in range(9))])
        papers.append(
            (
                f"#{number}",
                customer,
                moment,
                dice.choice(["DE", "US", None]),
                dice.choice(["web", "email", None]),
                True,
                "EUR",
            )
        )
        for line in range(dice.randint(1, 3)):
            sale_id, item = f"{number}-{line}", dice.choice(products)[0]
            price = Decimal(dice.randint(1, 99999)) / 100
            amounts = {
                "gross": price,
                "discount": -price * dice.choice([0, 0, Decimal("0.25")]),
                "tax": price / 5,
            }
            sales.append((sale_id, f"#{number}", item, moment, "ORDER", "PRODUCT", 1, amounts))
            if dice.random() < 0.2:
                later = (
                    date.fromisoformat(moment[:10]) + timedelta(days=dice.randint(0, 20))
                ).isoformat() + moment[10:]
                sales.append(
                    (
                        f"{sale_id}r",
                        f"#{number}",
                        item,
                        later,
                        "RETURN",
                        "PRODUCT",
                        -1,
                        {"reversal": -price / 2},
                    )
                )
        sales.append(
            (
                f"{number}-s",
                f"#{number}",
                None,
                moment,
                "ORDER",
                "SHIPPING",
                1,
                {"shipping": Decimal("4.90")},
            )
        )
    return Batch(
        almas_tea.SHOP,
        "test",
        f"random {seed}",
        {
            "orders": almas_tea.table(schema.ORDERS, map(almas_tea.order, papers)),
            "sales": almas_tea.table(schema.SALES, map(almas_tea.sale, sales)),
            "products": almas_tea.table(schema.PRODUCTS, map(almas_tea.product, products)),
        },
    )


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    warehouse = DuckDBWarehouse(tmp_path_factory.mktemp("big") / "w.duckdb", clock=FrozenClock())
    warehouse.merge(random_batch(1, orders=400))
    yield engine_on(warehouse)
    warehouse.close()


@CHECKS
@given(
    metric=st.sampled_from(ADDITIVE),
    by=st.lists(st.sampled_from([*ATTRIBUTES, *GRAINS]), min_size=1, max_size=2, unique=True),
    top=st.integers(0, 3),
)
def test_parts_add_up_to_the_total_over_any_split(
    big: Engine, metric: str, by: list[str], top: int
) -> None:
    if sum(name in GRAINS for name in by) > 1 or "hour" in by:
        by = by[:1] if by[0] != "hour" else ["day"]
    frame = answer(big, f"metrics={metric}&by={','.join(by)}&top={top}&{YEAR}")
    assert sum(frame.values(metric)) == frame.total(metric)
    assert frame.total(metric) == answer(big, f"metrics={metric}&{YEAR}").total(metric)


@CHECKS
@given(
    metric=st.sampled_from(list(METRICS)),
    by=st.sampled_from(
        ["country", "channel", "customer_kind", "product_type", "product", "weekday"]
    ),
)
def test_a_filter_gives_the_row_of_the_breakdown(big: Engine, metric: str, by: str) -> None:
    rows = answer(big, f"metrics={metric}&by={by}&{YEAR}")
    for value, number in zip(rows.values(by), rows.values(metric), strict=True):
        text = "(none)" if value is None else value
        alone = answer(big, f"metrics={metric}&{by}={text}&{YEAR}")
        assert alone.total(metric) == pytest.approx(number)


def test_the_waterfall_adds_up_everywhere(big: Engine) -> None:
    parts = "gross_sales,discounts,sales_reversals,net_sales,shipping,taxes,duties,fees,total_sales"
    for row in answer(big, f"metrics={parts}&by=month,country&{YEAR}").rows():
        assert row["gross_sales"] + row["discounts"] + row["sales_reversals"] == row["net_sales"]
        extras = row["shipping"] + row["taxes"] + row["duties"] + row["fees"]
        assert row["net_sales"] + extras == row["total_sales"]


@settings(CHECKS, max_examples=6)
@given(seed=st.integers(0, 10_000), cut=st.integers(1, 39))
def test_order_of_arrival_is_irrelevant_and_replay_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, seed: int, cut: int
) -> None:
    whole = random_batch(seed)
    first, second = halves(whole, cut)
    found = []
    for batches in ([whole], [first, second], [second, first], [second, whole, first]):
        warehouse = DuckDBWarehouse(tmp_path_factory.mktemp("w") / "w.duckdb", clock=FrozenClock())
        for batch in batches:
            warehouse.merge(batch)
        engine = engine_on(warehouse)
        asked = [answer(engine, f"{text}&{YEAR}") for text in PROBES]
        found.append([(frame.data, frame.totals) for frame in asked])
        versions = warehouse.versions(SHOPS)
        assert warehouse.merge(whole).inserted.get("sales", 0) == 0
        assert warehouse.versions(SHOPS) == versions
        warehouse.close()
    assert all(other == found[0] for other in found[1:])


PROBES = (
    "metrics=net_sales,orders,new_customers,returning_customers,repeat_purchase_rate&by=month",
    "metrics=net_sales,orders,customers&by=customer_kind",
    "metrics=total_sales,units,average_order_value&by=product&top=3",
)


def halves(batch: Batch, cut: int) -> tuple[Batch, Batch]:
    """The same orders as two deliveries, each with its sales and all products."""
    orders = batch.tables["orders"].column("order_id").to_pylist()
    chosen = set(orders[:cut])
    out = []
    for name, keep in (("a", chosen), ("b", set(orders) - chosen)):
        tables = dict(batch.tables)
        for table in ("orders", "sales"):
            rows = [row for row in batch.tables[table].to_pylist() if row["order_id"] in keep]
            tables[table] = batch.tables[table].from_pylist(rows, batch.tables[table].schema)
        out.append(Batch(batch.shop, batch.source, batch.fingerprint + name, tables))
    return out[0], out[1]


def generated_questions() -> list[str]:
    """Every metric by every dimension and grain, some of it filtered, cut and compared."""
    dice = random.Random(7)
    splits = [*ATTRIBUTES, *GRAINS]
    filters = [
        "",
        "country=DE",
        "not_channel=web",
        "product_type=(none)",
        "customer_kind=new",
        "product=P1",
        "vendor=V",
    ]
    questions = []
    for split in splits:
        for metric in METRICS:
            period = (
                "from=2026-10-01&to=2026-10-03"
                if split == "hour"
                else "from=2026-03-01&to=2026-11-16"
            )
            other = dice.choice(["", f",{dice.choice([s for s in ATTRIBUTES if s != split])}"])
            top = dice.choice(["", "&top=2"])
            compare = dice.choice(["none", "prev", "year"])
            questions.append(
                f"metrics={metric}&by={split}{other}{top}&{period}&cmp={compare}&{dice.choice(filters)}"
            )
    return questions


@pytest.mark.server
def test_both_warehouses_give_equal_answers(duckdb_warehouse: Any, postgres_warehouse: Any) -> None:
    engines = []
    for warehouse in (duckdb_warehouse, postgres_warehouse):
        warehouse.merge(random_batch(3, orders=120))
        engines.append(engine_on(warehouse))
    for text in generated_questions():
        ours, theirs = (answer(engine, text) for engine in engines)
        assert ours.data.equals(theirs.data), text
        assert dict(ours.totals) == dict(theirs.totals), text
        if ours.previous and theirs.previous:
            assert ours.previous.data.equals(theirs.previous.data), text
