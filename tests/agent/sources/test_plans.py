"""Targets from files: kept with the records, checked as those that people set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from agent.errors import BadFile, Refused
from agent.records import open_records
from agent.sources.base import ImportOptions
from agent.words import speaking
from tests.agent.sources.conftest import Desk

Sheet = Callable[..., Path]
HEADER = ("metric", "month", "target", "warning", "critical")
SPEND = ("date", "channel", "spend")
TEA = ImportOptions("", "Tea", "EUR", "Europe/Berlin")


@pytest.fixture
def shop(desk: Desk, sheet: Sheet, tmp_path: Path) -> Iterator[Desk]:
    """A desk with records, and a shop that is there."""
    records = open_records(f"sqlite:///{tmp_path / 'records.sqlite'}", desk.clock)
    made = replace(desk, records=records)
    made.take(sheet(SPEND, [("2026-11-01", "Meta", 1)], name="spend.csv"), TEA)
    yield made
    records.close()


def test_months_and_usual_targets(shop: Desk, sheet: Sheet) -> None:
    rows = [
        ("net_sales", "2026-11", "50,000.00", "40000", "30000"),
        ("Conversion rate", "", "3.5%", "2.5%", "2%"),
        ("cac", "Dezember 2026", "25", "35", ""),
    ]
    summary = shop.take(sheet(HEADER, rows), TEA)
    assert (summary.format, summary.inserted, summary.rejected) == ("targets", {"targets": 3}, 0)
    assert "kept with the records" in summary.warnings[0]
    plan = shop.records.targets.of("tea")
    november, december = date(2026, 11, 1), date(2026, 12, 1)
    levels = plan.months["net_sales", november]
    assert (levels.target, levels.warning, levels.critical) == (50_000, 40_000, 30_000)
    assert plan.usual["conversion_rate"].target == pytest.approx(0.035)
    assert plan.months["cac", december].critical is None


def test_an_older_file_brings_the_older_targets_back(shop: Desk, sheet: Sheet) -> None:
    old = sheet(HEADER, [("net_sales", "2026-11", 50_000, "", "")], name="old.csv")
    new = sheet(HEADER, [("net_sales", "2026-11", 60_000, "", "")], name="new.csv")
    shop.take(old, TEA)
    assert shop.take(new, TEA).replaced == {"targets": 1}
    assert shop.take(old, TEA).replaced == {"targets": 1}
    assert shop.take(old, TEA).unchanged == {"targets": 1}
    plan = shop.records.targets.of("tea")
    assert plan.months["net_sales", date(2026, 11, 1)].target == 50_000


def test_german_names(shop: Desk, sheet: Sheet) -> None:
    header = ("Kennzahl", "Monat", "Ziel")
    with speaking("de_DE"):
        rows = [("Bestellungen", "11.2026", "1.200"), ("Nettoumsatz", "", "50.000,00")]
        shop.take(sheet(header, rows), TEA)
    plan = shop.records.targets.of("tea")
    assert plan.months["orders", date(2026, 11, 1)].target == 1200
    assert plan.usual["net_sales"].target == 50_000


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("profit", "2026-11", "1", "", ""), "There is no metric of this name."),
        (("", "2026-11", "1", "", ""), "The metric is missing."),
        (("orders", "2026-13", "1", "", ""), "The month is not one like 2026-11"),
        (("orders", "soon", "1", "", ""), "The month is not one like 2026-11"),
        (("orders", "2026-11", "", "", ""), "The target is missing."),
        (("orders", "2026-11", "many", "", ""), "The target is not a number."),
        (("orders", "2026-11", "9" * 400, "", ""), "The target is not a number."),
        (("orders", "2026-11", "5%", "", ""), "The target is a percent, and the metric is none."),
        (("conversion_rate", "", "3.5", "", ""), "is written with a percent sign"),
        (("orders", "2026-11", "5", "6", ""), "higher is better"),
        (("cac", "2026-11", "5", "4", ""), "lower is better"),
        (("orders", "2026-11", "5", "3", "4"), "The levels are not in order."),
    ],
)
def test_lines_that_cannot_be_used(
    shop: Desk, sheet: Sheet, row: tuple[str, ...], reason: str
) -> None:
    good = ("net_sales", "", "9", "", "")
    summary = shop.take(sheet(HEADER, [good, row]), TEA)
    assert [reason in said for said in summary.reasons] == [True]
    assert shop.records.targets.of("tea").months == {}


def test_nothing_is_kept_of_a_file_without_a_good_line(shop: Desk, sheet: Sheet) -> None:
    before = shop.records.targets.of("tea")
    with pytest.raises(BadFile, match=r"The one line of orders\.csv cannot be used"):
        shop.take(sheet(HEADER, [("x", "", "1", "", "")]), TEA)
    assert shop.records.targets.of("tea") == before


def test_a_shop_that_is_not_there_has_no_targets(shop: Desk, sheet: Sheet) -> None:
    path = sheet(HEADER, [("orders", "", "1", "", "")])
    with pytest.raises(Refused, match="There is no shop called Coffee"):
        shop.take(path, ImportOptions("", "Coffee", "EUR", "UTC"))
