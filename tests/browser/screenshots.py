"""Pictures of every page at three widths in both themes: `make screenshots`.

The demo shop is filled once into a folder of its own; a real server runs on a free port.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from dashboard.pages import PAGES
from tests.browser.conftest import ARGUMENTS

ROOT = Path(__file__).resolve().parents[2]
WIDTHS = {"desktop": (1440, 1000), "tablet": (834, 1100), "phone": (390, 844)}
THEMES = ("light", "dark")
# What a page shows beyond its plain address.
MORE = {
    "explore-drilled": "/explore?country=DE&by=product",
    "explore-several": "/explore?metrics=net_sales,orders,average_order_value",
    "customers-repurchase": "/customers?cohorts=repurchase",
    "overview-german": "/",
    "explore-receipt": "/explore",
    "products-detail": "/products",
}
# What is done on a page before its picture: by the picture's name, where to click.
CLICKED = {
    "explore-receipt": ".hero .made",
    "products-detail": "[data-panel='products.table'] .dt .open",
}
LANGUAGES = {"overview-german": "de_DE"}
WAIT_MS = 60_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "screenshots")
    parser.add_argument("--only", default="", help="names that contain this text")
    parser.add_argument("--url", default="", help="a link that signs in to a running server")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    places = {name: path for name, path in addresses().items() if given.only in name}
    with serving() if not given.url else already(given.url) as link, chromium() as browser:
        shoot(browser, link, places, given.folder)
    return 0


def addresses() -> dict[str, str]:
    """File name -> address of everything that is shot."""
    return {page.name: path for path, page in PAGES.items()} | MORE


def shoot(browser: Browser, link: str, places: dict[str, str], folder: Path) -> None:
    size: Any = {"width": WIDTHS["desktop"][0], "height": WIDTHS["desktop"][1]}
    context = browser.new_context(viewport=size)
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    page.goto(link)
    page.locator("form button").first.click()
    origin = link.split("/link/")[0]
    for theme in THEMES:
        context.add_cookies([{"name": "theme", "value": theme, "url": origin}])
        for device, (width, height) in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            for name, path in places.items():
                target = folder / f"{name}-{device}-{theme}.png"
                speak(context, LANGUAGES.get(name, "en_US"), origin)
                page.goto(origin + path)
                settle(page)
                click(page, CLICKED.get(name, ""))
                page.screenshot(path=str(target), full_page=True)
                said = " ".join((target.name, *sideways(page, width)))
                sys.stdout.write(f"{said}\n")
    context.close()


def speak(context: BrowserContext, language: str, origin: str) -> None:
    context.add_cookies([{"name": "language", "value": language, "url": origin}])


def click(page: Page, selector: str) -> None:
    """Opens what the picture is of, and waits for what is asked for then."""
    if selector:
        page.locator(selector).first.click()
        page.wait_for_timeout(400)
        settle(page)


def settle(page: Page) -> None:
    """Until nothing is a skeleton any more and what fades in is there."""
    page.wait_for_selector(".head h1", state="attached")
    expect(page.locator(".loading")).to_have_count(0, timeout=WAIT_MS)
    page.wait_for_timeout(700)


def sideways(page: Page, width: int) -> list[str]:
    reach = page.evaluate("document.documentElement.scrollWidth")
    return [f"scrolls sideways: {reach} px"] if reach > width else []


@contextmanager
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROME") or shutil.which("chromium")
    if not path:
        raise SystemExit(
            "Chromium is not installed: apt-get install chromium, or name it in CHROME"
        )
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def already(link: str) -> Iterator[str]:
    yield link


@contextmanager
def serving() -> Iterator[str]:
    """The product with its demo shop on a free port; gives a link that signs in."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as data:
        words = {**os.environ, "DATA_DIR": data, "PORT": port, "SCHEDULER": "no"}
        words |= {"RATE_QUESTIONS": "none", "RATE_CHARTS": "none"}
        with (Path(data) / "serve.log").open("wb") as log:
            command = [sys.executable, "app.py", "serve"]
            server = subprocess.Popen(command, cwd=ROOT, env=words, stdout=log, stderr=log)
        try:
            answering(f"http://127.0.0.1:{port}/api/analytics/health", server)
            yield link_for(words)
        finally:
            server.terminate()
            server.wait(30)


def answering(url: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 180
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.5)
    raise SystemExit("The server does not answer.")


def link_for(words: dict[str, str]) -> str:
    command = [sys.executable, "app.py", "user", "add", "mara@example.com", "--role", "admin"]
    made = subprocess.run(
        [*command, "--name", "Mara Kessler"],
        cwd=ROOT,
        env=words,
        capture_output=True,
        text=True,
        check=True,
    )
    return next(word for word in made.stdout.split() if "/link/" in word)


if __name__ == "__main__":
    raise SystemExit(main())
