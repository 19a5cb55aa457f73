"""Overview in a real browser: time until it is drawn, bytes over the wire, layout that shifts.

Cold is a profile that has never been here. Warm is the same profile after three visits: scripts are
kept, and the browser has had the time to keep them compiled, as it does for pages that one returns
to.
"""

from __future__ import annotations

import os
import shutil
import time
from typing import Any

from playwright.sync_api import BrowserContext, CDPSession, sync_playwright

from agent.records import open_records
from agent.records.roles import Role
from agent.services import SystemClock
from benchmarks.measuring import Figure
from benchmarks.rooms import Room
from benchmarks.starting import serving, until_ready

GOAL_COLD_S, GOAL_WARM_S, GOAL_MB, GOAL_SHIFT = 2.5, 1.0, 1.3, 0.02
VISITS, STAY_S = 3, 3.0
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SHIFTS = """window.shifts = 0;
new PerformanceObserver(list => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifts += one.value;
}).observe({type: 'layout-shift', buffered: true});"""
# Every part has content, and the main chart its lines.
DRAWN = """() => document.querySelector('.kpi .value') && !document.querySelector('.loading')
  && document.querySelector('.js-plotly-plot .trace')"""


def run(room: Room) -> list[Figure]:
    data, _ = room.demo("loading")
    records = open_records(f"sqlite:///{data}/records.sqlite", SystemClock())
    user = records.users.add("browser@localhost.local", "Browser", Role.ADMIN)
    token = records.links.create(user.user_id, 30)
    with serving(data) as (process, port), sync_playwright() as driver:
        until_ready(process, port)
        path = os.environ.get("CHROME") or shutil.which("chromium")
        context = driver.chromium.launch_persistent_context(
            room.folder / "profile",
            executable_path=path,
            args=ARGUMENTS,
            viewport={"width": 1440, "height": 1000},
        )
        context.add_init_script(SHIFTS)
        url = f"http://127.0.0.1:{port}"
        headers = {"Sec-Fetch-Site": "same-origin"}
        context.request.post(f"{url}/link/{token}", headers=headers)
        records.close()
        visits = 1 if room.quick else VISITS
        bare = min(
            _visit(context, f"{url}/api/analytics/health", "() => true")[0] for _ in range(visits)
        )
        cold = _visit(context, url, DRAWN)
        for _ in range(visits):
            _visit(context, url, DRAWN, stay_s=0.5 if room.quick else STAY_S)
        warm = sorted(_visit(context, url, DRAWN) for _ in range(room.runs))
        context.close()
    seconds, received, shift, asked = warm[len(warm) // 2]
    return [
        Figure("Overview, cold", cold[0], "s", bare, "a page of plain text", GOAL_COLD_S),
        Figure("Overview, warm", seconds, "s", bare, "a page of plain text", GOAL_WARM_S),
        Figure("bytes over the wire, cold", cold[1], "MB", received, "warm", GOAL_MB),
        Figure("layout shift, worst", max(cold[2], shift, 1e-9), "CLS", goal=GOAL_SHIFT),
        Figure("requests, cold", cold[3], "requests", asked, "warm"),
    ]


def _visit(
    context: BrowserContext, url: str, drawn: str, stay_s: float = 0.5
) -> tuple[float, float, float, int]:
    """Seconds until drawn, megabytes received, layout shift, requests."""
    page = context.new_page()
    tap = context.new_cdp_session(page)
    got = _listen(tap)
    began = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_function(drawn, polling=20)
    seconds = time.perf_counter() - began
    page.wait_for_timeout(1000 * stay_s)
    shift = float(page.evaluate("window.shifts || 0"))
    page.close()
    return seconds, sum(got) / 2**20, shift, len(got)


def _listen(tap: CDPSession) -> list[float]:
    """The packed size of every answer; what stands in the page itself is no request."""
    got: list[float] = []
    inside: set[str] = set()

    def asked(event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("data:"):
            inside.add(event["requestId"])

    def note(event: dict[str, Any]) -> None:
        if event["requestId"] not in inside:
            got.append(float(event["encodedDataLength"]))

    tap.on("Network.requestWillBeSent", asked)
    tap.on("Network.loadingFinished", note)
    tap.send("Network.enable")
    return got
