"""Cohort matrices: by hand, by hypothesis, and CDNOW's 23,570 customers against the truth."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.cache import MemoryCache
from agent.metrics.cohorts import Cohorts, lifetime_value, retention
from agent.metrics.engine import Engine
from agent.metrics.frames import Column, Frame, Receipt
from agent.metrics.questions import Question
from agent.ports import Batch, Shop
from agent.warehouse import schema
from agent.warehouse.duckdb import DuckDBWarehouse
from tests.agent.metrics.test_properties import CHECKS
from tests.clock import FrozenClock

NAN = np.nan
RECEIPT = Receipt({}, (), {}, datetime(2026, 11, 17, tzinfo=UTC), ("s",), "EUR", "UTC", "", (), 0)


def frame_of(
    cells: Sequence[tuple[str | None, str | None, int, float]],
    by: tuple[str, str] = ("cohort", "age"),
    rest: int = 0,
) -> Frame:
    """Cells as (cohort, age, customers, net sales)."""
    columns = (*(Column(n, n, "text", "dimension") for n in by),)
    columns += (
        Column("customers", "", "count", "metric"),
        Column("net_sales", "", "money", "metric"),
    )
    arrays = [pa.array(list(column)) for column in zip(*cells, strict=True)]
    names = [c.name for c in columns]
    return Frame(columns, pa.table(arrays, names=names), {}, RECEIPT, rest_rows=rest)


CELLS = [
    ("2026-08", "0", 10, 100.0),
    ("2026-08", "1", 4, 30.0),
    ("2026-08", "3", 1, 5.0),
    ("2026-10", "0", 20, 400.0),
    ("2026-10", "1", 5, -50.0),
    (None, None, 0, 70.0),  # guests are in no cohort
]


def test_a_cell_is_a_share_nothing_or_not_begun() -> None:
    found = retention(frame_of(CELLS), date(2026, 11, 16))
    assert found.labels == ("2026-08", "2026-10")
    assert found.sizes.tolist() == [10, 20]
    expected = [[1, 0.4, 0, 0.1], [1, 0.25, NAN, NAN]]
    np.testing.assert_array_equal(found.values, expected)
    np.testing.assert_array_equal(found.immature, [[0, 0, 0, 1], [0, 1, 0, 0]])


@pytest.mark.parametrize(
    ("end", "immature", "begun"),
    [
        (date(2026, 11, 29), True, 4),
        (date(2026, 11, 30), False, 4),
        (date(2026, 12, 1), True, 5),
        (date(2026, 10, 31), False, 3),
    ],
)
def test_a_month_is_mature_when_its_last_day_is_over(end: date, immature: bool, begun: int) -> None:
    found = retention(frame_of(CELLS), end)
    assert found.values.shape == (2, begun)
    assert bool(found.immature.any()) is immature


def test_value_adds_up_over_the_ages_for_each_customer_of_the_cohort() -> None:
    found = lifetime_value(frame_of(CELLS), date(2026, 11, 30))
    np.testing.assert_array_equal(found.values, [[10, 13, 13, 13.5], [20, 17.5, NAN, NAN]])


def test_the_mean_counts_customers_and_only_mature_cells() -> None:
    found = retention(frame_of(CELLS), date(2026, 11, 16))
    np.testing.assert_allclose(found.mean, [1, 0.4, 0, NAN])  # November is not over
    later = retention(frame_of(CELLS), date(2026, 11, 30))
    np.testing.assert_allclose(later.mean, [1, 9 / 30, 0, 0.1])


@pytest.mark.parametrize(
    ("by", "cells", "end", "ages"),
    [
        (("cohort_week", "age_weeks"), [("2026-W53", "0", 2, 1.0)], date(2027, 1, 4), 2),
        (("cohort_week", "age_weeks"), [("2026-W53", "0", 2, 1.0)], date(2027, 1, 3), 1),
        (("cohort_quarter", "age_quarters"), [("2025-Q4", "0", 2, 1.0)], date(2026, 7, 1), 4),
    ],
)
def test_weeks_and_quarters(
    by: tuple[str, str], cells: list[tuple[str, str, int, float]], end: date, ages: int
) -> None:
    found = retention(frame_of(cells, by), end)
    assert found.values.shape == (1, ages)
    assert bool(found.immature[0, -1]) is (end != date(2027, 1, 3))


def test_what_is_no_cohort_is_left_out_or_refused() -> None:
    cells = [*CELLS, ("2026-09", None, 3, 1.0), ("2026-09", "9", 9, 9.0)]
    found = retention(frame_of(cells, rest=1), date(2026, 11, 16))
    assert found.labels == ("2026-08", "2026-10")
    with pytest.raises(ValueError, match="no cohorts by age"):
        retention(frame_of(CELLS, ("cohort", "age_weeks")), date(2026, 11, 16))
    nobody = retention(frame_of([(None, None, 0, 1.0)]), date(2026, 11, 16))
    assert nobody.labels == ()
    assert nobody.values.shape == (0, 0)


def test_a_cohort_whose_first_month_is_not_asked_for_has_no_shares() -> None:
    found = retention(frame_of([("2026-08", "1", 4, 30.0)]), date(2026, 11, 30))
    assert found.sizes.tolist() == [0]
    assert np.isnan(found.values).all()


@CHECKS
@given(
    counts=st.dictionaries(
        st.tuples(st.integers(1, 12), st.integers(0, 11)), st.integers(0, 9), min_size=1
    ),
    end=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
)
def test_any_matrix(counts: Mapping[tuple[int, int], int], end: date) -> None:
    """nan exactly where a month has not begun; the shares give the counts back; at most one
    immature cell a cohort, its last."""
    cells = [(f"2026-{m:02}", str(a), n, float(n)) for (m, a), n in counts.items()]
    cells += [(f"2026-{m:02}", "0", 7, 7.0) for m in {m for m, _ in counts} if (m, 0) not in counts]
    cells = [(c, a, n or 1, v) if a == "0" else (c, a, n, v) for c, a, n, v in cells]
    found = retention(frame_of(cells), end)
    for row, label in enumerate(found.labels):
        begun = max(end.month - int(label[5:]) + 1, 0)
        assert np.isnan(found.values[row]).tolist() == [
            age >= begun for age in range(found.values.shape[1])
        ]
        assert not found.immature[row, : max(begun - 1, 0)].any()
        for age in range(begun):
            told = counts.get((int(label[5:]), age), 0) if age else found.sizes[row]
            assert round(float(found.values[row, age] * found.sizes[row])) == told


# CDNOW: one order a row of the file, which has no order numbers and no times.

CDNOW = Shop("cdnow", "CDNOW", "USD", "UTC", "test")
SPAN = "from=1997-01-01&to=1998-06-30&cmp=none"
CDNOW_END = date(1998, 6, 30)


@pytest.fixture(scope="module")
def cdnow(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    file = pq.read_table(shared / "data/cdnow/cdnow_master.parquet")
    warehouse = DuckDBWarehouse(tmp_path_factory.mktemp("cdnow") / "w.duckdb")
    warehouse.merge(cdnow_batch(file))
    yield Engine(warehouse, MemoryCache(), FrozenClock())
    warehouse.close()


def cdnow_batch(file: pa.Table) -> Batch:
    number = pc.utf8_lpad(pa.array(np.arange(len(file))).cast(pa.string()), 6, "0")
    at = file["date"].cast(pa.timestamp("us")).combine_chunks()
    price = pc.round(file["dollar_value"], 2).cast(pa.decimal128(38, 4)).combine_chunks()
    given = {
        "order_id": number, "sale_id": number, "line_id": number, "name": number,
        "customer_id": file["customer_id"].combine_chunks(), "product_id": number,
        "placed_at": at, "happened_at": at, "local_at": at, "local_date": at.cast(pa.date32()),
        "gross": price,
        "quantity": file["number_of_cds"].combine_chunks().cast(pa.int64()),
    }  # fmt: skip
    fixed: dict[str, Any] = {
        "shop_id": "cdnow", "placed": True, "action": "ORDER", "line_type": "PRODUCT", "revision": 0
    }  # fmt: skip
    return Batch(
        CDNOW, "test", "cdnow",
        {t.name: filled(t, given, fixed, len(file)) for t in (schema.ORDERS, schema.SALES)},
    )  # fmt: skip


def filled(
    table: Any, given: Mapping[str, pa.Array], fixed: Mapping[str, Any], size: int
) -> pa.Table:
    def column(field: pa.Field) -> pa.Array:
        if field.name in given:
            return given[field.name].cast(field.type)
        empty = Decimal(0) if pa.types.is_decimal(field.type) and not field.nullable else None
        return pa.repeat(pa.scalar(fixed.get(field.name, empty), field.type), size)

    wanted = schema.arrow_schema(table)
    return pa.Table.from_arrays([column(field) for field in wanted], schema=wanted)


def asked(engine: Engine, text: str) -> Frame:
    return engine.answer(Question.parse(f"{text}&{SPAN}", date(2026, 11, 17), ("cdnow",)))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.shared
def test_cdnows_retention_and_repeat_rate_are_the_truths(cdnow: Engine, shared: Path) -> None:
    truth = shared / "data/cdnow/truth"
    found = retention(asked(cdnow, "metrics=customers&by=cohort,age"), CDNOW_END)
    counts = np.rint(found.values * found.sizes[:, None])
    expected = rows(truth / "cohort_retention_m0_m3.csv")
    assert [
        {"cohort_month": label, "cohort_size": str(size)}
        | {f"m{age}": str(int(counts[row, age])) for age in range(4)}
        for row, (label, size) in enumerate(zip(found.labels, found.sizes, strict=True))
    ] == expected
    assert not found.immature.any()
    repeat = rows(truth / "repeat_purchase.csv")[0]
    assert asked(cdnow, "metrics=repeat_purchase_rate").total(
        "repeat_purchase_rate"
    ) == pytest.approx(int(repeat["repeat_by_row"]) / int(repeat["customers"]), abs=1e-12)


@pytest.mark.shared
def test_cdnows_lifetime_value_is_all_that_its_cohorts_ever_paid(
    cdnow: Engine, shared: Path
) -> None:
    found = lifetime_value(asked(cdnow, "metrics=net_sales,customers&by=cohort,age"), CDNOW_END)
    file = pq.read_table(shared / "data/cdnow/cdnow_master.parquet")
    days = file["date"].cast(pa.timestamp("us")).to_numpy().astype("datetime64[M]").astype(int)
    people, where = np.unique(file["customer_id"].to_numpy(), return_inverse=True)
    first = np.full(len(people), 10**6)
    np.minimum.at(first, where, days)
    paid = file["dollar_value"].to_numpy()
    for row, cohort in enumerate(np.unique(first)):
        own = first[where] == cohort
        for age in range(18 - row):
            by_then = paid[own & (days <= cohort + age)].sum() / (first == cohort).sum()
            assert found.values[row, age] == pytest.approx(by_then, abs=1e-6)
    total = float(rows(shared / "data/cdnow/truth/totals.csv")[0]["revenue"])
    last = np.array([found.values[row, 17 - row] for row in range(3)])
    assert (last * found.sizes).sum() == pytest.approx(total, abs=0.01)


@pytest.mark.shared
def test_cdnows_scores_stand_for_fifths(cdnow: Engine) -> None:
    """Money has few ties: each score a fifth of the customers, the best worth the most."""
    frame = asked(cdnow, "metrics=customers,net_sales_per_customer&by=monetary")
    assert frame.values("monetary") == ["1", "2", "3", "4", "5"]
    people, worth = frame.array("customers"), frame.array("net_sales_per_customer")
    assert people.sum() == 23570
    np.testing.assert_allclose(people / 23570, 0.2, atol=0.005)
    assert (np.diff(worth) > 0).all()


def test_cohorts_compare_by_content() -> None:
    one = Cohorts(("a",), np.array([1]), np.array([[1.0]]), np.array([[False]]))
    assert one.mean.tolist() == [1.0]
