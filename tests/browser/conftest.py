"""The whole product in a thread of this process on a free port, and a real browser before it.

The shop is Alma's Tea without its order #10, which a test lets arrive late; the clock stands still.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

import app
from agent.metrics import formats
from agent.metrics.catalogue import METRICS
from agent.metrics.questions import Ask
from agent.records.roles import Role
from agent.services import Services, open_services
from agent.settings import Settings
from tests import almas_tea
from tests.clock import FrozenClock

# Chromium's own address bar is a web page, made ready in a process of its own for every new window.
# The last --disable-features counts: those before the last line are what the driver switches off.
OFF = (
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding"),
    *("ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints"),
    *("NetworkTimeServiceQuerying", "PreconnectToSearch"),
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess"),
)
ARGUMENTS = [
    f"--disable-features={','.join(OFF)}",
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PASSWORD = "a kettle full of words"
PATIENCE_MS = 60_000
WIDTH, HEIGHT = 1440, 900
# What is asked of a page frame by frame, until it is so three times on end.
THRICE = """([turn, so]) => {
  if (window.seen?.turn !== turn) window.seen = { turn, times: 0 };
  window.seen.times = ({ idle, still })[so]() ? window.seen.times + 1 : 0;
  return window.seen.times >= 3;
  // No callback waits or works, says Dash's own store. One may lead to the next.
  function idle() {
    const found = Object.entries(window.store?.getState().callbacks || { none: [0] });
    return found.every(([name, all]) => ["stored", "completed"].includes(name) || !all.length);
  }
  // Fonts and charts are there, and nothing moves but what does for ever.
  function still() {
    const plots = [...document.querySelectorAll(".js-plotly-plot")];
    const blank = (plot) => plot.offsetParent && !plot.querySelector(".main-svg");
    const moving = document.getAnimations().filter((one) => one.playState === "running");
    const ends = (one) => Number.isFinite(one.effect?.getComputedTiming().endTime);
    return document.fonts.status === "loaded" && !plots.some(blank) && !moving.some(ends);
  }
}"""
LATE = "#10"
PEOPLE = (("ada", Role.ADMIN), ("ann", Role.ANALYST), ("vic", Role.VIEWER))


@dataclass(frozen=True)
class Live:
    """The running product; `url` is http://127.0.0.1:PORT."""

    url: str
    services: Services
    clock: FrozenClock

    def link(self, name: str = "ann") -> str:
        """A fresh one-time link for a person."""
        user = self.services.records.users.by_email(f"{name}@tea.example")
        assert user is not None
        return f"{self.url}/link/{self.services.records.links.create(user.user_id)}"

    def said(self, metric: str, style: formats.Style = "short", **asked: str) -> str:
        """A metric's total under the address bar's words, as the page writes it."""
        frame = self.services.answer(Ask((metric,)).within(self.services.scope(asked)))
        unit = METRICS[metric].unit
        return formats.number(frame.total(metric), unit, frame.receipt.currency, style)


@dataclass
class Watch:
    """Everything a page did that it should not have done."""

    host: str
    excused: tuple[str, ...] = ()
    trouble: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        context.on("console", lambda m: self.note(m.type in ("error", "warning"), m.text))
        context.on("weberror", lambda e: self.note(True, f"page error: {e.error}"))
        context.on("request", lambda r: self.note(self.leaves(r.url), f"left for {r.url}"))
        context.on("requestfailed", lambda r: self.note(*self.broke(r)))
        context.on("response", lambda r: self.note(r.status >= 400, f"{r.status} for {r.url}"))

    def note(self, wrong: bool, words: str) -> None:
        if wrong and not any(known in words for known in self.excused):
            self.trouble.append(words)

    def leaves(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme not in ("data", "blob") and parts.hostname != self.host

    @staticmethod
    def broke(request: Any) -> tuple[bool, str]:
        # A file that is downloaded, and a question that a new page no longer needs, are aborted.
        wrong = request.failure != "net::ERR_ABORTED"
        return wrong, f"{request.failure}: {request.url}"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    clock = FrozenClock()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        folder = str(tmp_path_factory.mktemp("live"))
        words = {"DATA_DIR": folder, "PORT": port, "SCHEDULER": "no", "DEMO": "no"}
        # A test turns pages faster than any person.
        words |= {"RATE_QUESTIONS": "none", "RATE_CHARTS": "none", "RATE_SHOPIFY": "none"}
        services = open_services(Settings.from_env(words), clock)
        early = [row[0] for row in almas_tea.ORDERS if row[0] != LATE]
        services.warehouse.merge(almas_tea.batch(*early, name="early"))
        for name, role in PEOPLE:
            services.records.users.add(f"{name}@tea.example", name.title(), role, PASSWORD)
        asgi = app.build(services).asgi
        config = uvicorn.Config(asgi, log_config=None, lifespan="on", timeout_graceful_shutdown=2)
        host = uvicorn.Server(config)
        thread = threading.Thread(target=host.run, args=([listener],), name="host")
        thread.start()
        try:
            yield Live(f"http://127.0.0.1:{port}", services, clock)
        finally:
            host.should_exit = True
            thread.join()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROME") or shutil.which("chromium")
    if not path or not Path(path).is_file():
        words = "Chromium is not installed: apt-get install chromium, or name it in CHROME"
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def context(browser: Browser, live: Live) -> Iterator[Callable[..., BrowserContext]]:
    """Makes a fresh, watched browser profile; `excused` are parts of messages that are meant."""
    made: list[tuple[BrowserContext, Watch]] = []

    def fresh(excused: tuple[str, ...] = (), width: int = WIDTH) -> BrowserContext:
        size: Any = {"width": width, "height": HEIGHT}
        profile = browser.new_context(base_url=live.url, viewport=size)
        profile.set_default_timeout(PATIENCE_MS)
        watch = Watch("127.0.0.1", excused)
        watch.over(profile)
        made.append((profile, watch))
        return profile

    expect.set_options(timeout=PATIENCE_MS)
    yield fresh
    for profile, _ in made:
        profile.close()
    assert [watch.trouble for _, watch in made if watch.trouble] == []


@dataclass
class Tab:
    """A page that several tests use one after the other, and what watches over it."""

    page: Page
    watch: Watch

    def ready(self, link: str, width: int, excused: tuple[str, ...]) -> Page:
        """For the next test: a person is in, and nothing tells of who was here before."""
        profile = self.page.context
        self.watch.excused, self.watch.trouble = excused, []
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        answer = profile.request.post(link, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.ok, answer.text()
        answer.dispose()
        return self.page

    def leave(self) -> list[str]:
        """Forget everything; returns what went wrong here."""
        trouble = self.watch.trouble
        for other in self.page.context.pages:
            if other is not self.page:
                other.close()
        self.page.evaluate("localStorage.clear(); sessionStorage.clear()")
        self.page.emulate_media(reduced_motion="null")
        self.page.goto("about:blank")
        self.page.context.clear_cookies()
        return trouble


@pytest.fixture(scope="module")
def tabs(browser: Browser, live: Live) -> Iterator[list[Tab]]:
    """Those that are free: a new one costs a process and a cold start."""
    free: list[Tab] = []
    yield free
    for tab in free:
        tab.page.context.close()


@pytest.fixture
def signed_in(browser: Browser, live: Live, tabs: list[Tab]) -> Iterator[Callable[..., Page]]:
    """A page of a person who is in already, at an address, with its figures drawn."""
    used: list[Tab] = []

    def enter(
        path: str = "/", name: str = "ann", excused: tuple[str, ...] = (), width: int = WIDTH
    ) -> Page:
        tab = tabs.pop() if tabs else opened(browser, live)
        used.append(tab)
        page = tab.ready(live.link(name), width, excused)
        page.goto(path)
        drawn(page)
        return page

    expect.set_options(timeout=PATIENCE_MS)
    yield enter
    trouble = [tab.leave() for tab in used]
    tabs.extend(used)
    assert [words for words in trouble if words] == []


def opened(browser: Browser, live: Live) -> Tab:
    profile = browser.new_context(base_url=live.url)
    profile.set_default_timeout(PATIENCE_MS)
    watch = Watch("127.0.0.1")
    watch.over(profile)
    return Tab(profile.new_page(), watch)


def settled(page: Page) -> None:
    """Wait until Dash has nothing left to ask or to draw. What a click or a key leads to is asked
    before the click or the key returns."""
    page.wait_for_function(THRICE, arg=[secrets.token_hex(4), "idle"])


def drawn(page: Page) -> None:
    """Wait until no part of the page is a skeleton, or shows another address, or will be drawn
    again."""
    expect(page.locator(".head .live")).to_be_visible()
    settled(page)
    expect(page.locator(".loading, [data-old]")).to_have_count(0)


def sized(page: Page, width: int) -> None:
    """As if the window had been drawn to another width."""
    page.set_viewport_size({"width": width, "height": HEIGHT})
    still(page)


def reach(page: Page) -> int:
    """How wide the page is: more than the window scrolls sideways."""
    return int(page.evaluate("document.documentElement.scrollWidth"))


def still(page: Page) -> None:
    """Wait until nothing on the page moves or fades any more."""
    page.wait_for_function(THRICE, arg=[secrets.token_hex(4), "still"])


def figure(page: Page, label: str) -> Any:
    """The value of a key figure's tile."""
    return page.locator("button.kpi", has=page.get_by_text(label, exact=True)).locator(".value")
