"""A shop is connected by the form, by mouse and keyboard, and is seen to arrive; the pages that
tell whether it can be trusted open beside it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Live, drawn, settled
from tests.shopify_standin.shop import Shop
from tests.shopify_standin.standin import StandIn

pytestmark = pytest.mark.browser


@pytest.fixture
def standin(live: Live) -> Iterator[StandIn]:
    with StandIn(Shop.seeded(live.clock, orders=20, days=30)) as made:
        # Its exports are ready at once: the clock of the test stands still.
        made.bulk.seconds = made.bulk.per_thousand = 0
        made.auth.scopes = ("read_orders", "read_all_orders")
        yield made


@pytest.fixture
def gate(standin: StandIn, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Exports wait for it: the sync is under way until the test has seen it."""
    opened, answer = threading.Event(), standin.api.answer

    def held(version: str, token: str, body: bytes) -> Any:
        if b"bulkOperationRunQuery" in body:
            opened.wait()
        return answer(version, token, body)

    monkeypatch.setattr(standin.api, "answer", held)
    # What is ready at once need not be asked for slowly.
    monkeypatch.setattr("agent.sources.shopify.bulk.POLL_SECONDS", 0.01)
    yield opened
    opened.set()


def test_a_shop_is_connected_by_the_form(
    signed_in: Callable[..., Page], live: Live, standin: StandIn, gate: threading.Event
) -> None:
    page = signed_in("/sources", name="ada")
    page.get_by_role("button", name="Shopify Orders, refunds").click()
    form = page.locator("form.connect")
    # The first field has the cursor; the rest is typed.
    expect(form.get_by_label("Name")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("Alder")
    page.keyboard.press("Tab")
    page.keyboard.type(standin.address)
    page.keyboard.press("Tab")
    page.keyboard.type(standin.auth.client_id)
    page.keyboard.press("Tab")
    page.keyboard.type(standin.auth.client_secret)
    form.get_by_role("button", name="Try it").click()
    expect(form.get_by_text("It answers.")).to_be_visible()
    expect(form.get_by_text(standin.shop.profile.domain)).to_be_visible()
    assert live.services.records.connections.all() == ()
    form.get_by_label("Name").press("Enter")
    row = page.locator(".source[data-name=Alder]")
    expect(row.get_by_text("Syncing")).to_be_visible()
    gate.set()
    (connection,) = live.services.records.connections.all()
    expect(row.get_by_text("Closed")).to_be_visible()
    expect(row.get_by_text("Shopify, complete to just now")).to_be_visible()
    assert len(live.services.warehouse.shops()) == 2
    # Its secret is nowhere on the page, and an empty field keeps it.
    row.get_by_title("More").click()
    row.get_by_role("button", name="Change").click()
    expect(form.get_by_label("Client secret")).to_have_attribute("placeholder", "Kept as it is")
    assert standin.auth.client_secret not in page.content()
    settled(page)
    for path, title in (("/data-health", "Agreement with Alder"), ("/system", "Agent jobs")):
        page.goto(path)
        drawn(page)
        expect(page.get_by_role("heading", name=title)).to_be_visible()
    page.goto("/sources")
    drawn(page)
    row.get_by_title("More").click()
    remove = row.locator("[data-source-act=remove]")
    remove.click()
    expect(remove).to_have_text("Really remove it? Its rows stay.")
    remove.click()
    expect(row).to_have_count(0)
    assert connection not in live.services.records.connections.all()
