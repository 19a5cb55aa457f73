"""Advertising spend from the platforms' own exports and from plain files, stated by the day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from agent.errors import BadFile
from agent.sources.base import ImportOptions
from agent.warehouse import schema
from tests.agent.sources.conftest import Desk, Folder
from tests.clock import FrozenClock

Sheet = Callable[..., Path]
TEA = ImportOptions("", "Tea", "EUR", "Europe/Berlin")
PLAIN = ("date", "channel", "campaign", "spend", "clicks", "impressions")
GOOGLE = """Campaign report
"1 November 2026 - 3 November 2026"
Day,Campaign,Currency code,Cost,Impr.,Clicks,Conv. value
2026-11-01,Brand,EUR,"1,234.50","12,345",120,900.1234567
2026-11-02,Brand,EUR,10.00,100,5,--
Total: Campaigns,,EUR,"1,244.50",,,
"""
META = """Tag;Kampagnenname;Ausgegebener Betrag (EUR);Impressionen;Klicks (alle)
01.11.2026;Herbst;1.012,34;1.200;30
02.11.2026;Herbst;7,00;900;12
"""
TIKTOK = """By Day,Campaign name,Cost,Impressions,Clicks (destination),Currency
2026-11-01,Tea,3.5,10,1,EUR
"""


@pytest.fixture
def both(warehouse: Any, clock: FrozenClock, tmp_path: Path) -> Desk:
    return Desk(warehouse, clock, Folder(tmp_path / "app"))


def write(tmp_path: Path, text: str, name: str = "spend.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def kept(desk: Desk) -> dict[tuple[str, str, str], str]:
    """(day, channel, campaign) -> amount."""
    return {
        (str(row["local_date"]), row["channel"], row["campaign"]): str(row["amount"].normalize())
        for row in desk.rows(schema.SPEND, "local_date", "channel", "campaign")
    }


def test_googles_export_has_titles_above_totals_below_and_no_channel(
    desk: Desk, tmp_path: Path
) -> None:
    summary = desk.take(write(tmp_path, GOOGLE), TEA)
    assert (summary.format, summary.lines, summary.rejected) == ("spend", 3, 1)
    assert summary.reasons == {"The line is a total of others.": 1}
    rows = desk.rows(schema.SPEND, "local_date")
    assert [row["channel"] for row in rows] == ["Google Ads"] * 2
    assert rows[0]["amount"] == Decimal("1234.50")
    assert (rows[0]["impressions"], rows[0]["clicks"]) == (12345, 120)
    assert [row["attributed_revenue"] for row in rows] == [Decimal("900.1235"), None]
    assert "rounded to four" in summary.warnings[1]
    assert summary.kinds["spend"] == (2, Decimal("1244.50"))


def test_metas_german_export_has_commas_points_and_the_day_first(
    desk: Desk, tmp_path: Path
) -> None:
    desk.take(write(tmp_path, META), TEA)
    assert kept(desk) == {
        ("2026-11-01", "Meta", "Herbst"): "1012.34",
        ("2026-11-02", "Meta", "Herbst"): "7",
    }
    row = desk.rows(schema.SPEND, "local_date")[0]
    assert (row["impressions"], row["clicks"]) == (1200, 30)


def test_tiktoks_export(desk: Desk, tmp_path: Path) -> None:
    desk.take(write(tmp_path, TIKTOK), TEA)
    assert kept(desk) == {("2026-11-01", "TikTok", "Tea"): "3.5"}


def test_lines_of_one_campaign_are_added_up(desk: Desk, sheet: Sheet) -> None:
    row = ("2026-11-01", "Meta", "Herbst", "1.25", 3, 10)
    desk.take(sheet(PLAIN, [row, row]), TEA)
    found = desk.rows(schema.SPEND)[0]
    assert (found["amount"], found["clicks"], found["impressions"]) == (Decimal("2.5"), 6, 20)


def test_a_file_restates_its_days_of_its_channels_and_an_older_one_undoes_it(
    both: Desk, sheet: Sheet
) -> None:
    first = [
        ("2026-11-01", "Meta", "Herbst", 5, 1, 1),
        ("2026-11-01", "Meta", "Winter", 6, 1, 1),
        ("2026-11-02", "Meta", "Herbst", 7, 1, 1),
        ("2026-11-01", "Search", "Brand", 8, 1, 1),
    ]
    old = sheet(PLAIN, first, name="old.csv")
    both.take(old, TEA)
    before = kept(both)
    again = both.take(old, TEA)
    assert (again.already, again.unchanged["spend"]) == (True, 4)
    new = sheet(PLAIN, [("2026-11-01", "Meta", "Herbst", 5.5, 1, 1)], name="new.csv")
    summary = both.take(new, TEA)
    assert (summary.replaced["spend"], summary.removed["spend"]) == (1, 1)
    assert kept(both) == {
        ("2026-11-01", "Meta", "Herbst"): "5.5",
        ("2026-11-01", "Search", "Brand"): "8",
        ("2026-11-02", "Meta", "Herbst"): "7",
    }
    assert not both.take(old, TEA).already
    assert kept(both) == before


def test_days_between_stated_ones_stay(desk: Desk, sheet: Sheet) -> None:
    days = [(f"2026-11-0{day}", "Meta", "Herbst", day, 1, 1) for day in range(1, 6)]
    desk.take(sheet(PLAIN, days), TEA)
    desk.take(sheet(PLAIN, [days[0], days[4]], name="ends.csv"), TEA)
    assert len(kept(desk)) == 5


def test_many_gaps_are_many_spans(both: Desk, sheet: Sheet) -> None:
    """A file by the week states five hundred single days."""
    weeks = [
        (date.fromordinal(date(2016, 1, 4).toordinal() + 7 * n), f"c{k}", "", n + 1, 1, 1)
        for n in range(100)
        for k in range(5)
    ]
    both.take(sheet(PLAIN, weeks), TEA)
    assert both.take(sheet(PLAIN, weeks[:-1], name="less.csv"), TEA).removed["spend"] == 0
    assert len(kept(both)) == 500


RATES = [("2026-11-01", "EUR", "USD", "1.25"), ("2026-11-02", "EUR", "USD", "2")]


def test_another_currency_is_turned_at_its_own_days_rate(desk: Desk, sheet: Sheet) -> None:
    desk.take(sheet(("date", "base", "currency", "rate"), RATES, name="rates.csv"), ImportOptions())
    header = ("Day", "Campaign name", "Amount spent (USD)", "Purchases conversion value")
    days = ["2026-11-01", "2026-11-02", "2026-11-05", "2026-10-31"]
    summary = desk.take(sheet(header, [(day, "Herbst", "10.00", "1") for day in days]), TEA)
    assert kept(desk) == {
        ("2026-11-01", "Meta", "Herbst"): "8",
        ("2026-11-02", "Meta", "Herbst"): "5",
        ("2026-11-05", "Meta", "Herbst"): "5",
    }
    assert summary.rejected == 1
    assert "no exchange rate of its day is kept" in next(iter(summary.reasons))
    assert any("USD were turned into EUR" in text for text in summary.warnings)


def test_another_currency_without_rates_is_refused(desk: Desk, sheet: Sheet) -> None:
    path = sheet((*PLAIN, "currency"), [("2026-11-01", "Meta", "H", "1", 1, 1, "usd")])
    with pytest.raises(BadFile) as caught:
        desk.take(path, TEA)
    assert "The line is in USD, the shop in EUR" in str(caught.value)
    assert desk.warehouse.shops() == ()


GOOD = ("2026-11-01", "Meta", "Herbst", "5", "1", "1")


@pytest.mark.parametrize(
    ("at", "value", "reason"),
    [
        (0, "", "The date is missing."),
        (0, "soon", "The date is not a day from 1990 to today."),
        (0, "2062-01-01", "The date is not a day from 1990 to today."),
        (0, "2026-02-30", "The date is not a day from 1990 to today."),
        (1, "", "The channel is missing."),
        (3, "abc", "The amount is not an amount with at most four decimals."),
        (3, "1e9", "The amount is not an amount with at most four decimals."),
        (3, "9" * 30, "The amount is not an amount with at most four decimals."),
        (3, "99999999999", "The amount is too large to be real."),
        (4, "-1", "The clicks is not a whole number."),
        (5, "1.5", "The impressions is not a whole number."),
        (2, "a\x00b", "A field holds characters that no text has, or is too long."),
        (2, "x" * 3000, "A field holds characters that no text has, or is too long."),
    ],
)
def test_a_line_that_cannot_be_used_has_its_reason(
    desk: Desk, sheet: Sheet, at: int, value: str, reason: str
) -> None:
    bad = [*GOOD[:at], value, *GOOD[at + 1 :]]
    summary = desk.take(sheet(PLAIN, [GOOD, bad]), TEA)
    assert summary.reasons == {reason: 1}
    assert len(kept(desk)) == 1


def test_a_line_of_several_days_is_refused(desk: Desk, sheet: Sheet) -> None:
    header = ("Reporting starts", "Reporting ends", "Campaign name", "Amount spent (EUR)")
    rows = [("2026-11-01", "2026-11-01", "H", "1"), ("2026-11-01", "2026-11-30", "H", "30")]
    summary = desk.take(sheet(header, rows), TEA)
    assert summary.reasons == {"The line covers several days; export the file by day.": 1}


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        (("date", "campaign", "clicks"), "no column amount"),
        (("campaign", "spend", "clicks"), "no column date"),
        (("date", "campaign", "spend"), "no column channel"),
        (("date", "source", "amount"), "no column campaign"),
    ],
)
def test_columns_that_are_missing_are_named(
    desk: Desk, sheet: Sheet, header: tuple[str, ...], missing: str
) -> None:
    with pytest.raises(BadFile, match=missing):
        desk.take(
            sheet(header, [("2026-11-01", "1", "2")]), ImportOptions("spend", "Tea", "EUR", "UTC")
        )
    assert desk.warehouse.shops() == ()


def test_a_web_page_that_is_called_csv(desk: Desk, tmp_path: Path) -> None:
    path = write(tmp_path, "<!DOCTYPE html>\n<html><body>Sign in</body></html>\n")
    with pytest.raises(BadFile, match="is a web page, or XML"):
        desk.take(path, TEA)
    assert desk.warehouse.shops() == ()


@pytest.mark.shared
def test_real_results_of_advertisements_have_no_day(desk: Desk, shared: Path) -> None:
    path = shared / "data/facebook_ads_conversion_kag/KAG_conversion_data.parquet"
    with pytest.raises(BadFile, match="no column date"):
        desk.take(path, ImportOptions("spend", "Tea", "EUR", "Europe/Berlin"))


@pytest.mark.shared
def test_simulated_weeks_add_up(desk: Desk, sheet: Sheet, shared: Path) -> None:
    path = shared / "data/marketing_spend_simulated/robyn_dt_simulated_weekly.parquet"
    weeks = pq.read_table(path).to_pylist()
    names = ("tv_S", "ooh_S", "print_S", "facebook_S", "search_S")
    rows = [(week["DATE"], name, repr(week[name])) for week in weeks for name in names]
    summary = desk.take(sheet(("date", "channel", "spend"), rows), TEA)
    assert (summary.lines, summary.rejected) == (1040, 0)
    exact = sum(Decimal(repr(week[name])) for week in weeks for name in names)
    held = sum(row["amount"] for row in desk.rows(schema.SPEND))
    assert abs(exact - held) < Decimal("0.05")
