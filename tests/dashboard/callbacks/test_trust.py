"""Data health, System and Sources without a browser, and what they put on the other pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agent.errors import Unavailable
from agent.records.checks import Agreement, Finding
from agent.records.connections import Connection
from agent.records.runs import Ticket
from agent.records.schedules import Schedule
from agent.services import Services
from agent.sources import histories
from dashboard.callbacks import parts
from dashboard.pages import PAGES
from tests.clock import FrozenClock
from tests.dashboard.callbacks.test_parts import NOVEMBER, person, words
from tests.dashboard.test_components import of_class, tags, text

HEALTH, SYSTEM, SOURCES = "/data-health", "/system", "/sources"
SHOP = "almas-tea"


@pytest.fixture
def drawn(server: Any, services: Services) -> Any:
    def draw(path: str, name: str, search: str = NOVEMBER, who: str = "ada") -> Any:
        with server.test_request_context("/"):
            person(services, who)
            return parts.drawn(services, PAGES[path], name, search)[0]

    return draw


@pytest.fixture
def shopify(services: Services) -> str:
    settings = {"shop": "https://alder.example"}
    made = Connection("one", "shopify", "Alder", SHOP, settings, "*/15 * * * *")
    return services.records.connections.add(made).connection_id


def deeds(content: Any) -> list[str]:
    return [
        getattr(button, "data-deed")
        for button in tags(content, "Button")
        if hasattr(button, "data-deed")
    ]


def compared(services: Services) -> None:
    """Two days that agree."""
    rows = [
        Agreement("one", f"2026-11-0{day}", name, "10.0000", "10.00", "")
        for day in (1, 2)
        for name in ("net_sales", "taxes")
    ]
    services.records.agreements.keep(rows)


def test_agreement_says_how_many_days_match(drawn: Any, services: Services, shopify: str) -> None:
    assert "Not compared yet." in text(drawn(HEALTH, "agreement"))
    compared(services)
    page = drawn(HEALTH, "agreement")
    (verdict,) = of_class(page, "verdict")
    assert text(verdict) == "Matches to 0.00 on 2 of 2 days."
    assert tags(page, "Table") == []
    assert "Compared last: 08:41." in text(page)
    assert deeds(page) == ["/api/analytics/jobs/agreement"]
    assert deeds(drawn(HEALTH, "agreement", who="vic")) == []


def test_days_that_differ_are_listed_with_their_reason(
    drawn: Any, services: Services, shopify: str
) -> None:
    compared(services)
    odd = Agreement("one", "2026-11-02", "taxes", "10.00", "12.5", "gift card")
    services.records.agreements.keep([odd])
    page = drawn(HEALTH, "agreement")
    (verdict,) = of_class(page, "verdict")
    assert text(verdict).endswith("1 of 2 days; the largest difference is 2.50.")
    (table,) = tags(page, "Table")
    said = text(table)
    for part in ("2026-11-02", "Taxes", "10.00", "12.50", "−2.50", "Gift cards"):
        assert part in said, part
    assert "2026-11-01" not in said


def test_without_a_shop_to_compare_with(drawn: Any) -> None:
    page = drawn(HEALTH, "agreement")
    assert "No shop to compare with" in text(page)


def test_checks_by_shop_the_worst_first(drawn: Any, services: Services, clock: FrozenClock) -> None:
    assert "Not checked yet" in text(drawn(HEALTH, "checks"))
    found = [
        Finding(
            "unique_keys", "orders", "passed", "Every key of orders stands on one row.", "orders"
        ),
        Finding("unique_keys", "sales", "passed", "Every key of sales stands on one row.", "sales"),
        Finding("daily", "sales", "failed", "2 days do not add up.", "sales"),
    ]
    services.records.checks.keep(SHOP, found)
    page = drawn(HEALTH, "checks")
    (table,) = tags(page, "Table")
    rows = tags(table, "Tr")[1:]
    assert [("Failed" in text(row), "Passed" in text(row)) for row in rows] == [
        (True, False),
        (False, True),
    ]
    assert "2 days do not add up." in text(rows[0])
    assert "All 2 are as they should be." in text(rows[1])
    assert "orders, sales" in text(rows[1])
    assert of_class(rows[0], "i-circle-x"), "never colour alone"
    assert deeds(page) == ["/api/analytics/jobs/quality"]
    assert deeds(drawn(HEALTH, "checks", who="ann")) == []


def test_a_failed_check_marks_what_was_made_from_its_table_once(
    drawn: Any, services: Services
) -> None:
    assert of_class(drawn("/", "main"), "aged") == []
    message = "2 days do not add up."
    services.records.checks.keep(SHOP, [Finding("daily", "sales", "failed", message)])
    (mark,) = of_class(drawn("/", "main"), "aged")
    assert "A check failed: " + message in text(mark)
    assert [link.href for link in tags(mark, "Link")] == [HEALTH]
    assert of_class(drawn("/", "head"), "aged") == []
    assert of_class(drawn("/targets", "goal-form"), "aged") == []
    services.records.checks.keep(SHOP, [Finding("daily", "sales", "warned", message)])
    assert of_class(drawn("/", "main"), "aged") == []


def test_work_that_runs_and_that_has_ended(
    drawn: Any, services: Services, clock: FrozenClock
) -> None:
    assert "Nothing runs now." in text(drawn(HEALTH, "running"))
    runs = services.records.runs
    run = runs.claim("manual", "manual-1", Ticket("rebuild", SHOP, {"shop": SHOP}))
    assert run is not None
    runs.progress(run.run_id, 1, 4, "Reading what was kept")
    page = drawn(HEALTH, "running")
    assert "Rebuild a shop from its documents, Alma's Tea: Reading what was kept, 25%" in text(page)
    (bar,) = of_class(page, "progress-bar")
    assert getattr(bar, "aria-valuenow") == "25"
    runs.begin(run.run_id)
    runs.finish(run.run_id, "failed", "A file is broken.")
    page = drawn(HEALTH, "running")
    assert "Nothing runs now." in text(page)
    assert "A file is broken." in text(page)
    assert of_class(page, "i-circle-x")
    clock.advance(hours=7)
    assert "A file is broken." not in text(drawn(HEALTH, "running"))


def test_only_admins_get_the_forms(drawn: Any) -> None:
    assert "You can look, not operate" in text(drawn(HEALTH, "upkeep", who="ann"))
    (place,) = [x for x in tags(drawn(HEALTH, "upkeep"), "Div") if hasattr(x, "data-room")]
    assert getattr(place, "data-room") == "/data-health/upkeep"


def test_jobs_with_their_last_runs(drawn: Any, services: Services, clock: FrozenClock) -> None:
    assert "No job has a time yet" in text(drawn(SYSTEM, "jobs"))
    services.records.schedules.put(Schedule("quality", "quality", "", "20 4 * * *", "UTC"))
    services.records.schedules.put(
        Schedule("report:almas-tea", "report", SHOP, "0 8 * * *", "UTC", enabled=False)
    )
    runs = services.records.runs
    for slot, outcome, attempts in (("1", "ok", 1), ("2", "ok", 2), ("3", "failed", 1)):
        run = runs.claim("quality", slot, Ticket("quality"))
        assert run is not None
        runs.begin(run.run_id)
        runs.attempt(run.run_id, attempts)
        clock.advance(seconds=3)
        runs.finish(run.run_id, outcome, "The disk is full." if outcome == "failed" else "")
    page = drawn(SYSTEM, "jobs")
    first, second = tags(page, "Tr")[1:]
    assert "Check the data" in text(first)
    assert "Failed" in text(first)
    assert "The disk is full." in text(first)
    assert "3.0 s" in text(first)
    (bars,) = of_class(first, "runs")
    assert [bar.className for bar in tags(bars, "I")] == ["ok", "retried", "failed"]
    assert text(bars) == "1 done, 1 retried, 1 failed, 0 stopped"
    assert "Alma's Tea" in text(second)
    assert "Paused" in text(second)
    assert "50 a minute, 10 of them at once" in text(page)
    figures = text(drawn(SYSTEM, "doings"))
    assert "1 clean" not in figures
    assert "2 clean, 1 retried, 1 failed" in figures


def test_what_is_kept_and_who_did_what(drawn: Any, services: Services) -> None:
    services.records.audit.note("Ada", "cleared the cache", "*")
    stores = drawn(SYSTEM, "stores")
    assert "process" in text(stores)
    assert "Environment" in text(stores)
    assert [x for x in tags(stores, "Div") if hasattr(x, "data-room")]
    assert not [
        x for x in tags(drawn(SYSTEM, "stores", who="vic"), "Div") if hasattr(x, "data-room")
    ]
    log = drawn(SYSTEM, "audit")
    assert "Cleared the cache" in text(log)
    assert [link.href for link in tags(log, "A")] == ["/api/analytics/audit.csv"]
    assert tags(drawn(SYSTEM, "audit", who="vic"), "A") == []


def test_a_source_says_how_it_flows(
    drawn: Any, services: Services, shopify: str, clock: FrozenClock
) -> None:
    page = drawn(SOURCES, "connections")
    assert "Waiting for its first sync" in text(page)
    assert "it is read at its times only" in text(page)
    assert "Set BASE_URL" in text(page)
    services.records.connections.note_sync(shopify)
    clock.advance(minutes=7)
    assert "complete to 7 min ago" in text(drawn(SOURCES, "connections"))
    services.records.connections.note_sync(shopify, "The token is wrong.", "Make a new one.")
    page = drawn(SOURCES, "connections")
    assert "Failed" in text(page)
    (note,) = of_class(page, "bad")
    assert text(note) == "The token is wrong. Make a new one.Change"
    (way,) = tags(note, "Button")
    assert getattr(way, "data-source-act") == "edit"
    services.records.connections.change(shopify, enabled=False)
    assert "Paused" in text(drawn(SOURCES, "connections"))
    assert tags(drawn(SOURCES, "connections", who="vic"), "Button") == []


def test_a_breaker_that_is_open_is_seen_and_looked_at_again(
    drawn: Any, services: Services, shopify: str, clock: FrozenClock
) -> None:
    def fails() -> None:
        raise Unavailable("Shopify has trouble of its own (500).")

    services.records.connections.note_sync(shopify)
    upstream = services.upstreams.of(f"shopify:{shopify}")
    for _ in range(5):
        with pytest.raises(Unavailable):
            upstream.call(fails, tries=1)
    (row,) = [x for x in of_class(drawn(SOURCES, "connections"), "source") if "Alder" in text(x)]
    assert "Open" in text(row)
    assert "Next try" in text(row)
    assert of_class(row, "i-circle-x")
    assert getattr(row, "data-look") == "10000"
    clock.advance(minutes=2)
    (row,) = [x for x in of_class(drawn(SOURCES, "connections"), "source") if "Alder" in text(x)]
    assert "The next call decides." in text(row)
    upstream.call(lambda: None)
    (row,) = [x for x in of_class(drawn(SOURCES, "connections"), "source") if "Alder" in text(x)]
    assert "Closed" in text(row)
    assert not hasattr(row, "data-look")


def test_a_source_says_what_its_app_may_see(drawn: Any, services: Services, shopify: str) -> None:
    assert "Scopes" not in text(drawn(SOURCES, "connections"))
    scopes = {"scopes": ["read_orders", "read_products"]}
    services.records.connections.save_state(shopify, "granted", scopes)
    assert "Scopes: read_orders, read_products" in text(drawn(SOURCES, "connections"))
    assert "give it the scope read_reports." in text(drawn(HEALTH, "agreement"))


def test_live_counters(drawn: Any, services: Services, clock: FrozenClock) -> None:
    counting = Connection("r", "redis", "Counters", "")
    services.records.connections.add(counting)
    state = {"at": clock.now().isoformat(), "values": {"visitors now": 37.0}}
    services.records.connections.save_state("r", "live", state)
    assert "37 visitors now" in words(drawn("/", "head"))
    assert "37" in text(of_class(drawn(SOURCES, "connections"), "now"))
    clock.advance(minutes=9)
    assert "37 visitors now, 9 min ago" in words(drawn("/", "head"))
    assert "visitors now, 9 min ago" in text(of_class(drawn(SOURCES, "connections"), "old"))
    assert "visitors" not in words(drawn("/explore", "head"))


def test_a_history_that_is_cut_is_said_over_pages_and_under_charts(
    drawn: Any, services: Services, shopify: str
) -> None:
    state = {"from": "2026-11-05", "cut": True}
    services.records.connections.save_state(shopify, "history", state)
    assert "History starts" not in text(drawn("/", "head")), "older orders came another way"
    first = services.engine.first_day((SHOP,))
    assert first is not None
    early = first - timedelta(days=3)
    services.records.connections.save_state(
        shopify, "history", {"from": first.isoformat(), "cut": True}
    )
    said = f"History starts on {first.day} {first:%b %Y}: Shopify shows older orders"
    search = f"?from={early}&to=2026-11-16&cmp=none"
    assert said in text(drawn("/", "head", search))
    assert said in text(drawn("/", "main", search))
    receipt = text(drawn("/", "receipt", f"{search}&receipt=net_sales"))
    assert said in receipt
    later = f"?from={first}&to=2026-11-16&cmp=none"
    assert said not in text(drawn("/", "head", later))
    assert said not in text(drawn("/", "main", later))
    assert said not in text(drawn("/targets", "head", search))
    services.records.connections.save_state(
        shopify, "history", {"from": first.isoformat(), "cut": False}
    )
    assert said not in text(drawn("/", "head", search))


def test_all_parts_of_a_page_look_once_where_its_history_begins(
    server: Any, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[object] = []
    begins = histories.begins
    monkeypatch.setattr(
        histories, "begins", lambda *given: (looked.append(given), begins(*given))[1]
    )
    page = PAGES["/"]
    with server.test_request_context("/"):
        person(services, "ada")
        sight = parts.Sight(services, page, NOVEMBER)
        for name in ("head", *(panel.id for panel in page.panels)):
            sight.draw(name)
    assert len(looked) == 1


def test_the_first_sentence_says_whether_the_figures_can_be_trusted(
    drawn: Any, services: Services, shopify: str
) -> None:
    assert text(drawn(HEALTH, "verdict")) == "Nothing was checked yet."
    compared(services)
    keep = services.records.checks.keep
    keep(SHOP, [Finding("unique keys", "orders", "passed", "Good.", "orders")])
    said = text(drawn(HEALTH, "verdict"))
    assert said == "The check passed. Alder is Shopify's own report to the cent, on all 2 days."
    keep(SHOP, [Finding("row counts", "orders", "warned", "Few.", "orders")])
    assert "is to be watched, none failed." in text(drawn(HEALTH, "verdict"))
    keep(SHOP, [Finding("sums of days", "sales", "failed", "Odd.", "sales")])
    odd = Agreement("one", "2026-11-02", "taxes", "10.00", "12.5", "gift card")
    services.records.agreements.keep([odd])
    page = drawn(HEALTH, "verdict")
    assert "1 check of Alma's Tea failed" in text(page)
    assert "Alder differs from Shopify's own report on 1 of 2 days." in text(page)
    assert "Odd. Rebuild the shop below." in text(drawn(HEALTH, "checks"))


def test_what_a_person_began_is_the_last_run_of_its_job(drawn: Any, services: Services) -> None:
    schedules, runs = services.records.schedules, services.records.runs
    schedules.put(Schedule("quality", "quality", "", "35 4 * * *", "UTC", {}))
    run = runs.claim("manual", "one", Ticket("quality", SHOP, {"shop": SHOP}, "by hand"))
    assert run is not None
    assert "Running" in text(drawn(SYSTEM, "jobs"))
    runs.begin(run.run_id)
    runs.finish(run.run_id, "ok", "12 checks passed.")
    assert "Done 08:41" in text(drawn(SYSTEM, "jobs"))


def test_the_audit_log_names_what_it_is_about(drawn: Any, services: Services, shopify: str) -> None:
    note = services.records.audit.note
    note("Ada", "began a job", "rebuild", SHOP)
    note("Ada", "kept a secret", f"{shopify}.client_secret")
    note("Ada", "put back a KPI", "margin")
    said = text(drawn(SYSTEM, "audit"))
    for part in ("Began a job", "Rebuild a shop from its documents", "Alma's Tea"):
        assert part in said, part
    assert "Alder, client_secret" in said
    assert "Put back a KPI" in said


def test_a_tried_connection_has_no_rate_of_its_own(drawn: Any, services: Services) -> None:
    services.upstreams.of("shopify:").call(lambda: 1)
    services.upstreams.of("warehouse").call(lambda: 1)
    said = text(drawn(SYSTEM, "jobs"))
    assert "The warehouse" in said
    assert "Shopify" not in said


def test_what_could_not_be_read_says_why_and_what_can_be_done(
    drawn: Any, services: Services, shopify: str
) -> None:
    services.records.rejects.keep(shopify, "orders", [("{}", "The order has no date.")])
    page = drawn(SOURCES, "connections")
    assert "1 document could not be read. The order has no date." in text(page)
    again = [b for b in tags(page, "Button") if text(b) == "Read again"]
    assert [getattr(button, "data-source-act") for button in again] == ["replay"]


def test_a_sync_whose_length_nobody_knows_moves_all_the_same(
    drawn: Any, services: Services, shopify: str
) -> None:
    asked = Ticket("sync", SHOP, {"connection": shopify}, "by hand")
    run = services.records.runs.claim("manual", "two", asked)
    assert run is not None
    services.records.runs.progress(run.run_id, 578, 0, "Shopify prepares the orders")
    page = drawn(SOURCES, "connections")
    assert "Shopify prepares the orders, 578 so far, since 08:41" in text(page)
    (bar,) = of_class(page, "unsure")
    assert bar.role == "progressbar"
    assert not hasattr(bar, "aria-valuenow")
