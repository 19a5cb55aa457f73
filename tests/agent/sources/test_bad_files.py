"""Files that are not what they say, and lines that cannot be used: one sentence, and the warehouse
as it was.
"""

from __future__ import annotations

import csv
import gzip
import os
import time
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agent.errors import BadFile, Refused, Unavailable
from agent.ports import Batch
from agent.sources import files
from agent.sources.base import ImportOptions, TextFormat
from tests.agent.sources.conftest import Desk, Folder

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
GOOD = "500001,71053,LANTERN,2,2010-12-01 08:26:00,3.50,17850,United Kingdom"
OPTIONS = ImportOptions("online-retail", "Gifts", "GBP", "Europe/London")


def text(path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path.write_bytes("\n".join(lines).encode(encoding) + "\n".encode(encoding))
    return path


def refused(desk: Desk, path: Path, options: ImportOptions = OPTIONS) -> str:
    """The sentence that a file gets; nothing may have been written."""
    with pytest.raises(BadFile) as caught:
        desk.take(path, options)
    assert desk.warehouse.shops() == ()
    assert not (desk.settings.data_dir / "rejected").exists()
    return str(caught.value)


def test_wrong_columns(desk: Desk, tmp_path: Path) -> None:
    sentence = refused(desk, text(tmp_path / "x.csv", "InvoiceNo,StockCode,Qty", "1,2,3"))
    assert sentence == (
        "This is not an Online Retail file: no column quantity, invoicedate, unitprice. "
        "Found: InvoiceNo, StockCode, Qty."
    )


@pytest.mark.parametrize("content", [b"", b"\n\n  \n"])
def test_empty(desk: Desk, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    assert refused(desk, tmp_path / "x.csv") == "x.csv is empty."


def test_header_only(desk: Desk, tmp_path: Path) -> None:
    assert refused(desk, text(tmp_path / "x.csv", HEADER)) == "x.csv has a header but no rows."


def test_header_without_an_end(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(HEADER.encode())
    assert refused(desk, tmp_path / "x.csv") == "x.csv has a header but no rows."


def test_truncated_gzip(desk: Desk, tmp_path: Path) -> None:
    lines = [GOOD.replace("500001", str(500_000 + n)) for n in range(5_000)]
    packed = gzip.compress("\n".join([HEADER, *lines]).encode())
    (tmp_path / "x.csv.gz").write_bytes(packed[: len(packed) // 2])
    assert "cut off" in refused(desk, tmp_path / "x.csv.gz")
    (tmp_path / "y.csv.gz").write_bytes(packed[:-8] + bytes(4) + packed[-4:])
    assert "damaged" in refused(desk, tmp_path / "y.csv.gz")
    text(tmp_path / "z.csv.gz", HEADER, GOOD)
    assert "is not a gzip file" in refused(desk, tmp_path / "z.csv.gz")


@pytest.mark.parametrize("name", ["x.xlsx", "x.parquet"])
@pytest.mark.parametrize("content", [HEADER.encode(), b"PK\x03\x04 nothing", b"PAR1 nothing"])
def test_other_things_under_a_good_name(
    desk: Desk, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    assert name in refused(desk, tmp_path / name)


def test_a_zip_that_is_no_workbook(desk: Desk, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    assert "is a ZIP file but no XLSX workbook" in refused(desk, tmp_path / "x.xlsx")


def test_a_workbook_under_another_name(desk: Desk, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.csv", "w") as archive:
        archive.writestr("xl/workbook.xml", "")
    assert "is an Excel workbook under another name" in refused(desk, tmp_path / "x.csv")


def test_two_gigabytes_of_zeros_stop_early(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)
    start = time.process_time()
    assert "is not a text file" in refused(desk, path)
    with path.open("r+b") as file:
        file.write(f"{HEADER}\n{GOOD}\n".encode())
    assert "is not a text file" in refused(desk, path)
    assert time.process_time() - start < 2


def test_a_bomb_stops_at_the_limit(desk: Desk, tmp_path: Path) -> None:
    line = (GOOD + "\n").encode()
    with gzip.open(tmp_path / "x.csv.gz", "wb", compresslevel=9) as file:
        file.write((HEADER + "\n").encode())
        for _ in range(40):
            file.write(line * 5_000)
    assert (tmp_path / "x.csv.gz").stat().st_size < 100_000
    options = ImportOptions("online-retail", "Gifts", "GBP", "Europe/London", max_bytes=4_000_000)
    assert "holds more than" in refused(desk, tmp_path / "x.csv.gz", options)


def test_a_line_without_end(desk: Desk, tmp_path: Path) -> None:
    text(tmp_path / "x.csv", HEADER, "a" * (33 * 1024 * 1024))
    assert "a line longer than 32 MB" in refused(desk, tmp_path / "x.csv")


def test_what_cannot_be_opened(desk: Desk, tmp_path: Path) -> None:
    assert "is a folder" in refused(desk, tmp_path)
    assert refused(desk, tmp_path / "none.csv") == "There is no file none.csv."
    text(tmp_path / "x.pdf", "%PDF")
    assert "files end in .csv" in refused(desk, tmp_path / "x.pdf")


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    text(tmp_path / "x.csv", HEADER, GOOD).chmod(0)
    reading = files.Reading(tmp_path / "x.csv", TextFormat(), lambda _: None, 10**6, lambda _: None)
    me = os.geteuid()
    if me == 0:  # root may read everything: be nobody for a moment
        os.seteuid(65_534)
    try:
        with pytest.raises(BadFile, match=r"x\.csv cannot be read: Permission denied"):
            files.read(reading)
    finally:
        os.seteuid(me)


def test_a_pipe_is_not_waited_for(desk: Desk, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.csv")
    assert refused(desk, tmp_path / "x.csv") == "x.csv is no ordinary file."
    long = tmp_path / ("x" * 300 + ".csv")
    assert "cannot be read: File name too long" in refused(desk, long)


def test_formats_currencies_and_zones_that_do_not_exist(desk: Desk, tmp_path: Path) -> None:
    path = text(tmp_path / "x.csv", HEADER, GOOD)
    assert "There is no format 'magento'" in refused(
        desk, path, ImportOptions("magento", "Gifts", "GBP", "Europe/London")
    )
    for currency, zone, sentence in (
        ("pounds", "Europe/London", "'pounds' is no currency"),
        ("GBP", "Mars/Olympus", "no time zone called 'Mars/Olympus'"),
        ("GBP", "", "needs a time zone"),
    ):
        with pytest.raises(Refused, match=sentence):
            desk.take(path, ImportOptions("online-retail", "Gifts", currency, zone))
    assert desk.warehouse.shops() == ()


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("latin-1", "Windows-1252"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
    ],
)
def test_encodings_are_found_and_said(
    desk: Desk, tmp_path: Path, encoding: str, note: str | None
) -> None:
    line = GOOD.replace("LANTERN", "CAFÉ £5")
    summary = desk.take(text(tmp_path / "x.csv", HEADER, line, encoding=encoding), OPTIONS)
    assert desk.products()["71053"]["title"] == "CAFÉ £5"
    assert (note is None) == (summary.warnings == ())
    assert note is None or note in summary.warnings[0]


def test_a_few_broken_bytes_cost_their_lines(desk: Desk, tmp_path: Path) -> None:
    lines = [HEADER, GOOD.replace("LANTERN", "CAFÉ"), GOOD.replace("LANTERN", "TH\ufffdE")]
    raw = "\n".join(lines).encode().replace("\ufffd".encode(), b"\xe9")
    (tmp_path / "x.csv").write_bytes(raw + b"\n")
    summary = desk.take(tmp_path / "x.csv", OPTIONS)
    assert summary.rejected == 1
    assert "broken bytes" in summary.warnings[0]


WORDS = "A field holds characters that no text has, or is too long."
PRICE = "The price is not an amount with at most four decimals."
DATE = "The date is not a date from 1990 to today."
BAD = {
    "quantity": (GOOD.replace(",2,", ",abc,"), "The quantity is not a whole number."),
    "half": (GOOD.replace(",2,", ",2.5,"), "The quantity is not a whole number."),
    "price": (
        GOOD.replace("3.50", "1e400"),
        PRICE,
    ),
    "fine price": (
        GOOD.replace("3.50", "3.50001"),
        PRICE,
    ),
    "date": (
        GOOD.replace("2010-12-01 08:26:00", "yesterday"),
        DATE,
    ),
    "1900": (GOOD.replace("2010-", "1900-"), DATE),
    "2999": (GOOD.replace("2010-", "2999-"), DATE),
    "no such day": (GOOD.replace("12-01", "02-30"), DATE),
    "no invoice": (GOOD.replace("500001", ""), "The invoice number is missing."),
    "no price": (GOOD.replace("3.50", ""), "The price is missing."),
    "NUL": (
        GOOD.replace("LANTERN", "LAN\0TERN"),
        WORDS,
    ),
    "long": (
        GOOD.replace("LANTERN", "L" * 10_000_000),
        WORDS,
    ),
    "huge": (
        GOOD.replace(",2,", ",2000000000,").replace("3.50", "99999999"),
        "The amount is too large to be real.",
    ),
    "short": ("500001,71053,LANTERN", "The line has 3 fields where the header has 8."),
    "wide": (GOOD + ",more", "The line has 9 fields where the header has 8."),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_line_is_rejected_and_the_others_arrive(
    desk: Desk, tmp_path: Path, kind: str
) -> None:
    line, reason = BAD[kind]
    other = GOOD.replace("500001", "500002")
    # An empty line and a break inside quotes: the number is still the line's place in the file.
    quoted = GOOD.replace("500001", "500003").replace("LANTERN", '"LAN\nTERN"')
    path = text(tmp_path / "x.csv", HEADER, quoted, "", other, line, GOOD)
    summary = desk.take(path, OPTIONS)
    assert dict(summary.reasons) == {reason: 1}
    assert summary.lines == 4
    assert summary.kinds["sale"] == (3, Decimal("21.00"))
    assert set(desk.orders()) == {"500001", "500002", "500003"}
    assert summary.rejected_file is not None
    assert summary.rejected_file.parent == desk.settings.data_dir / "rejected"
    csv.field_size_limit(20_000_000)
    with summary.rejected_file.open(newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["line"], row["reason"]) == ("6", reason)
    assert row["InvoiceNo"].startswith("500001" if kind != "no invoice" else "")


def test_a_file_without_one_good_line_is_refused(desk: Desk, tmp_path: Path) -> None:
    path = text(tmp_path / "x.csv", HEADER, BAD["price"][0], BAD["date"][0])
    assert refused(desk, path).startswith("None of the 2 lines of x.csv can be used.")


class Broken:
    """The warehouse, with a merge that fails."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def merge(self, batch: Batch) -> None:
        raise Unavailable("The disk is full.")


def test_a_failing_merge_leaves_nothing(desk: Desk, tmp_path: Path) -> None:
    path = text(tmp_path / "x.csv", HEADER, GOOD, BAD["price"][0])
    broken = Desk(Broken(desk.warehouse), desk.clock, Folder(desk.settings.data_dir))
    with pytest.raises(Unavailable):
        broken.take(path, OPTIONS)
    assert desk.warehouse.shops() == ()
    assert not (desk.settings.data_dir / "rejected").exists()


def test_the_steps_are_told(desk: Desk, tmp_path: Path, sheet: Callable[..., Path]) -> None:
    desk.take(text(tmp_path / "x.csv", HEADER, GOOD), OPTIONS)
    assert [step.step for step in desk.steps] == ["read", "sort", "write", "done"]
    last = desk.steps[-1]
    assert (last.done, last.total) == (1, 1)
    assert last.rows_per_second > 0
