"""Exchange rates from files: two layouts, the days between, and what is refused."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.errors import BadFile, Refused
from agent.ports import RATES_SHOP
from agent.sources.base import ImportOptions
from agent.sources.ingest import import_file
from agent.warehouse import schema
from tests.agent.sources.conftest import Desk, Folder
from tests.clock import FrozenClock

LONG = ("date", "base", "currency", "rate")
ANY = ImportOptions()
Sheet = Callable[..., Path]
Kept = dict[tuple[str, str], tuple[str, str]]


@pytest.fixture
def both(warehouse: Any, clock: FrozenClock, tmp_path: Path) -> Desk:
    """A desk over each warehouse in turn."""
    return Desk(warehouse, clock, Folder(tmp_path / "app"))


def kept(desk: Desk) -> Kept:
    """(currency, day) -> (rate without idle zeros, day of the quote)."""
    return {
        (row["currency"], str(row["local_date"])): (
            f"{row['rate'].normalize():f}",
            str(row["quoted_on"]),
        )
        for row in desk.rows(schema.RATES, "currency", "local_date")
    }


def test_a_long_file_needs_no_shop_and_no_format(both: Desk, sheet: Sheet) -> None:
    path = sheet(LONG, [("2026-11-13", "EUR", "usd", "1.06"), ("2026-11-12", "eur", "USD", 1.05)])
    summary = both.take(path, ANY)
    assert (summary.shop, summary.format) == (RATES_SHOP, "rates")
    assert (summary.lines, summary.orders, summary.rejected) == (2, 0, 0)
    assert kept(both) == {
        ("USD", "2026-11-12"): ("1.05", "2026-11-12"),
        ("USD", "2026-11-13"): ("1.06", "2026-11-13"),
    }
    assert both.warehouse.shops() == ()
    assert {row["base"] for row in both.rows(schema.RATES)} == {"EUR"}
    assert both.take(path, ANY).already
    assert both.take(path, ImportOptions("rates", "Any shop")).already


def test_the_banks_history_has_gaps_a_comma_at_the_end_and_the_newest_day_first(
    both: Desk, tmp_path: Path
) -> None:
    path = tmp_path / "eurofxref-hist.csv"
    path.write_text(
        "Date,USD,JPY,CYP,\n"
        "2026-11-16,1.05,161.2,N/A,\n"
        "2026-11-13,1.06,N/A,N/A,\n"
        "2026-11-11,1.07,161.1,0.58274,\n"
    )
    summary = both.take(path, ANY)
    assert (summary.lines, summary.rejected) == (3, 0)
    assert "6 rates of 3 currencies from 2026-11-11 to 2026-11-16" in summary.warnings[-1]
    found = kept(both)
    friday = ("1.06", "2026-11-13")
    assert [found["USD", f"2026-11-{day}"] for day in range(11, 17)] == [
        ("1.07", "2026-11-11"),
        ("1.07", "2026-11-11"),
        *[friday] * 3,
        ("1.05", "2026-11-16"),
    ]
    assert found["JPY", "2026-11-15"] == ("161.1", "2026-11-11")
    assert found["CYP", "2026-11-11"] == ("0.58274", "2026-11-11")
    assert ("CYP", "2026-11-12") not in found
    assert ("USD", "2026-11-17") not in found


def test_the_banks_daily_file_writes_its_month_out(both: Desk, tmp_path: Path) -> None:
    path = tmp_path / "eurofxref.csv"
    path.write_text("Date, USD, JPY, \n16 November 2026, 1.0578, 163.90, \n")
    both.take(path, ANY)
    assert kept(both)["JPY", "2026-11-16"] == ("163.9", "2026-11-16")


@pytest.mark.parametrize(
    "header",
    [
        ("Day", "From", "To", "Value"),
        ("TIME_PERIOD", "CURRENCY_DENOM", "CURRENCY", "OBS_VALUE"),
        ("Rate date", "Base currency", "Currency code", "Exchange rate"),
    ],
)
def test_the_columns_go_by_several_names(desk: Desk, sheet: Sheet, header: tuple[str, ...]) -> None:
    desk.take(sheet(header, [("2026-11-13", "USD", "EUR", "0.943396226415")]), ANY)
    assert kept(desk) == {("EUR", "2026-11-13"): ("0.9433962264", "2026-11-13")}


BAD = (
    ("0", "The rate is not a number above 0"),
    ("-1.06", "The rate is not a number above 0"),
    ("about one", "The rate is not a number above 0"),
    ("0.00000000001", "The rate is not a number above 0"),
    ("100000000", "The rate is not a number above 0 and below 100 million"),
    ("nan", "The rate is not a number above 0"),
    ("", "The rate is missing"),
)


@pytest.mark.parametrize(("rate", "reason"), BAD)
def test_what_is_no_rate_is_a_rejected_line_with_its_number(
    desk: Desk, sheet: Sheet, rate: str, reason: str
) -> None:
    rows = [("2026-11-12", "EUR", "USD", "1.05"), ("2026-11-13", "EUR", "USD", rate)]
    summary = desk.take(sheet(LONG, rows), ANY)
    assert summary.rejected == 1 and next(iter(summary.reasons)).startswith(reason)
    assert summary.rejected_file is not None
    assert summary.rejected_file.read_text().splitlines()[1].startswith(f"3,{reason}")
    assert list(kept(desk)) == [("USD", "2026-11-12")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("2026-11-13", "EUR", "FOO", "1.06"), "The currency is no currency of ISO 4217."),
        (("2026-11-13", "Euro", "USD", "1.06"), "The base is no currency of ISO 4217."),
        (("2026-11-13", "EUR", "", "1.06"), "The currency is missing."),
        (("2026-11-31", "EUR", "USD", "1.06"), "The date is not a day from 1990 to 2026-11-17."),
        (("2027-01-04", "EUR", "USD", "1.06"), "The date is not a day from 1990 to 2026-11-17."),
        (("", "EUR", "USD", "1.06"), "The date is missing."),
        (("2026-11-13", "EUR", "EUR", "1.06"), "A currency is worth one of itself."),
        (
            ("2026-11-12", "EUR", "USD", "1.06"),
            "An earlier line has another rate for this day and currency.",
        ),
    ],
)
def test_a_line_that_cannot_be_says_why(
    desk: Desk, sheet: Sheet, row: tuple[str, ...], reason: str
) -> None:
    good = ("2026-11-12", "EUR", "USD", "1.05")
    summary = desk.take(sheet(LONG, [good, row, good]), ANY)
    assert summary.reasons == {reason: 1}
    assert kept(desk) == {("USD", "2026-11-12"): ("1.05", "2026-11-12")}


def test_in_the_wide_layout_one_bad_cell_takes_its_line(desk: Desk, sheet: Sheet) -> None:
    rows = [("2026-11-12", "1.05", "161"), ("2026-11-13", "-1", "162"), ("2026-11-16", "1.06", "")]
    summary = desk.take(sheet(("Date", "USD", "JPY"), rows), ANY)
    assert summary.reasons == {"The USD rate is not a number above 0 and below 100 million.": 1}
    assert kept(desk)["USD", "2026-11-13"] == ("1.05", "2026-11-12")
    assert ("JPY", "2026-11-13") not in kept(desk)


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (("Date", "USD", "FOO"), "The column FOO is no currency of ISO 4217."),
        (("Date", "Temperature"), "no column base, currency, rate"),
        (("Date", "Base", "Currency"), "no column rate"),
    ],
)
def test_a_file_of_other_columns_is_one_sentence(
    desk: Desk, sheet: Sheet, header: tuple[str, ...], sentence: str
) -> None:
    path = sheet(header, [["2026-11-13", *["1"] * (len(header) - 1)]])
    with pytest.raises(BadFile, match=sentence):
        desk.take(path, ImportOptions("rates"))
    with pytest.raises(BadFile, match="those of no format"):
        desk.take(path, ANY)


def test_an_order_file_is_recognised_by_its_columns_and_still_needs_a_shop(
    desk: Desk, sheet: Sheet
) -> None:
    header = ("Name", "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price")
    path = sheet(header, [("#1", "2026-11-13 10:00:00 +0000", 1, "Cup", "5.00")])
    with pytest.raises(Refused, match="The shop needs a name"):
        desk.take(path, ANY)
    summary = desk.take(path, ImportOptions("", "Mill Lane", "USD", "America/New_York"))
    assert (summary.format, summary.orders) == ("shopify-orders", 1)


def test_a_second_base_is_refused_with_a_sentence(both: Desk, sheet: Sheet) -> None:
    both.take(sheet(LONG, [("2026-11-13", "EUR", "USD", "1.06")]), ANY)
    before = kept(both)
    other = sheet(LONG, [("2026-11-14", "USD", "EUR", "0.94")], name="other.csv")
    with pytest.raises(Refused, match="The rates kept are for one EUR, these for one USD"):
        both.take(other, ANY)
    mixed = [("2026-11-14", "EUR", "USD", "1.06"), ("2026-11-14", "USD", "JPY", "150")]
    with pytest.raises(Refused, match="several currencies: EUR, USD"):
        both.take(sheet(LONG, mixed, name="mixed.csv"), ANY)
    assert kept(both) == before


def test_a_later_file_closes_the_gap_corrects_a_day_and_changes_nothing_else(
    both: Desk, sheet: Sheet
) -> None:
    def take(name: str, *rows: tuple[str, str]) -> Any:
        lines = [(day, "EUR", "USD", rate) for day, rate in rows]
        return both.take(sheet(LONG, lines, name=name), ANY)

    take("a.csv", ("2026-11-02", "1.02"), ("2026-11-04", "1.04"))
    assert ("USD", "2026-11-05") not in kept(both)
    after = take("b.csv", ("2026-11-07", "1.07"))
    assert (after.inserted["rates"], after.replaced["rates"]) == (3, 0)
    assert kept(both)["USD", "2026-11-06"] == ("1.04", "2026-11-04")
    # A correction of the 4th moves the days that carried it; a new quote ends them earlier.
    mended = take("c.csv", ("2026-11-04", "1.41"), ("2026-11-06", "1.06"))
    assert (mended.inserted["rates"], mended.replaced["rates"]) == (0, 3)
    assert [kept(both)["USD", f"2026-11-0{day}"] for day in range(2, 8)] == [
        ("1.02", "2026-11-02"),
        ("1.02", "2026-11-02"),
        ("1.41", "2026-11-04"),
        ("1.41", "2026-11-04"),
        ("1.06", "2026-11-06"),
        ("1.07", "2026-11-07"),
    ]
    older = take("d.csv", ("2026-10-30", "1.30"))
    assert older.inserted["rates"] == 3
    assert kept(both)["USD", "2026-11-01"] == ("1.3", "2026-10-30")
    same = take("e.csv", ("2026-11-04", "1.41"))
    assert (same.inserted["rates"], same.replaced["rates"], same.unchanged["rates"]) == (0, 0, 1)


def test_a_spreadsheets_powers_and_decimal_commas_are_numbers(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(
        "date;base;currency;rate\n13.11.2026;EUR;USD;1,0578\n13.11.2026;EUR;IDR;17.432,5\n"
        "13.11.2026;EUR;XAU;2,5E-4\n"
    )
    desk.take(path, ANY)
    assert {code: rate for (code, _), (rate, _) in kept(desk).items()} == {
        "USD": "1.0578",
        "IDR": "17432.5",
        "XAU": "0.00025",
    }


# ---- whatever is quoted, in whatever order the files come ----

START = date(2026, 1, 1)
QUOTES = st.dictionaries(
    st.tuples(st.sampled_from(("USD", "JPY", "GBP")), st.integers(0, 40)),
    st.integers(1, 10**13),
    min_size=1,
    max_size=25,
)


def by_hand(quotes: dict[tuple[str, int], int]) -> Kept:
    """Day by day: the last quote at or before it, until the currency's last quote."""
    found: Kept = {}
    for code in {code for code, _ in quotes}:
        days = sorted(day for known, day in quotes if known == code)
        for day in range(days[0], days[-1] + 1):
            quoted = max(d for d in days if d <= day)
            rate = Decimal(quotes[code, quoted]).scaleb(-10).normalize()
            found[code, str(START + timedelta(day))] = (
                f"{rate:f}",
                str(START + timedelta(quoted)),
            )
    return found


@pytest.fixture
def empty(both: Desk) -> Iterator[Callable[[], Desk]]:
    """The desk without its rates."""
    folder = both.settings.data_dir.parent / "nothing"
    both.warehouse.backup(str(folder))

    def again() -> Desk:
        both.warehouse.restore(str(folder))
        return both

    yield again


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(quotes=QUOTES, parts=st.integers(1, 4), shuffle=st.randoms(use_true_random=False))
def test_a_day_has_the_last_quote_before_it_in_whatever_files_the_quotes_came(
    empty: Callable[[], Desk],
    quotes: dict[tuple[str, int], int],
    parts: int,
    shuffle: random.Random,
) -> None:
    desk = empty()
    lines = [
        (str(START + timedelta(day)), "EUR", code, f"{Decimal(rate).scaleb(-10):f}")
        for (code, day), rate in quotes.items()
    ]
    shuffle.shuffle(lines)
    for part in range(parts):
        if chosen := lines[part::parts]:
            take(desk, chosen, f"part{part}.csv")
    assert kept(desk) == by_hand(quotes)


def take(desk: Desk, lines: Iterable[tuple[str, ...]], name: str) -> None:
    path = desk.settings.data_dir.parent / name
    path.write_text("\n".join(",".join(line) for line in (LONG, *lines)))
    import_file(desk, path, ANY, lambda step: None)


def test_a_rate_reads_the_same_from_both_sides_of_a_decimal(both: Desk, sheet: Sheet) -> None:
    """Ten places behind the point, eight before it, in SQL arithmetic too."""
    both.take(sheet(LONG, [("2026-11-13", "EUR", "USD", "99999999.9999999999")]), ANY)
    table = schema.RATES.c
    twice = sa.cast(table.rate, schema.RATE) + table.rate
    rows = both.warehouse.read(sa.select(table.rate, twice.label("twice")))
    assert rows["rate"].to_pylist() == [Decimal("99999999.9999999999")]
    assert rows["twice"].to_pylist() == [Decimal("199999999.9999999998")]
