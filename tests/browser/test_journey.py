"""What a person does with the dashboard, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from agent.metrics.questions import Ask
from tests import almas_tea
from tests.browser.conftest import LATE, Live, drawn, figure

pytestmark = pytest.mark.browser
FIRST_WEEK = {"from": "2026-11-02", "to": "2026-11-08"}


def test_a_link_signs_in_once(context: Callable[..., BrowserContext], live: Live) -> None:
    link = live.link()
    page = context().new_page()
    page.goto(link)
    page.get_by_role("button", name="Sign in and go on").click()
    expect(page).to_have_url(f"{live.url}/")
    expect(page.get_by_role("heading", name="Alma's Tea")).to_be_visible()
    drawn(page)

    second = context(excused=("410",)).new_page()
    second.goto(link)
    second.get_by_role("button", name="Sign in and go on").click()
    expect(second.get_by_role("alert")).to_contain_text("has been used")
    second.goto("/")
    expect(second).to_have_url(re.compile("/signin"))


def test_the_figures_are_the_answers(signed_in: Callable[..., Page], live: Live) -> None:
    page = signed_in()
    for label, metric in (
        ("Net sales", "net_sales"),
        ("Orders", "orders"),
        ("Average order value", "average_order_value"),
        ("New customers", "new_customers"),
        ("Returning customers", "returning_customers"),
        ("Repeat purchase rate", "repeat_purchase_rate"),
    ):
        expect(figure(page, label)).to_have_text(live.said(metric))
    expect(page.get_by_text(f"Total {live.said('net_sales', 'full')}").first).to_be_visible()


def test_another_period_and_back(signed_in: Callable[..., Page], live: Live) -> None:
    page = signed_in()
    before = live.said("net_sales")
    page.keyboard.press("d")
    page.locator("#calendar [data-day='2026-11-02']").click()
    page.locator("#calendar [data-day='2026-11-08']").click()
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile("from=2026-11-02&to=2026-11-08"))
    # Two orders came back whole or in part before the week was over: 35 + 30 + 5 + 10 + 10.
    assert live.said("net_sales", **FIRST_WEEK) == "€90"
    expect(figure(page, "Net sales")).to_have_text("€90")
    expect(page.locator(".dater")).to_contain_text("2 – 8 Nov")
    expect(page.locator("#calendar")).to_be_hidden()

    page.go_back()
    expect(figure(page, "Net sales")).to_have_text(before)
    assert "from=" not in page.url


def test_down_and_up_again(signed_in: Callable[..., Page], live: Live) -> None:
    page = signed_in("/explore")
    crumbs = page.locator(".crumbs")
    page.locator(".dt").get_by_role("link", name="Germany").click()
    expect(page.get_by_role("heading", name="Germany", exact=True)).to_be_visible()
    expect(crumbs).to_contain_text(f"Country: Germany{live.said('net_sales', country='DE')}")
    page.get_by_role("link", name="Product", exact=True).click()
    page.locator(".dt").get_by_role("link", name="Assam").click()

    expect(page.get_by_role("heading", name="Assam in Germany")).to_be_visible()
    assam = live.said("net_sales", country="DE", product="T1")
    expect(crumbs).to_contain_text(f"All{live.said('net_sales')}")
    expect(crumbs.locator("[aria-current]")).to_have_text(f"Product: Assam{assam}")
    hero = page.locator(".hero .value").first
    expect(hero).to_have_text(live.said("net_sales", "full", country="DE", product="T1"))

    page.go_back()
    expect(page.get_by_role("heading", name="Germany", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="By product", exact=True)).to_be_visible()
    page.go_forward()
    expect(crumbs.locator("[aria-current]")).to_contain_text("Product: Assam")

    crumbs.get_by_title("Remove this level").first.click()
    expect(page.get_by_role("heading", name="Assam", exact=True)).to_be_visible()
    expect(hero).to_have_text(live.said("net_sales", "full", product="T1"))
    assert "country=" not in page.url
    page.keyboard.press("Backspace")
    expect(hero).to_have_text(live.said("net_sales", "full"))


def test_the_report_and_the_workbook(
    signed_in: Callable[..., Page], live: Live, tmp_path: Path
) -> None:
    page = signed_in("/?from=2026-11-02&to=2026-11-08")
    pdf = fetched(page, "Weekly brief (PDF)", tmp_path / "brief.pdf")
    assert pdf.startswith(b"%PDF-")
    words = PdfReader(BytesIO(pdf)).pages[0].extract_text()
    assert live.said("net_sales", **FIRST_WEEK) in words

    book = CalamineWorkbook.from_filelike(
        BytesIO(fetched(page, "This page (XLSX)", tmp_path / "brief.xlsx"))
    )
    rows = {row[0]: row for row in book.get_sheet_by_name("Summary").to_python()}
    asked = Ask(("net_sales", "orders")).within(live.services.scope(FIRST_WEEK))
    answer = live.services.answer(asked)
    assert rows["Net sales"][1] == float(answer.total("net_sales") or 0) == 90.0
    assert rows["Orders"][1] == answer.total("orders")


def fetched(page: Page, name: str, path: Path) -> bytes:
    page.locator("summary", has_text="Export").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name=name).click()
    waiting.value.save_as(path)
    page.keyboard.press("Escape")
    return path.read_bytes()


def test_charts_as_tables(signed_in: Callable[..., Page], live: Live) -> None:
    page = signed_in("/?from=2026-11-02&to=2026-11-08")
    table = page.locator(".section .as-table").first
    expect(table).to_be_hidden()
    page.keyboard.press("t")
    expect(table).to_be_visible()
    days = table.locator("tbody tr:not(.total) td:nth-child(2)")
    shown = [float(value or "nan") for value in days.evaluate_all("c => c.map(x => x.dataset.v)")]
    asked = Ask(("net_sales",), ("day",)).within(live.services.scope(FIRST_WEEK))
    assert shown == [float(value) for value in live.services.answer(asked).values("net_sales")]
    page.keyboard.press("t")
    expect(table).to_be_hidden()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()


def test_escape_closes_what_floats(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    for key, seen in (("d", "#calendar"), ("f", ".filters .menu"), ("?", "#shortcuts")):
        page.keyboard.press(key)
        expect(page.locator(seen).first).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(seen).first).to_be_hidden()


def test_the_theme_changes_without_a_question(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    expect(page.locator(".js-plotly-plot .scatterlayer").first).to_be_visible()
    lines = page.locator(".js-plotly-plot .scatterlayer path.js-line").first
    light = lines.evaluate("line => line.style.stroke")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.keyboard.press("Shift+L")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(lines).not_to_have_css("stroke", light)
    # The page's pulse goes on.
    assert [url for url in asked if "/versions" not in url] == []
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    drawn(page)


def test_while_the_warehouse_is_away_the_page_looks_more_often(
    signed_in: Callable[..., Page],
) -> None:
    """Its breaker rests for seconds: an open page must not be old until the next pulse."""
    page, versions = signed_in(), "**/api/analytics/versions*"
    told = {"versions": {}, "stale": {"since": "", "reason": "PostgreSQL does not answer."}}
    page.route(versions, lambda route: route.fulfill(json=told))
    page.evaluate("dash_clientside.set_props('pulse', {n_intervals: 1000})")
    expect(page.locator(".live.stale")).to_be_visible()
    for _ in range(2):
        with page.expect_request(versions, timeout=15_000):
            pass


def test_a_new_order_shows_without_reloading(signed_in: Callable[..., Page], live: Live) -> None:
    page = signed_in()
    orders = int(live.said("orders"))
    expect(figure(page, "Orders")).to_have_text(str(orders))
    page.evaluate("window.before = 1")
    page.mouse.move(1, 1)
    live.services.warehouse.merge(almas_tea.batch(LATE, name="late"))
    page.evaluate("dash_clientside.set_props('pulse', {n_intervals: 1000})")
    expect(figure(page, "Orders")).to_have_text(str(orders + 1))
    expect(figure(page, "Net sales")).to_have_text(live.said("net_sales"))
    assert page.evaluate("window.before") == 1
