"""A file whose columns nobody knows: guessed, shown, corrected by a person, imported."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Live, drawn, figure, reach, sized

pytestmark = pytest.mark.browser
# Two orders; "Summe" is what a line costs altogether, which its name does not tell for sure.
OWN = """Vorgang;Datum;Ware;Anz.;Summe;Porto
A-1;13.11.2026;Sencha;2;12,50;4,90
A-1;13.11.2026;Kanne;1;20,00;4,90
A-2;14.11.2026;Sencha;1;6,25;3,90
"""
SPEND = "Day,Campaign name,Amount spent (GBP),Impressions\n2026-11-14,Autumn,10.00,100\n"


def test_columns_are_guessed_corrected_and_imported(
    signed_in: Callable[..., Page], live: Live, tmp_path: Path
) -> None:
    file = tmp_path / "kasse.csv"
    file.write_text(OWN)
    page = signed_in("/sources")
    page.get_by_label("File", exact=True).set_input_files(file)
    wizard = page.locator("[data-wizard]")
    expect(wizard.get_by_role("status")).to_contain_text("Check what each column is")
    expect(page.get_by_label("Format")).to_have_value("own")
    expect(wizard.get_by_label("Datum", exact=True)).to_have_value("placed_at")
    expect(wizard.get_by_label("Numbers are written")).to_have_value("1")
    expect(wizard.get_by_label("Shipping stands on each line")).to_be_checked()
    expect(wizard.get_by_role("table")).to_contain_text("2026-11-13")

    wizard.get_by_label("Ware", exact=True).select_option("title")
    expect(wizard.get_by_role("table")).to_contain_text("sencha")
    sized(page, 390)
    assert reach(page) == 390

    page.get_by_label("Shop", exact=True).fill("Kettle Corner")
    page.get_by_label("Currency", exact=True).select_option("EUR")
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_role("button", name="Import").click()
    news = page.locator("[data-upload-news]")
    expect(news.get_by_role("status")).to_contain_text("3 lines read, 2 orders, 0 rejected")
    sized(page, 1440)
    news.get_by_role("link", name="Open the shop").click()
    drawn(page)
    expect(figure(page, "Net sales")).to_have_text("€38.75")
    assert live.said("net_sales", shop="Kettle Corner") == "€38.75"


def test_a_known_format_is_named_and_needs_no_more(
    signed_in: Callable[..., Page], tmp_path: Path
) -> None:
    file = tmp_path / "meta.csv"
    file.write_text(SPEND)
    page = signed_in("/sources")
    page.get_by_label("File", exact=True).set_input_files(file)
    wizard = page.locator("[data-wizard]")
    expect(wizard.get_by_role("status")).to_contain_text("This looks like: Advertising spend.")
    expect(page.get_by_label("Format")).to_have_value("spend")
    # What would land is seen before it does.
    expect(wizard.get_by_role("table")).to_contain_text("Autumn")
