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
from agent.metrics.dimensions import ATTRIBUTES, DIMENSIONS, GRAINS
from agent.metrics.engine import Engine
from agent.metrics.facts import known_by
from agent.metrics.frames import Frame
from agent.metrics.questions import Question
from agent.ports import Batch
from agent.warehouse import schema
from agent.warehouse.duckdb import DuckDBWarehouse
from tests import almas_tea
from tests.agent.metrics.conftest import TODAY
from tests.clock import FrozenClock

SHOPS = (almas_tea.SHOP.shop_id,)
# Contribution margins are unknown for a group without any cost, though the total counts its sales.
ADDITIVE = [
    n
    for n, m in METRICS.items()
    if not m.ratio
    and all(MEASURES[x].additive for x in m.measures)
    and not {"net_sales", "cogs"} <= set(m.measures)
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


def random_batch(seed: int, orders: int = 40, beside: bool = False) -> Batch:
    """A ledger of many kinds: NULL dimensions, several orders a day, refunds, customers who
    return; and what a shop knows `beside` it."""
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
            "sales": almas_tea.table(schema.SALES, map(_costed, sales)),
            **(_beside(dice, products) if beside else {}),
            "products": almas_tea.table(schema.PRODUCTS, map(almas_tea.product, products)),
        },
    )


def _costed(row: tuple[Any, ...]) -> dict[str, Any]:
    """Some products have a cost, and it rises in July; P0 and P1 have none."""
    later = row[3] >= "2026-07"
    cost = None if row[2] in (None, "P0", "P1") else Decimal(f"{int(row[2][1]) + later}.25")
    return almas_tea.sale(row) | {"unit_cost": cost, "variant": row[0][-1]}


def _beside(dice: random.Random, products: list[tuple[Any, ...]]) -> dict[str, Any]:
    """Visits from March, advertising from May with days between, counts now and then, costs."""
    days = [(date(2026, 1, 1) + timedelta(days=n)).isoformat() for n in range(319)]
    funnels = [sorted((dice.randrange(60) for _ in range(5)), reverse=True) for _ in days]
    visits = [
        (f"{day}T{dice.randrange(24):02}:00", dice.choice(["web", "email", ""]), "DE", *funnel)
        for day, funnel in zip(days, funnels, strict=True)
        if day >= "2026-03-05"
    ]
    spend = [
        (day, way, f"{way} {day[6]}", f"{dice.randrange(900)}.50", 100, dice.randrange(9), claim)
        for day in days[120::3]
        for way, claim in (("web", f"{dice.randrange(2000)}"), ("email", None))
    ]
    counts = [
        (day, product[0], dice.randrange(-3, 30))
        for day in days[60:]
        for product in products[1:]
        if dice.random() < 0.2
    ]
    costs = [
        (f"c{n}", dice.choice([None, f"#{n}"]), dice.choice(days), kind, f"{dice.randrange(9)}.10")
        for n in range(60)
        for kind in ("shipping", "payment")[: 1 + n % 2]
    ]
    own = (
        (schema.SESSIONS, visits, ("local_at", "channel", "country", *almas_tea.FUNNEL)),
        (schema.SPEND, spend, ("local_date", "channel", "campaign", *almas_tea.SPENT)),
        (schema.INVENTORY, counts, ("local_date", "product_id", "available")),
        (schema.COSTS, costs, ("cost_id", "order_id", "local_date", "kind", "amount")),
    )
    return {
        table.name: almas_tea.table(
            table, (almas_tea.told(dict(zip(names, row, strict=True))) for row in rows)
        )
        for table, rows, names in own
    }


def splits(metric: str) -> list[str]:
    """What a metric can be broken down by."""
    known = known_by(METRICS[metric])
    return [name for name in DIMENSIONS if name in known]


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    warehouse = DuckDBWarehouse(tmp_path_factory.mktemp("big") / "w.duckdb", clock=FrozenClock())
    warehouse.merge(random_batch(1, orders=400, beside=True))
    yield engine_on(warehouse)
    warehouse.close()


@CHECKS
@given(metric=st.sampled_from(ADDITIVE), top=st.integers(0, 3), data=st.data())
def test_parts_add_up_to_the_total_over_any_split(
    big: Engine, metric: str, top: int, data: st.DataObject
) -> None:
    ways = st.sampled_from(splits(metric))
    by = data.draw(st.lists(ways, min_size=1, max_size=2, unique=True))
    if sum(name in GRAINS for name in by) > 1 or "hour" in by:
        by = by[:1] if by[0] != "hour" else ["day"]
    frame = answer(big, f"metrics={metric}&by={','.join(by)}&top={top}&{YEAR}")
    # Days before a fact begins and groups without any cost are unknown: no part of the sum.
    assert sum(value or 0 for value in frame.values(metric)) == frame.total(metric)
    assert frame.total(metric) == answer(big, f"metrics={metric}&{YEAR}").total(metric)


@settings(CHECKS, max_examples=40)
@given(metric=st.sampled_from(list(METRICS)), data=st.data())
def test_a_filter_gives_the_row_of_the_breakdown(
    big: Engine, metric: str, data: st.DataObject
) -> None:
    by = data.draw(st.sampled_from([n for n in splits(metric) if n in CHOSEN]))
    rows = answer(big, f"metrics={metric}&by={by}&{YEAR}")
    for value, number in zip(rows.values(by), rows.values(metric), strict=True):
        text = "(none)" if value is None else value
        alone = answer(big, f"metrics={metric}&{by}={text}&{YEAR}")
        assert alone.total(metric) == pytest.approx(number)


CHOSEN = (
    *("country", "channel", "campaign", "customer_kind"),
    *("product_type", "product", "variant", "vendor", "abc", "weekday"),
)


def test_rates_are_worked_out_again_at_every_level(big: Engine) -> None:
    parts = (
        "net_sales,cogs,marketing_spend,new_customers,shipping_cost,payment_fees,sessions,purchases"
    )
    frame = answer(big, f"metrics={parts},cac,conversion_rate,cm3&by=month&{YEAR}")
    for row in (*frame.rows(), dict(frame.totals)):
        rate = row["purchases"] / row["sessions"] if row["sessions"] else None
        assert row["conversion_rate"] == pytest.approx(rate)
        known = row["marketing_spend"] is not None and row["new_customers"]
        cac = float(row["marketing_spend"]) / row["new_customers"] if known else None
        assert row["cac"] == pytest.approx(cac)
        less = [row[n] for n in ("cogs", "shipping_cost", "payment_fees", "marketing_spend")]
        assert row["cm3"] == (None if None in less else row["net_sales"] - sum(less))
    assert frame.values("marketing_spend")[:6] == [None] * 6
    assert frame.total("cac") > 0


@pytest.mark.parametrize("metric", ["ending_units", "days_of_inventory", "stock_cover"])
def test_stock_over_time_is_the_stock_of_each_bucket_asked_alone(big: Engine, metric: str) -> None:
    frame = answer(big, f"metrics={metric}&by=month&from=2026-01-15&to=2026-11-10&cmp=none")
    ends = [date(2026, m + 1, 1) - timedelta(days=1) for m in range(1, 11)] + [date(2026, 11, 10)]
    alone = [
        answer(big, f"metrics={metric}&from={end}&to={end}&cmp=none").total(metric) for end in ends
    ]
    assert frame.values(metric) == [pytest.approx(value) for value in alone]
    assert alone[0] is None
    assert alone[-1] is not None
    assert frame.total(metric) == alone[-1]


def test_cover_is_days_of_inventory_where_nothing_was_ever_out(duckdb_warehouse: Any) -> None:
    batch = random_batch(5, orders=300, beside=True)
    always = [
        {**row, "available": 5 + row["available"]} for row in batch.tables["inventory"].to_pylist()
    ]
    tables = {**batch.tables, "inventory": almas_tea.table(schema.INVENTORY, always)}
    duckdb_warehouse.merge(Batch(batch.shop, "test", "full", tables))
    frame = answer(
        engine_on(duckdb_warehouse), f"metrics=days_of_inventory,stock_cover&by=product&{YEAR}"
    )
    assert len(frame) == 5
    assert frame.values("stock_cover") == [
        pytest.approx(days) for days in frame.values("days_of_inventory")
    ]


def test_the_waterfall_adds_up_everywhere(big: Engine) -> None:
    parts = "gross_sales,discounts,sales_reversals,net_sales,shipping,taxes,duties,fees,total_sales"
    for row in answer(big, f"metrics={parts}&by=month,country&{YEAR}").rows():
        assert row["gross_sales"] + row["discounts"] + row["sales_reversals"] == row["net_sales"]
        extras = row["shipping"] + row["taxes"] + row["duties"] + row["fees"]
        assert row["net_sales"] + extras == row["total_sales"]


@settings(CHECKS, max_examples=4)
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
    for metrics, ways in alike():
        for split in ways:
            known = [name for name in ways if name in ATTRIBUTES and name != split]
            dice.shuffle(metrics)
            asked = [f for f in filters if not f or f.split("=")[0].removeprefix("not_") in known]
            period = (
                "from=2026-10-01&to=2026-10-03"
                if split == "hour"
                else "from=2026-03-01&to=2026-11-16"
            )
            other = dice.choice(["", f",{dice.choice(known)}"])
            top = dice.choice(["", "&top=2"])
            compare = dice.choice(["none", "prev", "year"])
            questions.append(
                f"metrics={','.join(metrics)}&by={split}{other}{top}&{period}&cmp={compare}"
                f"&{dice.choice(asked)}"
            )
    return questions


def alike() -> list[tuple[list[str], list[str]]]:
    """Metrics that are known by the same dimensions, and these."""
    ways = {metric: tuple(splits(metric)) for metric in METRICS}
    return [
        ([m for m in METRICS if ways[m] == way], list(way)) for way in dict.fromkeys(ways.values())
    ]


@pytest.mark.server
def test_both_warehouses_give_equal_answers(duckdb_warehouse: Any, postgres_warehouse: Any) -> None:
    engines = []
    for warehouse in (duckdb_warehouse, postgres_warehouse):
        warehouse.merge(random_batch(3, orders=120, beside=True))
        engines.append(engine_on(warehouse))
    for text in generated_questions():
        ours, theirs = (answer(engine, text) for engine in engines)
        assert ours.data.equals(theirs.data), text
        assert dict(ours.totals) == dict(theirs.totals), text
        if ours.previous and theirs.previous:
            assert ours.previous.data.equals(theirs.previous.data), text
