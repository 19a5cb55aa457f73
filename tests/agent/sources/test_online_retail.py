"""A gift shop of eighteen lines, each there for a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from agent.sources.base import ImportOptions
from tests.agent.sources.conftest import Desk, Folder

FIRST = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
SECOND = (
    "Invoice",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "Price",
    "Customer ID",
    "Country",
)
OPTIONS = ImportOptions("online-retail", "Gift & Co", "GBP", "Europe/London")
UK = "United Kingdom"

LINES: list[tuple[Any, ...]] = [
    # A sale of two products, with carriage; the code is written once in lower case.
    ("500001", "85123A", "WHITE HEART", 6, "2010-12-01 08:26:00", "2.55", "17850.0", UK),
    ("500001", "85123a", "WHITE HEART", 2, "2010-12-01 08:26:00", "2.55", "17850.0", UK),
    ("500001", "71053", "LANTERN", 3, "2010-12-01 08:26:00", "3.391", "17850.0", UK),
    ("500001", "POST", "POSTAGE", 1, "2010-12-01 08:26:00", "18.00", "17850.0", UK),
    # The same line twice in one file is two purchases.
    ("500002", "22423", "CAKESTAND", 1, "2010-12-01 09:00:00", "12.75", "", "EIRE"),
    ("500002", "22423", "CAKESTAND", 1, "2010-12-01 09:00:00", "12.75", "", "EIRE"),
    # A credit note: goods, its carriage, a discount and a manual line.
    ("C500003", "85123A", "WHITE HEART", -2, "2010-12-02 10:00:00", "2.55", "17850.0", UK),
    ("C500003", "POST", "POSTAGE", -1, "2010-12-02 10:00:00", "8.00", "17850.0", UK),
    ("C500003", "D", "Discount", -1, "2010-12-02 10:00:00", "4.50", "17850.0", UK),
    ("C500003", "M", "Manual", -1, "2010-12-02 10:00:00", "1.25", "17850.0", UK),
    # Bad debt, bank charges, a voucher sold, write-offs.
    ("A500004", "B", "Adjust bad debt", 1, "2010-12-03 10:00:00", "-11.06", "", UK),
    ("500005", "BANK CHARGES", "Bank Charges", 1, "2010-12-03 11:00:00", "15.00", "", UK),
    ("500006", "gift_0001_20", "Voucher 20", 1, "2010-12-03 12:00:00", "16.67", "", UK),
    ("500007", "71053", "damaged", -4, "2010-12-03 13:00:00", "0.0", "", UK),
    ("500008", "71053", "", 5, "2010-12-03 14:00:00", "0", "", UK),
    # British summer time: 23:30 on the wall is 22:30 UTC.
    ("500009", "71053", "LANTERN RED", 1, "2011-07-01 23:30:00", "3.00", "12347", "Unspecified"),
    ("500010", "DCGS0003", "ASHTRAY", 1, "2011-07-02 09:00:00", "1.00", "", "RSA"),
    ("500010", "C2", "CARRIAGE", 1, "2011-07-02 09:00:00", "50.00", "", "RSA"),
]

# Worked out by hand from the lines above.
KINDS = {
    "sale": (7, Decimal("60.073")),  # 15.30 + 5.10 + 10.173 + 25.50 + 3.00 + 1.00
    "reversal": (1, Decimal("-5.10")),
    "shipping": (3, Decimal("60.00")),  # 18 - 8 + 50
    "discount": (1, Decimal("-4.50")),
    "gift_card": (1, Decimal("16.67")),
    "adjustment": (2, Decimal("13.75")),  # -1.25 + 15
    "bad_debt": (1, Decimal("-11.06")),
    "stock_adjustment": (2, Decimal("0.00")),
}
Sheet = Callable[..., Path]


def product_sums(desk: Desk) -> dict[str, Decimal]:
    goods = [row for row in desk.sales() if row["line_type"] == "PRODUCT"]
    return {n: sum(row[n] for row in goods) for n in ("gross", "reversal", "discount", "quantity")}


def test_every_line_is_of_one_kind_and_the_kinds_add_up(desk: Desk, sheet: Sheet) -> None:
    summary = desk.take(sheet(FIRST, LINES), OPTIONS)
    assert dict(summary.kinds) == KINDS
    assert sum(rows for rows, _ in summary.kinds.values()) == summary.lines == 18
    total = sum(Decimal(str(line[3])) * Decimal(line[5]) for line in LINES)
    assert sum(amount for _, amount in summary.kinds.values()) == total == Decimal("129.833")
    assert (summary.rejected, summary.reasons, summary.rejected_file) == (0, {}, None)
    assert summary.orders == 4
    assert summary.shop.shop_id == "gift-co"


def test_amounts_stand_in_their_own_columns(desk: Desk, sheet: Sheet) -> None:
    desk.take(sheet(FIRST, LINES), OPTIONS)
    assert product_sums(desk) == {
        "gross": Decimal("60.073"),
        "reversal": Decimal("-5.10"),
        "discount": Decimal("-4.50"),
        "quantity": 6 + 2 + 3 + 1 + 1 + 1 + 1 - 2,
    }
    by_type = {row["line_type"]: row for row in desk.sales()}
    assert by_type["GIFT_CARD"]["gross"] == Decimal("16.67")
    assert sum(row["shipping"] for row in desk.sales()) == 60
    returned = [row for row in desk.sales() if row["action"] == "RETURN"]
    assert {row["order_id"] for row in returned} == {"C500003"}
    without = [r for r in desk.sales() if r["line_type"] == "PRODUCT" and r["product_id"] is None]
    assert [row["discount"] for row in without] == [Decimal("-4.50")]


def test_papers_that_sold_no_product_are_no_orders(desk: Desk, sheet: Sheet) -> None:
    desk.take(sheet(FIRST, LINES), OPTIONS)
    placed = {name for name, row in desk.orders().items() if row["placed"]}
    assert placed == {"500001", "500002", "500009", "500010"}
    assert len(desk.orders()) == 10
    assert desk.orders()["500002"]["customer_id"] is None
    assert desk.orders()["500001"]["customer_id"] == "17850"
    assert desk.orders()["500009"]["country"] == "Unspecified"


def test_the_clock_is_the_shops(desk: Desk, sheet: Sheet) -> None:
    desk.take(sheet(FIRST, LINES), OPTIONS)
    summer = desk.orders()["500009"]
    assert summer["placed_at"] == datetime(2011, 7, 1, 22, 30)  # noqa: DTZ001 (UTC, kept naive)
    assert summer["local_at"] == datetime(2011, 7, 1, 23, 30)  # noqa: DTZ001 (wall clock)
    assert summer["local_date"] == date(2011, 7, 1)


def test_a_product_has_its_most_frequent_title(desk: Desk, sheet: Sheet) -> None:
    more = [*LINES, ("500011", "71053", "LAMP", 1, "2011-07-03 09:00:00", "3.00", "", UK)]
    desk.take(sheet(FIRST, more), OPTIONS)
    products = desk.products()
    assert set(products) == {"85123A", "71053", "22423", "GIFT_0001_20", "DCGS0003"}
    assert products["85123A"]["title"] == "WHITE HEART"
    # LAMP, LANTERN and LANTERN RED were each sold once; "damaged" never.
    assert products["71053"]["title"] == "LAMP"


def test_twice_the_same_changes_nothing(desk: Desk, sheet: Sheet) -> None:
    path = sheet(FIRST, LINES)
    desk.take(path, OPTIONS)
    before, versions = desk.everything("gift-co"), desk.warehouse.versions(("gift-co",))
    again = desk.take(path, OPTIONS)
    assert again.already
    other_name = desk.take(sheet(SECOND, LINES, "renamed.csv"), OPTIONS)
    assert not other_name.already
    assert other_name.unchanged == {"orders": 10, "sales": 18, "products": 5}
    assert desk.everything("gift-co") == before
    assert desk.warehouse.versions(("gift-co",)) == versions


@pytest.mark.parametrize("cut", [1, 3, 5, 8, 12])
def test_halves_in_either_order_are_the_whole(desk: Desk, sheet: Sheet, cut: int) -> None:
    halves = [sheet(FIRST, LINES[:cut], "a.csv"), sheet(FIRST, LINES[cut:], "b.csv")]
    for name, paths in (("One", halves), ("Two", halves[::-1])):
        for path in paths:
            desk.take(path, ImportOptions("online-retail", name, "GBP", "Europe/London"))
    desk.take(sheet(FIRST, LINES, "all.csv"), OPTIONS)
    assert desk.everything("one") == desk.everything("two")
    # A cut between two identical lines of an invoice looks like an overlap: the whole knows more.
    assert (desk.everything("one") == desk.everything("gift-co")) == (cut != 5)


def test_an_overlap_adds_nothing(desk: Desk, sheet: Sheet) -> None:
    desk.take(sheet(FIRST, LINES[:14], "first.csv"), OPTIONS)
    desk.take(sheet(SECOND, LINES[4:], "second.csv"), OPTIONS)
    assert len(desk.sales()) == 18
    assert product_sums(desk)["gross"] == Decimal("60.073")


def test_two_sheets_that_overlap(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "retail.xlsx"
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd hh:mm"})
    for name, lines in (("Year 2009-2010", LINES[:9]), ("Year 2010-2011", LINES[4:])):
        page = book.add_worksheet(name)
        page.write_row(0, 0, SECOND)
        for at, line in enumerate(lines, start=1):
            moment = datetime.fromisoformat(line[4])
            number = int(line[0]) if line[0].isdigit() else line[0]
            customer = float(line[6]) if line[6] else None
            cells = (number, *line[1:4], moment, float(line[5]), customer, line[7])
            page.write_row(at, 0, cells)
    book.close()
    summary = desk.take(path, OPTIONS)
    assert summary.lines == 9 + 14
    assert summary.kinds["repeated"] == (5, Decimal("25.50") - Decimal("17.60"))
    assert product_sums(desk)["gross"] == Decimal("60.073")
    assert any("twice" in warning for warning in summary.warnings)


def test_workbook_and_text_give_the_same_rows(desk: Desk, sheet: Sheet, tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    columns = list(zip(*LINES, strict=True))
    table = pa.table(
        {
            "InvoiceNo": columns[0],
            "StockCode": columns[1],
            "Description": columns[2],
            "Quantity": pa.array(columns[3], pa.int64()),
            "InvoiceDate": [datetime.fromisoformat(text) for text in columns[4]],
            "UnitPrice": [float(text) for text in columns[5]],
            "CustomerID": [int(float(text)) if text else None for text in columns[6]],
            "Country": columns[7],
        }
    )
    parquet.write_table(table, tmp_path / "retail.parquet")
    desk.take(tmp_path / "retail.parquet", OPTIONS)
    again = desk.take(sheet(FIRST, LINES), OPTIONS)
    assert again.unchanged["sales"] == 18
    assert again.inserted["sales"] == 0


def test_two_publications_behind_each_other_count_once(desk: Desk, sheet: Sheet) -> None:
    lines = [
        (f"5{n:05}", "71053", "LANTERN", 1, f"2010-12-{n // 10 + 1:02} 08:00:00", "3.00", "", UK)
        for n in range(300)
    ]
    summary = desk.take(sheet(SECOND, [*lines[:200], *lines[80:]]), OPTIONS)
    assert summary.kinds == {"sale": (300, Decimal("900.00")), "repeated": (120, Decimal("360.00"))}


@pytest.mark.parametrize(
    ("written", "day"),
    [
        (("13/12/2010 08:26", "01/12/2010 09:00"), date(2010, 12, 1)),
        (("12/13/2010 8:26", "12/1/2010 9:00"), date(2010, 12, 1)),
        (("12/13/10 8:26", "12/1/10 9:00"), date(2010, 12, 1)),
        (("2010-12-13T08:26:00", "2010-12-01T09:00"), date(2010, 12, 1)),
    ],
)
def test_dates_as_people_save_them(
    desk: Desk, sheet: Sheet, written: tuple[str, str], day: date
) -> None:
    lines = [
        (f"50000{n}", "71053", "LANTERN", 1, text, "3.00", "", UK) for n, text in enumerate(written)
    ]
    desk.take(sheet(FIRST, lines), OPTIONS)
    assert desk.orders()["500001"]["local_date"] == day


def test_a_date_that_reads_two_ways_is_said(desk: Desk, sheet: Sheet) -> None:
    line = ("500001", "71053", "LANTERN", 1, "01/12/2010 08:26", "3.00", "", UK)
    summary = desk.take(sheet(FIRST, [line]), OPTIONS)
    assert desk.orders()["500001"]["local_date"] == date(2010, 12, 1)
    assert summary.warnings == ("The dates can be read two ways; they were read day first.",)


def test_both_warehouses_take_it(warehouse: Any, clock: Any, sheet: Sheet, tmp_path: Path) -> None:
    desk = Desk(warehouse, clock, Folder(tmp_path / "app"))
    desk.take(sheet(FIRST, LINES[:9], "a.csv"), OPTIONS)
    desk.take(sheet(SECOND, LINES[4:], "b.csv"), OPTIONS)
    assert product_sums(desk)["gross"] == Decimal("60.073")
    assert len(desk.sales()) == 18
    assert {n for n, row in desk.orders().items() if row["placed"]} == {
        "500001",
        "500002",
        "500009",
        "500010",
    }
