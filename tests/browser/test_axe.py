"""Every page in both themes, and what floats over it, held to WCAG 2.2 AA by axe-core in a real
browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from dashboard.pages import PAGES
from tests import almas_tea
from tests.browser.conftest import Live, drawn

pytestmark = pytest.mark.browser
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def violations(page: Page) -> list[str]:
    """What axe found: rule, what it asks, the first element that breaks it."""
    found: list[dict[str, Any]] = Axe().run(page, options=RULES).response["violations"]
    return [f"{v['id']}: {v['help']} at {v['nodes'][0]['html'][:160]}" for v in found]


def in_both_themes(page: Page) -> dict[str, list[str]]:
    """What axe finds as the page stands, and again when the theme has turned."""
    # A colour that is still fading is nobody's contrast.
    page.emulate_media(reduced_motion="reduce")
    found = {}
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
        # What cross-fades in is measured when it is there.
        page.wait_for_timeout(400)
        found[theme] = violations(page)
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
    assert in_both_themes(signed_in(path)) == NOTHING


@pytest.mark.parametrize("name", list(OVER))
def test_what_floats_over_a_page_breaks_no_rule(signed_in: Callable[..., Page], name: str) -> None:
    page = signed_in()
    key, shown = OVER[name]
    page.keyboard.press(key)
    expect(page.locator(shown)).to_be_visible()
    assert in_both_themes(page) == NOTHING


def test_a_receipt_breaks_no_rule(signed_in: Callable[..., Page]) -> None:
    page = signed_in("/explore?receipt=net_sales")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert in_both_themes(page) == NOTHING


@pytest.mark.parametrize("width", [390, 834])
def test_no_page_breaks_a_rule_when_it_is_narrow(
    signed_in: Callable[..., Page], width: int
) -> None:
    page = signed_in(width=width)
    for path in PAGES:
        page.goto(path)
        drawn(page)
        page.wait_for_timeout(400)
        assert (path, violations(page)) == (path, [])


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
