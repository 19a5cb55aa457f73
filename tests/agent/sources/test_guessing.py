"""What files are taken for, and by what; nothing is written."""

from __future__ import annotations

import gzip
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.errors import BadFile
from agent.sources import mapping
from agent.sources.guessing import Guess, guess
from agent.sources.registry import OWN, SOURCES
from agent.sources.sampling import ENOUGH

GERMAN = """Belegnr;Pos;Datum;Artikel;Bezeichnung;Menge;Einzelpreis (brutto);MwSt;Versand;Art;Kunde
R-1;1;24.12.2025 18:05;T-1;Grüner Tee;2;11,90;3,80;4,90;Ware;17
R-1;2;24.12.2025 18:05;T-2;Ceylon;1;1.211,90;3,80;4,90;Ware;17
R-2;1;25.12.2025 09:00;T-2;Ceylon;x;11,90;3,80;3,90;Ware;18
"""
HEADERS = {
    "online-retail": "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice",
    "shopify-orders": "Name,Created at,Lineitem name,Lineitem quantity,Lineitem price,Total",
    "shopify-products": "Handle,Title,Vendor,Type,Variant SKU",
    "spend": "Day,Campaign name,Amount spent (EUR),Impressions",
    "sessions": "Date,Session source / medium,Sessions,Add to carts",
    "costs": "date,kind,amount,order",
    "targets": "metric,month,target,warning,critical",
    "events": "name,kind,first,last,note",
    "rates": "date,USD,GBP",
}


def made(tmp_path: Path, text: str, name: str = "x.csv", encoding: str = "utf-8") -> Guess:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return guess(path)


def fields(found: Guess) -> dict[str, str]:
    return {column.field: column.name for column in found.columns if column.field}


@pytest.mark.parametrize("name", SOURCES)
def test_every_format_is_known_by_its_columns(tmp_path: Path, name: str) -> None:
    header = HEADERS[name]
    found = made(tmp_path, f"{header}\n{','.join('1' for _ in header.split(','))}\n")
    assert (found.format, found.confidence) == (name, 1.0)
    assert found.label in found.evidence[0]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_german_till(tmp_path: Path, encoding: str) -> None:
    found = made(tmp_path, GERMAN, encoding=encoding)
    assert (found.format, found.confidence, found.delimiter) == (OWN, 0.95, ";")
    assert found.encoding in (encoding, "utf-16-le")
    assert (found.decimal_comma, found.dates) == (True, "dmy")
    assert found.mapping == {
        "name": "my-orders",
        "delimiter": ";",
        "dates": "dmy",
        "decimal_comma": True,
        "columns": {
            "order_id": "Belegnr",
            "line_id": "Pos",
            "placed_at": "Datum",
            "sku": "Artikel",
            "title": "Bezeichnung",
            "quantity": "Menge",
            "unit_price": "Einzelpreis (brutto)",
            "tax": "MwSt",
            "shipping": "Versand",
            "type": "Art",
            "customer": "Kunde",
        },
        "types": {"Ware": "product"},
        "per_order": ["shipping"],
        "prices_include_tax": True,
    }
    assert found.evidence == (
        "Decimals have a comma: 11,90.",
        "The day stands before the month: 24.12.2025 18:05.",
        "Shipping is the same on all lines of an order: it counts once for each.",
    )


def test_a_mapping_is_kept_as_the_text_that_is_read_again(tmp_path: Path) -> None:
    found = dict(made(tmp_path, GERMAN).mapping)
    found["columns"] = {**found["columns"], "city": 'Ort "neu"\\\t\x7fü'}
    text = mapping.written(found)
    assert tomllib.loads(text) == found
    assert mapping.parse(tomllib.loads(text), "x.toml").columns == found["columns"]


def test_columns_without_a_telling_name_are_known_by_their_values(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        "a,b,c,d,e,f,g,h\n"
        "10001,02/13/2026,x@y.example,3,4.50,Green tea,DE,EUR\n"
        "10001,02/13/2026,x@y.example,1,2.50,Black tea,DE,EUR\n"
        "10002,02/14/2026,z@y.example,1,2.50,Black tea,FR,EUR\n",
    )
    assert fields(found) == {
        "order_id": "a",
        "placed_at": "b",
        "customer": "c",
        "quantity": "d",
        "unit_price": "e",
        "country": "g",
        "currency": "h",
    }
    assert (found.dates, found.decimal_comma, found.confidence) == ("mdy", False, 0.5)
    assert "02/13/2026" in found.evidence[1]
    assert {column.why for column in found.columns if column.field == "customer"} == {
        "Its values are mail addresses."
    }


def test_a_name_whose_values_do_not_fit_is_not_believed(tmp_path: Path) -> None:
    found = made(tmp_path, "order,date,total\nA-1,never,4.50\nA-2,soon,5.50\n")
    assert "placed_at" not in fields(found)
    assert found.confidence == 0.0


def test_days_that_can_be_read_both_ways_are_said(tmp_path: Path) -> None:
    found = made(tmp_path, "order,date,total\nA-1,03/04/2026,4.50\nA-2,05/06/2026,5.50\n")
    assert "can be read both ways" in found.evidence[-1]


def test_titles_above_the_columns_are_no_columns(tmp_path: Path) -> None:
    found = made(tmp_path, "Orders of 2026\n\norder,date,total\nA-1,2026-11-01,4.50\n")
    assert fields(found) == {"order_id": "order", "placed_at": "date", "amount": "total"}


def test_one_price_only(tmp_path: Path) -> None:
    both = made(tmp_path, "order,date,qty,price,total\n1,2026-11-01,2,2.00,4.00\n")
    assert "amount" not in fields(both)
    assert fields(both)["unit_price"] == "price"
    alone = made(tmp_path, "order,date,price\n1,2026-11-01,2.00\n")
    assert fields(alone) == {"order_id": "order", "placed_at": "date", "amount": "price"}
    for found in (both, alone):
        mapping.parse(found.mapping, "x.toml")


def test_kinds_of_lines_that_nobody_knows_are_left_out(tmp_path: Path) -> None:
    found = made(tmp_path, "order,date,total,type\n1,2026-11-01,2.00,zig\n2,2026-11-02,2.00,zag\n")
    assert "type" not in fields(found)
    assert "types" not in found.mapping


@pytest.mark.parametrize("packed", [False, True])
def test_only_the_beginning_of_a_long_file_is_read(tmp_path: Path, packed: bool) -> None:
    line = 'A-{0},2026-11-01,4.50,"Tea\nof {0}"\n'
    text = "order,date,total,title\n" + "".join(line.format(at) for at in range(40_000))
    assert len(text) > ENOUGH
    content = text.encode() + b"\xff\x00 broken behind"
    path = tmp_path / ("x.csv.gz" if packed else "x.csv")
    path.write_bytes(gzip.compress(content, 1) if packed else content)
    assert fields(guess(path))["title"] == "title"


def test_a_beginning_that_ends_in_a_line(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('order,date,total,title\nA-1,2026-11-01,4.50,"Tea"\nA-2,2026-11-01,4.5')
    assert guess(path, cut=True).columns[0].examples == ("A-1",)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "x.csv is empty."),
        (b"\n \n", "x.csv is empty."),
        (b"order,date\n", "has a header but no rows"),
        (b"\x00" * 5000, "is not a text file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, ""),
        (b'a,b\n"open,1\n2,3\n', ""),
        (b"PK\x03\x04rubbish", "is an Excel workbook under another name"),
        (b"<html><body>Sign in</body></html>\n<p>no</p>\n", ""),
        (b",,,\n1,2,3,4\n", "no columns with a name"),
    ],
)
def test_what_is_no_table_has_one_sentence_or_no_fields(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    try:
        found = guess(path)
    except BadFile as bad:
        assert sentence in bad.message
        assert "\n" not in bad.message
    else:
        assert not sentence
        assert found.confidence == 0.0


@pytest.mark.shared
@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("shopify_csv_layouts/orders/shopify_orders_sample.csv", "shopify-orders"),
        ("shopify_csv_layouts/products/apparel.csv", "shopify-products"),
        ("uci_online_retail_2010_2011/online_retail_2010_2011.csv.gz", "online-retail"),
        ("rees46_events_sample/events_2019_11_01_first_rows.parquet", OWN),
        ("facebook_ads_conversion_kag/KAG_conversion_data.parquet", OWN),
    ],
)
def test_real_files(shared: Path, place: str, name: str) -> None:
    found = guess(shared / "data" / place)
    assert found.format == name
    assert found.confidence == (0.0 if name == OWN else 1.0)


def test_hostile_names_of_columns(tmp_path: Path, sheet: Callable[..., Path]) -> None:
    names: list[Any] = ["order", "order", "", '"; DROP', "x" * 5000, "date", "total"]
    found = guess(sheet(names, [["1", "2", "3", "four", "five", "2026-11-01", "9"]]))
    assert fields(found) == {"order_id": "order", "placed_at": "date", "amount": "total"}
    assert tomllib.loads(mapping.written(found.mapping)) == found.mapping
