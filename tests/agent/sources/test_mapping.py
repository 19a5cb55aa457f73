"""A flat file under foreign column names, read by a mapping."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agent.errors import BadFile
from agent.sources.base import ImportOptions
from agent.sources.mapping import load
from tests.agent.sources.conftest import Desk

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "mapping.toml"
HEADER = (
    "Belegnr;Pos;Datum;Artikel;Bezeichnung;Menge;Einzelpreis;Rabatt;MwSt;Versand;Art;Kunde;Land;"
    "Erstattet;Erstattet am"
)
LINES = (
    # 2 x 11,90 with 19 % inside: 20,00 and 3,80. The shipping stands on both lines, charged once.
    "R-1;1;24.12.2025 18:05;T-1;Assam 100 g;2;11,90;0,00;3,80;4,90;Ware;17;DE;;",
    "R-1;2;24.12.2025 18:05;T-2;Darjeeling;1;1.190,00;119,00;171,00;4,90;Ware;17;DE;500,00;"
    "03.01.2026",
    "R-2;1;31.12.2025 23:30;T-1;Assam 100 g;-1;11,90;0,00;-1,90;0,00;Ware;x@y.de;AT;;",
    "R-3;1;01.01.2026 00:10;;Gutschein 25;1;25,00;0,00;0,00;0,00;Gutschein;;DE;;",
    "R-3;2;01.01.2026 00:10;;Hinweis;1;0,00;0,00;0,00;0,00;Info;;DE;;",
)


def options(path: Path) -> ImportOptions:
    return ImportOptions(str(path), "Teehaus", "EUR", "Europe/Berlin")


def test_the_example_reads_its_own_file(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "belege.csv"
    path.write_text("\n".join((HEADER, *LINES)), encoding="cp1252")
    summary = desk.take(path, options(EXAMPLE))
    assert (summary.lines, summary.rejected, summary.orders) == (5, 0, 1)
    rows = {row["sale_id"]: row for row in desk.sales()}
    first, second = rows["R-1:1"], rows["R-1:2"]
    assert (first["gross"], first["discount"], first["tax"]) == (20, 0, Decimal("3.80"))
    # 1.190,00 less 119,00 holds 171,00 of tax: 900,00 net of 1.000,00.
    assert (second["gross"], second["discount"], second["tax"]) == (1000, -100, 171)
    assert rows["R-1:shipping"]["shipping"] == Decimal("4.90")
    assert rows["R-1:2:refund"]["reversal"] == -500
    assert rows["R-1:2:refund"]["local_date"] == date(2026, 1, 3)
    assert (rows["R-2:1"]["reversal"], rows["R-2:1"]["quantity"]) == (-10, -1)
    assert rows["R-3:1"]["line_type"] == "GIFT_CARD"
    assert len(rows) == 6
    papers = desk.orders()
    assert [papers[n]["placed"] for n in ("R-1", "R-2", "R-3")] == [True, False, False]
    assert papers["R-1"]["customer_id"] == "17"
    assert "@" not in papers["R-2"]["customer_id"]
    assert desk.take(path, options(EXAMPLE)).already


def mapping(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


PLAIN = '[columns]\norder_id = "id"\nplaced_at = "at"\namount = "sum"\n'


def test_the_least_a_mapping_needs(desk: Desk, tmp_path: Path) -> None:
    own = mapping(tmp_path, PLAIN)
    path = tmp_path / "orders.csv"
    path.write_text(
        "id,at,sum\n1,2026-01-05,10.50\n1,2026-01-05,10.50\n2,2026-01-06,x\n", encoding="utf-8"
    )
    summary = desk.take(path, options(own))
    assert dict(summary.reasons) == {"The amount is not an amount with at most four decimals.": 1}
    assert summary.kinds["product"] == (2, Decimal("21.00"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[columns", "is not valid TOML"),
        ("", r"it has no \[columns\]"),
        ('colour = "red"\n' + PLAIN, "'colour' is no setting"),
        ('decimal_comma = "yes"\n' + PLAIN, "'decimal_comma' is not a true or false"),
        ('[columns]\nordernumber = "id"\n', "knows no 'ordernumber'"),
        ('[columns]\norder_id = "id"\namount = "x"\n', "must name placed_at"),
        ('[columns]\norder_id = "id"\nplaced_at = "at"\n', "either unit_price or amount"),
        ('[columns]\norder_id = "id"\nplaced_at = "at"\nunit_price = "p"\n', "without quantity"),
        ('dates = "ymd"\n' + PLAIN, "dates = 'ymd' is none of iso, dmy, mdy"),
        ('encoding = "klingon"\n' + PLAIN, "there is no encoding 'klingon'"),
        ('delimiter = ";;"\n' + PLAIN, "not one character"),
        ("prices_include_tax = true\n" + PLAIN, "needs a tax column"),
        (PLAIN + '[types]\nx = "product"\n', r"\[columns\] names no type"),
        (PLAIN + 'type = "t"\n[types]\nx = "thing"\n', "the type 'thing'"),
    ],
)
def test_a_bad_mapping_gets_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(BadFile, match=sentence) as caught:
        load(mapping(tmp_path, text))
    assert str(caught.value).startswith("The mapping own.toml ")


def test_a_mapping_that_is_not_there(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot be read: No such file"):
        desk.take(tmp_path / "x.csv", options(tmp_path / "none.toml"))


def test_a_file_without_the_mapped_columns(desk: Desk, tmp_path: Path, sheet: Any) -> None:
    with pytest.raises(BadFile, match=r"no column at, sum, .*Found: id, when"):
        desk.take(sheet(("id", "when"), [(1, 2)]), options(mapping(tmp_path, PLAIN)))


def test_a_mapping_may_name_the_variant(desk: Desk, tmp_path: Path) -> None:
    path = mapping(
        tmp_path,
        """
        [columns]
        order_id = "Order"
        placed_at = "When"
        title = "Item"
        variant = "Size"
        amount = "Paid"
        refund_amount = "Back"
        """,
    )
    sheet = tmp_path / "orders.csv"
    sheet.write_text(
        "Order,When,Item,Size,Paid,Back\nA,2026-01-02,Cup,Large,5,2\nB,2026-01-02,Lid,,1,\n"
    )
    desk.take(sheet, options(path))
    assert [(row["order_id"], row["action"], row["variant"]) for row in desk.sales()] == [
        ("A", "ORDER", "Large"),
        ("A", "RETURN", "Large"),
        ("B", "ORDER", None),
    ]
