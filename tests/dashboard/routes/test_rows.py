"""The rows under a number as files: they add up to it, and hold no formula."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from agent.services import Services

NOVEMBER = "from=2026-11-01&to=2026-11-16"


def table(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


@pytest.mark.parametrize(
    "metric", ["net_sales", "gross_sales", "discounts", "taxes", "total_sales"]
)
@pytest.mark.parametrize("within", ["", "&country=DE", "&product=T1", "&refunds=order_day"])
def test_the_file_adds_up_to_the_number(
    ann: Any, services: Services, metric: str, within: str
) -> None:
    number = services.answer(services.question(f"metrics={metric}&{NOVEMBER}{within}"))
    answer = ann.get(f"/rows/explore/0.csv?{NOVEMBER}{within}&receipt={metric}")
    rows = table(answer)
    label = f"{number.metric(metric).label} (EUR)"
    added = sum((Decimal(row[label]) for row in rows), Decimal(0))
    assert added == number.total(metric)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert f"{metric}-sales-2026-11-01" in answer.headers["Content-Disposition"]


def test_one_rows_number_has_its_own_file(ann: Any, services: Services) -> None:
    number = services.answer(services.question(f"metrics=net_sales&{NOVEMBER}&country=DE"))
    rows = table(ann.get(f"/rows/explore/0.csv?{NOVEMBER}&receipt=net_sales&of=country:DE"))
    added = sum(Decimal(row["Net sales (EUR)"]) for row in rows)
    assert added == number.total("net_sales")


def test_a_workbook_has_the_rows_and_how_they_were_asked(ann: Any, services: Services) -> None:
    answer = ann.get(f"/rows/explore/0.xlsx?{NOVEMBER}&receipt=net_sales")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    told = str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])
    assert "Gross sales plus discounts plus sales reversals" in told
    assert "Local time" in told
    assert "Europe/Berlin" in told


def test_a_ratio_has_a_file_for_each_of_its_tables(ann: Any) -> None:
    asked = f"{NOVEMBER}&receipt=average_order_value"
    assert "Line type" in table(ann.get(f"/rows/explore/0.csv?{asked}"))[0]
    assert "Customer" in table(ann.get(f"/rows/explore/1.csv?{asked}"))[0]
    assert ann.get(f"/rows/explore/2.csv?{asked}").status_code == 404


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        (f"/rows/explore/0.csv?{NOVEMBER}", 404, "names no number"),
        (f"/rows/nowhere/0.csv?{NOVEMBER}&receipt=net_sales", 404, "no page"),
        (f"/rows/explore/0.exe?{NOVEMBER}&receipt=net_sales", 404, "no exe files"),
        (f"/rows/explore/0.csv?{NOVEMBER}&receipt=happiness", 400, "no metric called"),
        (f"/rows/explore/0.csv?{NOVEMBER}&receipt=sessions&product=T1", 400, "not known by"),
    ],
)
def test_what_is_not_there_gets_a_sentence(ann: Any, path: str, status: int, sentence: str) -> None:
    answer = ann.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == status
    assert sentence in answer.text


def test_strangers_get_no_rows(stranger: Any) -> None:
    answer = stranger.get(f"/rows/explore/0.csv?{NOVEMBER}&receipt=net_sales")
    assert answer.status_code in (302, 303, 401)
