"""The first rows as they would land, before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.errors import BadFile
from agent.sources.base import ImportOptions
from agent.sources.guessing import guess
from agent.sources.previewing import FIRST, preview
from agent.sources.registry import SOURCES
from tests.agent.sources.conftest import Desk
from tests.agent.sources.test_guessing import GERMAN

Sheet = Callable[..., Path]
ANY = ImportOptions()
OF_EACH = {
    "online-retail": "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice\n"
    "500001,71053,LANTERN,1,2010-12-01 08:26:00,3.50\n",
    "shopify-orders": "Name,Created at,Lineitem name,Lineitem quantity,Lineitem price,Total\n"
    "#1,2026-11-01 10:00:00 +0100,Tea,1,3.50,3.50\n",
    "shopify-products": "Handle,Title,Vendor,Type,Variant SKU\ntea,Tea,,,3.50\n",
    "spend": "Day,Campaign name,Amount spent (EUR),Impressions\n2026-11-01,Tea,3.5,1\n",
    "sessions": "Date,Channel,Sessions\n2026-11-01,3.50,1\n",
    "costs": "date,kind,amount\n2026-11-01,payment,3.5\n",
    "targets": "metric,target\nnet_sales,3.50\n",
    "events": "name,kind,first\n3.50 off,promotion,2026-11-01\n",
    "rates": "date,USD\n2026-11-01,3.50\n",
}


@pytest.mark.parametrize("name", SOURCES)
def test_every_format_shows_what_would_land_and_writes_nothing(
    desk: Desk, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(OF_EACH[name])
    for options in (ANY, ImportOptions(name)):
        found = preview(desk, path, None, options)
        assert (found.lines, found.whole, found.rejected) == (1, True, ())
        assert len(found.columns) == len(found.rows[0])
        assert any(cell.startswith("3.5") for cell in found.rows[0]), found.rows
    assert desk.warehouse.shops() == ()
    assert desk.warehouse.batches() == []


def test_a_mapping_and_what_it_rejects(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "kasse.csv"
    path.write_text(GERMAN)
    found = preview(desk, path, dict(guess(path).mapping), ANY)
    day, order, kind, product, quantity, gross = found.rows[1][:6]
    assert (day, order, kind, product) == ("2025-12-24 18:05:00", "R-1", "PRODUCT", "T-2")
    assert (quantity, gross) == ("1", "1208.10")
    assert [(one.line, one.reason) for one in found.rejected] == [
        (4, "The quantity is not a whole number.")
    ]
    assert "R-2 | 1 | 25.12.2025 09:00" in found.rejected[0].text
    assert found.reasons == {"The quantity is not a whole number.": 1}


def test_ten_rows_are_shown(desk: Desk, sheet: Sheet) -> None:
    rows = [(f"2026-11-{day:02}", "Meta", 1.5) for day in range(1, 15)]
    found = preview(desk, sheet(("date", "channel", "spend"), rows), None, ANY)
    assert (len(found.rows), found.lines) == (FIRST, 14)


def test_the_shop_decides_the_currency_once_it_is_named(desk: Desk, sheet: Sheet) -> None:
    path = sheet(("Day", "Campaign name", "Amount spent (GBP)"), [("2026-11-01", "a", "1")])
    assert preview(desk, path, None, ANY).rows
    with pytest.raises(BadFile) as caught:
        preview(desk, path, None, ImportOptions("", "Tea", "EUR", "Europe/Berlin"))
    assert "in GBP, the shop in EUR" in caught.value.hint
    desk.take(sheet(("date", "channel", "spend"), [("2026-11-01", "a", "1")]),
              ImportOptions("", "Tea", "GBP", "Europe/London"))  # fmt: skip
    assert preview(desk, path, None, ImportOptions("", "tea", "EUR")).rows


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({}, "it has no [columns]"),
        ({"columns": {"order_id": "Belegnr"}}, "must name placed_at"),
        ({"columns": "all"}, "'columns' is not a table"),
        ({"columns": {"order_id": 1, "placed_at": "Datum", "amount": "x"}}, "is not a text"),
        ({"columns": {"order_id": "No", "placed_at": "Datum", "amount": "x"}}, "no column No, x"),
        ({"drop": "tables"}, "'drop' is no setting"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(
    desk: Desk, tmp_path: Path, content: dict[str, Any], sentence: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(GERMAN)
    with pytest.raises(BadFile) as caught:
        preview(desk, path, content, ANY)
    assert sentence in str(caught.value)
