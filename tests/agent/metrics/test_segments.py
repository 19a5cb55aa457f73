"""What customers and products are by the end of a window, against the same worked out in Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.cache import MemoryCache
from agent.errors import Refused
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.engine import Engine
from agent.metrics.frames import Frame
from agent.metrics.questions import Question
from agent.metrics.reading import Terms
from agent.ports import Batch
from agent.warehouse import schema
from tests import almas_tea
from tests.agent.metrics.conftest import TODAY, TWINS, Ask, empty
from tests.agent.metrics.test_properties import CHECKS, random_batch
from tests.clock import FrozenClock

SHOPS = (almas_tea.SHOP.shop_id,)
SEGMENTS = [n for n, d in DIMENSIONS.items() if d.level in ("customer", "age", "grade")]
# The table of docs/metrics.md, written a second time: group, R, then F and M.
GRID = """
Champions 4-5 4-5; Loyal 2-5 3-5; Potential loyalist 3-5 1-3; New 4-5 1-1; Promising 3-4 1-1;
Needs attention 2-3 2-3; About to sleep 2-3 1-2; At risk 1-2 2-5; Can't lose 1-1 4-5; Lost 1-2 1-2
"""


def engine_on(warehouse: Any, terms: Terms = Terms()) -> Engine:  # noqa: B008  # frozen
    return Engine(warehouse, MemoryCache(), FrozenClock(), terms=terms)


def answer(engine: Engine, text: str) -> Frame:
    compare = "" if "cmp=" in text else "&cmp=none"
    return engine.answer(Question.parse(text + compare, TODAY, SHOPS))


@pytest.fixture(scope="module", params=TWINS)
def busy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Many orders of few customers. To be read only."""
    with empty(request, tmp_path_factory) as warehouse:
        warehouse.merge(random_batch(5, orders=300))
        yield warehouse


def shop_of(orders: Sequence[tuple[str, str | None, str, float]], products: bool = False) -> Batch:
    """Orders as (id, customer, moment, net sales); each of a product called as the order where
    `products`."""
    papers = [(i, customer, when, "DE", "web", True, "EUR") for i, customer, when, _ in orders]
    lines = [
        (f"{i}s", i, i if products else "P", when, "ORDER", "PRODUCT", 1, {"gross": Decimal(net)})
        for i, _, when, net in orders
    ]
    tables = {
        "orders": almas_tea.table(schema.ORDERS, map(almas_tea.order, papers)),
        "sales": almas_tea.table(schema.SALES, map(almas_tea.sale, lines)),
    }
    return Batch(almas_tea.SHOP, "test", f"{len(orders)} {products}", tables)


def group_of(r: int, f: int, m: int) -> str:
    for part in GRID.replace("\n", " ").strip().split(";"):
        *name, recency, worth = part.split()
        low, high = (int(n) for n in worth.split("-"))
        least, most = (int(n) for n in recency.split("-"))
        if least <= r <= most and low <= f <= high and low <= m <= high:
            return " ".join(name)
    return "Others"


def scores(values: dict[str, Any]) -> dict[str, int]:
    """By how many have less, in exact arithmetic."""
    ordered = list(values.values())
    return {
        who: 1 + 5 * sum(other < value for other in ordered) // len(ordered)
        for who, value in values.items()
    }


def lives(warehouse: Any, end: date, refunds: str) -> dict[str, tuple[date, int, Decimal]]:
    """Customer -> last order's day, orders, net sales; as of the end of a day."""
    orders = {row["order_id"]: row for row in rows(warehouse, schema.ORDERS)}
    found: dict[str, tuple[date, int, Decimal]] = {}
    for paper in orders.values():
        who = paper["customer_id"]
        if who is not None and paper["placed"] and paper["local_date"] <= end:
            last, count, _ = found.get(who, (date.min, 0, Decimal(0)))
            found[who] = (max(last, paper["local_date"]), count + 1, Decimal(0))
    for sale in rows(warehouse, schema.SALES):
        paper = orders[sale["order_id"]]
        day = paper["local_date"] if refunds == "order_day" else sale["local_date"]
        if sale["line_type"] == "PRODUCT" and day <= end and paper["customer_id"] in found:
            last, count, net = found[paper["customer_id"]]
            net += sale["gross"] + sale["discount"] + sale["reversal"]
            found[paper["customer_id"]] = (last, count, net)
    return found


def rows(warehouse: Any, table: Any) -> list[dict[str, Any]]:
    import sqlalchemy as sa

    return list(warehouse.read(sa.select(*table.c)).to_pylist())


@pytest.mark.parametrize("refunds", ["processing_day", "order_day"])
@pytest.mark.parametrize("end", ["2026-04-30", "2026-11-16"])
def test_scores_and_groups_are_those_worked_out_by_hand(busy: Any, end: str, refunds: str) -> None:
    known = lives(busy, date.fromisoformat(end), refunds)
    r, f, m = (scores({who: life[n] for who, life in known.items()}) for n in range(3))
    expected = {
        "rfm": Counter(group_of(r[who], f[who], m[who]) for who in known),
        "recency": Counter(str(score) for score in r.values()),
        "frequency": Counter(str(score) for score in f.values()),
        "monetary": Counter(str(score) for score in m.values()),
    }
    engine = engine_on(busy)
    for dimension, counted in expected.items():
        text = f"metrics=customers&by={dimension}&from=2026-01-01&to={end}&refunds={refunds}"
        frame = answer(engine, text)
        found = dict(zip(frame.values(dimension), frame.values("customers"), strict=True))
        assert found.pop(None, 0) == 0  # guests
        assert found == counted


def test_the_first_group_that_fits_leaves_some_never_reached() -> None:
    """docs/decisions tells why: the order of the table is followed to the letter."""
    reached = {group_of(r, f, m) for r in range(1, 6) for f in range(1, 6) for m in range(1, 6)}
    shown = set(DIMENSIONS["rfm"].values)
    assert shown - reached == {"New", "Promising", "Can't lose"}
    assert reached <= shown


def test_the_same_value_has_the_same_score(warehouse: Any) -> None:
    orders = [(f"#{n}", f"c{n}", "2026-11-02T09:00", 10.0) for n in range(7)]
    orders += [("#x", "c0", "2026-11-03T09:00", 10.0)]
    warehouse.merge(shop_of(orders))
    engine = engine_on(warehouse)
    for score in ("recency", "frequency", "monetary"):
        frame = answer(engine, f"metrics=customers&by={score}&from=2026-11-01&to=2026-11-16")
        # One of seven is above the other six: more than four fifths have less.
        assert frame.rows() == [{score: "1", "customers": 6}, {score: "5", "customers": 1}]


def test_guests_are_none_and_goods_of_guests_too(ask: Ask) -> None:
    frame = ask("metrics=net_sales&by=rfm&from=2026-11-01&to=2026-11-16")
    assert frame.values("rfm")[-1] is None
    assert frame.values("net_sales")[-1] == Decimal("5")
    goods = ask("metrics=net_sales&by=rfm,product&rfm=(none)&from=2026-11-01&to=2026-11-16")
    assert goods.values("product") == ["X1"]


def test_a_platforms_own_group_is_shown(fresh: Any) -> None:
    def profile(who: str, group: str | None) -> dict[str, Any]:
        return {"shop_id": SHOPS[0], "customer_id": who, "rfm_group": group, "revision": 0}

    told = [profile("ann", "PREVIOUSLY_LOYAL"), profile("dee", None), profile("bob", "")]
    table = almas_tea.table(schema.PROFILES, told)
    engine, text = engine_on(fresh), "metrics=customers&by=rfm&from=2026-11-01&to=2026-11-16"
    before = answer(engine, text)
    fresh.merge(Batch(almas_tea.SHOP, "test", "profiles", {"profiles": table}))
    after = answer(engine, text)
    groups = dict(zip(after.values("rfm"), after.values("customers"), strict=True))
    assert groups["PREVIOUSLY_LOYAL"] == 1
    assert before.total("customers") == after.total("customers") == 5
    # Ours come first in the table's order, then the platform's, then none.
    assert after.values("rfm")[-2:] == ["PREVIOUSLY_LOYAL", None]
    alone = answer(engine, "metrics=customers&rfm=PREVIOUSLY_LOYAL&from=2026-11-01&to=2026-11-16")
    assert alone.total("customers") == 1


def test_a_comparison_has_its_own_end(warehouse: Any) -> None:
    """In October one bought once, in November again: by the end of October it was worth less."""
    orders = [("#1", "ann", "2026-10-05T09:00", 90.0), ("#2", "ann", "2026-11-05T09:00", 90.0)]
    warehouse.merge(shop_of(orders))
    text = "metrics=customers&by=value_tier&from=2026-11-01&to=2026-11-16&cmp=prev"
    frame = answer(engine_on(warehouse), text)
    assert frame.rows() == [{"value_tier": "Regular", "customers": 1}]
    assert frame.previous is not None
    assert frame.previous.total("customers") == 1
    alone = answer(
        engine_on(warehouse), text.replace("11-01&to=2026-11-16&cmp=prev", "10-01&to=2026-10-16")
    )
    assert alone.rows() == [{"value_tier": "New", "customers": 1}]


def test_a_comparison_that_is_cut_at_an_hour_ends_there(warehouse: Any) -> None:
    """Tuesday 08:41: Ann was worth 110 by then a week ago, and ten times that an hour later."""
    orders = [("#1", "ann", "2026-11-09T09:00", 60.0), ("#2", "ann", "2026-11-10T07:00", 50.0)]
    orders += [("#3", "ann", "2026-11-10T08:30", 900.0), ("#4", "bob", "2026-11-16T09:00", 100.0)]
    warehouse.merge(shop_of(orders))
    text = "metrics=customers&by=value_tier&from=2026-11-16&to=2026-11-22&cmp=prev"
    for refunds in ("processing_day", "order_day"):
        frame = answer(engine_on(warehouse), f"{text}&refunds={refunds}")
        assert frame.rows() == [{"value_tier": "Regular", "customers": 1}]
        assert frame.previous is not None
        assert frame.previous.values("customers") == [1]


@pytest.mark.parametrize(
    ("tiers", "expected"),
    [
        ((1000, 500, 100), ["Medium", "Regular", "New"]),
        ((500, 400.5, 100.0001), ["High value", "Regular", "New"]),
        ((501, 100, 99.99), ["Medium", "New"]),
    ],
)
def test_tiers_begin_at_their_thresholds(
    warehouse: Any, tiers: tuple[float, float, float], expected: list[str]
) -> None:
    orders = [("#1", "ann", "2026-11-02T09:00", 500.0), ("#2", "bob", "2026-11-02T09:00", 100.0)]
    orders += [("#3", "cid", "2026-11-02T09:00", 99.0), ("#4", "dee", "2026-11-02T09:00", 400.0)]
    warehouse.merge(shop_of(orders))
    frame = answer(
        engine_on(warehouse, Terms(tiers=tiers)),
        "metrics=orders&by=value_tier&from=2026-11-01&to=2026-11-16",
    )
    assert frame.values("value_tier") == expected
    assert frame.total("orders") == 4


def test_an_answer_for_other_tiers_is_another_answer(duckdb_warehouse: Any) -> None:
    duckdb_warehouse.merge(shop_of([("#1", "ann", "2026-11-02T09:00", 500.0)]))
    cache, text = MemoryCache(), "metrics=orders&by=value_tier&from=2026-11-01&to=2026-11-16"
    found = [
        answer(Engine(duckdb_warehouse, cache, FrozenClock(), terms=Terms(tiers=tiers)), text)
        for tiers in ((1000, 500, 100), (400, 300, 100))
    ]
    assert [frame.values("value_tier") for frame in found] == [["Medium"], ["High value"]]


FIRSTS = (
    # first order (UTC), on Berlin's wall, then a later one; cohorts, ages
    ("2026-03-31T22:30", "2026-04-01T08:00", "2026-04", "2026-W14", "2026-Q2", "0", "0", "0"),
    ("2026-03-28T23:30", "2026-03-29T22:30", "2026-03", "2026-W13", "2026-Q1", "0", "1", "0"),
    ("2026-10-25T00:30", "2026-11-01T23:30", "2026-10", "2026-W43", "2026-Q4", "1", "2", "0"),
    ("2025-12-31T23:30", "2026-11-09T09:00", "2026-01", "2026-W01", "2026-Q1", "10", "45", "3"),
    ("2024-12-29T22:59", "2026-01-01T09:00", "2024-12", "2024-W52", "2024-Q4", "13", "53", "5"),
)


@pytest.mark.parametrize("row", FIRSTS, ids=lambda row: row[0])
def test_cohorts_and_ages_follow_the_shops_calendar(warehouse: Any, row: tuple[str, ...]) -> None:
    first, later, *expected = row
    warehouse.merge(shop_of([("#1", "ann", first, 10.0), ("#2", "ann", later, 7.0)]))
    engine = engine_on(warehouse)
    named = ("cohort", "cohort_week", "cohort_quarter", "age", "age_weeks", "age_quarters")
    for name, value in zip(named, expected, strict=True):
        frame = answer(engine, f"metrics=orders&by={name}&from=2024-01-01&to=2026-11-16")
        assert frame.values(name)[-1] == value
        assert len(frame) == (1 if name.startswith("cohort") or value == "0" else 2)
        net = answer(engine, f"metrics=net_sales&by={name}&from=2024-01-01&to=2026-11-16")
        assert net.values(name) == frame.values(name)


def test_ages_stand_in_the_order_of_numbers(warehouse: Any) -> None:
    first = datetime.fromisoformat("2025-01-15T09:00")
    orders = [
        (f"#{n}", "ann", (first + timedelta(days=31 * n)).isoformat(), 5.0) for n in range(13)
    ]
    warehouse.merge(shop_of([*orders, ("#g", None, "2025-01-20T09:00", 5.0)]))
    engine, span = engine_on(warehouse), "from=2025-01-01&to=2026-11-16"
    frame = answer(engine, f"metrics=orders&by=age&{span}")
    assert frame.values("age") == [*map(str, range(13)), None]
    matrix = answer(engine, f"metrics=orders&by=cohort,age&{span}")
    assert [r["age"] for r in matrix.rows()] == [*map(str, range(13)), None]
    downward = answer(engine, f"metrics=orders&by=age&sort=-age&{span}")
    assert downward.values("age") == frame.values("age")[::-1]


def test_natural_orders(busy: Any) -> None:
    engine, span = engine_on(busy), "from=2026-01-01&to=2026-11-16"
    tiers = answer(engine, f"metrics=orders&by=value_tier&{span}").values("value_tier")
    groups = answer(engine, f"metrics=orders&by=rfm&{span}").values("rfm")
    for found, dimension in ((tiers, "value_tier"), (groups, "rfm")):
        order = [*DIMENSIONS[dimension].values, None]
        assert found == sorted(found, key=order.index)
    monthly = answer(engine, f"metrics=orders&by=month,rfm&{span}")
    assert monthly.values("rfm")[: len(groups)] == groups


def test_an_age_is_no_filter_and_an_unknown_score_is_refused(ask: Ask) -> None:
    with pytest.raises(Refused, match=r"age cannot be a filter.*cohort=2026-03"):
        ask("metrics=orders&age=3")
    with pytest.raises(Refused, match="recency=6 is not known"):
        ask("metrics=orders&recency=6")
    with pytest.raises(Refused, match="Stock is not known by"):
        ask("metrics=ending_units&by=rfm")
    assert ask("metrics=orders&rfm=champions").receipt.filters == ("RFM group is Champions",)


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ((80, 15, 5), "ABC"),  # at 80 % B begins, at 95 % C
        ((79, 16, 5), "AAC"),  # what reaches over 80 % is still A
        ((50, 50), "AA"),
        ((100,), "A"),
        ((60, 20, 10, 5, 4, 1), "AABBCC"),
        ((90, -10, 0), "ACC"),  # those that earn nothing share in nothing
    ],
)
def test_abc_classes(warehouse: Any, amounts: tuple[int, ...], expected: str) -> None:
    orders = [(f"{n}", "ann", "2026-11-02T09:00", a) for n, a in enumerate(amounts)]
    orders += [("old", "ann", "2026-10-19T09:00", 1000.0)]  # the day before the 28
    warehouse.merge(shop_of(orders, products=True))
    frame = answer(
        engine_on(warehouse), "metrics=units&by=product,abc&from=2026-01-01&to=2026-11-16"
    )
    found = dict(zip(frame.values("product"), frame.values("abc"), strict=True))
    assert "".join(found[f"{n}"] for n in range(len(amounts))) == expected
    assert found["old"] == "C"


def test_abc_classes_of_orders_and_of_a_filter(busy: Any) -> None:
    engine, span = engine_on(busy), "from=2026-01-01&to=2026-11-16"
    classes = answer(engine, f"metrics=orders,net_sales,repeat_purchase_rate&by=abc&{span}")
    for row in classes.rows():
        text = f"metrics=orders,net_sales,repeat_purchase_rate&abc={row['abc']}&{span}"
        alone = answer(engine, text)
        assert alone.totals == {k: v for k, v in row.items() if k != "abc"}


@CHECKS
@given(
    metric=st.sampled_from(["net_sales", "total_sales", "units", "orders", "sales_reversals"]),
    by=st.lists(st.sampled_from([*SEGMENTS, "month", "product"]), min_size=1, max_size=2),
    refunds=st.sampled_from(["processing_day", "order_day"]),
    filtered=st.sampled_from(["", "&rfm=Champions", "&not_frequency=5", "&cohort=2026-02"]),
)
def test_parts_add_up_over_any_segment(
    busy: Any, metric: str, by: list[str], refunds: str, filtered: str
) -> None:
    if metric == "orders" and {"abc", "product"} & set(by):
        return  # an order has several products
    text = f"from=2026-02-01&to=2026-11-16&refunds={refunds}{filtered}"
    engine = engine_on(busy)
    frame = answer(engine, f"metrics={metric}&by={','.join(dict.fromkeys(by))}&{text}")
    assert sum(frame.values(metric)) == frame.total(metric)
    assert frame.total(metric) == answer(engine, f"metrics={metric}&{text}").total(metric)


def test_every_metric_of_a_customer_can_be_asked_by_every_segment(busy: Any) -> None:
    engine = engine_on(busy)
    names = "customers,new_customers,returning_customers,repeat_purchase_rate,average_order_value"
    for by in SEGMENTS:
        text = f"metrics={names}&by={by}&from=2026-02-01&to=2026-11-16"
        whole = answer(engine, text)
        cut = answer(engine, f"{text}&top=1&cmp=prev")
        assert len(cut) == min(len(whole), 2)
        assert cut.totals == whole.totals


def test_people_of_two_shops_are_two_people(warehouse: Any) -> None:
    """The same id in another shop, with scores and tiers of its own."""
    other = almas_tea.Shop("other", "Other", "EUR", "Europe/Berlin", "test")
    warehouse.merge(shop_of([("#1", "ann", "2026-11-02T09:00", 500.0)]))
    rich = shop_of([("#1", "ann", "2026-11-02T09:00", 1500.0)])
    moved = {
        name: table.set_column(
            table.schema.get_field_index("shop_id"),
            "shop_id",
            [["other"] * len(table)],
        )
        for name, table in rich.tables.items()
    }
    warehouse.merge(Batch(other, "test", "other", moved))
    question = Question.parse(
        "metrics=customers,net_sales&by=value_tier&from=2026-11-01&to=2026-11-16&cmp=none",
        TODAY,
        (*SHOPS, "other"),
    )
    frame = engine_on(warehouse).answer(question)
    groups: dict[str, Any] = defaultdict(int)
    groups.update(zip(frame.values("value_tier"), frame.values("customers"), strict=True))
    assert groups == {"High value": 1, "Medium": 1}
