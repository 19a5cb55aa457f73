"""Every page at three widths and in both themes, and what floats over it, held to WCAG 2.2 AA by
axe-core in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from dashboard.pages import PAGES
from tests import almas_tea
from tests.browser.conftest import Live, sized, still

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The themes differ in colours alone.
OF_COLOURS = ["color-contrast", "link-in-text-block"]
RUN = """([within, runOnly, without]) => {
  const rules = Object.fromEntries(without.map((name) => [name, { enabled: false }]));
  return axe.run(within || document, { runOnly, rules, resultTypes: ["violations"] })
    .then((all) => all.violations)
    .then((all) => all.map((v) => `${v.id}: ${v.help} at ${v.nodes[0].html.slice(0, 160)}`));
}"""


def violations(
    page: Page, within: str = "", rules: Sequence[str] = RULES, without: Sequence[str] = ()
) -> list[str]:
    """What axe found: rule, what it asks, the first element that breaks it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return list(page.evaluate(RUN, [within, list(rules), list(without)]))


def in_both_themes(page: Page, within: str = "") -> dict[str, list[str]]:
    """What axe finds as the page stands, and again when the theme has turned."""
    # A colour that is still fading is nobody's contrast.
    page.emulate_media(reduced_motion="reduce")
    found = {}
    for theme, rules in (("dark", OF_COLOURS), ("light", RULES)):
        page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
        still(page)
        found[theme] = violations(page, within, rules)
    return found


NOTHING: dict[str, list[str]] = {"light": [], "dark": []}
OVER = {
    "palette": ("Control+k", "#palette"),
    "shortcuts": ("?", "#shortcuts[open]"),
    "dates": ("d", ".dp"),
}


@pytest.fixture(autouse=True, scope="module")
def everything(live: Live) -> None:
    """Visits, spend, stock and costs too: pages with all of their panels."""
    live.services.warehouse.merge(almas_tea.beside())


@pytest.mark.parametrize("path", list(PAGES))
def test_a_page_breaks_no_rule(signed_in: Callable[..., Page], path: str) -> None:
    page = signed_in(path)
    assert in_both_themes(page) == NOTHING
    for width in (834, 390):
        sized(page, width)
        # Colours take most of the time; a tablet has none that the others do not have.
        without = OF_COLOURS if width == 834 else []
        assert (width, violations(page, without=without)) == (width, [])


def test_what_floats_over_a_page_breaks_no_rule(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    for name, (key, shown) in OVER.items():
        page.keyboard.press(key)
        expect(page.locator(shown)).to_be_visible()
        assert (name, in_both_themes(page, shown)) == (name, NOTHING)
        page.keyboard.press("Escape")
        expect(page.locator(shown)).to_be_hidden()


def test_a_receipt_breaks_no_rule(signed_in: Callable[..., Page]) -> None:
    page = signed_in("/explore?receipt=net_sales")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert in_both_themes(page, "#receipt") == NOTHING


def test_pages_before_the_door_break_no_rule(context: Callable[..., Any], live: Live) -> None:
    page = context().new_page()
    page.goto("/signin")
    assert violations(page) == []


def test_axe_itself_finds_something(signed_in: Callable[..., Page]) -> None:
    page = signed_in("/sources")
    page.evaluate(
        "document.querySelector('main').innerHTML += '<img src=\"data:,\"><button></button>'"
    )
    assert len(violations(page)) >= 2
