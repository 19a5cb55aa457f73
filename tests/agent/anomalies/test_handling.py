"""What people say of findings, and what follows from it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent.anomalies import handling
from agent.anomalies.handling import handle, tab_of, verdicts
from agent.errors import NotFound, Refused
from agent.records.findings import Finding, Handling
from agent.services import Services
from tests import almas_tea
from tests.agent.anomalies.finding import finding
from tests.clock import FrozenClock

NOW = datetime(2026, 11, 17, 7, 41, tzinfo=UTC)
SHOP = almas_tea.SHOP.shop_id


@pytest.fixture
def tea(services: Services) -> Services:
    services.warehouse.merge(almas_tea.batch())
    return services


@pytest.fixture
def kept(tea: Services) -> Finding:
    return tea.records.findings.keep([finding(finding_id="a_812")])[0]


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({}, "open"),
        ({"state": "acknowledged"}, "handled"),
        ({"state": "snoozed", "snoozed_until": NOW + timedelta(days=1)}, "snoozed"),
        ({"state": "snoozed", "snoozed_until": NOW - timedelta(days=1)}, "open"),
        ({"severity": "notice", "first": "2026-11-01", "last": "2026-11-01"}, "handled"),
        ({"severity": "critical", "first": "2026-11-01", "last": "2026-11-01"}, "open"),
        (
            {"severity": "notice", "first": "2026-11-01", "last": "2026-11-01", "over": False},
            "open",
        ),
    ],
)
def test_where_a_finding_is_listed(more: dict[str, Any], wanted: str) -> None:
    assert tab_of(finding(**more), NOW) == wanted


def test_acknowledging_says_that_it_is_real(tea: Services, kept: Finding) -> None:
    after = handle(tea, kept.finding_id, "acknowledge", "Mara")
    assert (after.state, after.verdict, after.handled_by) == ("acknowledged", "real", "Mara")
    assert tea.records.events.all(SHOP) == ()


def test_what_was_expected_becomes_an_event_and_comes_off_again(
    tea: Services, kept: Finding
) -> None:
    handle(tea, kept.finding_id, "expected", "Mara")
    (event,) = tea.records.events.all(SHOP)
    assert (event.kind, str(event.first), str(event.last)) == (
        "expected",
        "2026-11-11",
        "2026-11-11",
    )
    assert event.name == "Net sales fell 38% below expected"
    assert (event.made_by, dict(event.part)) == ("Mara", {})
    handle(tea, kept.finding_id, "reopen", "Mara")
    assert tea.records.events.all(SHOP) == ()


def test_the_event_of_a_part_is_of_that_part(tea: Services) -> None:
    one = finding(dimension="country", member="DE", step="hour", first="2026-11-11T22")
    (one,) = tea.records.findings.keep([one.__class__(**{**vars(one), "last": "2026-11-12T01"})])
    handle(tea, one.finding_id, "expected", "Mara")
    (event,) = tea.records.events.all(SHOP)
    assert dict(event.part) == {"country": "DE"}
    assert (str(event.first), str(event.last)) == ("2026-11-11", "2026-11-12")


def test_a_drift_of_more_than_a_year_is_an_event_of_its_last_year(tea: Services) -> None:
    one = finding(kind="trend", first="2024-01-01", last="2026-11-11")
    (one,) = tea.records.findings.keep([one])
    handle(tea, one.finding_id, "expected", "Mara")
    (event,) = tea.records.events.all(SHOP)
    assert (str(event.first), str(event.last)) == ("2025-11-11", "2026-11-11")


def test_an_event_that_somebody_has_removed_is_not_missed(tea: Services, kept: Finding) -> None:
    handle(tea, kept.finding_id, "expected", "Mara")
    tea.records.events.remove(kept.finding_id)
    assert handle(tea, kept.finding_id, "wrong", "Mara").verdict == "wrong"


def test_a_snooze_ends_by_itself(tea: Services, kept: Finding, clock: FrozenClock) -> None:
    after = handle(tea, kept.finding_id, "snooze", "Mara", days=7)
    assert after.snoozed_until == clock.now() + timedelta(days=7)
    assert tab_of(after, clock.now() + timedelta(days=6)) == "snoozed"
    later = clock.now() + timedelta(days=8)
    assert handling.woken(after, later).state == "open"
    assert handling.woken(after, clock.now()).state == "snoozed"


@pytest.mark.parametrize(("deed", "days"), [("eat", 1), ("snooze", 3)])
def test_what_cannot_be_done_is_refused(tea: Services, kept: Finding, deed: str, days: int) -> None:
    with pytest.raises(Refused):
        handle(tea, kept.finding_id, deed, "Mara", days)
    assert tea.records.findings.get(kept.finding_id).state == "open"


def test_a_finding_that_there_is_not(tea: Services) -> None:
    with pytest.raises(NotFound):
        handle(tea, "nothing", "acknowledge", "Mara")


def test_the_bus_tells(tea: Services, kept: Finding) -> None:
    heard: list[Any] = []
    tea.bus.subscribe(handling.TOPIC, heard.append)
    handle(tea, kept.finding_id, "acknowledge", "Mara")
    # The local bus hands over in a thread of its own: closing waits for nobody, so ask it again.
    tea.bus._worker.submit(int).result()  # type: ignore[attr-defined]
    assert heard == [{"shop": SHOP, "finding": "a_812"}]


def test_the_record_of_verdicts(tea: Services) -> None:
    assert verdicts(tea, SHOP).sentence() == "Nobody has judged a finding yet."
    names = ["real"] * 3 + ["expected", "wrong"]
    for place, verdict in enumerate(names):
        (one,) = tea.records.findings.keep([finding(finding_id=f"f{place}")])
        tea.records.findings.handle(one.finding_id, Handling("acknowledged", "Mara", verdict))
    assert verdicts(tea, SHOP).sentence() == "Of 5 findings that people judged, 3 were real."
