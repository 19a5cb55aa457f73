"""Shopify's product export: what variants are called; costs stay where sales have them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.errors import BadFile
from agent.sources.base import ImportOptions
from agent.warehouse import schema
from tests.agent.sources.conftest import Desk

Sheet = Callable[..., Path]
TEA = ImportOptions("", "Tea", "EUR", "Europe/Berlin")
HEADER = (
    *("Handle", "Title", "Vendor", "Type", "Option1 Value", "Option2 Value", "Variant SKU"),
    *("Cost per item", "Image Src"),
)
ROWS = [
    ("assam", "Assam", "Hills", "Tea", "100 g", "", "T-1", "2.10", ""),
    ("assam", "", "", "", "250 g", "Tin", "", "", ""),
    ("assam", "", "", "", "", "", "", "", "https://x/2.jpg"),
    ("pot", "Pot", "Clay", "", "Default Title", "", "", "", ""),
]


def test_a_row_for_each_variant_named_as_orders_name_it(desk: Desk, sheet: Sheet) -> None:
    summary = desk.take(sheet(HEADER, ROWS), TEA)
    assert (summary.format, summary.rejected) == ("shopify-products", 0)
    assert "1 variants have a cost per item" in summary.warnings[0]
    found = {
        key: (row["title"], row["vendor"], row["product_type"], row["sku"])
        for key, row in desk.products().items()
    }
    assert found == {
        "T-1": ("Assam - 100 g", "Hills", "Tea", "T-1"),
        "assam-250-g-tin": ("Assam - 250 g / Tin", "Hills", "Tea", None),
        "pot": ("Pot", "Clay", None, None),
    }
    assert desk.rows(schema.SALES) == []


def test_the_catalogue_outranks_orders_and_a_newer_one_the_older(desk: Desk, sheet: Sheet) -> None:
    orders = (
        *("Name", "Created at", "Lineitem name", "Lineitem quantity", "Lineitem price"),
        *("Lineitem sku", "Total", "Subtotal", "Currency", "Financial Status"),
    )
    sale = ("#1", "2026-11-01 10:00:00 +0100", "Asam", "1", "9", "T-1", "9", "9", "EUR", "paid")
    sales = sheet(orders, [sale], name="orders.csv")
    desk.take(sales, TEA)
    assert desk.products()["T-1"]["title"] == "Asam"
    old = sheet(HEADER, ROWS[:1], name="old.csv")
    assert desk.take(old, TEA).replaced["products"] == 1
    assert desk.take(old, TEA).already
    new = sheet(HEADER, [("assam", "Assam FTGFOP", *ROWS[0][2:])], name="new.csv")
    assert desk.take(new, TEA).replaced["products"] == 1
    again = sheet(orders, [sale, ("#2", *sale[1:])], name="more.csv")
    desk.take(again, TEA)
    assert desk.products()["T-1"]["title"] == "Assam FTGFOP - 100 g"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("", "Assam", "", "", "x", "", "", "", ""), "The handle is missing."),
        (("ghost", "", "", "", "x", "", "", "", ""), "The title is missing."),
        (("nul", "A\x00", "", "", "x", "", "", "", ""), "A field holds characters"),
    ],
)
def test_lines_that_cannot_be_used(
    desk: Desk, sheet: Sheet, row: tuple[str, ...], reason: str
) -> None:
    summary = desk.take(sheet(HEADER, [ROWS[0], row]), TEA)
    assert [said.startswith(reason) for said in summary.reasons] == [True]


def test_another_file_says_what_is_missing(desk: Desk, sheet: Sheet) -> None:
    path = sheet(("Handle", "Title"), [("a", "b")])
    with pytest.raises(BadFile, match="no column Variant SKU"):
        desk.take(path, ImportOptions("shopify-products", "Tea", "EUR", "UTC"))


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "count"), [("apparel", 22), ("home-and-garden", 21), ("jewelery", 23)]
)
def test_shopifys_own_samples(desk: Desk, shared: Path, name: str, count: int) -> None:
    path = shared / f"data/shopify_csv_layouts/products/{name}.csv"
    summary = desk.take(path, TEA)
    assert (summary.format, summary.rejected) == ("shopify-products", 0)
    assert summary.inserted == {"products": count}
    assert all(row["vendor"] and row["title"] for row in desk.products().values())
