"""Alerts in a real browser: answered by keyboard, taken back, and why, told once it is in sight."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from agent.errors import Unavailable
from dashboard import unexpected
from tests.agent.anomalies.finding import finding
from tests.browser.conftest import Live, settled

pytestmark = pytest.mark.browser
SHOP = "almas-tea"
DETAIL = ".side-panel"


@pytest.fixture(autouse=True)
def kept(live: Live) -> None:
    """Three that are open; each test leaves them so."""
    fresh = [
        finding(finding_id="sales"),
        finding(finding_id="orders", metric="orders", severity="warning"),
        finding(finding_id="germany", severity="notice", dimension="country", member="DE"),
    ]
    live.services.records.findings.keep(fresh)


def test_a_finding_is_acknowledged_by_keyboard_and_taken_back(
    signed_in: Callable[..., Page], live: Live
) -> None:
    page = signed_in("/alerts")
    rows, findings = page.locator(".al"), live.services.records.findings
    expect(rows.nth(1)).to_contain_text("Orders fell 38% below expected")
    rows.nth(1).get_by_role("button", name="Acknowledge").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts[aria-live]")).to_contain_text("Acknowledged.")
    # The next row stands where it was, and has the keyboard.
    following = rows.nth(1).get_by_role("button", name="Acknowledge")
    expect(rows.nth(1)).to_contain_text("Net sales in Germany")
    expect(following).to_be_focused()
    assert findings.get("orders").verdict == "real"

    page.keyboard.press("z")
    expect(rows.nth(1)).to_contain_text("Orders fell 38%")
    assert (findings.get("orders").state, findings.get("orders").verdict) == ("open", "")
    expect(following).not_to_be_focused()

    # Rows by arrows, Enter opens; single keys answer what is open.
    rows.nth(0).locator("a.open").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(f"{DETAIL} h2")).to_have_text("Orders fell 38% below expected")
    expect(rows.nth(1).locator("a.open")).to_be_focused()
    page.keyboard.press("s")
    expect(page.locator(f"{DETAIL} .answers .pop button").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".tabs")).to_contain_text("Snoozed1")
    page.keyboard.press("z")
    expect(page.locator(".tabs")).to_contain_text("Snoozed0")
    expect(page.locator(".nav-item [data-open]")).to_have_text("3")


def test_what_was_expected_is_an_event_until_that_is_taken_back(
    signed_in: Callable[..., Page], live: Live
) -> None:
    page, events = signed_in("/alerts?id=germany"), live.services.records.events
    page.locator(DETAIL).get_by_role("button", name="This was expected").click()
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    expect(page.locator(".tabs")).to_contain_text("Handled1")
    assert [(e.event_id, e.kind, e.part) for e in events.all(SHOP)] == [
        ("germany", "expected", {"country": "DE"})
    ]
    undo.click()
    expect(page.locator(".tabs")).to_contain_text("Handled0")
    assert events.all(SHOP) == ()


def test_why_is_told_once_it_is_in_sight_and_tried_again(
    signed_in: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = unexpected.explain

    def explain(services: object, scope: object, name: str, *more: object) -> object:
        asked.append(name)
        if len(asked) == 1:
            raise Unavailable("The warehouse does not answer.")
        return real(services, scope, name, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(unexpected, "explain", explain)
    page = signed_in("/alerts", width=390)
    reasons = page.locator(".reasons")
    settled(page)
    assert asked == []
    # On a phone the detail lies under the list: whoever opens a row is led to it.
    page.locator(".al a.open").nth(1).click()
    expect(page.locator(DETAIL)).to_be_focused()
    reasons.scroll_into_view_if_needed()
    expect(reasons).to_contain_text("The warehouse does not answer.")
    reasons.get_by_role("button", name="Try again").click()
    expect(reasons).to_contain_text("a match, not proof")
    expect(reasons.locator(".awaited, .blank")).to_have_count(0)
    assert asked == ["orders", "orders"]
