"""Targets and people's own metrics, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Live, settled

pytestmark = pytest.mark.browser
SHOP = "almas-tea"


@contextmanager
def late(page: Page, words: str, deed: Callable[[], object]) -> Iterator[None]:
    """The question with these words that a deed asks is answered once the block is through."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if not held and words in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/_dash-update-component*", hold)
    with page.expect_request(lambda request: words in (request.post_data or "")):
        deed()
    yield
    with page.expect_response(lambda answer: answer.request == held[0].request):
        held[0].continue_()
    page.unroute("**/_dash-update-component*", hold)
    settled(page)


def test_a_kpi_is_defined_with_its_preview_and_removed_and_back(
    signed_in: Callable[..., Page], live: Live
) -> None:
    page = signed_in("/targets")
    preview, listed = page.locator("#kpi-preview"), page.locator(".goals code")
    with late(page, "kpi-field", lambda: page.get_by_label("Label").fill("Value of an order")):
        page.get_by_label("Formula").fill("net_sales / ordrs")
        expect(preview).to_contain_text("Did you mean orders?")
    # What was answered late to an earlier keystroke does not take its place.
    expect(preview).to_contain_text("Did you mean orders?")
    page.get_by_label("Formula").fill("net_sales / orders")
    page.get_by_label("Unit").select_option("money")
    expect(preview).to_contain_text("Net sales / Orders")
    worth = live.services.answer(live.services.question("metrics=net_sales,orders"))
    each = float(worth.total("net_sales") or 0) / float(worth.total("orders") or 1)
    expect(preview.locator(".value")).to_have_text(f"€{each:.2f}")

    page.get_by_role("button", name="Save KPI").click()
    expect(page.locator("#toasts")).to_contain_text("Value of an order is saved.")
    expect(listed).to_have_text("net_sales / orders")
    expect(page.get_by_label("Formula")).to_have_value("")

    page.get_by_role("button", name="Remove Value of an order").click()
    expect(page.get_by_role("heading", name="No KPIs yet")).to_be_visible()
    page.get_by_role("button", name="Undo").last.click()
    expect(listed).to_have_text("net_sales / orders")
    assert live.services.records.kpis.get("value_of_an_order").unit == "money"


def test_a_target_is_set_by_keyboard_and_judged(signed_in: Callable[..., Page], live: Live) -> None:
    page = signed_in("/targets")
    form, row = page.locator("#target"), page.locator(".goals tr", has_text="Orders")
    metric, hint = form.get_by_label("Metric"), page.locator("#target-hint")
    target = form.get_by_label("Target", exact=True)
    with late(page, "target-hint", lambda: metric.select_option("conversion_rate")):
        metric.select_option("orders")
        expect(hint).to_contain_text("Orders. A number, in a whole month")
        levels = target.input_value()
    # Neither the words nor the levels of the metric that was chosen before come back.
    expect(hint).to_contain_text("Orders. A number, in a whole month")
    expect(target).to_have_value(levels)
    target.fill("lots")
    target.press("Enter")
    expect(page.locator("#target-said")).to_contain_text("“lots” is not a number.")
    target.fill("1")
    target.press("Enter")
    expect(row.locator(".status")).to_have_text("Meets target")
    expect(page.locator("#target-said")).to_be_empty()
    assert live.services.records.targets.all(SHOP)["orders"].target == 1

    # The field holds 1 already: that the form has been filled again, only the page can say.
    row.get_by_role("button", name="Change the target of Orders").click()
    settled(page)
    expect(target).to_have_value("1")
    target.fill("1,000")
    form.get_by_label("Critical").fill("900")
    target.press("Enter")
    expect(row.locator(".status")).to_have_text("Critical")
    expect(row.get_by_role("meter")).to_have_count(1)
    expect(page.locator("#target-said")).to_be_empty()


def test_a_viewer_is_told_who_can(signed_in: Callable[..., Page]) -> None:
    page = signed_in("/targets", name="vic")
    expect(page.get_by_text("Setting targets needs the role analyst.")).to_be_visible()
    expect(page.locator("form.form")).to_have_count(0)
    expect(page.locator(".row-acts")).to_have_count(0)
