"""Choosing days in a chart, menus that ask only when open, and the quiet word while figures come,
in a real browser.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import drawn, still

pytestmark = pytest.mark.browser
FORTNIGHT = "from=2026-11-01&to=2026-11-14"
WORDS = """() => {
  window.said = [];
  setInterval(() => window.said.push(document.querySelector('.head .live')?.textContent), 20);
}"""


def place_of(page: Page, day: int) -> tuple[float, float]:
    """Where a day of the fortnight stands in the first chart, in pixels of the window."""
    still(page)
    area = page.locator(".chart .nsewdrag").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box is not None
    # Fourteen days, two fifths of a day of room at either side.
    return box["x"] + box["width"] * (day - 1 + 0.4) / 13.8, box["y"] + box["height"] / 2


def drag(page: Page, start: int, end: int) -> None:
    page.mouse.move(*place_of(page, start))
    page.mouse.down()
    page.mouse.move(*place_of(page, end), steps=5)


@pytest.mark.parametrize(("path", "way"), [("/", (3, 9)), ("/explore", (9, 3))])
def test_a_drag_across_a_chart_is_the_period(
    signed_in: Callable[..., Page], path: str, way: tuple[int, int]
) -> None:
    page = signed_in(f"{path}?{FORTNIGHT}")
    drag(page, *way)
    expect(page.locator(".span-pick")).to_have_text("3 Nov – 9 Nov")
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"from=2026-11-03&to=2026-11-09"))
    expect(page.locator(".dater")).to_contain_text("3 – 9 Nov")
    expect(page.locator(".span-pick")).to_have_count(0)
    page.go_back()
    expect(page.locator(".dater")).to_contain_text("1 – 14 Nov")


def test_escape_gives_a_drag_up(signed_in: Callable[..., Page]) -> None:
    page = signed_in(f"/?{FORTNIGHT}")
    drag(page, 3, 9)
    expect(page.locator(".span-pick")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".span-pick")).to_have_count(0)
    page.mouse.up()
    assert page.url.endswith(FORTNIGHT)


def test_a_click_opens_a_day_of_explore_and_nothing_on_the_overview(
    signed_in: Callable[..., Page],
) -> None:
    page = signed_in(f"/?{FORTNIGHT}")
    page.mouse.click(*place_of(page, 5))
    page.goto(f"/explore?{FORTNIGHT}")
    drawn(page)
    page.mouse.click(*place_of(page, 5))
    expect(page).to_have_url(re.compile("from=2026-11-05&to=2026-11-05"))
    expect(page.get_by_role("heading", name="Net sales per hour")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile(FORTNIGHT))


def test_a_closed_menu_asks_nothing_and_an_opened_one_is_of_this_address(
    signed_in: Callable[..., Page],
) -> None:
    page = signed_in(f"/?{FORTNIGHT}")
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.post_data or "") if r.method == "POST" else None)
    page.locator("button.kpi").nth(1).click()
    expect(page.get_by_role("heading", name="Orders per day")).to_be_visible()
    assert asked
    assert not any("menu-" in body for body in asked)
    chip = page.locator(".filters summary").first
    chip.click()
    page.get_by_role("menuitemcheckbox", name="Germany").click()
    expect(page.locator(".filters [aria-checked=true]")).to_contain_text("Germany")
    page.keyboard.press("Escape")
    page.go_back()
    expect(page.locator(".filters .chip.on")).to_have_count(0)
    chip.click()
    expect(page.locator(".filters [aria-checked=true]")).to_contain_text("All")


def test_slow_answers_say_updating(signed_in: Callable[..., Page]) -> None:
    page = signed_in(f"/?{FORTNIGHT}")
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    slow = {"offline": False, "latency": 1500, "downloadThroughput": -1, "uploadThroughput": -1}
    line.send("Network.emulateNetworkConditions", slow)
    page.evaluate(WORDS)
    page.locator("button.kpi").nth(1).click()
    expect(page.get_by_role("heading", name="Orders per day")).to_be_visible()
    expect(page.locator(".head .live")).to_contain_text("Live")
    assert "Updating" in page.evaluate("window.said")
    line.detach()


def test_a_phone_can_sign_out(signed_in: Callable[..., Page]) -> None:
    page = signed_in(width=390)
    more = page.get_by_role("button", name="More", exact=True).last
    sheet = page.get_by_role("dialog", name="More")
    more.click()
    sheet.get_by_role("button", name="Light or dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(sheet).to_be_hidden()
    more.click()
    sheet.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/signin"))
