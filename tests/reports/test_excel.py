from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal as D
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import pytest
from python_calamine import CalamineWorkbook

from agent.ports import Shop
from agent.services import Services
from dashboard.files.book import clean, sheet_name
from reports.documents import Document
from reports.excel import to_workbook
from tests.reports import shop
from tests.reports.conftest import brief

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def parts(content: bytes, folder: str) -> list[Any]:
    with zipfile.ZipFile(BytesIO(content)) as packed:
        names = [n for n in packed.namelist() if re.fullmatch(rf"xl/{folder}/\w+\.xml", n)]
        return [ElementTree.fromstring(packed.read(name)) for name in names]


def test_its_sheets_and_key_figures(document: Document) -> None:
    found = sheets(to_workbook(document))
    assert list(found) == [
        "Summary",
        "Series",
        "Net sales",
        "Why",
        "How the change came about",
        "From gross to total sales",
        "What else happened",
        "Countries",
        "Channels",
        "Products",
        "Customers",
        "Definitions",
        "About",
    ]
    summary = found["Summary"]
    assert summary[0][0] == "Net sales rose 236.2% to $158."
    rows = {row[0]: row[1:] for row in summary[4:]}
    assert rows["Net sales"][:2] == [158.0, 47.0]
    assert rows["Net sales"][3] == "+236.2%"
    assert rows["Orders"][:2] == [4.0, 2.0]
    assert rows["Repeat purchase rate"][0] == 0.5


def test_series_has_every_day_as_a_date(document: Document) -> None:
    rows = sheets(to_workbook(document))["Series"]
    days = [row for row in rows[1:] if isinstance(row[0], date)]
    assert len(days) == 28
    assert (days[0][0], days[-1][0]) == (date(2026, 10, 20), date(2026, 11, 16))
    assert rows[0][:2] == ["Day", "Day before"]
    assert days[0][1] == date(2026, 9, 22)
    at = rows[0].index("Net sales")
    assert sum(row[at] for row in days) == pytest.approx(158.0)
    total = rows[29]
    assert (total[0], total[at]) == ("Total", 158.0)
    assert total[rows[0].index("Repeat purchase rate")] == 0.5
    assert "Repeat purchase rate" in rows[-1][0], "what is asked and not added up is named"


def test_breakdowns_are_whole_and_equal_the_frames(document: Document) -> None:
    found = sheets(to_workbook(document))
    assert found["Products"][0][:3] == ["Product", "Product key", "Net sales"]
    rows = {row[0]: row[2] for row in found["Products"][1:]}
    assert rows["=1+1"] == -27.0
    assert rows["@SUM(A1)"] == 90.0
    assert rows["Green tea"] == 30.0
    assert rows[shop.LONG_TITLE] == 40.0
    assert {row[0]: row[2] for row in found["Countries"][1:]}["(none)"] == 40.0
    steps = {row[0]: row[1] for row in found["From gross to total sales"][1:]}
    assert steps["Total sales"] == 194.7
    for part in document.parts:
        whole = part.rows().frame
        if part.table and whole is not None and whole.dimensions:
            shown = found[part.title]
            at = shown[0].index("Net sales")
            total = next(row for row in shown if row[0] == "Total")
            assert total[at] == float(whole.total("net_sales") or 0), part.id


def test_formulas_stand_only_in_totals_and_steps(document: Document) -> None:
    content = to_workbook(document)
    for name in sheets(content):
        sheet = sheet_of(content, name)
        assert not list(sheet.iter(f"{MAIN}hyperlink"))
        rows = {row.get("r") for row in sheet.iter(f"{MAIN}row") if list(row.iter(f"{MAIN}f"))}
        assert len(rows) <= (9 if name == "From gross to total sales" else 1), name


def test_a_step_that_others_add_up_to_is_their_sum(document: Document) -> None:
    content = to_workbook(document)
    found = {cell: formula for cell, formula, _ in formulas(content, "From gross to total sales")}
    assert found["B5"] == "B2+B3+B4"
    assert found["C10"] == "C5+C6+C7+C8+C9"
    assert "B2" not in found, "what nothing adds up to is a figure"


def test_totals_are_what_a_spreadsheet_makes_of_them(document: Document) -> None:
    content = to_workbook(document)
    seen = 0
    for name in sheets(content):
        for cell, formula, value in formulas(content, name):
            seen += 1
            assert computed(content, name, formula) == pytest.approx(value, abs=1e-9), (name, cell)
    assert seen > 30


def formulas(content: bytes, name: str) -> list[tuple[str, str, float]]:
    """Cell, formula and the value written beside it."""
    found = []
    for cell in sheet_of(content, name).iter(f"{MAIN}c"):
        formula = cell.find(f"{MAIN}f")
        if formula is not None:
            value = cell.find(f"{MAIN}v")
            assert value is not None and value.text, f"{name}: nothing beside {formula.text}"
            found.append((str(cell.get("r")), str(formula.text), float(value.text)))
    return found


def sheet_of(content: bytes, name: str) -> Any:
    place = list(sheets(content)).index(name) + 1
    with zipfile.ZipFile(BytesIO(content)) as packed:
        return ElementTree.fromstring(packed.read(f"xl/worksheets/sheet{place}.xml"))


def computed(content: bytes, name: str, formula: str) -> float:
    """The few formulas that we write, computed from the sheet's own cells."""
    rows = sheets(content)[name]
    values = {value: float(v) for value, _, v in formulas(content, name)}
    if found := re.fullmatch(r"SUBTOTAL\(109,\w+\[(.+)\]\)", formula):
        at = rows[0].index(found[1])
        end = next(n for n, row in enumerate(rows) if row[0] == "Total")
        return float(sum(row[at] or 0 for row in rows[1:end]))
    if re.fullmatch(r"\w+(\+\w+)+", formula):
        return sum(figure(rows, cell) for cell in formula.split("+"))
    if found := re.fullmatch(r'IF\((\w+)=0,"",\((\w+)-\1\)/ABS\(\1\)\)', formula):
        before, now = (values.get(cell, figure(rows, cell)) for cell in found.groups())
        return (now - before) / abs(before)
    if found := re.fullmatch(r"\((\w+)-(\w+)\)\*100", formula):
        return (values[found[1]] - values[found[2]]) * 100
    return float(formula)


def figure(rows: list[list[Any]], cell: str) -> float:
    return float(rows[int(cell[1:]) - 1][ord(cell[0]) - ord("A")] or 0)


def test_every_panel_that_excel_can_draw_has_a_chart(document: Document) -> None:
    content = to_workbook(document)
    with zipfile.ZipFile(BytesIO(content)) as packed:
        charts = [packed.read(n).decode() for n in packed.namelist() if "charts/chart" in n]
    kinds = [
        kind for chart in charts for kind in ("lineChart", "barChart") if f"c:{kind}>" in chart
    ]
    assert sorted(set(kinds)) == ["barChart", "lineChart"]
    assert len(charts) == sum(part.frame is not None for part in document.parts)
    line = next(chart for chart in charts if "c:lineChart" in chart)
    assert "'Net sales'!$A$2:$A$29" in line
    assert line.count("<c:ser>") == 2
    # What it shows is written beside it, for readers that compute nothing.
    assert line.count("<c:pt ") >= 4 * 28


@pytest.mark.parametrize(
    "text",
    ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\t=1", "\r=1", "http://a.example", "007"],
)
def test_text_stays_text_whatever_it_begins_with(document: Document, text: str) -> None:
    content = to_workbook(replace(document, notes=((text, text), ("Made", "now"))))
    rows = sheets(content)["About"]
    assert [row for row in rows if row[0].strip() == text.strip()]
    assert not list(sheet_of(content, "About").iter(f"{MAIN}f"))
    assert not list(sheet_of(content, "About").iter(f"{MAIN}hyperlink"))


def test_every_breakdown_is_a_real_table(document: Document) -> None:
    content = to_workbook(document)
    tables = parts(content, "tables")
    assert len(tables) == len(sheets(content))
    names = [table.get("displayName") for table in tables]
    assert len(set(names)) == len(names)
    heads = [[c.get("name") for c in table.iter(f"{MAIN}tableColumn")] for table in tables]
    money = ["Net sales", "Net sales before", "Net sales change"]
    orders = ["Orders", "Orders before", "Orders change"]
    assert ["Country", "Country key", *money, *orders] in heads


def test_money_has_the_currencys_own_format(services: Services, document: Document) -> None:
    assert '"$"#,##0.00' in formats(to_workbook(document))
    yen = Shop("kyoto", "京都茶", "JPY", "Asia/Tokyo", "test")
    order = ("J1", "2026-11-01T10:00", "j1", "JP", None, "t1", 3, "1200", "0", "360", "500")
    services.warehouse.merge(shop.batch(yen, (order,), ()))
    content = to_workbook(brief(services, yen))
    assert '"¥"#,##0;' in formats(content)
    # The shop's first sale lies in the period: there is nothing to compare with.
    assert ["Taxes", 360.0] in sheets(content)["From gross to total sales"]


def formats(content: bytes) -> str:
    return " ".join(node.get("formatCode", "") for node in styles(content).iter(f"{MAIN}numFmt"))


def styles(content: bytes) -> Any:
    with zipfile.ZipFile(BytesIO(content)) as packed:
        return ElementTree.fromstring(packed.read("xl/styles.xml"))


def test_four_places_survive(services: Services) -> None:
    fine = Shop("fine", "Fine", "KWD", "UTC", "test")
    price = "123456789.1234"
    order = ("F1", "2026-11-01T10:00", "f1", "KW", None, "t1", 1, price, "0", "0.0001", "0")
    services.warehouse.merge(shop.batch(fine, (order,), ()))
    document = brief(services, fine)
    assert document.figures[0].value == D(price)
    content = to_workbook(document)
    with zipfile.ZipFile(BytesIO(content)) as packed:
        assert f"<v>{price}</v>" in packed.read("xl/worksheets/sheet1.xml").decode()


def test_it_prints_how_it_was_made(document: Document) -> None:
    found = sheets(to_workbook(document))
    about = {row[0]: row[1] for row in found["About"]}
    assert about["Time zone"].startswith("Europe/Berlin")
    assert about["Filters"] == "None: all sales of the shop"
    assert about["Made"] == "17 Nov 2026 08:41 (Europe/Berlin)"
    assert about["Live page"] == document.link
    assert "SELECT" in about["SQL 1"]
    names = [row[0] for row in found["Definitions"]]
    assert {"Net sales", "Taxes", "Repeat purchase rate"} <= set(names)


def test_the_same_document_gives_the_same_bytes(document: Document) -> None:
    assert to_workbook(document) == to_workbook(document)


def test_a_period_without_rows_is_a_workbook_too(reading: Services) -> None:
    found = sheets(to_workbook(brief(reading, shop.TEA, "2025-03")))
    assert found["Products"][0][0] == "Product"


def test_sheet_names_are_legal_and_unique(document: Document) -> None:
    assert sheet_name("a/b\\c?d*e[f]g:h") == "a b c d e f g h"
    assert sheet_name("'quoted'") == "quoted"
    assert sheet_name("x" * 40) == "x" * 31
    assert sheet_name("History") == "History 1"
    assert sheet_name("  ") == "Sheet"
    twins = tuple(replace(part, title="Products: " + "x" * 40) for part in document.parts)
    found = list(sheets(to_workbook(replace(document, parts=twins))))
    assert len({name.lower() for name in found}) == len(found)
    assert all(len(name) <= 31 for name in found)


def test_what_no_cell_can_hold_is_replaced() -> None:
    assert clean("a\x00b\x0bc\ud800d") == "a\ufffdb\ufffdc\ufffdd"
    assert len(clean("x" * 40_000)) == 32_767
