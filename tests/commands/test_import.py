from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.commands.conftest import DAYS, FOR_GIFTS, Run, Said

MAPPING = """
dates = "iso"
[columns]
order_id = "Order"
placed_at = "When"
sku = "Item"
quantity = "Pieces"
unit_price = "Each"
"""
FLAT = "Order,When,Item,Pieces,Each\nA1,2010-12-01 09:00,CUP,3,4.50\n"


def test_the_summary_says_what_became_of_every_line(home: Path, gift_shop: Said) -> None:
    first, *rest = gift_shop.out.splitlines()
    assert first.startswith("Gift Shop (gift-shop): 7 lines read, 3 orders, 1 lines rejected, ")
    assert first.endswith(" lines a second.")
    assert rest[0].startswith("  rejected: 1 × ")
    rejected = Path(rest[1].removeprefix("  rejected lines are in "))
    assert rejected.parent == home / "rejected"
    assert "BROKEN" in rejected.read_text()
    kinds = {tuple(line.split()) for line in rest}
    assert ("sale", "4", "£47.08") in kinds
    assert ("reversal", "1", "-£5.10") in kinds or ("reversal", "1", "−£5.10") in kinds
    assert ("shipping", "1", "£18.00") in kinds


def test_the_same_file_twice_changes_nothing(run: Run, gifts: Path, gift_shop: Said) -> None:
    before = run("ask", f"metrics=net_sales&by=day&{DAYS}", "--format", "csv").out
    again = run("import", str(gifts), "--format", "online-retail", "--shop", "gift shop")
    assert again.out == "Gift Shop: this file was imported before. Nothing changed.\n"
    assert run("ask", f"metrics=net_sales&by=day&{DAYS}", "--format", "csv").out == before


def test_a_mapping_reads_any_flat_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(MAPPING)
    (tmp_path / "flat.csv").write_text(FLAT)
    done = run(
        "import", str(tmp_path / "flat.csv"), "--format", str(tmp_path / "mine.toml"), *FOR_GIFTS
    )
    assert done.code == 0, done.err
    assert "1 orders" in done.out
    assert "net_sales\n13.5\n" in run("ask", f"metrics=net_sales&{DAYS}", "--format", "csv").out


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("other.csv", b"a,b\n1,2\n"),
        ("cut.csv.gz", gzip.compress(FLAT.encode() * 500)[:-20]),
        ("page.xlsx", b"<html>not a workbook</html>"),
        ("empty.csv", b""),
    ],
)
def test_a_bad_file_gets_one_sentence(run: Run, tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    done = run("import", str(tmp_path / name), "--format", "online-retail", *FOR_GIFTS)
    assert done.code == 1
    assert done.out == ""
    assert "Traceback" not in done.err
    assert run("ask", "metrics=orders").err.startswith("There is no shop yet.")


def test_what_is_not_there_is_named(run: Run, gifts: Path) -> None:
    done = run("import", "nothing.csv", "--format", "online-retail", *FOR_GIFTS)
    assert (done.code, done.err) == (1, "There is no file nothing.csv.\n")
    done = run("import", str(gifts), "--format", "no.toml", *FOR_GIFTS)
    assert (done.code, done.err) == (1, "There is no file no.toml.\n")
    done = run("import", str(gifts), "--format", "shopware", *FOR_GIFTS)
    assert done.code == 1
    assert "shopware" in done.err
    assert "online-retail" in done.err


def test_exchange_rates_need_neither_shop_nor_format(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text("Date,USD,JPY\n2026-11-13,1.06,161\n2026-11-16,1.05,0\n")
    done = run("import", str(tmp_path / "rates.csv"))
    assert done.code == 0, done.err
    first, *rest = done.out.splitlines()
    assert first.startswith("Exchange rates: 2 lines read, 1 lines rejected, ")
    assert "  rates: 2 inserted, 0 replaced, 0 unchanged" in rest
    again = run("import", str(tmp_path / "rates.csv"))
    assert again.out == "Exchange rates: this file was imported before. Nothing changed.\n"
    (tmp_path / "other.csv").write_text("date,base,currency,rate\n2026-11-13,USD,EUR,0.94\n")
    other = run("import", str(tmp_path / "other.csv"))
    assert other.code == 1
    assert "The rates kept are for one EUR, these for one USD." in other.err


def test_spend_and_targets_say_what_became_of_their_rows(run: Run, tmp_path: Path) -> None:
    spend = tmp_path / "spend.csv"
    spend.write_text("date,channel,spend\n2026-11-01,Meta,5\n2026-11-02,Meta,6\n")
    assert (
        "  spend: 2 inserted, 0 replaced, 0 unchanged" in run("import", str(spend), *FOR_GIFTS).out
    )
    spend.write_text("date,channel,campaign,spend\n2026-11-01,Meta,Autumn,7\n")
    done = run("import", str(spend), *FOR_GIFTS)
    assert "  spend: 1 inserted, 0 replaced, 1 removed, 0 unchanged" in done.out
    assert "orders" not in done.out
    plan = tmp_path / "plan.csv"
    plan.write_text("metric,month,target\nnet_sales,2026-11,50000\n")
    done = run("import", str(plan), *FOR_GIFTS)
    assert "  targets: 1 inserted, 0 replaced, 0 unchanged" in done.out
    assert "  note: Targets are kept with the records" in done.out


def test_orders_without_a_shop_are_refused_with_a_sentence(run: Run, gifts: Path) -> None:
    done = run("import", str(gifts))
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("The shop needs a name") and "Traceback" not in done.err
