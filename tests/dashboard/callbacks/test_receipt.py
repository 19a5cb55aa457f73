"""The receipt: everything that decides a number, and the rows under it, page by page."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from agent.services import Services
from dashboard.callbacks import parts
from dashboard.pages import PAGES
from tests.dashboard.callbacks.test_parts import NOVEMBER, everything, links, person, words


@pytest.fixture
def receipt(server: Any, services: Services) -> Any:
    def draw(search: str, path: str = "/explore") -> Any:
        with server.test_request_context("/"):
            person(services)
            return parts.drawn(services, PAGES[path], "receipt", f"{NOVEMBER}{search}")[0]

    return draw


def rows(content: Any) -> list[Any]:
    """The rows of its tables, without heads and totals."""
    found = [x for x in everything(content) if type(x).__name__ == "Tr"]
    return [x for x in found if type(x.children[-1]).__name__ == "Td"]


def value(content: Any) -> str:
    return next(str(x.children) for x in everything(content) if type(x).__name__ == "B")


def test_without_a_number_there_is_no_sheet(receipt: Any) -> None:
    assert receipt("") is None


def test_it_says_everything_that_decides_the_number(receipt: Any) -> None:
    content = receipt("&receipt=net_sales&country=DE")
    text = words(content)
    for part in (
        "Net sales",
        "Gross sales plus discounts plus sales reversals",
        "gross + discount + reversal of product lines",
        "Country is Germany",
        "1 – 16 Nov 2026",
        "Europe/Berlin",
        "EUR",
        "Refunds count on the day they are processed",
        "Sales ledger",
        "SELECT",
        "Data versions",
        "Last sync",
    ):
        assert part in text, part
    copied = [getattr(x, "data-text", "") for x in everything(content)]
    assert any(text.startswith("SELECT") or "SELECT" in text for text in copied if text)


def test_a_formula_is_said_in_words(receipt: Any) -> None:
    text = words(receipt("&receipt=average_order_value"))
    assert "Placed sales ÷ Orders" in text
    assert "gross + discount of product lines" in text
    assert "Sales ledger" in text
    assert "Orders" in text


@pytest.mark.parametrize("path", ["/", "/explore", "/products"])
def test_every_page_has_receipts(receipt: Any, path: str) -> None:
    assert "Sales ledger" in words(receipt("&receipt=net_sales", path))


def test_it_is_the_number_of_one_row(receipt: Any, services: Services) -> None:
    germany = services.answer(
        services.question("metrics=net_sales&from=2026-11-01&to=2026-11-16&country=DE")
    ).total("net_sales")
    content = receipt("&receipt=net_sales&of=country:DE")
    assert value(content) == f"€{germany:.0f}" or f"{germany:.2f}" in value(content)
    assert "Country is Germany" in words(content)


def test_it_is_the_number_of_a_day(receipt: Any) -> None:
    content = receipt("&receipt=net_sales&of=day:2026-11-04")
    assert value(content) == "−€26"
    assert "4 Nov 2026" in words(content)


def test_it_is_the_number_of_what_has_no_row_of_its_own(receipt: Any, services: Services) -> None:
    whole = words(receipt("&receipt=orders&by=product"))
    rest = receipt("&receipt=orders&of=other:product&by=product")
    assert "Product is not" in words(rest)
    assert value(rest) == "0", "every product has a row of its own"
    assert whole
    gone = words(receipt("&receipt=orders&of=other:country&by=product"))
    assert "not broken down by that any more" in gone


def test_the_sum_of_the_rows_stands_under_them(receipt: Any, services: Services) -> None:
    total = services.answer(
        services.question("metrics=net_sales&from=2026-11-01&to=2026-11-16")
    ).total("net_sales")
    last = [
        x
        for x in everything(receipt("&receipt=net_sales"))
        if getattr(x, "className", "") == "total"
    ]
    assert f"€{total:.2f}" in words(last)
    assert re.search(r"All \d+ rows", words(last))


def test_rows_are_turned_page_by_page(receipt: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.callbacks.receipt.PAGE", 5)
    first = receipt("&receipt=net_sales")
    assert "Rows 1 to 5 of" in words(first)
    onward = next(href for href in links(first) if "at=" in href)
    assert parse_qs(urlsplit(onward).query)["at"] == ["sales:5"]
    second = receipt("&receipt=net_sales&at=sales:5")
    assert "Rows 6 to 10 of" in words(second)
    assert "Previous 5" in words(second)
    assert words(rows(first)[0]) != words(rows(second)[0])


def test_a_number_that_cannot_be_says_why_on_the_sheet(receipt: Any) -> None:
    assert "Sessions are not known by product." in words(receipt("&receipt=sessions&product=T1"))
    assert "is not a day" in words(receipt("&receipt=net_sales&of=day:sunday"))
    assert "not known" in words(receipt("&receipt=net_sales&of=customer_kind:old"))


def test_a_receipt_of_an_unknown_number_is_left_out(receipt: Any) -> None:
    assert receipt("&receipt=happiness") is None
