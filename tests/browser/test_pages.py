"""The pages as a person meets them: nothing moves when figures arrive, nothing sticks out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import drawn, reach, sized, still

pytestmark = pytest.mark.browser
PATHS = ("/", "/products", "/marketing")
# The mark comes last: with it everything before it is told.
SHIFTS = """() => new Promise((done) => {
  let sum = 0;
  const watch = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.entryType === "mark") done(sum);
      else if (!entry.hadRecentInput) sum += entry.value;
    }
  });
  watch.observe({ type: "layout-shift", buffered: true });
  watch.observe({ type: "mark" });
  performance.mark("all");
})"""


@pytest.mark.parametrize("width", [1440, 390])
def test_figures_arrive_without_a_shift_and_nothing_sticks_out(
    signed_in: Callable[..., Page], width: int
) -> None:
    page = signed_in("/explore", width=width)
    for path in PATHS:
        sized(page, width)
        page.goto(path)
        drawn(page)
        still(page)
        assert (path, page.evaluate(SHIFTS) < 0.02) == (path, True)
        assert (path, reach(page)) == (path, width)
        sized(page, 834)
        assert (path, reach(page)) == (path, 834)


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


def test_answers_that_are_lost_are_asked_for_again(signed_in: Callable[..., Page]) -> None:
    broken = ("ERR_FAILED", "Callback failed", "Failed to fetch")
    page = signed_in("/explore", excused=broken)
    drawn(page)
    lost: list[str] = []

    def lose(route: Route) -> None:
        if len(lost) < 2:
            lost.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    # The question that comes with the page and the one after it; then the line is back. Nothing
    # tells the page so: it hears of no versions.
    page.route("**/_dash-update-component*", lose)
    page.route("**/api/analytics/versions*", lambda route: route.abort())
    with page.expect_event("requestfailed", lambda _: len(lost) == 2):
        page.goto("/")
    drawn(page)

    # So does another page, whose bones were lost.
    lost.pop()
    page.locator(".side a[data-page='/products']").click()
    expect(page.locator(".head h1")).to_have_text("Products")
    drawn(page)
    assert len(lost) == 2
    page.unroute_all()


def test_charts_without_their_library_say_where_the_figures_are(
    signed_in: Callable[..., Page],
) -> None:
    page = signed_in("/sources", excused=("ERR_FAILED",))
    page.route("**/plotly-*", lambda route: route.abort())
    page.goto("/")
    section = page.locator('[data-panel="overview.main"]')
    expect(section).to_contain_text("The chart library did not arrive.")
    section.locator("[data-act='table']").click()
    expect(section.locator(".as-table td").first).to_be_visible()
    page.unroute_all()
