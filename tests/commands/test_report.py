from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from tests.commands.conftest import Run, Said

DECEMBER = ("--shop", "gift shop", "--period", "2010-12")


def test_a_report_becomes_a_pdf(run: Run, tmp_path: Path, gift_shop: Said) -> None:
    out = tmp_path / "brief.pdf"
    done = run("report", "weekly-executive", *DECEMBER, "--out", str(out))
    assert done.code == 0, done.err
    assert done.out == f"{out}: {out.stat().st_size:,} bytes\n"
    assert out.read_bytes().startswith(b"%PDF-")


def test_a_report_becomes_a_workbook(run: Run, tmp_path: Path, gift_shop: Said) -> None:
    out = tmp_path / "BRIEF.XLSX"
    assert run("report", "weekly-executive", *DECEMBER, "--out", str(out)).code == 0
    with zipfile.ZipFile(out) as book:
        assert "xl/workbook.xml" in book.namelist()


def test_a_report_in_other_terms_headed_by_other_numbers(
    run: Run, tmp_path: Path, gift_shop: Said
) -> None:
    out = tmp_path / "brief.xlsx"
    asked = ("--metrics", "units,net_sales", "--refunds", "order_day", "--out", str(out))
    assert run("report", "weekly-executive", *DECEMBER, *asked).code == 0
    book = CalamineWorkbook.from_path(out)
    rows = book.get_sheet_by_name("Summary").to_python()
    assert [row[0] for row in rows[4:6]] == ["Units sold", "Net sales"]
    assert rows[1][0].endswith("GBP. Refunds on the day of their order.")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("weekly-executive", *DECEMBER, "--metrics", "profit", "--out", "x.pdf"), "There is no m"),
        (("weekly-executive", *DECEMBER, "--currency", "XXX", "--out", "x.pdf"), ""),
        (("weekly-executive", *DECEMBER, "--out", "brief.doc"), "brief.doc ends neither"),
        (("weekly-executive", *DECEMBER, "--out", "no/brief.pdf"), "There is no folder no."),
        (("yearly", *DECEMBER, "--out", "x.pdf"), "There is no report called 'yearly'."),
        (("weekly-executive", "--period", "soon", "--out", "x.pdf"), "The period 'soon' cannot"),
        (("weekly-executive", "--shop", "nowhere", "--out", "x.pdf"), "There is no shop called"),
    ],
)
def test_what_cannot_be_made_is_a_sentence(
    run: Run, gift_shop: Said, words: tuple[str, ...], sentence: str
) -> None:
    done = run("report", *words)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(sentence)
    assert not Path("x.pdf").exists()
