"""Every page at three widths and in both themes, and what floats over it, held to WCAG 2.2 AA by
axe-core in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from agent.forecasting import outlook as outlooks
from agent.forecasting.asking import Wanted
from agent.forecasting.outlook import Outlook
from agent.records.events import Event
from agent.records.findings import SEVERITIES
from dashboard.pages import PAGES
from tests import almas_tea
from tests.agent.anomalies.finding import FOUND, finding
from tests.browser.conftest import Live, reach, sized, still
from tests.dashboard.outlooks import friday, product

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
def everything(live: Live) -> Iterator[None]:
    """Visits, spend, stock and costs too: pages with all of their panels; findings of each gravity,
    events that were and will be, and a forecast that is kept."""
    services = live.services
    services.warehouse.merge(almas_tea.beside())
    services.records.findings.keep(
        [finding(finding_id=name, severity=name, score=1.0) for name in SEVERITIES]
        + [finding(finding_id="seen", state="acknowledged", verdict="real", handled_at=FOUND)]
    )
    for name, first in (("Autumn letter", date(2026, 11, 9)), ("Winter sale", date(2026, 11, 27))):
        services.records.events.put(Event(almas_tea.SHOP.shop_id, name, "campaign", first, first))

    def kept(_: object, wanted: Wanted, horizon: int) -> Outlook:
        made = replace(friday(max(horizon, 28)), wanted=replace(wanted, shop=services.shop()))
        return replace(made, members=(product("T1", 5.0),)) if wanted.dimension else made

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(outlooks, "kept", kept)
        yield


@pytest.mark.parametrize("path", list(PAGES))
def test_a_page_breaks_no_rule(signed_in: Callable[..., Page], path: str) -> None:
    page = signed_in(path)
    assert in_both_themes(page) == NOTHING
    for width in (834, 390):
        sized(page, width)
        # Colours take most of the time; a tablet has none that the others do not have.
        without = OF_COLOURS if width == 834 else []
        assert (width, violations(page, without=without)) == (width, [])
        assert reach(page) == width, "it scrolls sideways"


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
