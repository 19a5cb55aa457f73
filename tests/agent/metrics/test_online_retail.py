"""Online Retail, half a million real order lines, against totals that somebody else computed."""

from __future__ import annotations

import csv
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agent.metrics.frames import Frame
from agent.metrics.grammar import Filter
from agent.services import Services
from agent.sources.base import ImportSummary
from agent.sources.ingest import import_file
from tests import retail

pytestmark = pytest.mark.shared
FOLDER = "data/uci_online_retail_2010_2011"
WHOLE = "shop=UK Gifts&from=2010-12-01&to=2011-12-09&cmp=none"
PENNY = Decimal("0.01")


@pytest.fixture(scope="module")
def truth(shared: Path) -> Path:
    return shared / FOLDER / "truth"


@pytest.fixture(scope="module")
def imported(retail_shop: Services, retail_said: ImportSummary) -> tuple[Services, ImportSummary]:
    return retail_shop, retail_said


@pytest.fixture(scope="module")
def shop(imported: tuple[Services, ImportSummary]) -> Services:
    return imported[0]


def ask(services: Services, text: str) -> Frame:
    return services.answer(services.question(f"{text}&{WHOLE}"))


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def pence(value: Any) -> Decimal:
    return Decimal(str(value)).quantize(PENNY)


def test_every_line_is_of_one_kind_and_the_kinds_add_up(
    imported: tuple[Services, ImportSummary], truth: Path
) -> None:
    summary, totals = imported[1], rows(truth / "totals.csv")[0]
    assert sum(count for count, _ in summary.kinds.values()) == int(totals["lines_all"])
    assert summary.rejected == 0
    assert pence(sum(amount for _, amount in summary.kinds.values())) == pence(
        totals["R1_net_all_lines"]
    )


def test_totals(shop: Services, truth: Path) -> None:
    totals = rows(truth / "totals.csv")[0]
    frame = ask(shop, "metrics=gross_sales,discounts,net_sales,shipping,orders")
    assert pence(frame.total("gross_sales")) == pence(totals["R4_positive_product_lines"])
    goods = Decimal(str(frame.total("net_sales"))) - Decimal(str(frame.total("discounts")))
    assert pence(goods) == pence(totals["R6_net_products_incl_cancel"])
    assert frame.total("orders") == int(totals["O2_orders_with_product"])
    codes = {row["sku"]: Decimal(row["amount"]) for row in rows(truth / "nonproduct_codes.csv")}
    postage = sum(codes[code] for code in ("POST", "DOT", "C2"))
    assert pence(frame.total("shipping")) == pence(postage)
    assert pence(frame.total("discounts")) == pence(codes["D"])


def test_months(shop: Services, truth: Path) -> None:
    frame = ask(shop, "metrics=gross_sales&by=month")
    found = {
        str(m)[:7]: pence(v)
        for m, v in zip(frame.values("month"), frame.values("gross_sales"), strict=True)
    }
    assert found == {
        r["month"]: pence(r["R4_positive_product_lines"]) for r in rows(truth / "by_month.csv")
    }


def test_top_products_by_gross_sales_and_net_sales(shop: Services, truth: Path) -> None:
    gross = ask(shop, "metrics=gross_sales&by=product&top=10")
    expected = rows(truth / "top10_products_revenue_R4.csv")
    assert gross.values("product")[:10] == [row["sku"] for row in expected]
    assert [pence(v) for v in gross.values("gross_sales")[:10]] == [
        pence(r["revenue"]) for r in expected
    ]
    assert gross.labels("product")[0] == "REGENCY CAKESTAND 3 TIER"
    net = ask(shop, "metrics=net_sales&by=product&top=10")
    expected = rows(truth / "top10_products_net_R6.csv")
    assert net.values("product")[:10] == [row["sku"] for row in expected]
    assert [pence(v) for v in net.values("net_sales")[:10]] == [
        pence(r["net_revenue"]) for r in expected
    ]


def test_countries_equal_a_hand_count_of_the_file(shop: Services, shared: Path) -> None:
    """The truth's countries count postage too, so the goods are counted here, from the file."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    file = pq.read_table(shared / FOLDER / "online_retail.parquet")
    code = pc.utf8_upper(file["StockCode"])
    other = [
        "POST",
        "DOT",
        "M",
        "C2",
        "C3",
        "D",
        "S",
        "B",
        "BANK CHARGES",
        "AMAZONFEE",
        "CRUK",
        "PADS",
    ]
    goods = pc.invert(pc.or_(pc.is_in(code, pc.pa.array(other)), pc.starts_with(code, "GIFT_0001")))
    sold = pc.and_(
        pc.greater(file["Quantity"], 0), pc.greater(file["UnitPrice"].cast("float64"), 0)
    )
    kept = file.filter(
        pc.and_(
            pc.and_(goods, sold), pc.invert(pc.match_substring_regex(file["InvoiceNo"], "^[CA]"))
        )
    )
    amount = pc.multiply(kept["Quantity"].cast("float64"), kept["UnitPrice"].cast("float64"))
    counted = (
        kept.append_column("amount", amount).group_by("Country").aggregate([("amount", "sum")])
    )
    proof = {r["Country"]: pence(r["amount_sum"]) for r in counted.to_pylist()}
    frame = ask(shop, "metrics=gross_sales&by=country")
    found = {
        c: pence(v)
        for c, v in zip(frame.values("country"), frame.values("gross_sales"), strict=True)
    }
    assert {c: v for c, v in found.items() if v} == proof


def test_customers_are_those_of_the_truth_but_for_postage_only_orders(
    shop: Services, truth: Path
) -> None:
    """The truth's customers also count the few whose only invoices are postage and the like."""
    frame = ask(shop, "metrics=customers,new_customers,repeat_purchase_rate")
    repeat = rows(truth / "repeat_purchase.csv")[0]
    assert 0 <= int(repeat["customers"]) - int(frame.total("customers") or 0) <= 5
    assert frame.total("new_customers") == frame.total("customers")
    assert frame.total("repeat_purchase_rate") == pytest.approx(
        float(repeat["repeat_rate_by_order"]), abs=0.005
    )


def test_importing_again_changes_nothing(
    imported: tuple[Services, ImportSummary], shared: Path
) -> None:
    services, _ = imported
    before = services.warehouse.versions(("uk-gifts",))
    again = import_file(services, shared / retail.FILE, retail.OPTIONS, lambda step: None)
    assert again.already
    assert services.warehouse.versions(("uk-gifts",)) == before


def test_daily_sums_and_ledger_agree(shop: Services) -> None:
    """The same figures by the ledger (a filter that every product passes) and by the daily sums."""
    metrics = "gross_sales,discounts,sales_reversals,net_sales"
    daily = ask(shop, f"metrics={metrics}&by=day")
    question = shop.question(f"metrics={metrics}&by=day&{WHOLE}")
    passed = (Filter("product", ("no such product",), exclude=True),)
    ledger = shop.answer(replace(question, scope=replace(question.scope, filters=passed)))
    assert daily.data.equals(ledger.data)
    assert "daily_sales" in daily.receipt.sql[0]
    assert "daily_sales" not in ledger.receipt.sql[0]
