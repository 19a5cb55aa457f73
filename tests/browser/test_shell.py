"""The frame in a real browser: jump to, keys, language, saved views, the two ways to share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from agent import words
from tests.browser.conftest import Live, drawn, figure

pytestmark = pytest.mark.browser
PERIOD = "from=2026-11-02&to=2026-11-08"
COPIED = """() => {
  window.copied = [];
  navigator.clipboard.writeText = async (text) => void window.copied.push(text);
}"""


@pytest.fixture(autouse=True)
def english_again(live: Live) -> Iterator[None]:
    """A language that a test chose follows its person into the next one."""
    yield
    for user in live.services.records.users.all():
        live.services.records.users.set_language(user.user_id, None)


def asked(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def palette(page: Page, text: str = "") -> Locator:
    """The open palette, with a text typed into it."""
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Jump to")
    expect(field).to_be_focused()
    if text:
        field.press_sequentially(text)
    return page.locator("#palette")


def pointed(page: Page) -> Locator:
    """The option that the field says is active."""
    at = page.get_by_role("combobox", name="Jump to").get_attribute("aria-activedescendant")
    return page.locator(f"#{at}")


# ---- jump to ----


def test_the_palette_leads_to_a_metric_by_keyboard_alone(signed_in: Callable[..., Page]) -> None:
    page = signed_in(f"/?{PERIOD}&country=DE")
    box = palette(page, "average order")
    option = box.get_by_role("option", name="Average order value")
    expect(option).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/explore"))
    expect(box).to_be_hidden()
    assert asked(page)["metrics"] == ["average_order_value"]
    assert asked(page)["country"] == ["DE"], "the filters come along"
    drawn(page)


def test_the_palette_finds_a_product_by_its_title(signed_in: Callable[..., Page]) -> None:
    page = signed_in(f"/?{PERIOD}")
    box = palette(page, "sench")
    option = box.get_by_role("option", name="Sencha")
    expect(option).to_contain_text("€")
    option.click()
    expect(page.get_by_role("heading", name="Sencha")).to_be_visible()
    assert asked(page)["product"] == ["T2"]
    drawn(page)


def test_the_arrows_walk_round_the_list(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    box = palette(page)
    expect(box.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    first = pointed(page).inner_text()
    page.keyboard.press("ArrowDown")
    assert pointed(page).inner_text() != first
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    last = box.get_by_role("option").last
    expect(last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    assert pointed(page).inner_text() == first


def test_what_is_not_there_is_said(signed_in: Callable[..., Page]) -> None:
    box = palette(signed_in(), "qqqqqq")
    expect(box.get_by_text("Nothing here is called “qqqqqq”.")).to_be_visible()
    expect(box.get_by_role("option")).to_have_count(0)


def test_recent_choices_come_first_until_one_signs_out(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    palette(page, "orders")
    expect(page.get_by_role("option", name="Orders", exact=True)).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("metrics=orders"))
    drawn(page)
    box = palette(page)
    expect(box.get_by_role("group", name="Recent").get_by_role("option")).to_have_text(["Orders"])
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/signin"))
    assert page.evaluate("localStorage.getItem('jumped-to')") is None


def test_acts_and_periods_are_in_the_palette_too(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    palette(page, "light or dark")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    palette(page, "last 7 days")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("period=last_7_days"))
    drawn(page)


# ---- keys ----


def test_g_and_a_letter_lead_to_a_page(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    for key, path in (("s", "/sources"), ("e", "/explore"), ("o", "/")):
        page.keyboard.press("g")
        page.keyboard.press(key)
        expect(page).to_have_url(re.compile(rf"{path}(\?.*)?$"))
        drawn(page)


def test_single_keys_can_be_turned_off_and_on(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog.get_by_text("Date range", exact=True)).to_be_visible()
    switch = dialog.get_by_role("switch", name="Single keys")
    expect(switch).to_have_attribute("aria-checked", "true")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    dialog.get_by_role("button", name="Close").click()

    page.reload()
    drawn(page)
    page.keyboard.press("d")
    page.keyboard.press("?")
    expect(page.locator("#calendar")).to_be_hidden()
    expect(dialog).to_be_hidden()
    expect(palette(page)).to_be_visible()
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Shortcuts").click()
    switch.click()
    dialog.get_by_role("button", name="Close").click()
    page.keyboard.press("d")
    expect(page.locator("#calendar")).to_be_visible()


def test_keys_are_off_while_one_types(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    palette(page, "d1t?")
    expect(page.get_by_role("combobox", name="Jump to")).to_have_value("d1t?")
    page.keyboard.press("Escape")
    expect(page.locator("#calendar")).to_be_hidden()


def test_z_takes_back_the_last_change_of_the_page(signed_in: Callable[..., Page]) -> None:
    page = signed_in(f"/?{PERIOD}")
    page.keyboard.press("2")
    expect(page).to_have_url(re.compile("kpi=orders"))
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile("cmp=none"))
    page.keyboard.press("z")
    expect(page).not_to_have_url(re.compile("cmp=none"))
    assert asked(page)["kpi"] == ["orders"]
    page.keyboard.press("z")
    expect(page).not_to_have_url(re.compile("kpi="))
    page.keyboard.press("z")
    expect(page.get_by_text("There is nothing to undo here.")).to_be_visible()
    drawn(page)


# ---- language ----


def test_a_person_reads_german(signed_in: Callable[..., Page], live: Live) -> None:
    page = signed_in(f"/?{PERIOD}")
    page.get_by_label("Language").select_option("de_DE")
    expect(page.locator("html")).to_have_attribute("lang", "de-DE")
    drawn(page)
    with words.speaking("de_DE"):
        days = {"from": "2026-11-02", "to": "2026-11-08"}
        sales, each = (live.said(m, **days) for m in ("net_sales", "average_order_value"))
    assert re.fullmatch(r"\d+,\d\d\xa0€", each)
    expect(figure(page, "Nettoumsatz")).to_have_text(sales)
    expect(figure(page, "Ø Bestellwert")).to_have_text(each)
    expect(page.locator(".head .sub")).to_contain_text("Dienstag, 17. November")
    expect(page.locator(".dater")).to_contain_text("2.–8. Nov.")
    expect(page.locator(".side").get_by_role("link", name="Erkunden")).to_be_visible()
    page.keyboard.press("d")
    expect(page.locator("#calendar")).to_contain_text("Oktober 2026")
    expect(page.locator("#calendar .w").first).to_have_text("Mo")
    page.keyboard.press("Escape")
    page.get_by_label("Sprache").select_option("en_US")
    expect(page.locator("html")).to_have_attribute("lang", "en-US")
    drawn(page)
    expect(figure(page, "Net sales")).to_be_visible()


def test_a_phone_chooses_its_language(signed_in: Callable[..., Page]) -> None:
    page = signed_in(width=390, name="vic")
    page.get_by_role("button", name="More", exact=True).last.click()
    sheet = page.get_by_role("dialog", name="More")
    sheet.get_by_role("button", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de-DE")
    drawn(page)
    page.get_by_role("button", name="Mehr", exact=True).last.click()
    page.get_by_role("dialog", name="Mehr").get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en-US")


# ---- saved views ----


def test_a_view_is_saved_started_with_deleted_and_back(signed_in: Callable[..., Page]) -> None:
    place = f"/explore?{PERIOD}&country=DE&by=product"
    page = signed_in(place)
    menu = page.locator("details[data-menu$='-views']")
    menu.locator("summary").first.click()
    menu.get_by_label("Save this view as").fill("German products")
    menu.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("German products is saved.")).to_be_visible()

    menu.get_by_role("button", name="Change German products").click()
    menu.get_by_role("button", name="Open at start").click()
    expect(menu.locator(".tag", has_text="Start")).to_be_visible()
    page.goto("/")
    drawn(page)
    assert asked(page)["country"] == ["DE"] and urlsplit(page.url).path == "/explore"

    menu.locator("summary").first.click()
    menu.get_by_role("button", name="Change German products").click()
    menu.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("German products is deleted.")).to_be_visible()
    expect(menu.get_by_role("link", name="German products")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("German products is back.")).to_be_visible()
    menu.locator("summary").first.click()
    expect(menu.get_by_role("link", name="German products")).to_be_visible()

    menu.get_by_role("button", name="Change German products").click()
    menu.get_by_label("New name").fill("Tea in Germany")
    menu.get_by_role("button", name="Rename").click()
    expect(menu.get_by_role("link", name="Tea in Germany")).to_be_visible()
    page.keyboard.press("Escape")
    box = palette(page, "tea in ger")
    expect(box.get_by_role("option", name="Tea in Germany")).to_be_visible()
    page.keyboard.press("Escape")

    menu.locator("summary").first.click()
    menu.get_by_role("button", name="Change Tea in Germany").click()
    menu.get_by_role("button", name="Delete").click()
    expect(menu.get_by_role("link", name="Tea in Germany")).to_have_count(0)
    page.goto("/")
    drawn(page)
    assert urlsplit(page.url).path == "/", "nobody starts at what is gone"


def test_a_shared_view_reaches_others_who_cannot_change_it(signed_in: Callable[..., Page]) -> None:
    page = signed_in(f"/?{PERIOD}&channel=web")
    menu = page.locator("details[data-menu$='-views']")
    menu.locator("summary").first.click()
    menu.get_by_label("Save this view as").fill("Web week")
    menu.get_by_label("Share with everybody").check()
    menu.get_by_role("button", name="Save", exact=True).click()
    expect(menu.get_by_role("link", name="Web week")).to_be_visible()

    other = signed_in(name="vic")
    theirs = other.locator("details[data-menu$='-views']")
    theirs.locator("summary").first.click()
    expect(theirs.get_by_label("Share with everybody")).to_be_disabled()
    theirs.get_by_role("button", name="Change Web week").click()
    expect(theirs.get_by_role("button", name="Delete")).to_have_count(0)
    theirs.get_by_role("link", name="Web week").click()
    expect(other).to_have_url(re.compile("channel=web"))
    drawn(other)

    menu.get_by_role("button", name="Change Web week").click()
    menu.get_by_role("button", name="Delete").click()
    expect(menu.get_by_role("link", name="Web week")).to_have_count(0)


# ---- share ----


def test_sharing_says_whether_the_days_move(signed_in: Callable[..., Page]) -> None:
    page = signed_in("/?period=last_7_days&country=DE")
    page.evaluate(COPIED)
    menu = page.locator("details[data-menu$='-share']")
    menu.locator("summary").click()
    menu.get_by_role("button", name="Copy with fixed dates").click()
    expect(page.get_by_text("Its days stay fixed.")).to_be_visible()
    menu.locator("summary").click()
    menu.get_by_role("button", name="Keep dates moving").click()
    expect(page.get_by_text("Its days move on.")).to_be_visible()
    fixed, moving = (parse_qs(urlsplit(one).query) for one in page.evaluate("window.copied"))
    assert (fixed["from"], fixed["to"]) == (["2026-11-10"], ["2026-11-16"])
    assert "period" not in fixed and fixed["country"] == ["DE"]
    assert moving["period"] == ["last_7_days"] and "from" not in moving


def test_days_chosen_by_hand_cannot_move(signed_in: Callable[..., Page]) -> None:
    page = signed_in(f"/?{PERIOD}")
    menu = page.locator("details[data-menu$='-share']")
    menu.locator("summary").click()
    expect(menu.get_by_role("button", name="Keep dates moving")).to_be_disabled()
    expect(menu).to_contain_text("Choose a named period first.")


def test_a_phone_shares_fixed_days(signed_in: Callable[..., Page]) -> None:
    page = signed_in("/?period=last_7_days", width=390)
    page.evaluate(COPIED)
    page.locator(".top-bar").get_by_role("button", name="Share").click()
    expect(page.get_by_text("Its days stay fixed.")).to_be_visible()
    (copied,) = page.evaluate("window.copied")
    assert "from=2026-11-10" in copied
