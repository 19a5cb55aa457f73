"""The whole product in a thread of this process on a free port, and a real browser before it.

The shop is Alma's Tea without its order #10, which a test lets arrive late; the clock stands still.
"""

from __future__ import annotations

import os
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

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PASSWORD = "a kettle full of words"
PATIENCE_MS = 20_000
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


@pytest.fixture(scope="module")
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

    def fresh(excused: tuple[str, ...] = (), width: int = 1440) -> BrowserContext:
        size: Any = {"width": width, "height": 900}
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


@pytest.fixture
def signed_in(context: Callable[..., BrowserContext], live: Live) -> Callable[..., Page]:
    """A page of a person who is in already, at an address, with its figures drawn."""

    def enter(path: str = "/", name: str = "ann", **options: Any) -> Page:
        profile = context(**options)
        answer = profile.request.post(live.link(name), headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.ok, answer.text()
        answer.dispose()
        page = profile.new_page()
        page.goto(path)
        drawn(page)
        return page

    return enter


def drawn(page: Page) -> None:
    """Wait until no part of the page is a skeleton, or shows another address, any more."""
    expect(page.locator(".head .live")).to_be_visible()
    expect(page.locator(".loading, [data-old]")).to_have_count(0)


def figure(page: Page, label: str) -> Any:
    """The value of a key figure's tile."""
    return page.locator("button.kpi", has=page.get_by_text(label, exact=True)).locator(".value")
