from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal as D

import pyarrow as pa
import pytest

from dashboard.files import Heading, Sheet, csv_of
from dashboard.files.guard import safe

# As they are known to be run: signs, also after blanks and unseen marks, in wide letters, DDE.
INJECTIONS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\u00a0=1",
    "\u3000=1",
    "\ufeff=1",
    "\u200b=1",
    "\x00=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "−1",
    "|calc",
    "%x",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://a.example","b")',
    "\tplain",
)


def sheet(*columns: tuple[str, str, pa.Array], **more: object) -> Sheet:
    headings = tuple(Heading(label, unit) for label, unit, _ in columns)  # type: ignore[arg-type]
    table = pa.table([c for _, _, c in columns], names=[str(i) for i in range(len(columns))])
    return Sheet("Rows", headings, table.to_batches(), **more)  # type: ignore[arg-type]


def rows(made: Sheet, **more: int) -> list[list[str]]:
    text = b"".join(csv_of(made, **more)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_text_is_a_formula(text: str) -> None:
    assert safe(text) == f"'{text}"
    found = rows(sheet((text, "text", pa.array([text, "plain"]))))
    assert found == [[f"'{text}"], [f"'{text}"], ["plain"]]


@pytest.mark.parametrize(
    "text", ["Assam", "1-2", "a=b", "", "Ähre", "東京＝", "a\nb", 'q"t', "a,b"]
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert safe(text) == text
    assert rows(sheet(("Name", "text", pa.array([text, "x"]))))[1] == ([text] if text else [""])


def test_numbers_are_bare_and_negative_ones_no_text() -> None:
    money = pa.array([D("-12.5000"), D("0.0001"), None], pa.decimal128(38, 4))
    share = pa.array([-0.25, float("nan"), float("inf")])
    count = pa.array([-3, 2**62, None])
    found = rows(sheet(("A", "money", money), ("B", "percent", share), ("C", "count", count)))
    assert found[0] == ["A (USD)", "B (share)", "C"]
    assert found[1] == ["-12.5000", "-0.25", "-3"], "a fraction of a cent keeps all places"
    assert found[2] == ["0.0001", "", str(2**62)]
    assert found[3] == ["", "", ""]


def test_money_has_the_digits_of_its_currency() -> None:
    money = pa.array([D("1200.0000"), D("-7.0000")], pa.decimal128(38, 4))
    assert rows(sheet(("A", "money", money)))[1:] == [["1200.00"], ["-7.00"]]
    yen = rows(sheet(("A", "money", money), currency="JPY"))
    assert yen == [["A (JPY)"], ["1200"], ["-7"]]


def test_days_and_moments_are_iso() -> None:
    days = pa.array([date(2026, 11, 1), None])
    hours = pa.array(["2026-11-01T23:00", None]).cast(pa.timestamp("us"))
    found = rows(sheet(("Day", "date", days), ("Hour", "datetime", hours)))
    assert found[1:] == [["2026-11-01", "2026-11-01 23:00:00"], ["", ""]]


def test_words_that_are_kept_as_numbers_are_words() -> None:
    words = pa.array(["=1", "b", None]).dictionary_encode()
    assert rows(sheet(("A", "text", words)))[1:] == [["'=1"], ["b"], []]


def test_the_first_line_says_what_is_left_out() -> None:
    made = sheet(("A", "count", pa.array(range(10_000))), notice="Cut: =1 of 2")
    found = rows(made, limit=7_000)
    assert found[:2] == [["Cut: =1 of 2"], ["A"]]
    assert len(found) == 2 + 7_000
    assert found[-1] == ["6999"]


def test_rows_are_read_while_they_are_written() -> None:
    read = []

    def batches() -> Iterator[pa.RecordBatch]:
        for at in range(5):
            read.append(at)
            yield pa.record_batch([pa.array([at] * 1000)], names=["0"])

    pieces = csv_of(Sheet("Rows", (Heading("A", "count"),), batches()))
    next(pieces)
    assert read == []
    next(pieces)
    assert read == [0]
    assert sum(piece.count(b"\r\n") for piece in pieces) == 4000
