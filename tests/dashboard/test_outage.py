"""A warehouse that stops or freezes under pages that are open: they go on with the last good
answers, say so, and come back by themselves."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import redis
from flask import g

from agent.metrics.questions import Ask
from agent.records.roles import Role
from agent.resilience.policies import POLICIES
from agent.services import Services, open_services
from agent.settings import Settings
from dashboard.build import build_server
from dashboard.callbacks.parts import Sight
from dashboard.callbacks.showing import AWAY
from dashboard.files.about import about
from dashboard.pages import PAGES
from dashboard.particulars import facts_of
from dashboard.routes.people import Person
from tests import almas_tea, servers
from tests.clock import FrozenClock
from tests.conftest import started
from tests.dashboard.callbacks.test_parts import words
from tests.dashboard.conftest import OURS, PASSWORD, signed_in

pytestmark = [pytest.mark.server, pytest.mark.timeout(120)]
ASKED = "/api/analytics/ask?metrics=net_sales,orders&by=day&from=2026-11-01&to=2026-11-16"
VERSIONS = "/api/analytics/versions?shop=almas-tea"
PAUSE = POLICIES["warehouse"].pause
MARK = "08:41, PostgreSQL does not answer."
SAID = "Not all figures are new. The oldest are of 08:41: PostgreSQL does not answer."
FILES = ("/download/overview/main.csv", "/download/overview/main.xlsx")


@pytest.fixture(scope="module")
def mortal() -> Iterator[servers.MortalPostgres]:
    with started(servers.mortal_postgres()) as server:
        yield server


@pytest.fixture
def services(
    mortal: servers.MortalPostgres, tmp_path: Path, clock: FrozenClock
) -> Iterator[Services]:
    settings = {"DATA_DIR": str(tmp_path / "data"), "WAREHOUSE_URL": mortal.url}
    services = open_services(Settings.from_env(settings | {"RATE_QUESTIONS": "none"}), clock)
    services.warehouse.merge(almas_tea.batch())
    services.records.users.add("ann@tea.example", "Ann", Role.ANALYST, PASSWORD)
    yield services
    services.close()


@pytest.fixture
def server(services: Services) -> Any:
    return build_server(services)


Seen = dict[str, tuple[str, Any]]


def look(server: Any, services: Services, path: str, search: str = "") -> Seen:
    """What every part of a page says, as ann sees it, and what it was read from."""
    page = PAGES[path]
    with server.test_request_context("/"):
        g.person = Person("Ann", Role.ANALYST, "cookie", "ann")
        sight = Sight(services, page, search)
        names = ("head", *page.above, *(panel.id for panel in page.panels))
        drawn = ((name, sight.draw(name)) for name in names)
        return {name: (words(content), read) for name, (content, read) in drawn}


def away(mortal: servers.MortalPostgres, how: str) -> AbstractContextManager[None]:
    return mortal.frozen() if how == "frozen" else stopped(mortal)


@contextmanager
def stopped(mortal: servers.MortalPostgres) -> Iterator[None]:
    mortal.stop()
    try:
        yield
    finally:
        mortal.start()


@pytest.mark.parametrize("how", ["stopped", "frozen"])
def test_pages_go_on_with_the_last_good_answers_and_come_back(
    mortal: servers.MortalPostgres, services: Services, server: Any, clock: FrozenClock, how: str
) -> None:
    ann = signed_in(server, "ann")
    # Every page once; what a freeze is more than a stop shows on any of them.
    paths = tuple(PAGES) if how == "stopped" else ("/",)
    before = {path: look(server, services, path) for path in paths}
    fresh = ann.get(ASKED).json
    assert "stale" not in fresh
    assert not any("last good" in said for seen in before.values() for said, _ in seen.values())
    clock.advance(minutes=20)
    with away(mortal, how):
        after = {path: look(server, services, path) for path in paths}
        answers = {url: ann.get(url) for url in (ASKED, VERSIONS, *PAGES, *FILES, "/palette?q=tea")}
    # Everything together has waited once.
    assert [row.failures for row in services.upstreams.standings() if row.name == "warehouse"] == [
        1
    ]
    for path, seen in after.items():
        check(path, before[path], seen)
    assert {url: a.status_code for url, a in answers.items() if a.status_code >= 500} == {
        # A search among values was never asked: that says so, in a sentence.
        "/palette?q=tea": 503
    }
    stale = answers[ASKED].json
    assert stale.pop("stale") == {
        "since": "2026-11-17T07:41:00+00:00",
        "reason": "PostgreSQL does not answer.",
    }
    assert {k: v for k, v in stale.items() if k != "receipt"} == {
        k: v for k, v in fresh.items() if k != "receipt"
    }
    assert answers[VERSIONS].json["stale"]["reason"] == "PostgreSQL does not answer."
    assert "PostgreSQL does not answer." in answers["/palette?q=tea"].text
    assert SAID in answers["/download/overview/main.csv"].text.splitlines()[0]

    # Within one period of the breaker, without anybody's doing.
    clock.advance(seconds=PAUSE)
    again = {path: look(server, services, path) for path in ("/", "/sources")}
    assert not any("last good" in said for seen in again.values() for said, _ in seen.values())
    assert again["/"]["main"][1] == before["/"]["main"][1]
    assert "stale" not in ann.get(ASKED).json
    assert "stale" not in ann.get(VERSIONS).json


def check(path: str, before: Seen, after: Seen) -> None:
    """Each part says what it said, under a mark where it holds figures; the head says why once."""
    for name, (said, read) in after.items():
        was, had = before[name]
        assert "could not be drawn" not in said, (path, name)
        if name == "head":
            assert "PostgreSQL does not answer. These are the last good figures" in said, path
            assert "Not live" in said, path
            # What the records say, such as findings, is asked for again with it.
            assert set(read["tables"].values()) == {AWAY} and "away" in read["tables"], path
        elif had and set(had["tables"]) - {"findings"}:
            assert said.removeprefix(f"The last good figures:  {MARK} ") == was, (path, name)
            assert MARK in said, (path, name)
            # It is asked for again when there are versions.
            assert set(read["tables"].values()) == {AWAY}, (path, name)


def test_what_was_never_asked_says_why_and_comes_back(
    mortal: servers.MortalPostgres, services: Services, server: Any, clock: FrozenClock
) -> None:
    look(server, services, "/")
    other = "?from=2026-10-01&to=2026-10-31"
    with stopped(mortal):
        said, read = look(server, services, "/", other)["main"]
        receipt = look(server, services, "/", "?receipt=net_sales")["main"]
    assert said.startswith("PostgreSQL does not answer.")
    assert "Check that it runs at" in said or "It is tried again in" in said
    assert read["tables"] == {"away": AWAY}
    assert MARK in receipt[0]
    clock.advance(seconds=PAUSE)
    said, read = look(server, services, "/", other)["main"]
    assert "Net sales" in said
    assert read["tables"]["sales"] > 0


def test_the_day_stands_still_with_the_warehouse(
    mortal: servers.MortalPostgres, services: Services, server: Any, clock: FrozenClock
) -> None:
    """Otherwise a page would open at midnight on days that nobody has figures of."""
    look(server, services, "/")
    with stopped(mortal):
        look(server, services, "/")
        clock.advance(hours=20)
        seen = look(server, services, "/")
    assert "20 Oct – 16 Nov" in seen["head"][0]
    assert "17 Nov 2026, 08:41, PostgreSQL does not answer." in seen["main"][0]
    assert "last reached at 17 Nov 2026, 08:41" in seen["head"][0]
    clock.advance(seconds=PAUSE)
    assert "21 Oct – 17 Nov" in look(server, services, "/")["head"][0]


def test_the_files_of_a_page_say_how_old_their_figures_are(
    mortal: servers.MortalPostgres, services: Services
) -> None:
    scope = services.scope("from=2026-11-01&to=2026-11-16")
    question = Ask(("net_sales",)).within(scope)
    services.answer(question)
    with stopped(mortal):
        frame = services.answer(question)
        told, facts = (
            dict(about(services, scope, (frame.receipt,))),
            facts_of(services, frame, scope),
        )
    assert told["Age"] == dict(facts)["Age"] == SAID


def test_a_duckdb_that_breaks_leaves_the_last_good_answers(
    tmp_path: Path, clock: FrozenClock
) -> None:
    services = open_services(Settings.from_env({"DATA_DIR": str(tmp_path / "data")}), clock)
    services.warehouse.merge(almas_tea.batch())
    services.records.users.add("ann@tea.example", "Ann", Role.ANALYST, PASSWORD)
    server = build_server(services)
    before = look(server, services, "/")
    broken: Any = services.warehouse
    broken._database.close()
    clock.advance(minutes=11)
    after = look(server, services, "/")
    assert "08:41, The warehouse is closed." in after["main"][0]
    assert after["main"][0].endswith(before["main"][0])
    services.close()


def test_records_that_are_away_are_a_sentence_on_every_page(
    mortal: servers.MortalPostgres, tmp_path: Path, clock: FrozenClock
) -> None:
    settings = {"DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": mortal.url}
    services = open_services(Settings.from_env(settings), clock)
    services.warehouse.merge(almas_tea.batch())
    services.records.users.add("ann@tea.example", "Ann", Role.ANALYST, PASSWORD)
    server = build_server(services)
    ann, stranger = signed_in(server, "ann"), server.test_client()
    form = {"email": "ann@tea.example", "password": PASSWORD}
    with mortal.frozen():
        inside = {url: ann.get(url) for url in (*PAGES, ASKED, VERSIONS, *FILES, "/palette")}
        outside = {url: ann.get(url) for url in ("/signin", "/api/nothing")}
        health = ann.get("/api/analytics/health")
        turned = stranger.post("/signin", data=form, headers=OURS)
        seen = look(server, services, "/")
    assert {answer.status_code for answer in inside.values()} == {503}
    assert all("The records database does not answer." in a.text for a in inside.values())
    assert inside[ASKED].json["error"]["permanent"] is False
    assert {url: answer.status_code for url, answer in outside.items()} == {
        "/signin": 200,
        "/api/nothing": 404,
    }
    # It says which part is away, also to whoever has a cookie.
    assert (health.status_code, health.json["degraded"]) == (503, ["records"])
    assert turned.status_code == 503
    assert "The records database does not answer." in turned.text
    # Figures need no records; what people set themselves does.
    assert "web brings 74% of net sales" in seen["channels"][0]
    assert seen["standing"][0].startswith("The records database does not answer.")
    clock.advance(seconds=PAUSE)
    assert ann.get("/").status_code == 200
    services.close()


@pytest.mark.parametrize("how", ["killed", "frozen"])
def test_redis_killed_or_frozen_costs_no_page(tmp_path: Path, clock: FrozenClock, how: str) -> None:
    port = servers.free_port()
    with started(servers.redis_server(port)) as url:
        settings = {"DATA_DIR": str(tmp_path / "data"), "REDIS_URL": url}
        services = open_services(Settings.from_env(settings), clock)
        services.warehouse.merge(almas_tea.batch())
        services.records.users.add("ann@tea.example", "Ann", Role.ANALYST, PASSWORD)
        server = build_server(services)
        ann = signed_in(server, "ann")
        before = look(server, services, "/")
        with redis.Redis.from_url(url) as client:
            process = client.info("server")["process_id"]
        os.kill(process, signal.SIGKILL if how == "killed" else signal.SIGSTOP)
        try:
            after = {path: look(server, services, path) for path in ("/", "/targets", "/sources")}
            answers = [ann.get(url).status_code for url in (*PAGES, ASKED, VERSIONS, *FILES)]
        finally:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)
    assert after["/"] == before
    assert not any("could not be drawn" in said for s in after.values() for said, _ in s.values())
    assert set(answers) == {200}
    services.close()
