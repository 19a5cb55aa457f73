"""Widths, roles, addresses, files and the way back in, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, Live, drawn, figure, reach, sized, still
from tests.clock import START

pytestmark = pytest.mark.browser
PLACES = (
    "/explore",
    "/explore?country=DE&product_type=Tea&product=T1",
    "/explore?metrics=average_order_value&from=2025-10-01&to=2026-11-16",
    "/sources",
)
# Two teas on one invoice, one of them half returned on the next; a line of nothing is rejected.
FILE = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,21730,GREEN TEA,10,2026-11-10 09:15:00,2.50,17850,United Kingdom
536365,21731,BLACK TEA OF THE SECOND HARVEST,4,2026-11-10 09:15:00,1.25,17850,United Kingdom
C536366,21730,GREEN TEA,-2,2026-11-11 10:00:00,2.50,17850,United Kingdom
"""
SEEN_PROGRESS = """() => {
  window.progress = 0;
  const look = () => { if (document.querySelector('[role=progressbar]')) window.progress += 1; };
  new MutationObserver(look).observe(document.body, {childList: true, subtree: true});
}"""


@pytest.mark.parametrize("place", PLACES)
def test_no_page_scrolls_sideways(signed_in: Callable[..., Page], place: str) -> None:
    page = signed_in(place, width=390)
    still(page)
    assert reach(page) == 390
    sized(page, 834)
    assert reach(page) == 834


def test_a_phone_names_the_shop_and_has_the_pages(signed_in: Callable[..., Page]) -> None:
    page = signed_in(width=390)
    expect(page.locator(".top-bar")).to_contain_text("Alma's Tea")
    page.locator(".tab-bar").get_by_role("link", name="Explore").click()
    expect(page).to_have_url(re.compile("/explore"))
    drawn(page)
    page.locator(".dt").get_by_role("link", name="Germany").click()
    expect(page.get_by_role("heading", name="Germany", exact=True)).to_be_visible()


def test_a_bad_address_shows_a_sentence_and_a_page(
    signed_in: Callable[..., Page], live: Live
) -> None:
    page = signed_in("/?from=tomorrow&metrik=nonsense")
    loud, quiet = page.locator(".notes .note.near"), page.locator(".notes .note:not(.near)")
    expect(loud).to_contain_text("tomorrow")
    expect(quiet).to_contain_text("A question has no word 'metrik'. Did you mean metric?")
    expect(figure(page, "Net sales")).to_have_text(live.said("net_sales"))
    page.goto("/?country=Germny")
    expect(loud).to_contain_text("There is no country called 'Germny' in this shop.")
    loud.get_by_role("link", name="Show Germany").click()
    expect(page).to_have_url(re.compile("country=DE"))
    expect(loud).to_have_count(0)
    page.goto("/?kpi=nonsense&country=DE")
    expect(page.locator(".notes .note")).to_contain_text("no metric called 'nonsense'")
    expect(figure(page, "Orders")).to_have_text(live.said("orders", country="DE"))


def test_an_unknown_page_says_so(signed_in: Callable[..., Page]) -> None:
    page = signed_in(excused=("404",))
    page.goto("/nowhere")
    expect(page.get_by_role("heading", name="Not found")).to_be_visible()
    page.get_by_role("link", name="Go to the overview").click()
    drawn(page)
    expect(page.get_by_role("heading", name="Alma's Tea")).to_be_visible()


def test_a_cookie_that_ran_out_leads_to_sign_in_and_back(
    signed_in: Callable[..., Page], live: Live
) -> None:
    place = "/explore?country=DE&by=product"
    page = signed_in(place, excused=("401",))
    live.clock.advance(hours=13)
    try:
        page.locator(".dt").get_by_role("link", name="Assam").click()
        expect(page).to_have_url(re.compile(r"/signin\?next="))
        page.get_by_label("E-mail").fill("ann@tea.example")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(re.compile(r"/explore\?.*country=DE.*product=T1"))
        expect(page.get_by_role("heading", name="Assam in Germany")).to_be_visible()
        drawn(page)
    finally:
        live.clock.set(START)


def test_signing_out_closes_every_page(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/signin"))
    page.goto("/sources")
    expect(page).to_have_url(re.compile(r"/signin\?next=.*sources"))


def test_a_viewer_looks_but_does_not_import(signed_in: Callable[..., Page]) -> None:
    page = signed_in("/sources", name="vic")
    expect(page.get_by_text("You can look, not import")).to_be_visible()
    expect(page.locator("form[data-upload]")).to_have_count(0)
    expect(page.locator("input[type=file]")).to_have_count(0)


def test_a_file_becomes_a_shop(signed_in: Callable[..., Page], live: Live, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(FILE)
    page = signed_in("/sources")
    page.evaluate(SEEN_PROGRESS)
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_label("Format").select_option("online-retail")
    page.get_by_label("Shop", exact=True).fill("Corner Kettle")
    page.get_by_label("Currency").select_option("GBP")
    page.get_by_label("Time zone").fill("Europe/London")
    page.get_by_role("button", name="Import").click()

    news = page.locator("[data-upload-news]")
    expect(news.get_by_role("status")).to_contain_text("3 lines read")
    expect(news.get_by_role("status")).to_contain_text("0 rejected")
    assert page.evaluate("window.progress") > 0
    expect(page.get_by_role("link", name="Corner Kettle", exact=True)).to_be_visible()

    news.get_by_role("link", name="Open the shop").click()
    drawn(page)
    expect(page.get_by_role("heading", name="Corner Kettle")).to_be_visible()
    # 25.00 and 5.00 sold, 5.00 of it back the next day.
    expect(figure(page, "Net sales")).to_have_text("£25")
    assert live.said("net_sales", shop="Corner Kettle") == "£25"


def test_a_file_that_is_none_gets_a_sentence(
    signed_in: Callable[..., Page], tmp_path: Path
) -> None:
    file = tmp_path / "orders.xlsx"
    file.write_bytes(b"this is no workbook")
    page = signed_in("/sources")
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_label("Shop", exact=True).fill("Nobody")
    page.get_by_label("Currency").select_option("GBP")
    page.get_by_label("Time zone").fill("Europe/London")
    page.get_by_role("button", name="Import").click()
    alert = page.locator("[data-upload-news]").get_by_role("alert")
    expect(alert).to_contain_text("orders.xlsx")
    expect(page.get_by_role("link", name="Nobody", exact=True)).to_have_count(0)
