"""A report and its mail in another language: the house's own, whoever reads them."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from agent import words
from agent.services import Services
from dashboard.pages import PAGES
from reports.compose import compose, period_scope
from reports.delivery import made_for
from reports.documents import Document
from reports.excel import to_workbook
from reports.mail import Enclosed, text_of, to_letter
from reports.parts import pictured
from reports.pdf import page_of
from tests.german import english
from tests.reports import shop

NAMES = ["weekly-executive", *(page.name for page in PAGES.values() if page.panels)]
# Drawn by nobody: styles and SVG of a page.
UNREAD = re.compile(r"<style.*?</style>|src=\"[^\"]*\"|<[a-z!/][^<>]*>|SELECT.*", re.DOTALL)
BARE = Enclosed((), {})


def german(services: Services, name: str, period: str = "last_28_days") -> Document:
    scope = period_scope(services, shop.TEA, period).where("country", "DE", "AT")
    return compose(services, name, scope, "Mara Kessler")


@pytest.mark.parametrize("name", NAMES)
def test_a_german_document_has_no_english_left(reading: Services, name: str) -> None:
    with words.speaking("de_DE"):
        document = german(reading, name)
        page = UNREAD.sub(" ", page_of(document))
        book = CalamineWorkbook.from_filelike(BytesIO(to_workbook(document)))
    found = {line.strip() for line in page.splitlines() if english(line)}
    for sheet in book.sheet_names:
        columns = zip(*book.get_sheet_by_name(sheet).to_python(), strict=True)
        # A key is a value as the address and the ledger have it.
        read = [column for column in columns if not str(column[0]).endswith(", Schlüssel")]
        cells = {cell for column in read for cell in column if isinstance(cell, str)}
        found |= {cell for cell in {sheet, *cells} if english(UNREAD.sub(" ", cell))}
    assert not found


def test_a_german_letter_has_no_english_left(reading: Services) -> None:
    with words.speaking("de_DE"):
        document = german(reading, "weekly-executive")
        letter = to_letter(document, ("mara@almas-tea.example",), "<1@almas-tea.example>", BARE)
        text = text_of(document, BARE)
    html = UNREAD.sub(" ", letter.html)
    said = [*text.splitlines(), *html.splitlines(), letter.subject]
    assert [line for line in said if english(line)] == []
    assert "Nettoumsatz" in letter.subject


def test_an_empty_german_letter_says_that_nothing_is_missing(reading: Services) -> None:
    with words.speaking("de_DE"):
        document = german(reading, "weekly-executive", "2025-03")
        assert document.period == "März 2025"
        assert "Die Werte sind null, sie fehlen nicht." in text_of(document, BARE)


def test_a_picture_says_whose_figures_it_shows_in_german(reading: Services) -> None:
    with words.speaking("de_DE"):
        scope = period_scope(reading, shop.TEA, "last_28_days").where("country", "DE")
        source = pictured(reading, "overview", "main", (scope, {})).source
    assert "20. Oktober bis 16. November 2026. Land ist Deutschland. " in source
    assert not english(source)


def test_readers_are_counted_in_german(reading: Services) -> None:
    with words.speaking("de_DE"):
        assert made_for(reading, ("a@tea.example",)) == "a@tea.example"
        two, three = (("a@tea.example", *"bc"[:n]) for n in (1, 2))
        assert made_for(reading, two) == "a@tea.example und eine weitere Person"
        assert made_for(reading, three) == "a@tea.example und zwei weitere"
