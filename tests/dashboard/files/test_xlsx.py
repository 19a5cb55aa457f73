from __future__ import annotations

import re
import zipfile
from datetime import date
from decimal import Decimal as D
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pytest
from python_calamine import CalamineWorkbook

from dashboard.files import Heading, Sheet, xlsx_of
from tests.dashboard.files.test_csv import INJECTIONS

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def made(*columns: tuple[Heading, pa.Array], **more: Any) -> bytes:
    limit = more.pop("limit", 200_000)
    table = pa.table([c for _, c in columns], names=[str(i) for i in range(len(columns))])
    heads = tuple(heading for heading, _ in columns)
    return b"".join(xlsx_of(Sheet("Rows", heads, table.to_batches(), **more), limit))


def rows(content: bytes, place: int = 0) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(place).to_python()


def part(content: bytes, name: str) -> ElementTree.Element:
    with zipfile.ZipFile(BytesIO(content)) as packed:
        return ElementTree.fromstring(packed.read(name))


def test_values_are_what_they_are() -> None:
    content = made(
        (Heading("Day", "date"), pa.array([date(2026, 11, 1), None])),
        (
            Heading("Hour", "datetime"),
            pa.array(["2026-11-01T06:00", None]).cast(pa.timestamp("us")),
        ),
        (Heading("Name"), pa.array(["a & <b>", None])),
        (Heading("Sales", "money"), pa.array([D("-1234.5600"), None], pa.decimal128(38, 4))),
        (Heading("Share", "percent"), pa.array([0.081, float("nan")])),
        (Heading("Count", "count"), pa.array([-3, None])),
        currency="EUR",
    )
    found = rows(content)
    assert found[1][:1] + found[1][2:] == [date(2026, 11, 1), "a & <b>", -1234.56, 0.081, -3]
    assert found[1][1].isoformat() == "2026-11-01T06:00:00"
    assert found[2:] in ([], [[""] * 6])
    codes = [
        node.get("formatCode") for node in part(content, "xl/styles.xml").iter(f"{MAIN}numFmt")
    ]
    assert '"€"#,##0.00;[Red]-"€"#,##0.00' in codes
    assert {"yyyy-mm-dd", "0.0%"} <= set(codes)


@pytest.mark.parametrize("text", [*INJECTIONS, "007", "1e5", "http://a.example", "_x0041_", "😀"])
def test_text_stays_text_as_it_is(text: str) -> None:
    content = made((Heading("Name"), pa.array([text, "plain"])))
    sheet = part(content, "xl/worksheets/sheet1.xml")
    assert not list(sheet.iter(f"{MAIN}f"))
    assert not list(sheet.iter(f"{MAIN}hyperlink"))
    cell = next(c for c in sheet.iter(f"{MAIN}c") if c.get("r") == "A2")
    assert cell.get("t") == "inlineStr"
    if "\x00" not in text and "_x" not in text:
        assert rows(content)[1] == [text]


def test_headings_cannot_be_formulas_or_equal() -> None:
    heads = [Heading("=1+1", "count"), Heading("A", "count"), Heading("a", "count"), Heading("")]
    content = made(*((head, pa.array([1])) for head in heads[:3]), (heads[3], pa.array(["x"])))
    assert rows(content)[0] == ["=1+1", "A", "a 2", "Column"]
    names = [
        c.get("name") for c in part(content, "xl/tables/table1.xml").iter(f"{MAIN}tableColumn")
    ]
    assert names == ["=1+1", "A", "a 2", "Column"]


def test_it_is_a_real_table_over_every_row() -> None:
    count = 9_000
    sales = Heading("Net [sales]", "money", D(count), "sum", "net_sales")
    was = Heading("Net sales before", "money", D(2), "sum", "net_sales_before")
    rate = Heading("Rate", "percent", 4500.0, "{net_sales}/{net_sales_before}", "rate")
    told = Heading("Asked", "count", 7, "", "asked")
    ones, twos = pa.array([D(1)] * count), pa.array([D(0)] * (count - 1) + [D(2)])
    content = made(
        (Heading("Name"), pa.array(["x"] * count)),
        (sales, ones),
        (was, twos),
        (rate, pa.array([0.5] * count)),
        (told, pa.array([1] * count)),
    )
    table = part(content, "xl/tables/table1.xml")
    assert table.get("ref") == f"A1:E{count + 2}"
    assert table.find(f"{MAIN}autoFilter").get("ref") == f"A1:E{count + 1}"  # type: ignore[union-attr]
    assert table.get("totalsRowCount") == "1"
    cells = {c.get("r"): c for c in part(content, "xl/worksheets/sheet1.xml").iter(f"{MAIN}c")}
    bottom = count + 2
    shown = {
        column: (
            cells[f"{column}{bottom}"].findtext(f"{MAIN}f"),
            cells[f"{column}{bottom}"].findtext(f"{MAIN}v"),
        )
        for column in "BCDE"
    }
    assert shown["B"] == ("SUBTOTAL(109,Table1_[Net '[sales']])", str(count))
    assert shown["C"] == ("SUBTOTAL(109,Table1_[Net sales before])", "2")
    assert shown["D"] == (f"B{bottom}/C{bottom}", "4500.0")
    assert shown["E"] == ("7", "7")
    assert rows(content)[-1][:3] == ["Total", count, 2]
    assert len(rows(content)) == count + 2


def test_without_rows_it_is_still_a_table() -> None:
    content = made(
        (Heading("Name"), pa.array([], pa.string())),
        (Heading("Sales", "money", D(0), "sum", "s"), pa.array([], pa.decimal128(38, 4))),
    )
    assert part(content, "xl/tables/table1.xml").get("ref") == "A1:B3"
    assert rows(content)[0] == ["Name", "Sales"]
    assert rows(content)[-1] == ["Total", 0]


def test_over_the_limit_the_first_line_says_so() -> None:
    content = made(
        (Heading("A", "count"), pa.array(range(9_000))), limit=5_000, notice="Only the first 5,000."
    )
    found = rows(content)
    assert found[0] == ["Only the first 5,000."]
    assert found[2] == ["A"]
    assert (len(found), found[-1]) == (3 + 5_000, [4_999])
    assert part(content, "xl/tables/table1.xml").get("ref") == "A3:A5003"


def test_how_it_was_made_stands_beside() -> None:
    content = made((Heading("A"), pa.array(["x"])), about=(("Shop", "=1+1"), ("Made", "now")))
    assert rows(content, 1) == [["What", "How"], ["Shop", "=1+1"], ["Made", "now"]]


def test_every_cell_says_where_it_stands() -> None:
    content = made(*((Heading(f"C{n}", "count"), pa.array([n, None])) for n in range(30)))
    cells = [c.get("r") for c in part(content, "xl/worksheets/sheet1.xml").iter(f"{MAIN}c")]
    assert len(cells) == 90
    assert {"A2", "Z2", "AA2", "AD3"} <= set(cells)


def test_a_failure_comes_before_the_first_piece() -> None:
    def broken() -> Any:
        yield pa.record_batch([pa.array([1])], names=["0"])
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        xlsx_of(Sheet("Rows", (Heading("A", "count"),), broken()))


def test_names_of_sheets_are_legal() -> None:
    table = pa.table({"0": [1]})
    sheet = Sheet("a/b[c]:*?" + "x" * 40, (Heading("A", "count"),), table.to_batches())
    name = CalamineWorkbook.from_filelike(BytesIO(b"".join(xlsx_of(sheet)))).sheet_names[0]
    assert len(name) <= 31
    assert not re.search(r"[\[\]:*?/\\]", name)
