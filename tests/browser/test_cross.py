"""Choosing in one panel what the others show: by mouse, with shift, on charts, and back again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Live, drawn, figure, still

pytestmark = pytest.mark.browser
NOVEMBER = "/?from=2026-11-01&to=2026-11-16"


def panel(page: Page, name: str) -> Any:
    return page.locator(f'.section[data-panel="overview.{name}"]')


def row(page: Page, name: str, words: str) -> Any:
    return panel(page, name).get_by_role("link", name=words, exact=True)


def test_a_click_filters_the_others_and_a_second_one_undoes_it(
    signed_in: Callable[..., Page], live: Live
) -> None:
    page = signed_in(NOVEMBER)
    countries = panel(page, "countries").locator(".lb").count()
    row(page, "countries", "Germany").click()
    expect(page).to_have_url(re.compile("country=DE"))
    period = {"from": "2026-11-01", "to": "2026-11-16"}
    expect(figure(page, "Net sales")).to_have_text(live.said("net_sales", country="DE", **period))
    # The panel itself keeps all its parts, the chosen one marked.
    expect(panel(page, "countries").locator(".lb")).to_have_count(countries)
    expect(row(page, "countries", "Germany")).to_have_attribute("aria-current", "true")
    row(page, "countries", "Germany").click()
    expect(page).not_to_have_url(re.compile("country="))


def test_shift_adds_and_escape_clears(signed_in: Callable[..., Page], live: Live) -> None:
    page = signed_in(NOVEMBER)
    row(page, "countries", "Germany").click()
    expect(row(page, "countries", "Germany")).to_have_attribute("aria-current", "true")
    row(page, "countries", "Austria").click(modifiers=["Shift"])
    expect(page).to_have_url(re.compile("country=DE&country=AT"))
    expect(row(page, "countries", "Austria")).to_have_attribute("aria-current", "true")
    expect(page.locator(".filters")).to_contain_text("Germany and 1 more")
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("country="))
    assert len(page.context.pages) == 1, "shift opens no window"


def test_shift_adds_shaded_cells_by_mouse_and_by_keyboard(
    signed_in: Callable[..., Page],
) -> None:
    page = signed_in(NOVEMBER.replace("/?", "/customers?"))
    grid = page.locator('.section[data-panel="customers.rfm"]')
    groups = grid.locator("a.block .over").all_inner_texts()
    one, two = sorted(set(groups))[:2]

    def block(group: str) -> Any:
        return grid.locator("a.block", has_text=group).first

    block(one).click()
    expect(block(one)).to_have_attribute("aria-current", "true")
    block(two).click(modifiers=["Shift"])
    expect(block(two)).to_have_attribute("aria-current", "true")
    expect(block(one)).to_have_attribute("aria-current", "true")
    block(two).focus()
    page.keyboard.press("Shift+Enter")
    expect(block(two)).not_to_have_attribute("aria-current", "true")
    expect(block(one)).to_have_attribute("aria-current", "true")
    assert len(page.context.pages) == 1, "shift opens no window"


def test_back_undoes_a_choice(signed_in: Callable[..., Page], live: Live) -> None:
    page = signed_in(NOVEMBER)
    before = figure(page, "Net sales").inner_text()
    row(page, "products", "Assam").click()
    expect(page).to_have_url(re.compile("product=T1"))
    drawn(page)
    page.go_back()
    expect(page).not_to_have_url(re.compile("product="))
    expect(figure(page, "Net sales")).to_have_text(before)


def test_escape_closes_a_menu_before_it_clears(signed_in: Callable[..., Page]) -> None:
    page = signed_in(f"{NOVEMBER}&country=DE")
    page.locator(".filters summary").first.click()
    expect(page.locator(".filters details[open]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".filters details[open]")).to_have_count(0)
    expect(page).to_have_url(re.compile("country=DE"))
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("country="))


def test_the_second_link_of_a_row_opens_explore(signed_in: Callable[..., Page]) -> None:
    page = signed_in(NOVEMBER)
    panel(page, "countries").get_by_role("link", name="Open Germany in Explore").click()
    expect(page).to_have_url(re.compile("/explore.*country=DE"))
    drawn(page)
    expect(page.get_by_role("heading", name="Germany", exact=True)).to_be_visible()


def test_a_row_is_chosen_from_the_keyboard(signed_in: Callable[..., Page]) -> None:
    page = signed_in(NOVEMBER)
    row(page, "countries", "Germany").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("country=DE"))
    expect(row(page, "countries", "Germany")).to_have_attribute("aria-current", "true")


def test_a_part_of_a_chart_is_the_row_of_its_table(signed_in: Callable[..., Page]) -> None:
    page = signed_in(NOVEMBER.replace("/?", "/products?"))
    types = page.locator('.section[data-panel="products.types"]')
    links = types.locator(".as-table a.open")
    hrefs = links.evaluate_all("all => all.map((link) => link.getAttribute('href'))")
    assert hrefs
    types.scroll_into_view_if_needed()
    expect(types.locator(".slice").first).to_be_visible()
    still(page)
    types.locator(".slice path.surface").first.click(force=True, position={"x": 6, "y": 40})
    expect(page).to_have_url(re.compile("product_type="))
    chosen = re.search(r"product_type=[^&]+", page.url)
    assert chosen is not None and any(chosen[0] in href for href in hrefs)


def test_a_table_is_sorted_searched_and_lengthened_by_addresses(
    signed_in: Callable[..., Page],
) -> None:
    page = signed_in(NOVEMBER.replace("/?", "/products?"))
    table = page.locator('.section[data-panel="products.table"]')
    table.get_by_role("link", name="Units sold").click()
    expect(page).to_have_url(re.compile("sort=-units"))
    expect(table.locator("th[aria-sort=descending]")).to_contain_text("Units sold")
    table.get_by_role("link", name="Units sold").click()
    expect(table.locator("th[aria-sort=ascending]")).to_contain_text("Units sold")
    table.get_by_role("searchbox").fill("assam")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("find=assam"))
    expect(table.locator("tbody a.open")).to_have_count(1)
    table.get_by_role("searchbox").fill("no such tea")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="No product is called “no such tea”")).to_be_visible()
    page.get_by_role("link", name="Show all products").click()
    expect(page).not_to_have_url(re.compile("find="))
