"""Explore in a real browser, by the keyboard alone: down and up, charts as tables, a receipt and
its rows, and back to where one was."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Live, drawn, reach, settled, still

pytestmark = pytest.mark.browser
NOVEMBER = {"from": "2026-11-01", "to": "2026-11-16"}
AT = "from=2026-11-01&to=2026-11-16"


def focused(page: Page) -> Any:
    return page.locator(":focus")


def tab_to(page: Page, wanted: str, most: int = 120) -> None:
    """Tab until the focus is on what a selector names: nothing is reached in another way."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement?.matches(wanted)", wanted):
            return
    raise AssertionError(f"Tab never reaches {wanted}")


def test_explore_by_the_keyboard_alone(signed_in: Callable[..., Page], live: Live) -> None:
    page = signed_in(f"/explore?{AT}")
    hero = page.locator(".hero .value").first
    expect(hero).to_have_text(live.said("net_sales", "full", **NOVEMBER))

    # Down: the first row by Tab, the next by an arrow, into it by Enter.
    tab_to(page, ".dt a.open")
    expect(focused(page)).to_have_text("Germany")
    page.keyboard.press("ArrowDown")
    expect(focused(page)).not_to_have_text("Germany")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("country=DE"))
    germany = live.said("net_sales", "full", **NOVEMBER, country="DE")
    expect(hero).to_have_text(germany)
    expect(page.locator(".crumb.here")).to_contain_text("Country: Germany")

    # Up again.
    page.keyboard.press("Backspace")
    expect(page).not_to_have_url(re.compile("country="))
    expect(hero).not_to_have_text(germany)
    drawn(page)

    # Charts as tables, and back.
    table = page.locator(".section .as-table").first
    page.keyboard.press("t")
    expect(table).to_be_visible()
    page.keyboard.press("t")
    expect(table).to_be_hidden()

    # The receipt of the largest figure: opened by Enter, closed by Escape, the focus where it was.
    tab_to(page, ".hero a.made")
    expect(focused(page)).to_have_text(live.said("net_sales", "full", **NOVEMBER))
    page.keyboard.press("Enter")
    sheet = page.get_by_role("dialog")
    expect(sheet).to_be_visible()
    expect(sheet).to_contain_text("Gross sales plus discounts plus sales reversals")
    expect(page).to_have_url(re.compile("receipt=net_sales"))
    tab_to(page, "#receipt summary")
    page.keyboard.press("Enter")
    expect(sheet.locator("pre")).to_contain_text("SELECT")
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(page).not_to_have_url(re.compile("receipt="))
    expect(focused(page)).to_have_text(live.said("net_sales", "full", **NOVEMBER))


def test_the_picker_and_the_levels_are_found_by_typing(signed_in: Callable[..., Page]) -> None:
    page = signed_in(f"/explore?{AT}")
    tab_to(page, ".head summary[title^='Gross sales plus']")
    page.keyboard.press("Enter")
    field = page.locator(".head .finder input")
    expect(field).to_be_focused()
    expect(page.locator(".pick").first).to_be_visible()
    page.keyboard.type("repeat")
    expect(page.locator(".pick:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("metrics=repeat_purchase_rate"))
    drawn(page)

    tab_to(page, ".crumbs summary")
    page.keyboard.press("Enter")
    expect(page.locator(".crumbs .finder input")).to_be_focused()
    page.keyboard.type("weekd")
    expect(page.locator(".crumbs .menu a:visible")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(focused(page)).to_have_text("Weekday")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("by=weekday"))


def test_rows_are_turned_and_saved(
    signed_in: Callable[..., Page], live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.callbacks.receipt.PAGE", 5)
    page = signed_in(f"/explore?{AT}&receipt=net_sales")
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("Rows 1 to 5 of")
    tab_to(page, ".paging a")
    expect(focused(page)).to_have_text("Next 5")
    page.keyboard.press("Enter")
    expect(sheet).to_contain_text("Rows 6 to 10 of")
    expect(page).to_have_url(re.compile("at=sales%3A5"))
    page.go_back()
    expect(sheet).to_contain_text("Rows 1 to 5 of")

    with page.expect_download() as waiting:
        sheet.get_by_role("link", name="Export all rows (CSV)").click()
    path = tmp_path / "rows.csv"
    waiting.value.save_as(path)
    rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    total = live.services.answer(live.services.question({"metrics": "net_sales", **NOVEMBER}))
    added = sum(Decimal(row["Net sales (EUR)"]) for row in rows)
    assert added == total.total("net_sales")

    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)


def test_back_closes_the_sheet_and_the_page_stays(signed_in: Callable[..., Page]) -> None:
    page = signed_in(f"/explore?{AT}")
    page.locator(".dt .made").first.click()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_be_visible()
    expect(sheet).to_contain_text("Country is Germany")
    expect(page).to_have_url(re.compile("of=country%3ADE"))
    # Written out in full, the address would have had the whole page drawn anew.
    assert "shop=" not in page.url
    page.go_back()
    expect(sheet).to_have_count(0)
    expect(page.locator(".dt a.open").first).to_be_visible()
    page.go_forward()
    expect(sheet).to_be_visible()
    sheet.get_by_role("link", name="Close").click()
    expect(sheet).to_have_count(0)
    assert "receipt" not in page.url


def asked_how_it_is_made(page: Page) -> tuple[Locator, Locator]:
    """The menu of the first panel, and the sheet that it opened."""
    dots = page.locator("figure.section summary[aria-label='More']").first
    dots.click()
    page.get_by_role("button", name="How is this number made?").first.click()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("Sales ledger")
    return dots, sheet


@pytest.mark.parametrize("path", ["/", "/explore"])
def test_a_panels_menu_opens_its_receipt(signed_in: Callable[..., Page], path: str) -> None:
    page = signed_in(f"{path}?{AT}")
    beneath = page.url
    dots, sheet = asked_how_it_is_made(page)
    asked = dots.element_handle()
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(page).to_have_url(beneath)
    settled(page)
    assert dots.evaluate("(now, asked) => now === asked", asked), "nothing beneath is drawn anew"
    expect(dots).to_be_focused()


def test_the_cursor_returns_to_a_panel_that_was_drawn_anew(
    signed_in: Callable[..., Page],
) -> None:
    page = signed_in(f"/?{AT}")
    beneath = page.url
    dots, sheet = asked_how_it_is_made(page)
    # As a live refresh does it while the sheet lies over the panel.
    dots.evaluate("(dots) => { const menu = dots.parentElement; menu.outerHTML = menu.outerHTML; }")
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(page).to_have_url(beneath)
    expect(dots).to_be_focused()
    # And once more after it has closed.
    first = dots.element_handle()
    page.evaluate("window.royal.ask('overview.main')")
    settled(page)
    assert dots.evaluate("(now, first) => now !== first", first)
    expect(dots).to_be_focused()


def test_small_multiples_and_several_metrics(signed_in: Callable[..., Page]) -> None:
    page = signed_in(f"/explore?{AT}&metrics=net_sales,orders,units")
    expect(page.locator(".multiples .js-plotly-plot")).to_have_count(2)
    page.get_by_role("link", name="Small multiples").click()
    expect(page).to_have_url(re.compile("split=country"))
    expect(page.locator(".multiple", has_text="Germany").locator(".js-plotly-plot")).to_be_visible()
    page.get_by_role("link", name="Germany").first.click()
    expect(page).to_have_url(re.compile("country=DE"))
    page.get_by_role("link", name="Table", exact=True).click()
    expect(page.locator("[data-panel='explore.breakdown'] .dt")).to_be_visible()


def test_a_phone_shows_the_sheet_alone(signed_in: Callable[..., Page]) -> None:
    page = signed_in(f"/explore?{AT}&receipt=net_sales&metrics=net_sales,orders", width=390)
    # It slides in.
    still(page)
    assert page.get_by_role("dialog").evaluate("sheet => sheet.getBoundingClientRect().x") == 0
    width = page.get_by_role("dialog").evaluate("sheet => sheet.getBoundingClientRect().width")
    assert width == 390
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert reach(page) == 390
