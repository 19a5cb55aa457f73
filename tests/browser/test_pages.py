"""The pages as a person meets them: nothing moves when figures arrive, nothing sticks out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import drawn

pytestmark = pytest.mark.browser
PATHS = ("/", "/products", "/marketing")
SHIFTS = """() => {
  window.shifts = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
}"""


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("width", [1440, 390])
def test_figures_arrive_without_a_shift(
    signed_in: Callable[..., Page], path: str, width: int
) -> None:
    page = signed_in("/explore", width=width)
    page.add_init_script(f"({SHIFTS})()")
    page.goto(path)
    drawn(page)
    page.wait_for_timeout(300)
    assert page.evaluate("window.shifts") < 0.02


@pytest.mark.parametrize("width", [834, 390])
def test_no_page_scrolls_sideways(signed_in: Callable[..., Page], width: int) -> None:
    page = signed_in(width=width)
    for path in PATHS:
        page.goto(path)
        drawn(page)
        reach = page.evaluate("document.documentElement.scrollWidth")
        assert (path, reach) == (path, width)


def test_a_shop_without_visits_says_what_the_panels_need(signed_in: Callable[..., Page]) -> None:
    page = signed_in("/marketing")
    filled = page.locator(".section[data-panel], .blank")
    expect(filled).not_to_have_count(0)
    assert page.locator(".blank[role=alert]").count() == 0, "nothing failed"


def test_one_product_shows_its_place_among_all(signed_in: Callable[..., Page]) -> None:
    page = signed_in("/products?from=2026-11-01&to=2026-11-16&product=T1")
    expect(page.locator(".lead")).to_contain_text("Assam is number")
    table = page.locator('.section[data-panel="products.table"]')
    expect(table.locator("tr.chosen")).to_have_count(1)
    assert table.locator("tbody a.open").count() > 1
