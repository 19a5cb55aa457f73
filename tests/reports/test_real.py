"""A published file on paper and in the workbook, against its published totals, to the penny."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
from python_calamine import CalamineWorkbook

from agent.services import Services
from reports.compose import compose, period_scope
from reports.documents import Document
from reports.excel import to_workbook
from reports.pdf import to_pdf

pytestmark = pytest.mark.shared
ALL_OF_IT = "2010-12-01..2011-12-09"


@pytest.fixture(scope="module")
def retail(shared: Path) -> Path:
    return shared / "data" / "uci_online_retail_2010_2011"


@pytest.fixture(scope="module")
def gifts(retail_shop: Services) -> Services:
    return retail_shop


def brief(services: Services, period: str) -> Document:
    scope = period_scope(services, services.shop("UK Gifts"), period)
    return compose(services, "weekly-executive", scope)


def listed(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def pounds(text: str) -> Decimal:
    return Decimal(text).quantize(Decimal("0.01"))


def sheet(content: bytes, name: str) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_name(name).to_python()


# The published 885 new customers of the first month count one who bought nothing but BANK CHARGES:
# that is no order of ours.
@pytest.mark.parametrize(("month", "bought_no_goods"), [("2010-12", 1), ("2011-11", 0)])
def test_a_month_on_paper_and_in_the_workbook(
    gifts: Services, retail: Path, month: str, bought_no_goods: int
) -> None:
    truth = next(r for r in listed(retail / "truth" / "by_month.csv") if r["month"] == month)
    kinds = listed(retail / "truth" / "new_vs_returning_by_month.csv")
    new = next(row["new_customers"] for row in kinds if row["month"] == month)
    gross = pounds(truth["R4_positive_product_lines"])
    document = brief(gifts, month)
    pages = pypdf.PdfReader(BytesIO(to_pdf(document))).pages
    assert len(pages) <= 3
    text = " ".join(page.extract_text() for page in pages)
    assert f"£{gross:,}" in text
    assert f"£{document.figures[0].value:,.2f}" in text
    content = to_workbook(document)
    steps = {row[0]: row[1] for row in sheet(content, "From gross to total sales")}
    assert pounds(str(steps["Gross sales"])) == gross
    summary = {row[0]: row[1] for row in sheet(content, "Summary")}
    assert summary["New customers"] == int(new) - bought_no_goods


def test_the_workbook_has_every_product_to_the_penny(gifts: Services, retail: Path) -> None:
    content = to_workbook(brief(gifts, ALL_OF_IT))
    rows = sheet(content, "Products")
    at = rows[0].index("Net sales")
    found = {row[1]: row[at] for row in rows[1:]}
    assert len(found) > 3000
    for row in listed(retail / "truth" / "top10_products_net_R6.csv"):
        assert pounds(str(round(found[row["sku"]], 4))) == pounds(row["net_revenue"]), row
    totals = json.loads((retail / "truth" / "totals.json").read_text())
    steps = {row[0]: row[1] for row in sheet(content, "From gross to total sales")}
    assert steps["Gross sales"] == pytest.approx(totals["R4_positive_product_lines"], abs=0.001)
    goods = steps["Net sales"] - steps["Discounts"]
    assert goods == pytest.approx(totals["R6_net_products_incl_cancel"], abs=0.001)
