"""Cohorts, repeat customers, countries and products of Online Retail against the published truth.

The truth counts any positive line of an invoice as an order, postage too; an order of ours has
goods. So its queries run twice: as published they give the published numbers, and over goods alone
they give ours, to the digit. What lies between is four customers who only ever paid postage.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.metrics.cohorts import retention
from agent.metrics.frames import Frame
from agent.services import Services

pytestmark = pytest.mark.shared
FOLDER = "data/uci_online_retail_2010_2011"
WHOLE = "shop=UK Gifts&from=2010-12-01&to=2011-12-09&cmp=none"
END = date(2011, 12, 9)


@pytest.fixture(scope="module")
def truth(shared: Path) -> Path:
    return shared / FOLDER / "truth"


@pytest.fixture(scope="module")
def shop(retail_shop: Services) -> Services:
    return retail_shop


class File:
    """The published file, asked with the truth's own definitions."""

    def __init__(self, folder: Path) -> None:
        import duckdb

        self._told = json.loads((folder / "truth" / "definitions.json").read_text())
        self._database = duckdb.connect()
        file = folder / "online_retail.parquet"
        self._database.execute(f"create view a as select * from '{file}'")
        self._database.execute(self._told["view_L"])

    def ask(self, query: str, *, goods: bool) -> list[dict[str, Any]]:
        """A query of the truth by its name, or one of ours over its views."""
        only = " and not is_nonproduct" if goods else ""
        self._database.execute(f"create or replace view SALES as {self._told['SALES']}{only}")
        rows = self._database.execute(self._told["queries"].get(query, query)).to_arrow_table()
        return list(rows.to_pylist())

    def close(self) -> None:
        self._database.close()


@pytest.fixture(scope="module")
def file(shared: Path) -> Iterator[File]:
    opened = File(shared / FOLDER)
    yield opened
    opened.close()


def ask(services: Services, text: str) -> Frame:
    return services.answer(services.question(f"{text}&{WHOLE}"))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def as_published(found: list[dict[str, Any]], published: list[dict[str, str]]) -> bool:
    """Whether rows are those of a file: the same numbers, empty for unknown."""
    return [
        {
            k: "" if v is None else v if isinstance(v, str) else round(float(v), 6)
            for k, v in r.items()
        }
        for r in found
    ] == [
        {
            k: v if k in ("cohort_month", "country", "month") or not v else float(v)
            for k, v in r.items()
        }
        for r in published
    ]


def test_retention_is_the_truths_over_goods(shop: Services, truth: Path, file: File) -> None:
    name = "cohort_retention_m0_m3"
    assert as_published(file.ask(name, goods=False), rows(truth / f"{name}.csv"))
    expected = file.ask(name, goods=True)
    cohorts = retention(ask(shop, "metrics=customers&by=cohort,age"), END)
    assert cohorts.labels == tuple(row["cohort_month"] for row in expected)
    assert cohorts.sizes.tolist() == [row["cohort_size"] for row in expected]
    for age in range(4):
        shares = [
            np.nan if row[f"m{age}"] is None else row[f"m{age}"] / row["cohort_size"]
            for row in expected
        ]
        np.testing.assert_array_equal(cohorts.values[:, age], shares)
    # December 2011 had nine days: every cohort's cell of it is immature, and no other.
    month = np.add.outer(np.arange(13), np.arange(13))
    np.testing.assert_array_equal(cohorts.immature, month == 12)


def test_four_customers_only_ever_paid_postage(shop: Services, file: File) -> None:
    """They are the whole difference in customers; nobody else's first month is moved by more."""
    listed = "select distinct customer from SALES where customer is not null"
    everybody, ours = (
        {row["customer"] for row in file.ask(listed, goods=goods)} for goods in (False, True)
    )
    assert len(everybody - ours) == 4
    assert ours < everybody
    assert ask(shop, "metrics=customers").total("customers") == len(ours) == 4334


def test_the_repeat_rate_is_the_truths_over_goods(shop: Services, truth: Path, file: File) -> None:
    published = rows(truth / "repeat_purchase.csv")
    assert as_published(file.ask("repeat_purchase", goods=False), published)
    expected = file.ask("repeat_purchase", goods=True)[0]
    frame = ask(shop, "metrics=repeat_purchase_rate,customers,orders&not_rfm=(none)")
    assert frame.total("customers") == expected["customers"]
    assert frame.total("repeat_purchase_rate") == pytest.approx(
        expected["repeat_rate_by_order"], abs=1e-12
    )
    assert float(frame.total("orders") or 0) / expected["customers"] == pytest.approx(
        expected["orders_per_customer"], abs=1e-12
    )


def test_repurchase_holds_the_repeats_of_the_first_month(shop: Services, file: File) -> None:
    frame = ask(shop, "metrics=customers,repurchasing_customers&by=cohort,age")
    classic, again = retention(frame, END), retention(frame, END, "repurchasing_customers")
    np.testing.assert_array_equal(classic.values[:, 1:], again.values[:, 1:])
    repeats = file.ask(
        """with o as (select customer, invoice, date_trunc('month', min(ts)) m from SALES
                where customer is not null group by 1, 2),
            f as (select customer, min(m) m from o group by 1),
            n as (select f.m, customer, count(*) k from o join f using (customer, m) group by all)
        select m, count(*) filter (k > 1) repeats, count(*) size from n group by 1 order by 1""",
        goods=True,
    )
    assert again.values[:, 0].tolist() == [row["repeats"] / row["size"] for row in repeats]


def test_new_and_returning_customers_by_month(shop: Services, truth: Path, file: File) -> None:
    name = "new_vs_returning_by_month"
    published = [
        (r["month"], int(r["new_customers"]), int(r["returning_customers"]))
        for r in rows(truth / f"{name}.csv")
    ]
    as_told, expected = (
        [
            (r["month"], r["new_customers"], r["returning_customers"])
            for r in file.ask(name, goods=goods)
        ]
        for goods in (False, True)
    )
    assert as_told == published
    frame = ask(shop, "metrics=customers&by=month,cohort")
    found: dict[str, list[int]] = {}
    for row in frame.rows():
        month = f"{row['month']:%Y-%m}"
        found.setdefault(month, [0, 0])[row["cohort"] != month] += row["customers"]
    assert [(month, *counts) for month, counts in found.items()] == expected


def test_countries_are_the_truths_over_goods(shop: Services, truth: Path, file: File) -> None:
    name = "top10_countries_R3"
    found, published = file.ask(name, goods=False), rows(truth / f"{name}.csv")
    assert [(r["country"], r["orders"], r["customers"]) for r in found] == [
        (r["country"], int(r["orders"]), int(r["customers"])) for r in published
    ]
    expected = file.ask(name, goods=True)
    frame = ask(shop, "metrics=gross_sales,orders,customers&by=country&top=10")
    for ours, theirs in zip(frame.rows()[:10], expected, strict=True):
        assert (ours["country"], ours["orders"], ours["customers"]) == (
            theirs["country"],
            theirs["orders"],
            theirs["customers"],
        )
        assert float(ours["gross_sales"]) == pytest.approx(theirs["revenue"], abs=5e-4)


def test_most_sold_products_are_the_truths(shop: Services, truth: Path) -> None:
    frame = ask(shop, "metrics=units_ordered,gross_sales,orders&by=product&top=10")
    published = rows(truth / "top10_products_units_R4.csv")
    found = [(r["product"], r["units_ordered"], r["orders"]) for r in frame.rows()[:10]]
    assert found == [(r["sku"], float(r["units"]), int(r["orders"])) for r in published]
